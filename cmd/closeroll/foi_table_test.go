package main

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/foi"
)

// TestTableRoundTrip: whatever a decision says, a table that nobody changed
// changes nothing, no cell of it begins a formula, and a spreadsheet that
// writes semicolons is read too.
func TestTableRoundTrip(t *testing.T) {
	name := filepath.Join(t.TempDir(), "table.csv")
	text := rapid.OneOf(rapid.StringMatching(`[=+@'\-]?[A-Za-z ,;"'=\n.]{0,20}`), rapid.StringOf(rapid.RuneFrom([]rune("ŷ€ab '\"\t"))))
	rapid.Check(t, func(t *rapid.T) {
		s := &requestSet{}
		for n := range rapid.IntRange(1, 5).Draw(t, "items") {
			it := setItem{Item: foi.Item{No: n + 1, Item: "abc/1", Display: text.Draw(t, "title"), Sender: text.Draw(t, "sender")}}
			if rapid.Bool().Draw(t, "decided") {
				it.Decision = &foi.Ruling{Entry: int64(n), RequestDecided: record.RequestDecided{Decision: "withhold",
					Exemptions: []string{"s.40(2)", "s.42"}, Note: text.Draw(t, "note"), PublicInterest: text.Draw(t, "weighed")}}
			}
			s.Items = append(s.Items, it)
		}
		table := decisionTable(s)
		rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(table, []byte("\ufeff")))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
					t.Fatalf("%q is a formula", cell)
				}
			}
		}
		var semicolons bytes.Buffer
		w := csv.NewWriter(&semicolons)
		w.Comma = ';'
		if err := w.WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		for _, data := range [][]byte{table, semicolons.Bytes()} {
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
			if changed, err := readDecisions(name); err != nil || len(changed) > 0 {
				t.Fatalf("%+v, %v, of %q", changed, err, data)
			}
		}
	})
}

func FuzzReadTable(f *testing.F) {
	f.Add("item,minutes\na/1,2\n")
	f.Add("\ufeffitem;minutes\r\n\"a/1\";'=2\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := readTable(strings.NewReader(text), "item")
		for _, row := range rows {
			if _, ok := row["item"]; err != nil || len(row) > 0 && !ok && strings.HasPrefix(strings.ToLower(text), "item") {
				t.Errorf("%q: %v, %v", text, row, err)
			}
		}
	})
}

func TestParseDecision(t *testing.T) {
	for said, want := range map[string][]string{
		"r":                               {"release", "", "", ""},
		"r nothing in it":                 {"release", "", "nothing in it", ""},
		"w 42 live advice | weighed so":   {"withhold", "42", "live advice", "weighed so"},
		"p s.40(2)":                       {"part", "s.40(2)", "", ""},
		"o":                               {"out_of_scope", "", "", ""},
		"n a draft that was never kept  ": {"not_held", "", "a draft that was never kept", ""},
	} {
		d, ok := parseDecision(said)
		if got := []string{d.Decision, strings.Join(d.Exemptions, " "), d.Note, d.PublicInterest}; !ok || !slices.Equal(got, want) {
			t.Errorf("%q: %q", said, got)
		}
	}
	for _, said := range []string{"x", "w", "release", "?"} {
		if _, ok := parseDecision(said); ok {
			t.Errorf("%q is taken", said)
		}
	}
}
