package foi

import (
	"testing"

	"github.com/closeroll/closeroll/archive/record"
)

// TestLooked: the newest word on a message holds, and what is no result is
// refused.
func TestLooked(t *testing.T) {
	entries := []Entry{opened(t, FOI)}
	add := func(body record.RequestLooked) error {
		body.Request = "R-1"
		next := append(entries[:len(entries):len(entries)], entry(t, int64(len(entries)+1), record.EntryRequestLooked, body))
		_, err := Fold(next)
		if err == nil {
			entries = next
		}
		return err
	}
	for name, c := range map[string]struct {
		body record.RequestLooked
		ok   bool
	}{
		"no result": {record.RequestLooked{Items: []string{"a/1"}, Result: "seen"}, false},
		"nothing":   {record.RequestLooked{Result: Outside}, false},
		"no reason": {record.RequestLooked{Items: []string{"a/1"}, Result: Unreadable}, false},
		"a reason":  {record.RequestLooked{Items: []string{"a/1"}, Result: Unreadable, Note: "no password"}, true},
	} {
		if err := add(c.body); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := add(record.RequestLooked{Items: []string{"a/1", "b/2"}, Result: Within}); err != nil {
		t.Fatal(err)
	}
	r, err := Fold(entries)
	if err != nil || r.LookedAt()["a/1"].Result != Within || r.LookedAt()["b/2"].Result != Within || len(r.Looked) != 2 {
		t.Errorf("%+v, %v", r.Looked, err)
	}
}

// TestIssued: certificates are numbered, each in two forms, and are current as
// long as nothing else is journalled about the request.
func TestIssued(t *testing.T) {
	certificate := func(index int64, number int) Entry {
		return entry(t, index, record.EntryRequestCertified, record.RequestCertified{Request: "R-1", Number: number, Form: "open", Certificate: []byte("{}")})
	}
	entries := []Entry{opened(t, FOI), certificate(2, 1), certificate(3, 1)}
	r, err := Fold(entries)
	if err != nil {
		t.Fatal(err)
	}
	if n, current := r.NewestCertificate(); n != 1 || !current {
		t.Errorf("%d, %v", n, current)
	}
	if _, err := Fold(append(entries[:3:3], certificate(4, 1))); err == nil {
		t.Error("a third form of one certificate was taken")
	}
	r, err = Fold(append(entries, entry(t, 4, record.EntryRequestAsk, record.RequestAsked{Ask: 1, Of: "x", What: "y"})))
	if err != nil {
		t.Fatal(err)
	}
	if n, current := r.NewestCertificate(); n != 1 || current {
		t.Errorf("%d, %v after an ask", n, current)
	}
}
