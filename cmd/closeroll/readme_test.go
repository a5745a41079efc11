package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// changing is what differs from one run of the demo to the next.
var changing = []struct {
	what *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(`in /\S+`), "in DIR"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "HOST"},
	{regexp.MustCompile(`\d+\.\d s`), "TIME"},
	{regexp.MustCompile(`\d+\.\d kB sealed`), "SIZE"},
	{regexp.MustCompile(`closeroll-[a-z2-7]{16}\+\S+`), "KEY"},
	{regexp.MustCompile(`records/main-2026/[a-z2-7]{2}/[a-z2-7]{32}`), "OBJECT"},
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "HASH"},
	{regexp.MustCompile(`\b[a-z2-7]{32}\b`), "RECORD"},
	{regexp.MustCompile(`\d+ entries`), "ENTRIES"},
	{regexp.MustCompile(`(?m)(^      |explain |  )[a-z2-7]{10}\b(/\d+)?`), "${1}ID"},
}

// TestReadmeShowsWhatTheDemoPrints runs the demo and compares it with the
// transcript in the README, so that neither can drift from the other.
func TestReadmeShowsWhatTheDemoPrints(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(readme), "```\ncloseroll demo ")
	transcript, _, closed := strings.Cut(after, "```\n")
	if !found || !closed {
		t.Fatal("the README has no transcript of the demo")
	}
	binary := filepath.Join(t.TempDir(), "closeroll") // for the children that read attachments
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	began, real := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), time.Now()
	var out, errs bytes.Buffer
	status := run(t.Context(), env{args: []string{"demo"}, stdout: &out, stderr: &errs, stdin: strings.NewReader(""), exe: binary,
		getenv: func(string) string { return "" }, now: func() time.Time { return began.Add(time.Since(real)) }})
	if status != 0 {
		t.Fatalf("the demo ended with %d: %s", status, errs.String())
	}
	want, got := "closeroll demo "+transcript, out.String()
	for _, c := range changing {
		want, got = c.what.ReplaceAllString(want, c.as), c.what.ReplaceAllString(got, c.as)
	}
	wants, gots := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(wants), len(gots)) {
		w, g := "", ""
		if i < len(wants) {
			w = wants[i]
		}
		if i < len(gots) {
			g = gots[i]
		}
		if strings.Join(strings.Fields(w), " ") != strings.Join(strings.Fields(g), " ") {
			t.Fatalf("line %d of the transcript:\nREADME: %s\ndemo:   %s", i+1, w, g)
		}
	}
}
