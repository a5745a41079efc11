package whatsapp

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/connectors/chat"
)

// The pairs of successive exports, read from their texts.
func TestDiffCasesFromText(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.diff.json")
	if err != nil || len(files) != 7 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		base := strings.TrimSuffix(file, ".diff.json")
		t.Run(filepath.Base(base), func(t *testing.T) {
			var want, got map[string]any
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(b, &want); err != nil {
				t.Fatal(err)
			}
			var sides [2]chat.Side
			for k, name := range []string{".a.txt", ".b.txt"} {
				data, err := os.ReadFile(base + name)
				if err != nil {
					t.Fatal(err)
				}
				e, err := open(t, name, data, Options{})
				if err != nil {
					t.Fatal(err)
				}
				lossless(t, data, e)
				sides[k] = chat.SideOf(e, nil)
			}
			out, err := json.Marshal(chat.Compare(sides[0], sides[1]))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(out, &got); err != nil {
				t.Fatal(err)
			}
			for _, key := range []string{"same_chat", "tz_shift_minutes", "matches", "vanished", "added", "edited", "deleted",
				"changed_other", "not_evidence", "name_map"} {
				if !reflect.DeepEqual(got[key], want[key]) {
					t.Errorf("%s is %v, want %v", key, got[key], want[key])
				}
			}
		})
	}
}
