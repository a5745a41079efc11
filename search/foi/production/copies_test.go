package production

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/foi/redaction"
)

// TestCopyIsStreamedAndChecked: a copy stands in place of the text, under the
// number of that, and what was written of it is what is checked.
func TestCopyIsStreamedAndChecked(t *testing.T) {
	const octets = "a picture with black bars"
	var checked string
	produce := func(check error) (string, error) {
		dir := filepath.Join(t.TempDir(), "x")
		bring := &Copy{
			Bring: func(take func(string, io.Reader) error) error { return take("../Bars.PNG", strings.NewReader(octets)) },
			Check: func(content io.Reader) error {
				b, err := io.ReadAll(content)
				checked = string(b)
				return errors.Join(check, err)
			},
		}
		it := &Item{No: 3, Decision: "part"}
		it.Whole.Rendering = redaction.Render(redaction.Message{Item: "r/1", Document: record.Document{Body: "See the attached."}, Zone: time.UTC})
		it.Parts = []Part{{Copy: bring}}
		out, err := Produce(t.Context(), dir, about("text"), NewTerms(), func(yield func(*Item, error) bool) { yield(it, nil) }, func() {})
		if err == nil && out.Copies != 1 {
			t.Errorf("%+v", out)
		}
		return dir, err
	}
	dir, err := produce(nil)
	if err != nil || checked != octets {
		t.Fatalf("%v, and %q was checked", err, checked)
	}
	got, err := os.ReadFile(filepath.Join(dir, "data/files/3.1.png"))
	text, err2 := os.ReadFile(filepath.Join(dir, "data/volume-001.txt"))
	if string(got) != octets || !strings.Contains(string(text), "[Released as the file files/3.1.png]") {
		t.Errorf("%q, %v, %v, %s", got, err, err2, text)
	}
	refused := errors.New("it has a location")
	if dir, err = produce(refused); !errors.Is(err, refused) {
		t.Errorf("a refused copy: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a refused copy leaves something: %v", err)
	}
}
