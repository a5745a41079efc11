package retention

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

func TestLoadReportsEveryFault(t *testing.T) {
	data, err := os.ReadFile("testdata/bad.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Load(data)
	if s != nil || err == nil {
		t.Fatal("a schedule full of faults was loaded")
	}
	golden(t, "testdata/bad.golden", []byte(err.Error()+"\n"))
}

func TestLoadOneFault(t *testing.T) {
	good, err := os.ReadFile("testdata/schedule.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"unclassified: UNC-00", "unclassified: ADM-01", "line 10: defaults.unclassified: class ADM-01 destroys: what is unclassified is reviewed, never destroyed"},
		{"review_by: 2027-01-15\n", "", "review_by: is missing"},
		{"review_by: 2027-01-15", "review_by: 2026-01-15", "line 7: review_by: is not after approved_on"},
		{"approved_by: \"role:departmental-records-officer\"\n", "", "approved_by: is missing"},
		{"action: transfer", "action: destroy\n    approval: auto", "line 22: classes[0].approval: is given twice\nline 22: classes[0].approval: auto is for periods of up to a year, and this one is 20 years"},
		{"period: P90D", "period: P2Y", "line 44: classes[4].approval: auto is for periods of up to a year, and this one is 2 years"},
		{"approval: {level: auto, max_batch: 5000}", "approval: {level: auto, extra_role: dro}", "line 44: classes[4].approval.extra_role: is given, but auto asks nobody"},
		{"class: POL-02}", "class: POL-2}", "line 77: rules[6].class: there is no class POL-2; did you mean POL-02?"},
		{"{id: r7, match: {folder: \"Policy/*\"}", "{id: r7, match: {folder: \"drafts/*\", kind: email}", "line 28: classes[2]: POL-02 is led to only by rules that cannot match\nline 77: rules[6].match: matches nothing that rule r6 has not matched already"},
		{"{id: r1, match: {custodian_role: [minister, permanent_secretary]}", "{id: r1, match: {}", "everything after"},
	} {
		text := strings.Replace(string(good), c.old, c.new, 1)
		if text == string(good) {
			t.Fatalf("%q is not in the schedule", c.old)
		}
		_, err := Load([]byte(text))
		switch {
		case err == nil:
			t.Errorf("%s was accepted", c.new)
		case c.want == "everything after":
			if n := strings.Count(err.Error(), "has not matched already"); n != 7 {
				t.Errorf("after a rule that matches everything, %d rules are found dead:\n%v", n, err)
			}
		case err.Error() != c.want:
			t.Errorf("%s:\n%v\nwant %s", c.new, err, c.want)
		}
	}
}

// TestLoadOfManyRules: every rule is compared with each before it, which must
// not go beyond that.
func TestLoadOfManyRules(t *testing.T) {
	var b strings.Builder
	b.WriteString("schema: retention-schedule/v1\nauthority: {name: a}\nversion: v\nreview_by: 2030-01-01\nstatus: sample\n" +
		"defaults: {unclassified: U}\nclasses:\n  - {id: U, title: U, trigger: captured, period: P1Y, action: review}\nrules:\n")
	for i := range 300 {
		fmt.Fprintf(&b, "  - {id: r%d, match: {any: [{any: [{from: a%d}, {to: a%d}]}, {any: [{to: b%d}, {from: c%d}]}]}, class: U}\n", i, i, i, i, i)
	}
	s, err := Load([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	f := record.Facts{To: []string{"b299"}}
	if a := s.Assign(&f, Manual{}); a.Rule != "r299" {
		t.Errorf("the last rule lost to %s", a.Rule)
	}
}

func FuzzLoad(f *testing.F) {
	for _, name := range []string{"testdata/schedule.yaml", "testdata/bad.yaml"} {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Load(data)
		if err != nil {
			return
		}
		c := Candidate{Manual: Manual{Class: "x"}}
		d := s.DecideCandidate(&c, nil, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		if d.AssignedBy == ByDefault && d.Action == Destroy {
			t.Error("an accepted schedule destroys what is unclassified")
		}
		if d.Disposable || len(d.Reasons) < 2 {
			t.Errorf("no date is known, and it decides %+v", d)
		}
		for _, r := range s.Rules {
			_ = r.String()
		}
	})
}
