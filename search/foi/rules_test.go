package foi

import (
	"strings"
	"testing"
)

func TestParseRulesReportsEveryFault(t *testing.T) {
	_, err := ParseRules([]byte(`schema: deadline-rules/v0
kind: pfi
holidays: [england, wales]
rules:
  - {id: respons, working_days: 20, effective_from: 2005-01-01, source: s, text: t}
  - {id: extension, working_days: 40, months: 2, effective_from: 2005-13-01, source: s, text: t}
  - {id: fees, source: s}
  - {id: clarification, months: 1, effective_from: 2005-01-01, source: s, text: t}
  - {id: transferred_record, months: 1, effective_from: 2005-01-01, text: t}
  - {id: internal_review, working_days: 100000, effective_from: 2005-01-01, source: s, text: t}
`))
	want := `law: is missing
line 1: schema: is "deadline-rules/v0"; this program reads deadline-rules/v1
line 2: kind: "pfi" is no kind of request: foi, eir or sar
line 3: holidays[0]: "england" is none of england-and-wales, scotland, northern-ireland
line 3: holidays[1]: "wales" is none of england-and-wales, scotland, northern-ireland
line 4: rules: has no rule response: nothing sets a deadline
line 5: rules[0].id: "respons" is no rule that this program knows: [response clarification fees extension transferred_record internal_review identity review_request hold_after]
line 6: rules[1].effective_from: "2005-13-01" is not a date: write it as 2026-05-27
line 6: rules[1]: needs either working_days or months
line 7: rules[2].effective_from: is missing: from when the number applies
line 7: rules[2].text: is missing: what the rule says, for the explanation
line 7: rules[2]: needs either working_days or months
line 8: rules[3]: needs no number
line 9: rules[4].source: is missing: where the number stands
line 9: rules[4].working_days: is missing: this rule adds working days
line 10: rules[5]: has a number outside 0 to 1000`
	if err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

// TestALaterRuleReplacesAnEarlierOne: a number changes with the date from which
// it applies, and a request keeps those of the day on which it was received.
func TestALaterRuleReplacesAnEarlierOne(t *testing.T) {
	text := strings.Replace(string(shipped(t, "foi.yaml")), "rules:\n", `rules:
  - {id: response, working_days: 30, effective_from: 2026-06-01, source: an amending Act, text: thirty}
`, 1)
	b, err := ReadBook(shipped(t, "bank-holidays.json"), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for received, want := range map[string]string{"2026-05-22": "2026-06-23", "2026-06-01": "2026-07-15"} {
		if r, err := b.Deadline(FOI, day(t, received), nil); err != nil || r.Deadline.String() != want {
			t.Errorf("%s: %s, %v, want %s", received, r.Deadline, err, want)
		}
	}
}

func TestReadBookRefuses(t *testing.T) {
	holidays, rules := shipped(t, "bank-holidays.json"), shipped(t, "foi.yaml")
	for name, c := range map[string]struct {
		holidays []byte
		rules    [][]byte
		want     string
	}{
		"not json":     {[]byte("{"), nil, "bank holidays: not in the form"},
		"one missing":  {[]byte(`{"england-and-wales":{"events":[{"date":"2026-01-01"}]}}`), nil, "none of scotland"},
		"no date":      {[]byte(`{"england-and-wales":{"events":[{"date":"1 January"}]}}`), nil, "is not a date"},
		"too large":    {[]byte(strings.Repeat(" ", maxCalendar+1)), nil, "larger than"},
		"rules twice":  {holidays, [][]byte{rules, rules}, "two files of rules for foi"},
		"rules broken": {holidays, [][]byte{[]byte("x")}, "rules of deadlines: "},
	} {
		if _, err := ReadBook(c.holidays, c.rules...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func FuzzParseCalendar(f *testing.F) {
	f.Add(shipped(f, "bank-holidays.json"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseCalendar(data)
		if err == nil && (c.last.IsZero() || c.first.IsZero()) {
			t.Error("a table without days")
		}
	})
}
