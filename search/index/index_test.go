package index

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/closeroll/closeroll/archive/record"
)

func testKey() []byte {
	key := make([]byte, KeySize)
	for i := range key {
		key[i] = byte(i)
	}
	return key
}

func openTest(t testing.TB, dir string) *Index {
	t.Helper()
	ix, err := Open(context.Background(), slog.New(slog.DiscardHandler), dir, testKey())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ix.Close(); err != nil {
			t.Error(err)
		}
	})
	return ix
}

func add(t testing.TB, ix *Index, docs ...*Document) {
	t.Helper()
	if err := ix.Add(context.Background(), docs); err != nil {
		t.Fatal(err)
	}
}

// matches returns the numbers of the messages that meet a condition.
func matches(t testing.TB, ix *Index, c Condition) []record.MessageNo {
	t.Helper()
	r, err := ix.Reader()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	set, err := r.Match(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	var numbers []record.MessageNo
	for it := set.Iterator(); it.HasNext(); {
		numbers = append(numbers, record.MessageNo(it.Next()))
	}
	return numbers
}

func sample() []*Document {
	at := func(s string) time.Time {
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			panic(err)
		}
		return t
	}
	return []*Document{
		{No: 1, Kind: record.Email, Subject: "Re: sandbags for Upton", Body: "We have 4,000 sandbags at the Gloucester depot, nothing in Upton. Ref FOI-2026/0123.",
			From: []Address{{Name: "Anna Field", Addr: "a.field@ea.example.gov.uk"}}, To: []Address{{Name: "Private Office", Addr: "po@dept.example.gov.uk"}},
			Sent: at("2026-05-14T09:12:00Z"), Size: 2048, MessageID: "<m1@ea.example.gov.uk>", Position: 3},
		{No: 2, Kind: record.Email, Subject: "Flood planning", Body: "The minister's plans for flood defences — see the café note; l’eau monte.",
			From: []Address{{Name: "Jane O'Brien", Addr: "jane.obrien@dept.example.gov.uk"}}, Sent: at("2026-04-30T23:30:00Z"),
			Attachments: []Attachment{{Name: "plan-v2.pdf", MediaType: "application/pdf", Text: "Depth of water: 3.5 metres"}},
			References:  []string{"<m1@ea.example.gov.uk>"}, Position: 9},
		{No: 3, Kind: record.ChatDay, Chat: "Flood response", From: []Address{{Name: "Field, Anna"}}, Body: "on my way 👍 Привет мир 東京都", Suspect: true, Sent: at("2036-01-01T00:00:00Z"), Position: 12},
	}
}

func TestConditions(t *testing.T) {
	ix := openTest(t, filepath.Join(t.TempDir(), "index"))
	add(t, ix, sample()...)
	text := TextFields()
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	for _, tt := range []struct {
		name string
		c    Condition
		want []record.MessageNo
	}{
		{"stem", In{text, Word{Text: "sandbag"}}, []record.MessageNo{1}},
		{"stem across forms", In{text, Word{Text: "planned"}}, []record.MessageNo{2}},
		{"exact", In{text, Word{Text: "sandbag", Exact: true}}, nil},
		{"case and accents", In{text, Word{Text: "CAFE", Exact: true}}, []record.MessageNo{2}},
		{"apostrophe", In{text, Word{Text: "ministers", Exact: true}}, []record.MessageNo{2}},
		{"elision", In{text, Word{Text: "eau", Exact: true}}, []record.MessageNo{2}},
		{"grouped digits", In{text, Word{Text: "4000"}}, []record.MessageNo{1}},
		{"reference", In{text, Word{Text: "FOI-2026/0123"}}, []record.MessageNo{1}},
		{"part of a reference", In{text, Word{Text: "FOI-2026"}}, []record.MessageNo{1}},
		{"another reference", In{text, Word{Text: "FOI-2026/0124"}}, nil},
		{"phrase", In{text, Phrase{Text: "flood defences"}}, []record.MessageNo{2}},
		{"phrase is exact", In{text, Phrase{Text: "flood defence"}}, nil},
		{"phrase in order", In{text, Phrase{Text: "defences flood"}}, nil},
		{"slop", In{text, Phrase{Text: "minister's defences", Slop: 3}}, []record.MessageNo{2}},
		{"too little slop", In{text, Phrase{Text: "minister's defences", Slop: 2}}, nil},
		{"near by stem", In{text, Near{A: Word{Text: "depots"}, B: Word{Text: "sandbag"}, Distance: 3}}, []record.MessageNo{1}},
		{"near in order", In{text, Near{A: Word{Text: "depots"}, B: Word{Text: "sandbag"}, Distance: 3, Ordered: true}}, nil},
		{"near, too far", In{text, Near{A: Word{Text: "depot"}, B: Word{Text: "sandbag"}, Distance: 2}}, nil},
		{"prefix", In{text, Prefix{"sandb"}}, []record.MessageNo{1}},
		{"prefix of a reference", In{text, Prefix{"FOI-2026/01"}}, []record.MessageNo{1}},
		{"wildcard", In{text, Wildcard{"gl*ter"}}, []record.MessageNo{1}},
		{"one character", In{text, Wildcard{"dep?t"}}, []record.MessageNo{1}},
		{"wildcard is the whole word", In{text, Wildcard{"epot"}}, nil},
		{"leading wildcard", In{text, Wildcard{"*bags"}}, []record.MessageNo{1}},
		{"fuzzy", In{text, Fuzzy{"glocester", 1}}, []record.MessageNo{1}},
		{"fuzzy, too far", In{text, Fuzzy{"glostr", 1}}, nil},
		{"attachment text", In{[]Field{Attachments}, Word{Text: "3.5"}}, []record.MessageNo{2}},
		{"attachment name", In{[]Field{Attachments}, Word{Text: "plan-v2.pdf"}}, []record.MessageNo{2}},
		{"no phrase across entries", In{[]Field{Attachments}, Phrase{Text: "pdf depth"}}, nil},
		{"name", In{[]Field{From}, Word{Text: "field"}}, []record.MessageNo{1, 3}},
		{"name is not stemmed", In{[]Field{From}, Word{Text: "fields"}}, nil},
		{"part of an address", In{[]Field{From}, Word{Text: "ea.example"}}, []record.MessageNo{1}},
		{"whole address", AtAddress{[]Field{From, To}, "PO@dept.example.gov.uk"}, []record.MessageNo{1}},
		{"not half an address", AtAddress{[]Field{From}, "field@ea.example.gov.uk"}, nil},
		{"pictograph", In{text, Word{Text: "👍"}}, []record.MessageNo{3}},
		{"cyrillic", In{text, Word{Text: "ПРИВЕТ"}}, []record.MessageNo{3}},
		{"ideographs", In{text, Word{Text: "京都"}}, []record.MessageNo{3}},
		{"between", Between{Sent, day(2026, 5, 1), day(2026, 6, 1)}, []record.MessageNo{1}},
		{"between, to the minute", Between{Sent, day(2026, 5, 1).Add(-time.Hour), day(2026, 6, 1)}, []record.MessageNo{1, 2}},
		{"since", Between{Clock: Sent, From: day(2026, 5, 1)}, []record.MessageNo{1, 3}},
		{"until", Between{Clock: Sent, Until: day(2026, 5, 1)}, []record.MessageNo{2}},
		{"no received time", Timed{Received}, nil},
		{"has a sent time", Timed{Sent}, []record.MessageNo{1, 2, 3}},
		{"suspect", Suspect{}, []record.MessageNo{3}},
		{"size", Sized{Min: 1024}, []record.MessageNo{1}},
		{"size, upper bound open", Sized{Min: 2048, Max: 2048}, nil},
		{"position", CapturedAt{First: 9}, []record.MessageNo{2, 3}},
		{"kind", OfKind{record.ChatDay}, []record.MessageNo{3}},
		{"has attachment", Has{"attachment"}, []record.MessageNo{2}},
		{"has pdf", Has{"PDF"}, []record.MessageNo{2}},
		{"media type", Has{"application/pdf"}, []record.MessageNo{2}},
		{"message id", WithMessageID{ID: "m1@ea.example.gov.uk"}, []record.MessageNo{1}},
		{"referring", WithMessageID{ID: "<m1@ea.example.gov.uk>", Referring: true}, []record.MessageNo{1, 2}},
		{"language", InLanguage{"en"}, []record.MessageNo{1, 2}},
		{"language of a script", InLanguage{"zh"}, []record.MessageNo{3}},
		{"no such language", InLanguage{"cy"}, nil},
		{"no word at all", In{text, Word{Text: "—"}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, matches(t, ix, tt.c)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
