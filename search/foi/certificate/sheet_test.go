package certificate

import (
	"testing"

	"github.com/closeroll/closeroll/search"
)

func TestInWords(t *testing.T) {
	for query, want := range map[string]string{
		"is:late":                          "a mark is “late”",
		"is:late -is:edited":               "all of these: (a mark is “late”; not this: (a mark is “edited”))",
		"(is:late OR is:edited) kind:chat": "all of these: (at least one of these: (a mark is “late”; a mark is “edited”); the kind of record is “chat-day”)",
		"-(is:late kind:chat) OR is:event": "at least one of these: (not this: (all of these: (a mark is “late”; the kind of record is “chat-day”)); a mark is “event”)",
	} {
		q, err := (search.Parser{}).Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := inWords(q.Explain()); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}
