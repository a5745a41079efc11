package extract

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	netmail "net/mail"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/confine"
)

// asChild makes this test's binary a child: its environment is empty otherwise.
const asChild = "extract-child-of-test"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == asChild {
		if err := Child(os.Stdin, os.Stdout, plainMail, os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// plainMail reads messages of one part, and takes an X-File field for the name
// of an attachment that is the body in base64: what real messages are made of is for
// another package's tests.
func plainMail(octets []byte) Mail {
	m, err := netmail.ReadMessage(bytes.NewReader(octets))
	if err != nil {
		return Mail{Status: record.TextError}
	}
	body, _ := io.ReadAll(m.Body) // from memory
	out := Mail{Texts: []string{m.Header.Get("Subject")}, Status: record.TextOK}
	if name := m.Header.Get("X-File"); name != "" {
		out.Files = []MailFile{
			{Name: name, Open: func() io.Reader { return base64.NewDecoder(base64.StdEncoding, bytes.NewReader(body)) }},
			{Name: "smime.p7m", Encrypted: m.Header.Get("X-Sealed") != ""},
		}[:1+len(m.Header["X-Sealed"])]
		return out
	}
	out.Texts = append(out.Texts, string(body))
	return out
}

func base64Of(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func newExtractor(t testing.TB, opt Options) *Extractor {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return New(slog.New(slog.DiscardHandler), []string{exe, asChild}, opt)
}

type file struct{ name, content string }

func zipOf(files ...file) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		method := zip.Deflate
		if f.name == "mimetype" {
			method = zip.Store
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: method})
		if err == nil {
			_, err = io.WriteString(w, f.content)
		}
		if err != nil {
			panic(err)
		}
	}
	z.Close()
	return b.String()
}

func gzipOf(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, s)
	z.Close()
	return b.String()
}

func tarOf(files ...file) string {
	var b bytes.Buffer
	t := tar.NewWriter(&b)
	for _, f := range files {
		t.WriteHeader(&tar.Header{Name: f.name, Size: int64(len(f.content)), Mode: 0o600})
		io.WriteString(t, f.content)
	}
	t.Close()
	return b.String()
}

const wml = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`

func docx(body string) string {
	return zipOf(file{"[Content_Types].xml", "<Types/>"},
		file{"word/document.xml", `<?xml version="1.0"?><w:document ` + wml + `><w:body>` + body + `</w:body></w:document>`},
		file{"word/header1.xml", `<w:hdr ` + wml + `><w:p><w:r><w:t>OFFICIAL</w:t></w:r></w:p></w:hdr>`},
		file{"word/comments.xml", `<w:comments ` + wml + `><w:p><w:r><w:t>a comment</w:t></w:r></w:p></w:comments>`})
}

func TestText(t *testing.T) {
	e := newExtractor(t, Options{})
	for _, c := range []struct {
		name, mediaType, content, want string
		status                         record.TextStatus
	}{
		{"a.txt", "", "plain text", "plain text", record.TextOK},
		{"a.txt", "text/plain", "caf\xe9 and \xe2\x82\xac", "café and €", record.TextOK},
		{"utf16.txt", "", "\xff\xfes\x00a\x00n\x00d\x00", "sand", record.TextOK},
		{"a.csv", "text/csv", "depot,bags\nUpton,4000\n", "Upton,4000", record.TextOK},
		{"a.html", "", "<title>Plan</title><script>no</script><p>sand<b>bags</b>", "Plan\nsandbags", record.TextOK},
		{"a.html", "", "<meta charset=koi8-r><p>\xf0\xd2\xc9\xd7\xc5\xd4", "Привет", record.TextOK},
		{"a.rtf", "", `{\rtf1\ansi Flood \b plan\b0}`, "Flood plan", record.TextOK},
		{"a.ics", "", "BEGIN:VCALENDAR\nSUMMARY:Flood\n  meeting\nEND:VCALENDAR", "Flood meeting", record.TextOK},
		{"a.vcf", "", "BEGIN:VCARD\nFN:A Field\nEND:VCARD", "A Field", record.TextOK},
		{"a.docx", "", docx(`<w:p><w:r><w:t>Sand</w:t></w:r><w:r><w:t>bags</w:t></w:r></w:p><w:p><w:del><w:r><w:delText>removed</w:delText></w:r></w:del><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>`),
			"Sandbags\nremoved\nOFFICIAL\na comment", record.TextOK},
		{"a.xlsx", "", zipOf(file{"xl/workbook.xml", `<workbook><sheets><sheet name="Depots" state="hidden"/></sheets></workbook>`},
			file{"xl/sharedStrings.xml", `<sst><si><t>Upton</t></si><si><r><t>sand</t></r><r><t>bags</t></r><rPh><t>no</t></rPh></si></sst>`},
			file{"xl/worksheets/sheet1.xml", `<worksheet><sheetData><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c><v>4000</v></c></row><row><c t="inlineStr"><is><t>inline</t></is></c><c t="s"><v>99</v></c></row></sheetData></worksheet>`}),
			"Depots\nUpton\tsandbags\t4000\t\ninline\t99", record.TextOK},
		{"a.pptx", "", zipOf(file{"ppt/presentation.xml", `<p/>`},
			file{"ppt/slides/slide10.xml", `<p:sld><a:p><a:r><a:t>ten</a:t></a:r></a:p></p:sld>`},
			file{"ppt/slides/slide2.xml", `<p:sld><a:p><a:r><a:t>two</a:t></a:r></a:p></p:sld>`},
			file{"ppt/notesSlides/notesSlide1.xml", `<p:notes><a:p><a:r><a:t>note</a:t></a:r></a:p></p:notes>`}), "two\nten\nnote", record.TextOK},
		{"a.odt", "", zipOf(file{"mimetype", "application/vnd.oasis.opendocument.text"}, file{"META-INF/manifest.xml", "<m:manifest/>"},
			file{"content.xml", `<office:body><text:p>Sand<text:span>bags</text:span><text:s/>here</text:p><text:h>Plan</text:h></office:body>`}), "Sandbags here\nPlan", record.TextOK},
		{"sealed.odt", "", zipOf(file{"mimetype", "application/vnd.oasis.opendocument.text"}, file{"content.xml", "x"},
			file{"META-INF/manifest.xml", `<m:manifest><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>`}), "", record.TextEncrypted},
		{"a.zip", "", zipOf(file{"notes/plan.txt", "sandbags"}, file{"inner.zip", zipOf(file{"deep.txt", "heron"})}, file{"a.docx", docx(`<w:p><w:t>in word</w:t></w:p>`)}),
			"notes/plan.txt\nsandbags\ninner.zip\ndeep.txt\nheron", record.TextOK},
		{"a.tgz", "", gzipOf(tarOf(file{"plan.txt", "sandbags"})), "plan.txt\nsandbags", record.TextOK},
		{"plan.txt.gz", "", gzipOf("sandbags"), "sandbags", record.TextOK},
		{"photo.jpg", "image/jpeg", "\xff\xd8\xff\xe0 and more", "", record.TextNone},
		{"prog.bin", "application/octet-stream", "\x00\x01\x02\x03\x04\x05", "", record.TextNone},
		{"empty.txt", "", "", "", record.TextOK},
		{"blank.txt", "", " \n ", "", record.TextNone},
		{"wrong.docx", "", zipOf(file{"a.txt", "x"}), "", record.TextError},
		{"cut.docx", "", docx("<w:p>")[:300], "", record.TextError},
		{"lie.pdf", "application/pdf", "not a PDF at all", "not a PDF", record.TextOK},
		{"broken.pdf", "application/pdf", "%PDF-1.4\nbroken", "", record.TextError},
		{"half.docx", "", docx(`<w:p><w:t>before`) + "", "before", record.TextOK},
		{"old.doc", "", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x01\x02" + string(utf16Octets("Flood plan for Upton")) + "\x00\x01sandbag depots\x00\x05", "Flood plan for Upton", record.TextPartial},
		{"sealed.docx", "", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + string(utf16Octets("EncryptedPackage")), "", record.TextEncrypted},
		{"pgp.asc", "", "-----BEGIN PGP MESSAGE-----\n\nhQ\n", "", record.TextEncrypted},
		{"mixed.zip", "", zipOf(file{"good.txt", "sandbags"}, file{"bad.pdf", "%PDF-1.4 broken"}), "sandbags", record.TextPartial},
		{"a.zip", "", zipOf(file{"photo.jpg", "\xff\xd8\xff\xe0"}), "photo.jpg", record.TextOK},
		{"mail.zip", "", zipOf(file{"one.eml", "Subject: the weir\n\nsandbags\n"}, file{"two.EML", "Subject: depots\nX-File: upton.zip\n\n" + base64Of(zipOf(file{"plan.txt", "heron"}))}),
			"one.eml\nthe weir\nsandbags\ntwo.EML\ndepots\nupton.zip\nplan.txt\nheron", record.TextOK},
		{"mail.zip", "", zipOf(file{"one.eml", "Subject: the weir\nX-File: a.txt\nX-Sealed: yes\n\n" + base64Of("sandbags")}), "the weir\na.txt\nsandbags\nsmime.p7m", record.TextPartial},
		{"mail.zip", "", zipOf(file{"one.eml", "no message"}), "one.eml", record.TextPartial},
		{"saved.zip", "", zipOf(file{"one.msg", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + string(utf16Octets("__properties_version1.0"))}), "one.msg", record.TextPartial},
		{"b.zip", "", zipOf(file{"prog.bin", "\x00\x01\x02\x03"}), "prog.bin", record.TextPartial},
	} {
		got, status := e.Text(t.Context(), c.name, c.mediaType, strings.NewReader(c.content), int64(len(c.content)))
		if status != c.status || !strings.Contains(tidy(got), c.want) {
			t.Errorf("%s: status %s, text %q; want %s, %q", c.name, status, got, c.status, c.want)
		}
	}
}

// tidy takes off the spaces around lines and empty lines.
func tidy(s string) string {
	var lines []string
	for l := range strings.Lines(s) {
		if l = strings.Trim(l, " \n"); l != "" {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n")
}

// bomb is n octets that compress to nearly none.
func bomb(n int) string { return strings.Repeat(" ", n) }

func TestHostileDocuments(t *testing.T) {
	nested := "innermost"
	for i := range 10 {
		nested = zipOf(file{fmt.Sprintf("level%d.zip", i), nested})
	}
	var many []file
	for i := range maxEntries + 1 {
		many = append(many, file{fmt.Sprint(i), "x"})
	}
	enclosed := "innermost"
	for range 10 {
		enclosed = "Subject: again\nX-File: again.eml\n\n" + base64Of(enclosed)
	}
	opt := Options{Time: 20 * time.Second, MaxContent: 8 << 20, MaxText: 1 << 20}
	e := newExtractor(t, opt)
	// What unfolds too far is stopped by our own limit or by the process's,
	// whichever it meets first.
	stopped := []record.TextStatus{record.TextTooLarge, record.TextError, record.TextPartial}
	for _, c := range []struct {
		name, content string
		size          int64
		want          []record.TextStatus
	}{
		{"bomb.docx", zipOf(file{"word/document.xml", "<w:t>" + bomb(maxEntry+1)}), 0, stopped},
		{"bomb.zip", zipOf(file{"a.txt", bomb(maxEntry + 1)}), 0, stopped},
		{"bomb.gz", gzipOf(bomb(maxEntry + 1)), 0, stopped},
		{"nested.zip", nested, 0, []record.TextStatus{record.TextPartial, record.TextTooLarge}},
		{"enclosed.zip", zipOf(file{"a.eml", enclosed}), 0, []record.TextStatus{record.TextPartial, record.TextTooLarge}},
		{"entries.zip", zipOf(many...), 0, []record.TextStatus{record.TextTooLarge}},
		{"deep.docx", zipOf(file{"word/document.xml", strings.Repeat("<a>", 300_000)}), 0, []record.TextStatus{record.TextNone, record.TextError}},
		{"deep.html", strings.Repeat("<div>", 100_000), 0, []record.TextStatus{record.TextNone}},
		{"deep.rtf", `{\rtf1 ` + strings.Repeat("{", 200_000) + "x", 0, []record.TextStatus{record.TextOK}},
		{"declared.txt", "short", 10 << 30, []record.TextStatus{record.TextTooLarge}},
		{"undeclared.txt", strings.Repeat("word ", 2<<20), 5, []record.TextStatus{record.TextTooLarge}},
		{"long.txt", strings.Repeat("word ", 1<<20), 0, []record.TextStatus{record.TextTooLarge}},
		{"kids.pdf", pdfOf("<< /Type /Pages /Count 1 /Kids [2 0 R 2 0 R 2 0 R] >>", ""), 0, []record.TextStatus{record.TextNone, record.TextPartial, record.TextError}},
	} {
		start := time.Now()
		size := c.size
		if size == 0 {
			size = int64(len(c.content))
		}
		_, status := e.Text(t.Context(), c.name, "", strings.NewReader(c.content), size)
		ok := false
		for _, w := range c.want {
			ok = ok || status == w
		}
		if !ok {
			t.Errorf("%s: status %s, want %v", c.name, status, c.want)
		}
		if took := time.Since(start); took > opt.Time+10*time.Minute {
			t.Errorf("%s took %v", c.name, took)
		}
	}
}

func TestDeadlineKillsTheChild(t *testing.T) {
	e := New(slog.New(slog.DiscardHandler), []string{"/bin/sh", "-c", "printf 'half of it'; sleep 3600", "child"}, Options{Time: 300 * time.Millisecond})
	start := time.Now()
	text, status := e.Text(t.Context(), "a.txt", "", strings.NewReader("x"), 1)
	if text != "half of it" || status != record.TextPartial || time.Since(start) > 10*time.Minute {
		t.Errorf("%q, %s after %v", text, status, time.Since(start))
	}
}

func TestChildThatDies(t *testing.T) {
	for _, command := range [][]string{{"/bin/false"}, {"/no/such/program"}, {"/bin/sh", "-c", "kill -9 $$"}} {
		e := New(slog.New(slog.DiscardHandler), command, Options{})
		if text, status := e.Text(t.Context(), "a.txt", "", strings.NewReader("x"), 1); text != "" || status != record.TextError {
			t.Errorf("%v: %q, %s", command, text, status)
		}
	}
}

// TestMemoryLimit gives a child less memory than its document needs.
func TestMemoryLimit(t *testing.T) {
	e := newExtractor(t, Options{Memory: 24 << 20, Time: 10 * time.Second})
	content := zipOf(file{"a.zip", zipOf(file{"big.txt", strings.Repeat("word ", 6<<20)})})
	if _, status := e.Text(t.Context(), "a.zip", "", strings.NewReader(content), int64(len(content))); status == record.TextOK {
		t.Error("a document that unfolds to twice the memory was read whole")
	}
	if text, status := e.Text(t.Context(), "a.txt", "", strings.NewReader("next"), 4); text != "next" || status != record.TextOK {
		t.Errorf("the next document: %q, %s", text, status)
	}
}

type broken struct{ after int }

func (b *broken) Read(p []byte) (int, error) {
	if b.after <= 0 {
		return 0, io.ErrClosedPipe
	}
	b.after -= len(p)
	return copy(p, bytes.Repeat([]byte("w "), len(p)/2+1)), nil
}

func TestContentThatCannotBeRead(t *testing.T) {
	e := newExtractor(t, Options{})
	for _, after := range []int{0, 100_000} {
		if _, status := e.Text(t.Context(), "a.txt", "", &broken{after}, 1<<20); status != record.TextError {
			t.Errorf("content that fails after %d octets: %s", after, status)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, status := newExtractor(t, Options{}).Text(ctx, "a.txt", "", strings.NewReader("x"), 1); status != record.TextError {
		t.Errorf("status %s", status)
	}
}

// TestNoChildrenOfChildren keeps a wrong command from starting itself for ever.
func TestNoChildrenOfChildren(t *testing.T) {
	t.Setenv(confine.Mark, "1")
	if text, status := newExtractor(t, Options{}).Text(t.Context(), "a.txt", "", strings.NewReader("x"), 1); text != "" || status != record.TextError {
		t.Errorf("a child started a child: %q, %s", text, status)
	}
}

func TestChildRefusesOthers(t *testing.T) {
	for _, args := range [][]string{nil, {"a", "b", "c"}, {"1", "1s"}, {"0", "1s", "1"}} {
		if err := Child(strings.NewReader(""), io.Discard, plainMail, args); err == nil {
			t.Errorf("Child took the arguments %q", args)
		}
	}
}
