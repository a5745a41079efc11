package production

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/closeroll/closeroll/connectors/email/mbox"
)

// TestOriginalsComeBack: each as it was, in either form; and a redacted word in
// one of them, though no rendering shows it, is found.
func TestOriginalsComeBack(t *testing.T) {
	originals := [][]byte{[]byte("Subject: one\r\n\r\nFrom here\r\n>From there\r\n"), []byte("Subject: two\n\nno end\n")}
	produce := func(native string, terms *Terms) (string, Result, error) {
		a := about("text")
		a.Native = native
		dir := filepath.Join(t.TempDir(), "x")
		r, err := Produce(t.Context(), dir, a, terms, func(yield func(*Item, error) bool) {
			for i, octets := range originals {
				it := made(i + 1)
				it.Native = octets
				if !yield(it, nil) {
					return
				}
			}
		}, func() {})
		return dir, r, err
	}
	dir, r, err := produce(NativeEML, NewTerms())
	if err != nil || r.Native != 2 {
		t.Fatalf("%v, %+v", err, r)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "data/native/000002.eml")); err != nil || !bytes.Equal(got, originals[1]) {
		t.Errorf("%q, %v", got, err)
	}
	if dir, _, err = produce(NativeMbox, NewTerms()); err != nil {
		t.Fatal(err)
	}
	all, err := os.ReadFile(filepath.Join(dir, "data/native.mbox"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for e, err := range mbox.Entries(bytes.NewReader(all), int64(len(all)), 0, mbox.RD) {
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(e.Open())
		if err != nil || n >= len(originals) || !bytes.Equal(got, originals[n]) {
			t.Errorf("entry %d is %q, %v", n, got, err)
		}
		n++
	}
	terms := NewTerms()
	it := made(1)
	terms.Add("item 1", &it.Whole)
	originals[1] = append(originals[1], secret(1)...)
	if _, r, err := produce(NativeEML, terms); !errors.Is(err, ErrLeak) {
		t.Errorf("%v, %+v", err, r.Check)
	}
}
