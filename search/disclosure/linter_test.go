package disclosure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// asChild makes this test's binary a child: its environment is empty otherwise.
const asChild = "lint-child-of-test"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == asChild {
		if err := Child(os.Stdin, os.Stdout, os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func newTestLinter(t *testing.T, args ...string) *Linter {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return NewLinter(append([]string{exe}, args...))
}

func TestLinter(t *testing.T) {
	l := newTestLinter(t, asChild)
	file := wordDocument(`<w:ins/>`, entry{"word/comments.xml", `<w:comments><w:comment/></w:comments>`})
	want := Check("a.docx", file)
	r, err := l.Enforce(t.Context(), "a.docx", bytes.NewReader(file), []Code{Comments})
	var refused *RefusedError
	if !errors.As(err, &refused) || !slices.Equal(refused.Codes, []Code{TrackedChanges}) || !slices.Equal(refused.Report.Codes(), []Code{TrackedChanges, Comments}) {
		t.Errorf("refused with %v", err)
	}
	if !slices.Equal(r.Findings, want.Findings) || r.Digest != want.Digest || r.Format != "word-processing document" {
		t.Errorf("a child found %v, and not %v", r, want)
	}
	if _, err := l.Enforce(t.Context(), "a.docx", bytes.NewReader(file), r.Codes()); err != nil {
		t.Errorf("everything is acknowledged: %v", err)
	}
	if n := r.Counts()["tracked_changes"]; n != 1 {
		t.Errorf("%d findings of tracked changes", n)
	}
}

// TestLinterThatCannotFinish wants a finding, and never silence, from a child
// that is stopped, that is none, or that gets too much.
func TestLinterThatCannotFinish(t *testing.T) {
	slow := newTestLinter(t, asChild)
	slow.limits.Time = time.Nanosecond
	small := newTestLinter(t, asChild)
	small.limits.Content = 10
	for why, l := range map[string]*Linter{"did not come to an end": slow, "larger than 0 MiB": small, "not come to an end": newTestLinter(t, "-test.run=^$")} {
		r, err := l.Check(t.Context(), "a.txt", strings.NewReader("more than ten octets"))
		if err != nil || !slices.Equal(r.Codes(), []Code{CannotBeChecked}) || !strings.Contains(r.Findings[0].What, why) {
			t.Errorf("%s: %v, %v", why, r, err)
		}
	}
	l := newTestLinter(t, asChild)
	if _, err := l.Check(t.Context(), "a.txt", iotest.ErrReader(os.ErrClosed)); err == nil {
		t.Error("content that cannot be read was checked")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Check(ended, "a.txt", strings.NewReader("x")); err == nil {
		t.Error("a check that was called off has a report")
	}
	if err := Child(strings.NewReader(""), nil, nil); err == nil {
		t.Error("Child took no limits")
	}
}

func TestCodes(t *testing.T) {
	got, err := ParseCodes([]string{"hidden-sheet, Comments", "pivot_cache"})
	if err != nil || !slices.Equal(got, []Code{HiddenSheet, Comments, PivotCache}) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := ParseCodes([]string{"hidden"}); err == nil {
		t.Error("a code that there is not was taken")
	}
}

// TestManyFindings bounds a report on a file that is nothing but findings.
func TestManyFindings(t *testing.T) {
	var entries []entry
	for i := range maxFindings + 100 {
		entries = append(entries, entry{fmt.Sprintf("%04d.bin", i), "\x00"})
	}
	r := Check("many.zip", zipped(entries...))
	if len(r.Findings) != maxFindings || !strings.Contains(r.Findings[len(r.Findings)-1].What, "more findings") {
		t.Errorf("%d findings", len(r.Findings))
	}
	place := Check("a.zip", zipped(entry{strings.Repeat("é\x1b[2J", 200), "\x00"})).Findings[0].Place
	if len(place) > maxPlace+4 || strings.Contains(place, "\x1b") {
		t.Errorf("a place of %d octets: %q", len(place), place)
	}
}

// FuzzCheck wants no panic and a bounded report from any octets. PDF files are
// left to the child: their reader is the library's.
func FuzzCheck(f *testing.F) {
	f.Add([]byte("From: a@b\r\nX-A: b\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\ny\r\n--x--"))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00"))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\x08\x00\x00\x00"))
	f.Add(wordDocument(`<w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r>`))
	f.Add(openDocumentOf("spreadsheet", "", `<table:table><table:table-row table:visibility="collapse"/></table:table>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if bytes.Contains(b, []byte("%PDF-")) {
			return
		}
		if r := Check("f", b); len(r.Findings) > maxFindings {
			t.Errorf("%d findings", len(r.Findings))
		}
	})
}

// FuzzContent wants no panic but its own from any content stream of a PDF.
func FuzzContent(f *testing.F) {
	f.Add([]byte("q 1 0 0 1 0 0 cm BT /F 1 Tf [(a)-3<00>] TJ ET 0 0 1 1 re f* BI ID EI Q"))
	f.Add([]byte("((\\)\\777 << /#41 [1 2 << >> ] >> W n 5 w 0 0 m 1 1 l S"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c := &checker{unpacked: 1 << 20}
		canvas := &canvas{pdf: &pdfFile{checker: c, fonts: map[string]*pdfFont{}}, visible: box{0, 0, 600, 800}}
		d := &drawing{canvas: canvas, graphics: afresh()}
		if err := interpret(b, d.operator); err == nil {
			canvas.report("page 1")
		}
	})
}
