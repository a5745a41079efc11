package retention

import (
	"os"
	"testing"
)

func TestDecideFile(t *testing.T) {
	schedule, err := os.ReadFile("testdata/schedule.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ facts, at, class, due, state string }{
		{`{"kind":"email","source":"helpdesk","sent":"2026-05-27","received":"2026-05-27T10:00:00+01:00"}`, "2028-12-31", "ADM-01", "2028-12-31", "active"},
		{`{"source":"helpdesk","sent":"2026-05-27"}`, "2029-01-01T00:00:00Z", "ADM-01", "2028-12-31", "due"},
		{`{"custodian_grade":"SCS2","events":{"tenure_end":"2024-07-05"}}`, "2026-01-01", "SEN-01", "2039-12-31", "active"},
		{"{\n\t\"manual_class\":\"POL-02\", \"aggregation_closed\":\"2019-02-28\"\n}", "2026-03-01", "POL-02", "2026-02-28", "due"},
		{`{"chat":"Ops north","kind":"chat-day","last_activity":"2024-02-29"}`, "2026-01-01", "CHT-01", "2025-05-09", "due"},
		{`{"folder":"Policy/x","aggregation_closed":null}`, "2026-03-01", "POL-02", "", "unknown_trigger"},
	} {
		d, err := DecideFile(schedule, []byte(c.facts), c.at)
		if err != nil || d.Class != c.class || d.Due.String() != c.due || string(d.State) != c.state {
			t.Errorf("%s: %s due %s %s, %v", c.facts, d.Class, d.Due, d.State, err)
		}
	}
	d, err := DecideFile(schedule, []byte(`{"kind":"email","source":"helpdesk","custodian":"desk","sent":"2020-05-27","holds":[
		{"hold":"foi-1","type":"foi","scope":{"custodians":["desk"],"from":"2020-05-27","query":"sandbags"}},
		{"hold":"foi-2","scope":{"until":"2020-05-27"}}]}`), "2026-01-01")
	if err != nil || !d.OnHold || d.Disposable || len(d.Holds) != 1 || d.Holds[0] != "foi-1" {
		t.Errorf("holds: %+v, %v", d, err)
	}
}

func TestDecideFileRefuses(t *testing.T) {
	schedule, err := os.ReadFile("testdata/schedule.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for facts, want := range map[string]string{
		`{"sent":"27/05/2026","captured":"x"}`: "facts: sent: \"27/05/2026\" is no date: write it as 2026-05-27 or 2026-05-27T09:30:00Z\n" +
			"captured: \"x\" is no date: write it as 2026-05-27 or 2026-05-27T09:30:00Z",
		`{"sennt":"2026-01-01","custodian_rol":"x"}`: "facts: custodian_rol: there is no such fact; did you mean custodian_role?\n" +
			"sennt: there is no such fact; did you mean sent?",
		`{"sent":5}`:                     "facts: sent: a number is not what belongs here",
		`[]`:                             "facts: not a JSON object",
		`{"sent":`:                       "facts: not JSON, at byte 8",
		`{} {}`:                          "facts: not JSON, at byte 4",
		`{"manual_class":"ZZZ"}`:         "facts: manual_class: schedule 2026.1 has no class ZZZ",
		`{"holds":[{}]}`:                 "facts: holds[0].hold: is missing: the hold's name",
		`{"holds":[{"hold":"h","a":1}]}`: `facts: unknown field "a"`,
	} {
		if _, err := DecideFile(schedule, []byte(facts), "2026-01-01"); err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", facts, err, want)
		}
	}
	if _, err := DecideFile([]byte("x: 1"), []byte(`{}`), "2026-01-01"); err == nil {
		t.Error("a schedule full of faults was used")
	}
	if _, err := DecideFile(schedule, []byte(`{}`), "today"); err == nil {
		t.Error("a date that is none was used")
	}
}

func FuzzParseFacts(f *testing.F) {
	f.Add([]byte(`{"sent":"2026-05-27","events":{"x":"2026-01-01"},"holds":[{"hold":"h","scope":{"records":["a"]}}]}`))
	s := testSchedule(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, holds, err := ParseFacts(data, s.Location())
		if err != nil {
			return
		}
		d := s.DecideCandidate(c, holds, day(t, "2026-01-01").Start(s.Location()))
		if len(d.Reasons) < 2+len(holds) || (d.OnHold && d.Disposable) {
			t.Errorf("%s: %+v", data, d)
		}
	})
}
