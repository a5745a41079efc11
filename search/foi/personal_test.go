package foi

import (
	"slices"
	"strings"
	"testing"
)

func TestFindPersonalData(t *testing.T) {
	f := NewFinder()
	for text, want := range map[string][]string{
		"Write to s.pugh@floods.example.gov.uk.":     {"e-mail address: s.pugh@floods.example.gov.uk"},
		"Call 01452 496 123 or +44 (0)7700 900 456!": {"phone number: 01452 496 123", "phone number: +44 (0)7700 900 456"},
		"mobile: 07700900123":                        {"phone number: 07700900123"},
		"NINO QQ123456C is invalid, AB 12 34 56 C":   {"National Insurance number: AB 12 34 56 C"},
		"She lives at 12 Quay Lane, Upton, GL20 5XY": {"address: 12 Quay Lane, Upton, GL20 5XY"},
		"the depot at GL1 2TH":                       {"address: GL1 2TH"},
		"card 4111 0111 1111 1111, on 2026-05-14":    nil,
		"reference 00012345678901234567":             nil,
		"forty pallets at 07:30, 1,200 bags":         nil,
	} {
		var got []string
		for _, m := range f.Find(text) {
			got = append(got, m.Kind+": "+text[m.From:m.To])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzFindPersonalData(f *testing.F) {
	f.Add("Call 01452 496 123, write to a@b.example, 12 Quay Lane, Upton, GL20 5XY")
	finder := NewFinder()
	f.Fuzz(func(t *testing.T, text string) {
		marks, last := finder.Find(text), 0
		for _, m := range marks {
			if m.From < last || m.To <= m.From || m.To > len(text) {
				t.Fatalf("%q: %+v", text, marks)
			}
			last = m.To
		}
		if !strings.ContainsAny(text, "«»") {
			if back := strings.NewReplacer("«", "", "»", "").Replace(Marked(text, marks, "«", "»")); back != text {
				t.Errorf("%q became %q", text, back)
			}
		}
	})
}
