package demo

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func export(t *testing.T, name string) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := WriteExports(dir); err != nil {
		t.Fatal(err)
	}
	octets, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

func TestExportsAreTheSameEveryTime(t *testing.T) {
	for _, name := range []string{FloodResponse, UptonWardens} {
		if !bytes.Equal(export(t, name), export(t, name)) {
			t.Errorf("%s differs from run to run", name)
		}
	}
}

func TestExportsNeedTheirFolder(t *testing.T) {
	if err := WriteExports(filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("exports were written into a folder that is not there")
	}
}

// unpack returns the entries of the zip, in its order.
func unpack(t *testing.T) (names []string, entries map[string][]byte) {
	t.Helper()
	octets := export(t, FloodResponse)
	z, err := zip.NewReader(bytes.NewReader(octets), int64(len(octets)))
	if err != nil {
		t.Fatal(err)
	}
	entries = map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, f.Name)
		entries[f.Name] = content
	}
	return names, entries
}

// TestFloodResponseIsAnIPhoneExport checks the structure that such an export
// has: CRLF ends a message and LF breaks a line within one, marks stand where
// the phone puts them, and an attachment is numbered by its row in the chat.
func TestFloodResponseIsAnIPhoneExport(t *testing.T) {
	names, entries := unpack(t)
	if names[0] != "_chat.txt" {
		t.Fatalf("the first entry is %s", names[0])
	}
	header := regexp.MustCompile(`^\x{200e}?\[\d\d/\d\d/2026, \d\d:\d\d:\d\d\] [^:]+: `)
	attached := regexp.MustCompile(`<attached: ((\d{8})-[^>]+)>$`)
	messages := strings.SplitAfter(string(entries["_chat.txt"]), "\r\n")
	if last := messages[len(messages)-1]; last != "" {
		t.Fatalf("the transcript ends without CRLF: %q", last)
	}
	messages = messages[:len(messages)-1]
	if len(messages) < 70 {
		t.Errorf("the chat has %d messages, want about 70", len(messages))
	}
	media, wrapped := 0, 0
	for i, m := range messages {
		m = strings.TrimSuffix(m, "\r\n")
		if !header.MatchString(m) {
			t.Errorf("message %d has no header: %.40q", i+1, m)
		}
		if strings.Contains(m, "\n") {
			wrapped++
		}
		match := attached.FindStringSubmatch(m)
		if match == nil {
			continue
		}
		media++
		if n, err := strconv.Atoi(match[2]); err != nil || n != i+1 {
			t.Errorf("message %d is numbered %s", i+1, match[2])
		}
		if len(entries[match[1]]) == 0 {
			t.Errorf("%s is not in the zip", match[1])
		}
		if !strings.HasPrefix(m, "\u200e[") {
			t.Errorf("message %d has media and no mark before its header", i+1)
		}
	}
	if media != len(names)-1 || media < 5 {
		t.Errorf("%d messages name media, and the zip holds %d", media, len(names)-1)
	}
	if wrapped == 0 {
		t.Error("no message has a line break within it")
	}
}

func TestFloodResponseTurnsTheTimerOn(t *testing.T) {
	_, entries := unpack(t)
	const want = "[14/05/2026, 16:20:11] Flood response: \u200eGareth Pugh turned on disappearing messages. " +
		"New messages will disappear from this chat 7 days after they're sent"
	if !bytes.Contains(entries["_chat.txt"], []byte(want)) {
		t.Error("the timer's line is not there")
	}
}

func TestUptonWardensIsAnAndroidExport(t *testing.T) {
	text := string(export(t, UptonWardens))
	if strings.Contains(text, "\r") {
		t.Error("an Android export has no CR")
	}
	header := regexp.MustCompile(`^\d\d/\d\d/2026, \d\d:\d\d - `)
	messages := 0
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if header.MatchString(line) {
			messages++
		} else if !strings.HasPrefix(line, "Bring ") && !strings.HasPrefix(line, "Do not bring ") {
			t.Errorf("line %d: %.40q", i+1, line)
		}
	}
	if messages != 60 {
		t.Errorf("the chat has %d messages, want 60", messages)
	}
	for day := 11; day <= 17; day++ {
		if !strings.Contains(text, fmt.Sprintf("\n%d/05/2026, ", day)) && day != 11 {
			t.Errorf("nobody wrote on %d May", day)
		}
	}
}
