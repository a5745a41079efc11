package email

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/closeroll/closeroll/archive/record"
)

var update = flag.Bool("update", false, "write the descriptions of testdata/malformed anew")

// TestMalformed reads the collection of broken messages in testdata/malformed.
// expect.txt says, of each, how many attachments it has and which words a
// reader must be able to find; the golden file beside it says the rest.
func TestMalformed(t *testing.T) {
	dir := filepath.Join("testdata", "malformed")
	expect, err := os.ReadFile(filepath.Join(dir, "expect.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var n int
	for line := range strings.Lines(string(expect)) {
		fields := strings.Fields(line)
		if fields[0] == "#" {
			continue
		}
		n++
		t.Run(fields[0], func(t *testing.T) {
			octets, err := os.ReadFile(filepath.Join(dir, fields[0]+".eml"))
			if err != nil {
				t.Fatal(err)
			}
			m := Parse(bytes.NewReader(octets), int64(len(octets)), Options{})
			if want, _ := strconv.Atoi(fields[1]); len(m.Attachments) != want {
				t.Errorf("%d attachments, want %d", len(m.Attachments), want)
			}
			found := everything(t, m)
			for _, word := range fields[2:] {
				if !strings.Contains(found, word) {
					t.Errorf("the word %q is lost", word)
				}
			}
			compareGolden(t, filepath.Join(dir, fields[0]+".json"), m)
		})
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*.eml")); len(files) != n || n < 150 {
		t.Errorf("%d messages, %d of them expected", len(files), n)
	}
}

// everything is all the text by which a message could be found: its texts,
// header and attachments, which must open as they were described.
func everything(t *testing.T, m *Message) string {
	var all strings.Builder
	all.WriteString(m.Subject + "\n" + m.headline())
	m.Searchable(func(text string) bool {
		all.WriteString(text + "\n")
		return true
	})
	for _, a := range m.Attachments {
		octets, err := io.ReadAll(a.Open())
		if err != nil || record.Sum(octets) != a.Digest || int64(len(octets)) != a.Size {
			t.Errorf("attachment %s opens as %d octets, error %v; described as %d", a.Path, len(octets), err, a.Size)
		}
		all.WriteString(a.Name + "\n" + string(octets) + "\n")
	}
	return all.String()
}

func compareGolden(t *testing.T, file string, m *Message) {
	var got bytes.Buffer
	enc := json.NewEncoder(&got)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(m.Describe()); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got.String()); d != "" {
		t.Error(d)
	}
}
