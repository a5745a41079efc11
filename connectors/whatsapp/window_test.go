package whatsapp

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/connectors/chat"
)

// inWindows is a text of which no more than a narrow window is in memory.
func inWindows(s string) *text {
	return &text{r: strings.NewReader(s), size: int64(len(s)), step: 2 * lookAhead, fault: &fault{}}
}

// readAs parses a text and returns what was found in it, messages and all.
func readAs(t *testing.T, src *text, opt Options) (*chat.Export, chat.List, error) {
	t.Helper()
	opt = withDefaults(opt)
	e := &chat.Export{App: App, Zone: opt.Zone}
	if err := fill(t.Context(), e, "x.txt", src, opt); err != nil {
		return nil, nil, err
	}
	list := e.List()
	if err := e.Err(); err != nil {
		t.Fatal(err)
	}
	e.Messages, e.Transcript.Content = nil, nil
	return e, list, nil
}

// A text that is read in windows is read as one that is held.
func TestWindowsChangeNothing(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	texts := map[string]string{
		"android": string(conversation(2000, false)), "ios": string(conversation(2000, true)),
		"long preamble": strings.Repeat("words\n", 30_000) + string(conversation(50, false)),
		"long messages": strings.ReplaceAll(string(conversation(100, true)), "board", strings.Repeat("board\u200e, \n", 2000)),
		"no final line": strings.TrimRight(string(conversation(500, true)), "\r\n"),
		"joined":        string(conversation(300, false)) + "[13/07/2026, 14:05:09] Ana: \u200eMessages and calls are end-to-end encrypted.\r\n" + string(conversation(300, true)),
		"lone CR":       strings.ReplaceAll(string(conversation(500, false)), "figures", "\r\r\n\r"),
		"long lines":    strings.ReplaceAll(string(conversation(40, false)), "\nsecond", strings.Repeat("x", 2*lookAhead)+"\r\nsecond"),
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(f)] = string(b)
		texts["much of "+filepath.Base(f)] = strings.Repeat(string(b), 1+3*lookAhead/(len(b)+1))
	}
	for name, s := range texts {
		e1, m1, err1 := readAs(t, held(s), Options{Zone: london(t)})
		e2, m2, err2 := readAs(t, inWindows(s), Options{Zone: london(t)})
		if (err1 == nil) != (err2 == nil) || !reflect.DeepEqual(e1, e2) || !reflect.DeepEqual(m1, m2) {
			t.Errorf("%s: read otherwise in windows: %v, %v", name, err1, err2)
		}
	}
}

// breaking fails once a number of octets has been read.
type breaking struct {
	io.ReaderAt
	left int
}

var errBroken = errors.New("the disk is gone")

func (b *breaking) ReadAt(p []byte, off int64) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errBroken
	}
	return b.ReaderAt.ReadAt(p, off)
}

// Whenever reading fails, somebody is told: at once, or by Err.
func TestReadingFails(t *testing.T) {
	s := string(conversation(1000, true))
	opened := false
	for left := 0; left < 40*len(s); left += len(s) {
		src := inWindows(s)
		src.r = &breaking{src.r, left}
		opt := withDefaults(Options{})
		e := &chat.Export{App: App}
		if err := fill(t.Context(), e, "x.txt", src, opt); err != nil {
			if !errors.Is(err, errBroken) {
				t.Fatalf("after %d octets: %v", left, err)
			}
			continue
		}
		opened = true
		n := 0
		for _, m := range e.All() {
			if m.Length == 0 {
				t.Fatal("a message of nothing")
			}
			n++
		}
		if err := e.Err(); n < e.Count() && !errors.Is(err, errBroken) || n == e.Count() && err != nil {
			t.Fatalf("after %d octets: %d of %d messages, %v", left, n, e.Count(), err)
		}
	}
	if !opened {
		t.Error("it never opened")
	}
}

// What a message may be long is bounded: one is in memory as a whole.
func TestLongestMessage(t *testing.T) {
	opt := Options{Limits: Limits{Message: 1000}}
	for _, s := range []string{
		"13/07/2026, 14:05 - A: " + strings.Repeat("x", 1000) + "\n13/07/2026, 14:05 - A: y\n",
		"13/07/2026, 14:05 - A: y\n13/07/2026, 14:05 - A: " + strings.Repeat("x", 1000),
	} {
		if _, err := open(t, "x.txt", []byte(s), opt); err == nil || !strings.Contains(err.Error(), "1000 octets") {
			t.Errorf("%.30q…: %v", s, err)
		}
	}
}
