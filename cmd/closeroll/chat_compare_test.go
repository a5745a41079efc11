package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// closeroll runs one command line without a terminal.
func closeroll(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, talk bytes.Buffer
	status = run(t.Context(), env{args: args, stdin: strings.NewReader(""), stdout: &out, stderr: &talk,
		getenv: func(string) string { return "" },
		now:    func() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) }})
	return status, out.String(), talk.String()
}

// describing are the keys of a case that are not a comparison's.
var describing = map[string]bool{"name": true, "desc": true, "a": true, "b": true, "messages_a": true, "messages_b": true,
	"sha256_a": true, "sha256_b": true}

func TestCompareCases(t *testing.T) {
	files, err := filepath.Glob("testdata/compare/*.diff.json")
	if err != nil || len(files) != 7 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		base := strings.TrimSuffix(file, ".diff.json")
		t.Run(filepath.Base(base), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want, got map[string]any
			if err := json.Unmarshal(b, &want); err != nil {
				t.Fatal(err)
			}
			status, stdout, stderr := closeroll(t, "chat", "compare", base+".a.txt", base+".b.txt", "--json")
			if err := json.Unmarshal([]byte(stdout), &got); err != nil {
				t.Fatal(err, stderr)
			}
			for key, w := range want {
				if !describing[key] && !reflect.DeepEqual(got[key], w) {
					t.Errorf("%s is %v, want %v", key, got[key], w)
				}
			}
			if same := want["same_chat"] != false; same != (status == 0) || same != (stderr == "") {
				t.Errorf("exit status %d and %q for same_chat %v", status, stderr, same)
			}
		})
	}
}

func TestCompareTellsTheGravestFirst(t *testing.T) {
	a, b := twoExports(t,
		"12/03/2026, 09:00 - Ann Reed: The gate opens at nine\n12/03/2026, 09:01 - Bob Hay: Shall we sign today?\n12/03/2026, 09:02 - Ann Reed: Yes, sign it\n12/03/2026, 09:03 - Bob Hay: The price is 40 a head\n12/03/2026, 09:04 - Ann Reed: Thanks, noted for the file\n12/03/2026, 09:05 - Bob Hay: See you at the gate\n",
		"12/03/2026, 09:00 - Ann Reed: The gate opens at nine\n12/03/2026, 09:01 - Bob Hay: Shall we sign today?\n12/03/2026, 09:03 - Bob Hay: The price is 90 a head\n12/03/2026, 09:04 - Ann Reed: Thanks, noted for the file\n12/03/2026, 09:05 - Bob Hay: See you at the gate\n")
	status, stdout, stderr := closeroll(t, "chat", "compare", a, b)
	if status != 0 || stderr != "" {
		t.Fatal(status, stderr)
	}
	inOrder(t, stdout, "Words differ, and no edit mark says so", "confidence: strong", "The price is 40 a head", "The price is 90 a head",
		"Gone without a trace", "Yes, sign it", "not there", "What neither export holds cannot be compared.")
}

func TestComparePage(t *testing.T) {
	text := "12/03/2026, 09:00 - Ann Reed: The gate opens at nine\n12/03/2026, 09:01 - Bob Hay: <script>alert(1)</script>\n12/03/2026, 09:02 - Ann Reed: Come at ten\n12/03/2026, 09:03 - Bob Hay: Agreed, at ten then\n"
	a, b := twoExports(t, text, strings.Replace(text, "12/03/2026, 09:01 - Bob Hay: <script>alert(1)</script>\n", "", 1))
	page := filepath.Join(t.TempDir(), "page.html")
	if status, _, stderr := closeroll(t, "chat", "compare", a, b, "--html", page); status != 0 {
		t.Fatal(status, stderr)
	}
	html, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	inOrder(t, string(html), `<html lang="en-GB">`, "Findings, gravest first", "Gone without a trace", "&lt;script&gt;", "not in this export",
		"What is not evidence, and why", "How to read this")
	for _, never := range []string{"<script", "http://", "https://", "<img", "<link"} {
		if strings.Contains(string(html), never) {
			t.Errorf("the page has %s", never)
		}
	}
}

func TestCompareRefuses(t *testing.T) {
	a, b := twoExports(t, "12/03/2026, 09:00 - Ann: One gate\n12/03/2026, 09:01 - Bob: Two gates\n", "no chat at all\n")
	if status, stdout, stderr := closeroll(t, "chat", "compare", a, b); status != 1 || stdout != "" || !strings.Contains(stderr, "hint: closeroll inspect") {
		t.Error(status, stdout, stderr)
	}
	if status, stdout, _ := closeroll(t, "chat", "compare", a, filepath.Join(t.TempDir(), "none.txt")); status != 2 || stdout != "" {
		t.Error(status, stdout)
	}
	if status, stdout, _ := closeroll(t, "chat", "compare", a, a, "--tz", "Nowhere/Land"); status != 2 || stdout != "" {
		t.Error(status, stdout)
	}
}

// twoExports writes two transcripts to files.
func twoExports(t *testing.T, a, b string) (string, string) {
	t.Helper()
	dir := t.TempDir()
	var names [2]string
	for i, text := range []string{a, b} {
		names[i] = filepath.Join(dir, []string{"june.txt", "july.txt"}[i])
		if err := os.WriteFile(names[i], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return names[0], names[1]
}

// inOrder checks that a text has all of these, one after the other.
func inOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	at := 0
	for _, p := range parts {
		i := strings.Index(text[at:], p)
		if i < 0 {
			t.Fatalf("%q is not there, or not in its place, in:\n%s", p, text)
		}
		at += i + len(p)
	}
}
