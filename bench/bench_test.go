package main

import (
	"bytes"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// corpus is a stand-in for the public one: two messages, one with an mbox line.
func corpus(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"1.txt":    "From someone Thu Aug 22 12:36:23 2002\nFrom: a@one.example\nSubject: first\n\nthe river is over the quay and rising\n",
		"2.txt":    "From: b@two.example\nSubject: second\n\nfour thousand bags of sand are on their way\n",
		"note.md":  "no message",
		"3.json":   "{}",
		"4.txt.gz": "",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// mailbox fills a Maildir and returns its messages by file name.
func mailbox(t *testing.T, n string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	if err := fillVerb(t.Context(), []string{"-corpus", corpus(t), "-maildir", dir, "-n", n}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	inner, err := filepath.Glob(filepath.Join(dir, ".*", "cur", "*"))
	if err != nil {
		t.Fatal(err)
	}
	messages := map[string]string{}
	for _, name := range append(files, inner...) {
		if info, err := os.Stat(name); err != nil || info.IsDir() {
			continue
		}
		octets, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		short, err := filepath.Rel(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		messages[short] = string(octets)
	}
	return messages
}

func TestFillIsTheSameEveryTime(t *testing.T) {
	first, second := mailbox(t, "80"), mailbox(t, "80")
	if len(first) != 80 {
		t.Fatalf("the mailbox holds %d messages, want 80", len(first))
	}
	for name, message := range first {
		if second[name] != message {
			t.Errorf("%s differs from run to run", name)
		}
	}
}

func TestFilledMessagesParse(t *testing.T) {
	attached := 0
	for name, message := range mailbox(t, "80") {
		m, err := mail.ReadMessage(strings.NewReader(message))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if m.Header.Get("Subject") == "" {
			t.Errorf("%s has no subject", name)
		}
		if strings.HasPrefix(m.Header.Get("Content-Type"), "multipart/mixed") {
			attached++
		}
	}
	if attached == 0 {
		t.Error("no message has an attachment")
	}
}

func TestFillNeedsACorpus(t *testing.T) {
	if err := fillVerb(t.Context(), []string{"-corpus", t.TempDir(), "-maildir", t.TempDir()}); err == nil {
		t.Error("a mailbox was made of nothing")
	}
}

func TestFollow(t *testing.T) {
	tests := []struct {
		name, command, until string
		fails                bool
	}{
		{name: "to its end", command: "sleep 0.2"},
		{name: "until a condition holds", command: "trap 'exit 0' TERM; sleep 5 & wait", until: "sleep 0.1"},
		{name: "that ends too soon", command: "exit 0", until: "sleep 1; false", fails: true},
		{name: "that fails", command: "exit 3", fails: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var m measurement
			err := m.follow(t.Context(), exec.CommandContext(t.Context(), "sh", "-c", tt.command), tt.until)
			if (err != nil) != tt.fails {
				t.Fatalf("err is %v", err)
			}
			if !tt.fails && (m.Wall <= 0 || m.Wall > 60) {
				t.Errorf("it took %.2f s", m.Wall)
			}
		})
	}
}

func TestTable(t *testing.T) {
	var b bytes.Buffer
	writeTable(&b, []measurement{
		{Name: "mbsync", Wall: 60, Count: 100}, {Name: "restic", Wall: 20, Count: 100, Stored: 5e6}, {Name: "mu", Wall: 40, Count: 100},
		{Name: "closeroll", Note: "all of it", Wall: 60, CPU: 30.5, Memory: 120e6, Count: 300},
		{Name: "floor", Wall: 50, Count: 100},
	})
	for _, want := range []string{
		"| closeroll: all of it | 60.0 s | 5 | 30.5 s | 120.0 MB |  |  |",
		"mbsync + restic + mu take 120.0 s: 2.00 × closeroll's time.",
		"closeroll takes 1.20 × the time of its parts",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, b.String())
		}
	}
}

func TestRunRefusesOtherParts(t *testing.T) {
	for _, args := range [][]string{nil, {"fly"}} {
		if err := run(t.Context(), args); err == nil {
			t.Errorf("%q was taken for a part", args)
		}
	}
}

// TestSearch: a small index answers every kind of query, and the writer writes
// the same each time.
func TestSearch(t *testing.T) {
	if err := searchVerb(t.Context(), []string{"-n", "300", "-rounds", "1", "-slow", "1h"}); err != nil {
		t.Fatal(err)
	}
	a, b := newWriter(), newWriter()
	if first := a.message(1).Body; first != b.message(1).Body || a.message(2).Body == first {
		t.Error("the writer does not write the same each time")
	}
}

func TestPercentile(t *testing.T) {
	var all []timing
	for i := range 100 {
		all = append(all, timing{wall: time.Duration(100-i) * time.Millisecond, cpu: time.Millisecond})
	}
	if p := percentile(all, .95); p.wall != 95 || p.cpu != 1 {
		t.Errorf("%+v", p)
	}
	if p := percentile(all[:1], .5); p.wall != 100 {
		t.Errorf("%+v", p)
	}
}
