package redaction

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
)

func mail() Message {
	return Message{Item: "7qk2m/1", Sent: time.Date(2026, 5, 14, 8, 12, 0, 0, time.UTC), Zone: time.UTC,
		Content: []record.Digest{record.Sum([]byte("octets"))},
		Document: record.Document{Kind: record.Email, From: []record.Address{{Name: "Jane Smith", Addr: "jane@example.org"}},
			To: []record.Address{{Addr: "office@example.org"}}, Subject: "Sand\u00adbags\r\nfor Upton",
			Body:        "Dear all,\r\n\r\n\r\nJane\u200b Smith's call is at three.   \r\n> As JANE\r\n> Smith said.\r\n\r\nJanet Smithson\r\n",
			Attachments: []record.Attached{{Name: "plan.docx", Text: "The plan of\tJane Smith"}, {MediaType: "image/jpeg"}}}}
}

func TestRenderIsWhatAPersonSees(t *testing.T) {
	r := Render(mail())
	want := `From: Jane Smith <jane@example.org>
To: office@example.org
Sent: 14 May 2026 08:12
Subject: Sandbags for Upton
Attachment 1: plan.docx
Attachment 2: without a name

Dear all,

Jane Smith's call is at three.
> As JANE
> Smith said.

Janet Smithson
`
	if d := cmp.Diff(want, r.Text); d != "" {
		t.Fatal(d)
	}
	if f, ok := r.Field("Subject"); !ok || r.Text[f.From:f.To] != "Sandbags for Upton" {
		t.Errorf("the subject is %+v", f)
	}
	if !strings.HasPrefix(r.Text[r.Body:], "\nDear") || r.Wordless() {
		t.Errorf("the words begin at %d", r.Body)
	}
	part, err := Part(mail(), 1)
	if err != nil || part.Item != "7qk2m/1+1" || part.Text != "Attachment 1: plan.docx\n\nThe plan of Jane Smith\n" {
		t.Errorf("%+v, %v", part, err)
	}
	if part, err = Part(mail(), 2); err != nil || !part.Wordless() {
		t.Errorf("%+v, %v", part, err)
	}
	if _, err = Part(mail(), 3); err == nil {
		t.Error("there is a third attachment")
	}
	other := mail()
	other.Content[0][0] ^= 1
	if Render(other).Digest == r.Digest {
		t.Error("other octets have the same digest")
	}
}

func TestWordsAsAPersonQuotesThem(t *testing.T) {
	r := Render(mail())
	for _, c := range []struct {
		words  string
		inside bool
		want   []string
	}{
		{"jane smith", false, []string{"Jane Smith", "Jane Smith", "JANE\n> Smith"}},
		{"Jane", false, []string{"Jane", "jane", "Jane", "JANE"}},
		{"Jane", true, []string{"Jane", "jane", "Jane", "JANE", "Jane"}},
		{"Smith’s  call", false, []string{"Smith's call"}},
		{"nobody", false, nil},
	} {
		places, err := r.Words(c.words, c.inside)
		var got []string
		for _, p := range places {
			got = append(got, r.Text[p.From:p.To])
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, %v; want %q", c.words, got, err, c.want)
		}
	}
	if _, err := r.Words(" \u200b ", false); err == nil {
		t.Error("no words were found")
	}
	p, err := r.Lines(8, 10)
	if err != nil || r.Text[p.From:p.To] != "Dear all,\n\nJane Smith's call is at three." || r.Line(p.From) != 8 {
		t.Errorf("%+v, %v", p, err)
	}
	for _, l := range [][2]int{{0, 1}, {3, 2}, {1, 99}, {7, 7}} {
		if p, err := r.Lines(l[0], l[1]); err == nil {
			t.Errorf("lines %v are %+v", l, p)
		}
	}
}

func TestCarryFindsTheSameWords(t *testing.T) {
	a, m := Render(mail()), mail()
	m.Item, m.Document.Subject = "other/1", "Fwd: Sandbags"
	b := Render(m)
	places, err := a.Words("Jane Smith", false)
	if err != nil {
		t.Fatal(err)
	}
	spans := Under(append(places, Place{len("From: Jane Smith <jane@example.org>\nTo: office@example.org\nSent: 14 May 2026 08:12\nSubject: "),
		len("From: Jane Smith <jane@example.org>\nTo: office@example.org\nSent: 14 May 2026 08:12\nSubject: Sandbags for")}), []string{"s.40(2)"}, "")
	spans, _ = Add(nil, spans)
	carried, lost := b.Carry(&a, spans)
	if lost != 1 || len(carried) != 3 || b.check(carried) != nil {
		t.Errorf("%+v, %d lost", carried, lost)
	}
	if same, lost := a.Carry(&a, spans); lost != 0 || len(same) != 4 {
		t.Errorf("%+v, %d lost", same, lost)
	}
	if err := b.Fit(a.Redacted(0, spans)); !errors.Is(err, ErrRendering) {
		t.Errorf("another item's redactions: %v", err)
	}
	if err := a.Fit(a.Redacted(0, spans)); err != nil {
		t.Error(err)
	}
}

// checkSpans: adding spans covers exactly what either covers, what was there
// keeps its exemption, and what is released holds no covered octet.
func checkSpans(t interface{ Fatalf(string, ...any) }, text string, there, more []record.RedactedSpan) {
	old, _ := Add(nil, there)
	all, _ := Add(old, more)
	if err := Ordered(all, len(text)); err != nil {
		t.Fatalf("%v", err)
	}
	covered := make([]string, len(text))
	for _, set := range [][]record.RedactedSpan{more, old} {
		for _, s := range set {
			for i := s.From; i < s.To; i++ {
				covered[i] = s.Exemptions[0]
			}
		}
	}
	visible := ""
	for i := range len(text) {
		got := ""
		for _, s := range all {
			if s.From <= i && i < s.To {
				got = s.Exemptions[0]
			}
		}
		if (got == "") != (covered[i] == "") || slices.ContainsFunc(old, func(s record.RedactedSpan) bool { return s.From <= i && i < s.To }) && got != covered[i] {
			t.Fatalf("octet %d is under %q, want %q", i, got, covered[i])
		}
		if got == "" {
			visible += text[i : i+1]
		}
	}
	left := ""
	for _, p := range Apply(text, all) {
		if !p.Redacted {
			left += p.Text
		}
	}
	if strings.ReplaceAll(left, "\n", "") != strings.ReplaceAll(visible, "\n", "") {
		t.Fatalf("%q is left visible, want %q", left, visible)
	}
}

func TestSpanArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z\n \[\]]{1,40}`).Draw(t, "text")
		draw := func(name, exemption string) []record.RedactedSpan {
			var spans []record.RedactedSpan
			for range rapid.IntRange(0, 5).Draw(t, name) {
				from := rapid.IntRange(0, len(text)-1).Draw(t, "from")
				spans = append(spans, record.RedactedSpan{From: from, To: rapid.IntRange(from+1, len(text)).Draw(t, "to"), Exemptions: []string{exemption}})
			}
			return spans
		}
		there, more := draw("there", "s.42"), draw("more", "s.40(2)")
		checkSpans(t, text, there, more)
		all, _ := Add(nil, there)
		left, err := Remove(all, []int{1})
		if (err == nil) != (len(all) > 0) || err == nil && len(left) != len(all)-1 {
			t.Fatalf("%d of %d are left: %v", len(left), len(all), err)
		}
	})
}

func FuzzSpans(f *testing.F) {
	f.Add("some text", []byte{0, 4, 2, 6, 5, 9})
	f.Fuzz(func(t *testing.T, text string, at []byte) {
		if text == "" || len(text) > 200 || len(at) > 40 {
			return
		}
		var sets [2][]record.RedactedSpan
		for i := 0; i+1 < len(at); i += 2 {
			from := int(at[i]) % len(text)
			to := from + 1 + int(at[i+1])%(len(text)-from)
			sets[i/2%2] = append(sets[i/2%2], record.RedactedSpan{From: from, To: to, Exemptions: []string{[]string{"s.42", "s.40(2)"}[i/2%2]}})
		}
		checkSpans(t, text, sets[0], sets[1])
	})
}

func TestMarkupGoesOutAndComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := mail()
		m.Document.Body = rapid.StringMatching(`([a-z\[\]\\: #é\n]|######## |\[\[|\]\]){0,60}`).Draw(t, "body")
		r := Render(m)
		var spans []record.RedactedSpan
		for range rapid.IntRange(0, 6).Draw(t, "spans") {
			at := rapid.IntRange(0, len(r.Text)-1).Draw(t, "from")
			to := rapid.IntRange(at+1, len(r.Text)).Draw(t, "to")
			if s := (record.RedactedSpan{From: at, To: to, Exemptions: []string{"s.40(2)", "s.42"}, Note: "kept"}); r.check([]record.RedactedSpan{s}) == nil {
				spans = append(spans, s)
			}
		}
		spans, _ = Add([]record.RedactedSpan{}, spans)
		var b bytes.Buffer
		if err := errors.Join(WriteMarkup(&b, "FOI-1"), r.WriteMarkup(&b, 12, spans)); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		if rapid.Bool().Draw(t, "windows") {
			text = "\ufeff" + strings.ReplaceAll(text, "\n", "\r\n")
		}
		items, err := ParseMarkup(strings.NewReader(text))
		if err != nil || len(items) != 1 || items[0].Item != r.Item || items[0].Known != 12 {
			t.Fatalf("%+v, %v in\n%s", items, err, text)
		}
		back, err := items[0].Spans(&r, spans, "new")
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if d := cmp.Diff(spans, back); d != "" {
			t.Fatalf("%s in\n%s", d, text)
		}
	})
}

func TestMarkupRefusesWhatWasChanged(t *testing.T) {
	r := Render(mail())
	var b bytes.Buffer
	if err := errors.Join(WriteMarkup(&b, "FOI-1"), r.WriteMarkup(&b, 0, nil)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"three", "four", "line 20: the words of 7qk2m/1 were changed"},
		{"three", "[[three]]", "line 20: after [[ comes the exemption"},
		{"three", "[[s.42: three", "line 20: [[ without ]]"},
		{"three", "three]]", "line 20: ]] without [["},
		{"three", "[[s.42: [[s.42: three]]]]", "line 20: [[ within the marks"},
		{"three", "[[[s.42: three]]", "3 brackets in a row"},
		{"three", "[[s.42: ]]three", "nothing is between"},
		{"made-from-0", "made-from-x", "line 10: this line says which item follows"},
		{"######## ", "#### ", "has no line that begins with ########"},
		{"Dear all,\n", "", "were changed"},
	} {
		items, err := ParseMarkup(strings.NewReader(strings.Replace(b.String(), c.old, c.new, 1)))
		if err == nil {
			_, err = items[0].Spans(&r, nil, "")
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s → %s: %v", c.old, c.new, err)
		}
	}
	items, err := ParseMarkup(strings.NewReader(strings.Replace(b.String(), "Jane Smith's", "[[40(2): Jane Smith's]]", 1)))
	if err != nil {
		t.Fatal(err)
	}
	spans, err := items[0].Spans(&r, nil, "a note")
	if err != nil || len(spans) != 1 || !strings.HasPrefix(Join(Cut(r.Text, r.Body, len(r.Text), spans)), "\nDear all,\n\n[REDACTED 40(2)] call") {
		t.Errorf("%+v, %v", spans, err)
	}
	if _, err := ParseMarkup(strings.NewReader("")); err == nil {
		t.Error("an empty file is marked up")
	}
}

func FuzzParseMarkup(f *testing.F) {
	r := Render(mail())
	var b bytes.Buffer
	if err := r.WriteMarkup(&b, 0, Under([]Place{{6, 16}}, []string{"s.42"}, "")); err != nil {
		f.Fatal(err)
	}
	f.Add(b.String())
	f.Add("######## a/1 made-from-0-0123456789abcdef\n\\[[[s.42: x]]\\]")
	f.Fuzz(func(t *testing.T, text string) {
		items, err := ParseMarkup(strings.NewReader(text))
		if err != nil {
			return
		}
		for i := range items {
			items[i].Digest = r.Digest.String()[:16]
			if spans, err := items[i].Spans(&r, nil, ""); err == nil && r.check(spans) != nil {
				t.Fatalf("%+v of %q", spans, text)
			}
		}
	})
}
