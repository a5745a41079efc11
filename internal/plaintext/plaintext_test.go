package plaintext

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		label, in, want string
		known           bool
	}{
		{"", "plain", "plain", true},
		{"utf-8", "caf\xc3\xa9 and caf\xe9", "café and café", true}, // a lie, in part
		{"us-ascii", "\x93quoted\x94 \x80", "“quoted” €", true},
		{`"ISO-8859-1"`, "\xe9", "é", true},
		{"windows-1250", "\xb3\xf3d\x9f", "łódź", true},
		{"koi8-r", "\xf0\xd2\xc9\xd7\xc5\xd4", "Привет", true},
		{"iso-2022-jp", "\x1b$B%F%9%H\x1b(B", "テスト", true},
		{"gb2312", "\xc4\xe3\xba\xc3", "你好", true},
		{"hz-gb-2312", "~{VPND~}", "中文", true},
		{"utf-7", "Hi Mom -+Jjo--!", "Hi Mom -☺-!", true},
		{"UTF-7", "1 +- 1, +AOk-, +2D3eAA-", "1 + 1, é, 😀", true},
		{"utf-16", "\xfe\xff\x00h\x00i", "hi", true},
		{"utf-16", "h\x00i\x00", "hi", true},
		{"utf-8", "\xef\xbb\xbfmark", "mark", true},
		{"x-nobody-knows", "caf\xe9", "café", false},
		{"iso-2022-kr", "kept", "kept", false}, // the WHATWG list would replace it by one U+FFFD
		{"ibm850", "\x82t\x82", "été", true},
	} {
		got, known := Decode([]byte(c.in), c.label)
		if got != c.want || known != c.known {
			t.Errorf("Decode(%q, %q) = %q, %v; want %q, %v", c.in, c.label, got, known, c.want, c.known)
		}
		r, _ := NewReader(iotest.OneByteReader(strings.NewReader(c.in)), c.label)
		if b, err := io.ReadAll(r); err != nil || string(b) != c.want {
			t.Errorf("read octet by octet as %q: %q, %v", c.label, b, err)
		}
	}
}

func TestSniff(t *testing.T) {
	for in, want := range map[string]string{
		"plain text": "", "\xff\xfeh\x00": "utf-16", "\xef\xbb\xbfx": "utf-8",
		"h\x00e\x00l\x00l\x00": "utf-16le", "\x00h\x00e\x00l\x00l": "utf-16be", "": "", "\x00\x00\x00\x00": "",
	} {
		if got := Sniff([]byte(in)); got != want {
			t.Errorf("Sniff(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestHTML(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"inline", "a <b>bold</b> word<i>s</i>", "a bold words\n"},
		{"paragraphs", "<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree\n"},
		{"script and style", "<style>p{}</style>a<script>var x = '<p>no</p>'</script>b", "ab\n"},
		{"hidden", "seen<div style='Display : none'>un<div>seen</div></div> again<span hidden>x</span>", "seen again\n"},
		{"hidden without end", "seen<div style='display:none'>still <b>seen", "seen\n\nstill seen\n"},
		{"links", `<a href="https://x.example/a">here</a> <a href="https://y.example/">https://y.example</a> <a href="mailto:a@x.example">a@x.example</a> <a href="#top">top</a>`,
			"here <https://x.example/a> https://y.example a@x.example top\n"},
		{"quotation", "mine<blockquote>yours<blockquote>theirs</blockquote></blockquote>mine", "mine\n> yours\n>> theirs\nmine\n"},
		{"table", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc\n"},
		{"list", "<ul><li>a<li>b</ul>", "• a\n• b\n"},
		{"preformatted", "<pre>a  b\n  c</pre>", "a  b\n  c\n"},
		{"picture", `<img alt="Crest of the department" src=x>text`, "Crest of the department text\n"},
		{"entities", "&pound;5&nbsp;&amp;&#8364;", "£5 &€\n"},
		{"soft hyphen and filler", "depart\u00adment\u200b\u200c x", "department x\n"},
		{"unclosed tag", "text <a href='x", "text\n"},
		{"comment", "a<!-- <p>no -->b", "ab\n"},
		{"nothing", "", ""},
	} {
		var out bytes.Buffer
		if err := HTML(&out, strings.NewReader(c.in)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if d := cmp.Diff(c.want, out.String()); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func TestHTMLStopsAtTheLimit(t *testing.T) {
	b := NewBuffer(100)
	err := HTML(b, strings.NewReader(strings.Repeat("<p>é</p>", 1000)))
	if !errors.Is(err, ErrFull) || !b.Cut() || b.Len() > 100 {
		t.Errorf("error %v, %d octets", err, b.Len())
	}
	if strings.ContainsRune(b.String(), '\ufffd') {
		t.Error("a character was cut in two")
	}
}

func TestRTF(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", `{\rtf1\ansi Hello \b world\b0\par more}`, "Hello world\nmore"},
		{"tables of the document", `{\rtf1{\fonttbl{\f0 Arial;}}{\colortbl;\red0;}{\*\generator X;}{\info{\author A}}text}`, "text"},
		{"characters", `{\rtf1\ansi\ansicpg1252 caf\'e9 \u8364?5 \uc0\u233 \emdash}`, "café €5 é—"},
		{"surrogates", `{\rtf1 \u-10179?\u-8704?}`, "😀"},
		{"charset of a font", `{\rtf1{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset238 B;}}\f1 \'b3\'f3d\'9f}`, "łódź"},
		{"code page", `{\rtf1\ansi\ansicpg1251 \'cf\'f0}`, "Пр"},
		{"HTML wrapped by Outlook", `{\rtf1\fromhtml1 {\*\htmltag64 <p>}text{\*\htmltag72 </p>}\par}`, "text\n"},
		{"escapes", `{\rtf1 \{a\}\\\~b}`, `{a}\ b`},
		{"binary", "{\\rtf1 a{\\pict\\bin4 }}}}}b}", "ab"},
		{"breaks off", `{\rtf1 text{\b bo`, "textbo"},
		{"too many closing braces", `{\rtf1 a}}}b`, "ab"},
		{"deep", `{\rtf1 ` + strings.Repeat("{", 5000) + "a" + strings.Repeat("}", 5000) + "b}", "ab"},
		{"binary longer than the file", `{\rtf1 a\bin999999999 b}`, "a"},
	} {
		var out bytes.Buffer
		if err := RTF(&out, strings.NewReader(c.in)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if d := cmp.Diff(c.want, out.String()); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func TestFlowed(t *testing.T) {
	for _, c := range []struct {
		in, want string
		delSp    bool
	}{
		{"one \ntwo\nthree", "one two\nthree\n", false},
		{"wo \nrd", "word\n", true},
		{"> a \n> b\n>> c \n> d\n", "> a b\n>> c \n> d\n", false},
		{" From stuffed\n", "From stuffed\n", false},
		{"text \n-- \nname\n", "text \n-- \nname\n", false},
		{"crlf \r\nnext\r\n", "crlf next\n", false},
		{"", "", false},
	} {
		if d := cmp.Diff(c.want, Flowed(c.in, c.delSp)); d != "" {
			t.Errorf("%q: %s", c.in, d)
		}
	}
}

func TestCard(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"calendar", "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nDTSTART:1970\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1\r\n" +
			"SUMMARY:Flood\r\n  response\\, Upton\r\nORGANIZER;CN=\"Field, A\":mailto:a@x.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
			"REQUEST\nFlood response, Upton\nField, A <a@x.example>\n"},
		{"card", "BEGIN:VCARD\nFN:A Field\nitem1.TEL;TYPE=work:020\nPHOTO:AAAA\n AAAA\nNOTE:a\\nb\nEND:VCARD", "A Field\n020\na\nb\n"},
		{"one endless line", "SUMMARY:" + strings.Repeat("x", 1<<20), strings.Repeat("x", 65528) + "\n"},
		{"nothing", "", ""},
	} {
		var out bytes.Buffer
		if err := Card(&out, strings.NewReader(c.in)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if out.String() != c.want && (len(c.want) < 1000 || out.Len() > 80_000 || out.Len() < 60_000) {
			t.Errorf("%s: %s", c.name, cmp.Diff(c.want, out.String()))
		}
	}
}

// FuzzReaders holds every reader to its promise: no panic, no error of its
// own, nothing near quadratic.
func FuzzReaders(f *testing.F) {
	f.Add([]byte(`{\rtf1\u12 \bin4 {\*\x}}`), "utf-7")
	f.Add([]byte(`<div hidden><a href="http://x"><blockquote>a</a><pre>b`), "")
	f.Add([]byte("BEGIN:VCARD\nFN;X=\":\":a\n b"), "iso-2022-jp")
	f.Fuzz(func(t *testing.T, in []byte, label string) {
		text, _ := Decode(in, label)
		for name, read := range map[string]func(io.Writer, io.Reader) error{"HTML": HTML, "RTF": RTF, "Card": Card} {
			if err := read(io.Discard, bytes.NewReader(in)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		Flowed(text, true)
		Sniff(in)
	})
}
