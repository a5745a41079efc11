package whatsapp

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/closeroll/closeroll/connectors/chat"
)

func london(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func open(t testing.TB, name string, data []byte, opt Options) (*chat.Export, error) {
	t.Helper()
	return Open(t.Context(), name, bytes.NewReader(data), int64(len(data)), opt)
}

// described is an export as the JSON of its description.
func described(t *testing.T, e *chat.Export) map[string]any {
	t.Helper()
	b, err := json.Marshal(chat.Describe(e))
	if err != nil {
		t.Fatal(err)
	}
	var d map[string]any
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// about are the keys of a case that describe the case, not the export.
var about = map[string]bool{"name": true, "desc": true, "basis": true, "optional": true, "note": true, "alert": true,
	"messages": true, "i": true, "flags": true}

func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.json")
	if err != nil || len(files) < 53 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".diff.json") {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) { checkCase(t, file) })
	}
}

func checkCase(t *testing.T, file string) {
	var want map[string]any
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(strings.TrimSuffix(file, ".json") + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	e, err := open(t, filepath.Base(file), data, Options{Zone: london(t)})
	if err != nil {
		t.Fatal(err)
	}
	lossless(t, data, e)
	got := described(t, e)
	compareKeys(t, "export", want, got)
	wantMessages, gotMessages := want["messages"].([]any), got["messages"].([]any)
	if len(wantMessages) != len(gotMessages) {
		t.Fatalf("%d messages, want %d", len(gotMessages), len(wantMessages))
	}
	for i := range wantMessages {
		compareKeys(t, "message "+string(rune('0'+i)), wantMessages[i].(map[string]any), gotMessages[i].(map[string]any))
	}
}

// compareKeys applies the cases' comparison rule to the keys of want.
func compareKeys(t *testing.T, what string, want, got map[string]any) {
	t.Helper()
	for key, w := range want {
		g := got[key]
		switch {
		case about[key]:
			continue
		case key == "text" || key == "sender":
			if ruled(g) == ruled(w) {
				continue
			}
		case w == false && g == nil:
			continue
		}
		if key != "text" && key != "sender" && reflect.DeepEqual(g, w) {
			continue
		}
		t.Errorf("%s: %s is %v, want %v", what, key, g, w)
	}
	if !reflect.DeepEqual(want["flags"], got["flags"]) {
		t.Errorf("%s: flags are %v, want %v", what, got["flags"], want["flags"])
	}
}

// ruled applies rules 1 to 3 of the cases' README to a text.
func ruled(v any) string {
	s, ok := v.(string)
	if !ok {
		return "null"
	}
	s = strings.Map(func(r rune) rune {
		if r != '\ufeff' && r != '\u061c' && isMark(r) {
			return -1
		}
		return r
	}, s)
	return strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
}

// lossless checks that preamble and spans concatenate to the transcript, and
// that the days reassemble to it.
func lossless(t testing.TB, data []byte, e *chat.Export) {
	t.Helper()
	at := e.Preamble.Length
	for i, m := range e.All() {
		if m.Offset != at || m.Length <= 0 {
			t.Fatalf("message %d has span %d+%d, want it at %d", i, m.Offset, m.Length, at)
		} else {
			at += m.Length
		}
	}
	if at != int64(len(data)) {
		t.Fatalf("the spans end at %d of %d", at, len(data))
	}
}
