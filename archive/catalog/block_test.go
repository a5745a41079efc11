package catalog

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
)

func drawFacts(t *rapid.T) record.Facts {
	text := rapid.OneOf(rapid.Just(""), rapid.String())
	at := rapid.OneOf(rapid.Just(time.Time{}), rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(-62135596799, 253402300799).Draw(t, "s"), rapid.Int64Range(0, 999999999).Draw(t, "ns")).UTC()
	}))
	list := rapid.SliceOfN(rapid.String(), 1, 4)
	f := record.Facts{Kind: record.Kind(text.Draw(t, "kind")), Source: text.Draw(t, "source"), Custodian: text.Draw(t, "custodian"), Role: text.Draw(t, "role"), Grade: text.Draw(t, "grade"),
		Channel: record.Channel(text.Draw(t, "channel")), Mailbox: text.Draw(t, "mailbox"), Folder: text.Draw(t, "folder"), Subject: text.Draw(t, "subject"), Chat: text.Draw(t, "chat"),
		Significance: text.Draw(t, "significance"), Sent: at.Draw(t, "sent"), Received: at.Draw(t, "received"), Captured: at.Draw(t, "captured"), LastModified: at.Draw(t, "modified"),
		DateSuspect: rapid.Bool().Draw(t, "suspect")}
	if rapid.Bool().Draw(t, "people") {
		f.From, f.To = list.Draw(t, "from"), list.Draw(t, "to")
	}
	return f
}

func TestFactsComeOutAsTheyWentIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		h := record.Holding{Source: f.Source, Custodian: "c"}
		got, err := unpackFacts(packFacts(&f, &h), &h)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(f, got); d != "" {
			t.Fatal(d)
		}
	})
}

// FuzzBlock reads what is no block: it ends with an error or with holdings,
// never otherwise, and never with more than there are octets.
func FuzzBlock(f *testing.F) {
	w := newBlockWriter()
	facts := record.Facts{Kind: record.Email, From: []string{"a"}, Sent: time.Unix(1e9, 5), Captured: time.Unix(1e9, 0)}
	for i := range int64(3) {
		w.add(&blockRow{row: 5 + i, holding: 6 + i, id: "odd", first: 10 + i, count: 1, facts: facts, since: 1e12, shape: shape{shapeWas: `["A"]`, shapeReviews: "2", shapeReview: `{}`}})
	}
	packed, words := w.packed()
	f.Add(packed, words)
	f.Fuzz(func(t *testing.T, packed, words []byte) {
		r, err := readBlock(packed, unpackWhole(words), func(b []byte) string { return string(b) })
		for n := 0; err == nil; n++ {
			var g Governed
			var more bool
			if _, more, err = r.read(&g); !more {
				break
			}
			if n > len(packed) {
				t.Fatal("more holdings than octets")
			}
		}
		if _, err := unpackFacts(words, &record.Holding{}); err == nil && len(words) == 0 {
			t.Fatal("nothing is no facts")
		}
	})
}
