package mbox

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const sep = "From a@x.example Mon Mar  2 10:00:00 2026\n"

// read returns the messages of a file and checks that the entries cover it.
func read(t interface{ Fatalf(string, ...any) }, file string, d Dialect) (messages []string, dialects []Dialect) {
	at := int64(0)
	for e, err := range Entries(strings.NewReader(file), int64(len(file)), 0, d) {
		if err != nil {
			t.Fatalf("entry at %d: %v", at, err)
		}
		if e.Offset != at {
			t.Fatalf("an entry begins at %d, the one before ended at %d", e.Offset, at)
		}
		at = e.Offset + e.Length
		b, err := io.ReadAll(e.Open())
		if err != nil {
			t.Fatalf("open: %v", err)
		}
		messages, dialects = append(messages, string(b)), append(dialects, e.Dialect)
	}
	if at != int64(len(file)) {
		t.Fatalf("entries end at %d of %d", at, len(file))
	}
	return messages, dialects
}

func TestEntries(t *testing.T) {
	for _, c := range []struct {
		name, file string
		dialect    Dialect
		want       []string
	}{
		{"empty", "", Auto, nil},
		{"one", sep + "Subject: a\n\nbody\n\n", Auto, []string{"Subject: a\n\nbody\n"}},
		{"two", sep + "Subject: a\n\nbody\n\n" + sep + "Subject: b\n\nmore\n\n", Auto, []string{"Subject: a\n\nbody\n", "Subject: b\n\nmore\n"}},
		{"no final empty line", sep + "Subject: a\n\nbody\n", Auto, []string{"Subject: a\n\nbody\n"}},
		{"message ends in an empty line", sep + "A: b\n\nbody\n\n\n" + sep + "C: d\n\n\n", Auto, []string{"A: b\n\nbody\n\n", "C: d\n\n"}},
		{"CRLF", "From a Mon Mar  2 10:00:00 2026\r\nA: b\r\n\r\nx\r\n\r\n" + sep + "C: d\n\ny\n", Auto, []string{"A: b\r\n\r\nx\r\n", "C: d\n\ny\n"}},
		{"mboxrd", sep + "A: b\n\n>From me\n>>From you\n>not quoted\n", RD, []string{"A: b\n\nFrom me\n>From you\n>not quoted\n"}},
		{"mboxo", sep + "A: b\n\n>From me\n>>From you\n", O, []string{"A: b\n\nFrom me\n>>From you\n"}},
		{"mboxcl2", sep + "Content-Length: 50\n\nFrom: x\n\nFrom the office\n>From A Mon Mar  2 10:00\n\n" + sep + "A: b\n\nc\n",
			Auto, []string{"Content-Length: 50\n\nFrom: x\n\nFrom the office\n>From A Mon Mar  2 10:00\n", "A: b\n\nc\n"}},
		{"wrong Content-Length", sep + "Content-Length: 3\n\nbody is longer\n\n" + sep + "A: b\n\nc\n", Auto,
			[]string{"Content-Length: 3\n\nbody is longer\n", "A: b\n\nc\n"}},
		{"From in a body, no field after it", sep + "A: b\n\nx\n\nFrom here on it rained.\n\n", Auto, []string{"A: b\n\nx\n\nFrom here on it rained.\n"}},
		{"no empty line before a separator", sep + "A: b\n\nx\n" + sep + "C: d\n\ny\n", Auto, []string{"A: b\n\nx\n", "C: d\n\ny\n"}},
		{"octets before the first separator", "junk\n\n" + sep + "A: b\n\nx\n", Auto, []string{"junk\n\n", "A: b\n\nx\n"}},
		{"separator alone", sep, Auto, []string{""}},
		{"two separators", sep + sep + "A: b\n\n", Auto, []string{"", "A: b\n"}},
		{"separator without an address", "From - Mon Mar  2 10:00:00 2026\nX-Mozilla-Status: 0001\n\nx\n", Auto, []string{"X-Mozilla-Status: 0001\n\nx\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, _ := read(t, c.file, c.dialect)
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDialectDetected(t *testing.T) {
	body := "From the office\nand on\n"
	file := sep + fmt.Sprintf("Content-Length: %d\n\n%s\n", len(body), body) +
		sep + "Content-Length: 7\n\n>From \n\n" + sep + "A: b\n\n>From x\n\n"
	messages, dialects := read(t, file, Auto)
	if d := cmp.Diff([]Dialect{CL2, CL, RD}, dialects); d != "" {
		t.Error(d)
	}
	if !strings.HasSuffix(messages[0], body) {
		t.Errorf("mboxcl2 body: %q", messages[0])
	}
}

// TestRoundTrip writes messages as mboxrd, the dialect that loses nothing, and
// reads them back octet for octet, resuming at every entry too.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.SampledFrom([]string{"", "text", "From a line", ">From b", ">>From c " + sep[:30], strings.Repeat("x", 70_000), "From " + strings.Repeat("y", 70_000)})
		var file bytes.Buffer
		var want []string
		for range rapid.IntRange(1, 5).Draw(t, "messages") {
			lines := append([]string{"Subject: a", ""}, rapid.SliceOfN(line, 0, 6).Draw(t, "lines")...)
			msg := strings.Join(lines, "\n") + "\n"
			want = append(want, msg)
			file.WriteString(sep)
			for l := range strings.Lines(msg) {
				if strings.HasPrefix(strings.TrimLeft(l, ">"), "From ") {
					file.WriteByte('>')
				}
				file.WriteString(l)
			}
			file.WriteByte('\n')
		}
		got, _ := read(t, file.String(), RD)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("read back: %s", d)
		}
		i := 0
		for e := range Entries(bytes.NewReader(file.Bytes()), int64(file.Len()), 0, RD) {
			for again, err := range Entries(bytes.NewReader(file.Bytes()), int64(file.Len()), e.Offset, RD) {
				if err != nil || again.Offset != e.Offset || again.Length != e.Length {
					t.Fatalf("resumed at %d: %+v, %v", e.Offset, again, err)
				}
				break
			}
			i++
		}
		if i != len(want) {
			t.Fatalf("%d entries, want %d", i, len(want))
		}
	})
}

type failing struct{ r io.ReaderAt }

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off > 100 {
		return 0, io.ErrClosedPipe
	}
	return f.r.ReadAt(p[:min(len(p), 120)], off)
}

func TestReadError(t *testing.T) {
	file := strings.Repeat(sep+"A: b\n\nx\n\n", 100)
	var last error
	for _, err := range Entries(failing{strings.NewReader(file)}, int64(len(file)), 0, Auto) {
		last = err
	}
	if last == nil {
		t.Error("a file that cannot be read to its end was split without an error")
	}
}

func FuzzEntries(f *testing.F) {
	f.Add([]byte(sep+"Content-Length: 5\n\nFrom \n\n"+sep+"\n"), "mboxcl2")
	f.Add([]byte("From \n\nFrom a 10:00\nx: y\n\n>>From"), "")
	f.Fuzz(func(t *testing.T, file []byte, d string) { read(t, string(file), Dialect(d)) })
}
