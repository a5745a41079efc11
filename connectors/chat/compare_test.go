package chat

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// A diffCase is a pair of exports with the messages repeated.
type diffCase struct {
	A []caseMessage `json:"messages_a"`
	B []caseMessage `json:"messages_b"`
}

type caseMessage struct {
	Timestamp  string
	Precision  Precision
	Sender     *string
	Kind       Kind
	Text       string
	Edited     bool
	IsSelf     bool `json:"is_self"`
	Event      string
	Attachment *struct {
		Name, Type *string
	}
}

// side makes an export of a case's messages.
func side(t *testing.T, said []caseMessage) Side {
	t.Helper()
	e := &Export{Platform: Android}
	var messages List
	for _, c := range said {
		m := Message{Kind: c.Kind, Text: c.Text, Edited: c.Edited, Self: c.IsSelf, Precision: c.Precision}
		layout := map[Precision]string{Minute: "2006-01-02T15:04", Second: "2006-01-02T15:04:05"}[c.Precision]
		at, err := time.Parse(layout, c.Timestamp)
		if err != nil {
			t.Fatal(err)
		}
		m.Time = at
		if c.Sender != nil {
			m.Sender = *c.Sender
		}
		if c.Event != "" {
			m.Event = &Event{Name: c.Event}
		}
		if c.IsSelf {
			e.Platform = Web
		}
		messages = append(messages, m)
	}
	e.Messages = messages
	return SideOf(e, nil)
}

// notCompared are the keys of a case that describe it, and findings, which the
// cases do not have.
var notCompared = map[string]bool{"name": true, "desc": true, "a": true, "b": true, "messages_a": true, "messages_b": true,
	"sha256_a": true, "sha256_b": true}

func TestDiffCasesFromMessages(t *testing.T) {
	files, err := filepath.Glob("testdata/*.diff.json")
	if err != nil || len(files) != 7 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".diff.json"), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var c diffCase
			var want, got map[string]any
			if err := json.Unmarshal(b, &c); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(b, &want); err != nil {
				t.Fatal(err)
			}
			out, err := json.Marshal(Compare(side(t, c.A), side(t, c.B)))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(out, &got); err != nil {
				t.Fatal(err)
			}
			for key, w := range want {
				if !notCompared[key] && !reflect.DeepEqual(got[key], w) {
					t.Errorf("%s is %v, want %v", key, got[key], w)
				}
			}
		})
	}
}
