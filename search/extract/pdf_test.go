package extract

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// pdfOf makes a PDF of one page. pages is its page tree node (object 2), or ""
// for the usual one; content is the page's content stream; objects follow as
// numbers 6 and up.
func pdfOf(pages, content string, objects ...string) string {
	if pages == "" {
		pages = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
	}
	all := append([]string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		pages,
		"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> /XObject << /X1 8 0 R >> >> /Annots [<< /Type /Annot /Contents (a note) >>] >>",
		stream("", content),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
	}, objects...)
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var offsets []int
	for i, o := range all {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(all)+1)
	for _, off := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", off)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(all)+1, xref)
	return b.String()
}

func stream(dict, content string) string {
	return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", dict, len(content), content)
}

// identity is a font whose codes are UTF-16 by way of a ToUnicode map.
var identity = []string{
	"<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /ToUnicode 7 0 R /DescendantFonts [<< /DW 600 /W [1 [500 500] 3 9 700] >>] >>",
	stream("", "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n"+
		"2 beginbfchar <0001> <0175> <0002> <D83DDE00> endbfchar\n2 beginbfrange <0003> <0005> <03B1> <0006> <0007> [<0066006C> <0142>] endbfrange\nendcmap"),
}

func TestPDF(t *testing.T) {
	for _, c := range []struct{ name, content, want string }{
		{"a line", "BT /F1 12 Tf 72 700 Td (Sandbags \\(4000\\)) Tj ET", "Sandbags (4000)"},
		{"lines by position", "BT /F1 12 Tf 72 700 Td (first) Tj 0 -14 Td (second) Tj T* (third) Tj ET", "first\nsecond"},
		{"words by position", "BT /F1 12 Tf 72 700 Td (sand) Tj 100 0 Td (bags) Tj ET", "sand bags"},
		{"words by kerning", "BT /F1 12 Tf [(sand) -20 (bags) -600 (here)] TJ ET", "sandbags here"},
		{"matrices", "BT /F1 1 Tf 12 0 0 12 72 700 Tm (one) Tj 12 0 0 12 72 680 Tm (two) Tj ET", "one\ntwo"},
		{"quote operators", "BT /F1 12 Tf 14 TL 72 700 Td (a) Tj (b) ' 1 2 (c) \" ET", "a\nb\nc"},
		{"windows characters", "BT /F1 12 Tf (caf\\351 \\200) Tj ET", "café €"},
		{"any alphabet", "BT /F2 12 Tf <00010002000300040005> Tj <00060007> Tj ET", "ŵ😀αβγflł"},
		{"a form", "q /X1 Do Q", "in a form"},
	} {
		objects := append(append([]string{}, identity...),
			stream("/Type /XObject /Subtype /Form /Resources << /Font << /F1 5 0 R >> >>", "BT /F1 12 Tf (in a form) Tj ET"))
		got, err := readPDFString(pdfOf("", c.content, objects...))
		if err != nil || !strings.Contains(tidy(got), c.want) || !strings.Contains(got, "a note") {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

func TestPDFWithoutCharacters(t *testing.T) {
	font := "<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [<< /DW 600 >>] >>"
	if _, err := readPDFString(pdfOf("", "BT /F2 12 Tf <0001> Tj ET", font)); !errors.Is(err, errPartial) {
		t.Errorf("glyphs that nothing gives characters for: %v", err)
	}
}

// TestPDFFormThatDrawsItself must end.
func TestPDFFormThatDrawsItself(t *testing.T) {
	form := stream("/Type /XObject /Subtype /Form /Resources << /XObject << /X1 8 0 R >> >>", strings.Repeat("/X1 Do ", 10))
	if _, err := readPDFString(pdfOf("", "/X1 Do", identity[0], identity[1], form)); !errors.Is(err, errPartial) {
		t.Errorf("a form that draws itself: %v", err)
	}
}

func readPDFString(content string) (string, error) {
	var out bytes.Buffer
	o := &output{w: bufio.NewWriter(&out), room: 1 << 20}
	err := readPDF(o, []byte(content))
	o.w.Flush()
	return out.String(), err
}

// FuzzReaders runs every reader on octets, in this process: what a child
// recovers from counts as survived.
func FuzzReaders(f *testing.F) {
	f.Add([]byte(pdfOf("", "BT /F1 12 Tf (a) Tj ET")), "a.pdf")
	f.Add([]byte(docx("<w:p>")), "a.docx")
	f.Add([]byte(tarOf(file{"a.txt", "x"})), "a.tar")
	f.Add([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 text"), "a.doc")
	f.Fuzz(func(t *testing.T, content []byte, name string) {
		var out bytes.Buffer
		x := &extraction{out: &output{w: bufio.NewWriter(&out), room: 1 << 16}, unpacked: 1 << 20}
		x.document(document{name: name, kind: kindOf(name, "", content[:min(len(content), sniffLen)]), octets: content})
		if err := x.finish(); err != nil {
			t.Fatal(err)
		}
		if text, status := split(out.String()); status == "" || strings.ContainsRune(text, 0) {
			t.Fatalf("no verdict, or a NUL in the text: %q", out.String())
		}
	})
}
