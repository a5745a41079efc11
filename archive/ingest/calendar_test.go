package ingest_test

import (
	"testing"

	"github.com/closeroll/closeroll/archive/record"
)

// Days of another calendar are filed under the dates that they were converted
// to, are read by themselves as the whole export was, and are suspect where
// nothing proves the reckoning.
func TestOtherCalendars(t *testing.T) {
	for _, c := range []struct {
		name, text, calendar, date string
		suspect                    bool
	}{
		{"Islamic, assumed", "[١٨\u200f/١\u200f/١٤٤٨ هـ، ٢:٠٥:٠٩ م] Ana: hi\r\n", "islamic-umalqura", "2026-07-03", true},
		{"Islamic, another reckoning", "[29/1/1448 AH, 14:05:09] Ana: hi\r\n[30/1/1448 AH, 14:05:09] Ana: hi\r\n", "islamic", "undated", false},
		{"Persian", "[۱۴۰۵/۴/۱۲, ۱۴:۰۵:۰۹] Ana: hi\r\n", "persian", "2026-07-03", false},
		{"Gregorian", "[03/07/2026, 14:05:09] Ana: hi\r\n[13/07/2026, 14:05:09] Ana: hi\r\n", "", "2026-07-03", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			src, dir := b.drop(t)
			write(t, dir, "WhatsApp Chat with Ana.txt", []byte(c.text))
			b.run(t, src)
			b.redone(t)
			seen := false
			for id := range b.Check(t) {
				rec, _, _ := b.opened(t, id)
				if rec.Kind != record.ChatDay || rec.Chat.Date != c.date {
					continue
				}
				row, err := b.Find(t.Context(), string(id))
				must(t, err)
				m, err := b.Catalog.Message(t.Context(), row.First)
				must(t, err)
				if seen = true; rec.Chat.Calendar != c.calendar || m.Suspect != c.suspect {
					t.Errorf("the day's calendar is %q, its first message is suspect: %v", rec.Chat.Calendar, m.Suspect)
				}
			}
			if !seen {
				t.Errorf("nothing is filed under %s", c.date)
			}
		})
	}
}
