package email

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

func parse(s string) *Message {
	return Parse(strings.NewReader(strings.ReplaceAll(s, "\n", "\r\n")), int64(len(s)+strings.Count(s, "\n")), Options{})
}

// nestedMultiparts is a message of unterminated multiparts in one another,
// which costs other parsers quadratic or exponential time.
func nestedMultiparts(levels int) string {
	var b strings.Builder
	for i := range levels {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	return b.String() + "Content-Type: text/plain\n\ninnermost\n"
}

func TestHostileStructure(t *testing.T) {
	for _, c := range []struct {
		name, mail string
		want       Defect
	}{
		{"nested multiparts", nestedMultiparts(20_000), DefectTooDeep},
		{"nested messages", strings.Repeat("Content-Type: message/rfc822\n\n", 20_000), DefectTooDeep},
		{"many parts", "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 50_000), DefectTooManyParts},
		{"many fields", strings.Repeat("X-Field: value of it\n", 80_000) + "\nbody", DefectHeaderTooLarge},
		{"one long field", "Subject: " + strings.Repeat("x", 2<<20) + "\n\nbody", DefectHeaderTooLarge},
		{"endless folding", "Subject: a\n" + strings.Repeat(" folded\n", 200_000) + "\nbody", DefectHeaderTooLarge},
		{"open brackets", "From: " + strings.Repeat("<,", 400_000) + "\n\nbody", DefectAddress},
		{"open comments", "From: " + strings.Repeat("(", 60_000) + "\n\nbody", DefectAddress},
		{"encoded words without end", "Subject: " + strings.Repeat("=?a?b?", 10_000) + "\n\nbody", DefectDateMissing},
		{"parameters", "Content-Type: text/plain; " + strings.Repeat("a=b c=d ", 7_000) + "\n\nbody", DefectDateMissing},
		{"almost boundaries", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + strings.Repeat("--bb\n", 50_000), DefectUnterminated},
		{"uuencoded files", "\n" + strings.Repeat("begin 644 a\n!\nend\n", 20_000), DefectNoHeader},
		{"open angle HTML", "Content-Type: text/html\n\n" + strings.Repeat("<div style='display:none'>", 100_000), DefectDateMissing},
		{"long text", "\n" + strings.Repeat("word ", 300_000), DefectTextTooLarge},
		{"base64 in base64", base64Nested(30), DefectNestedTooLarge},
		{"replies", "Subject: " + strings.Repeat("re:", 300_000) + "\n\nx", DefectHeaderTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			m := Parse(strings.NewReader(c.mail), int64(len(c.mail)), Options{MaxText: 1 << 20, MaxNested: 1 << 20})
			m.BaseSubject()
			if took := time.Since(start); took > time.Minute {
				t.Errorf("took %v", took)
			}
			if !slices.Contains(m.Defects, c.want) {
				t.Errorf("defects %v lack %s", m.Defects, c.want)
			}
		})
	}
}

// TestLinear compares messages of which one is 32 times the other: quadratic
// time would be a thousandfold. The bound leaves room for a busy machine.
func TestLinear(t *testing.T) {
	took := func(n int) time.Duration {
		best := time.Hour
		for range 3 {
			mail := nestedMultiparts(n)
			start := time.Now()
			Parse(strings.NewReader(mail), int64(len(mail)), Options{})
			best = min(best, time.Since(start))
		}
		return best
	}
	if small, large := took(4_000), took(128_000); large > 300*small {
		t.Errorf("32 times the octets took %v instead of %v", large, small)
	}
}

func base64Nested(levels int) string {
	mail := "Subject: innermost\n\ntext\n"
	for range levels {
		mail = "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + encode64(mail)
	}
	return mail
}

func encode64(s string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	var b strings.Builder
	for len(s) >= 3 {
		v := uint32(s[0])<<16 | uint32(s[1])<<8 | uint32(s[2])
		for shift := 18; shift >= 0; shift -= 6 {
			b.WriteByte(alphabet[v>>shift&63])
		}
		if s = s[3:]; b.Len()%77 == 76 {
			b.WriteByte('\n')
		}
	}
	switch len(s) {
	case 1:
		v := uint32(s[0]) << 16
		return b.String() + string([]byte{alphabet[v>>18], alphabet[v>>12&63], '=', '='}) + "\n"
	case 2:
		v := uint32(s[0])<<16 | uint32(s[1])<<8
		return b.String() + string([]byte{alphabet[v>>18], alphabet[v>>12&63], alphabet[v>>6&63], '='}) + "\n"
	}
	return b.String() + "\n"
}

// zeros is a source of n octets "A", which decode as base64.
type zeros int64

func (z zeros) ReadAt(p []byte, off int64) (int, error) {
	n := min(int64(len(p)), int64(z)-off)
	for i := range p[:n] {
		if p[i] = 'A'; (off+int64(i))%77 == 76 {
			p[i] = '\n'
		}
	}
	if n < int64(len(p)) {
		return int(n), io.EOF
	}
	return int(n), nil
}

// joined reads head and then z.
type joined struct {
	head string
	z    zeros
}

func (j joined) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	if off < int64(len(j.head)) {
		n = copy(p, j.head[off:])
	}
	if n == len(p) {
		return n, nil
	}
	m, err := j.z.ReadAt(p[n:], off+int64(n)-int64(len(j.head)))
	return n + m, err
}

func TestLargeAttachmentIsStreamed(t *testing.T) {
	const size = 40 << 20
	src := joined{"Subject: large\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nsee attached\n--b\n" +
		"Content-Type: application/x-thing; name=large.bin\nContent-Transfer-Encoding: base64\n\n", zeros(size)}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m := Parse(src, int64(len(src.head))+size, Options{})
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 16<<20 {
		t.Errorf("parsing %d octets allocated %d", size, got)
	}
	if len(m.Attachments) != 1 || m.Text != "see attached" {
		t.Fatalf("%d attachments, text %q", len(m.Attachments), m.Text)
	}
	a := m.Attachments[0]
	digest, n, err := record.SumReader(a.Open())
	if err != nil || n != a.Size || digest != a.Digest {
		t.Errorf("opened again: %d octets, digest %v, error %v; described %d, %v", n, digest, err, a.Size, a.Digest)
	}
}

type unreadable struct{ io.ReaderAt }

func (u unreadable) ReadAt(p []byte, off int64) (int, error) {
	if off > 40 {
		return 0, io.ErrClosedPipe
	}
	return u.ReaderAt.ReadAt(p[:min(len(p), 60)], off)
}

func TestUnreadableSourceIsADefect(t *testing.T) {
	mail := "Subject: broken disk\n\n" + strings.Repeat("text\n", 100)
	m := Parse(unreadable{strings.NewReader(mail)}, int64(len(mail)), Options{})
	if m.Subject != "broken disk" || !slices.Contains(m.Defects, DefectUnreadable) {
		t.Errorf("subject %q, defects %v", m.Subject, m.Defects)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(nestedMultiparts(40)))
	f.Add([]byte(base64Nested(3)))
	f.Add([]byte("From: =?utf-8?Q?a?= <a@b>, c\nSubject: =?x\n\nbegin 644 a\n!\nend\n"))
	f.Add([]byte("Content-Type: multipart/mixed\n\n--x\nContent-Type: text/html\n\n<p hidden>a\n--x--\n--x\n\n"))
	files, err := filepath.Glob(filepath.Join("testdata", "malformed", "*.eml"))
	if err != nil || len(files) == 0 {
		f.Fatal("no malformed messages to begin with: ", err)
	}
	for _, file := range files {
		octets, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(octets)
	}
	f.Fuzz(func(t *testing.T, mail []byte) {
		m := Parse(strings.NewReader(string(mail)), int64(len(mail)), Options{MaxText: 1 << 16, MaxNested: 1 << 16})
		if slices.Contains(m.Defects, DefectParserFailed) {
			t.Fatal("the parser panicked")
		}
		if _, err := m.MarshalJSON(); err != nil {
			t.Fatal(err)
		}
		if err := m.WriteNormalised(io.Discard); err != nil {
			t.Fatal(err)
		}
		for _, a := range m.Attachments {
			digest, n, err := record.SumReader(a.Open())
			if err != nil || n != a.Size || digest != a.Digest {
				t.Fatalf("attachment %s opens as %d octets, described as %d (%v)", a.Path, n, a.Size, err)
			}
		}
		m.Searchable(func(string) bool { return true })
		m.BaseSubject()
	})
}
