package retention

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/closeroll/closeroll/archive/record"
)

func candidates(t *testing.T) []*Candidate {
	zone := london(t)
	mail := func(source, sent string) *Candidate {
		return &Candidate{Facts: record.Facts{Source: source, Custodian: "desk", Sent: day(t, sent).Start(zone)}}
	}
	tenure := &Candidate{Facts: record.Facts{Grade: "SCS2"}}
	return []*Candidate{mail("helpdesk", "2020-05-01"), mail("helpdesk", "2026-01-01"), mail("helpdesk", "2025-12-01"), mail("other", "2020-05-01"), tenure}
}

func TestSimulate(t *testing.T) {
	s := testSchedule(t)
	at := day(t, "2027-06-01").Start(london(t))
	got := Simulate(s, slices.Values(candidates(t)), nil, at, Period{Months: 12})
	want := []Tally{
		{Class: "ADM-01", Title: "Routine business", Holdings: 3, Due: 1, Within: 1, Earliest: day(t, "2022-12-31"), By: map[Basis]int64{BySource: 3}},
		{Class: "SEN-01", Title: "Senior officials", Holdings: 1, UnknownTrigger: 1, By: map[Basis]int64{ByRule: 1}},
		{Class: "UNC-00", Title: "Unclassified", Holdings: 1, UnknownTrigger: 1, By: map[Basis]int64{ByDefault: 1}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	held := Simulate(s, slices.Values(candidates(t)), []Hold{{Hold: "h", Scope: record.Scope{Custodians: []string{"desk"}}}}, at, Period{Months: 12})
	if held[0].OnHold != 3 || held[0].Due != 0 {
		t.Errorf("on hold: %+v", held[0])
	}
}

func TestDiff(t *testing.T) {
	before := testSchedule(t)
	data, err := os.ReadFile("testdata/schedule.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), "period: P2Y", "period: P1Y", 1)
	after, err := Load([]byte(strings.Replace(text, "sources: {", "sources: {other: ADM-01, ", 1)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for c := range Diff(before, after, slices.Values(candidates(t)), nil, day(t, "2027-06-01").Start(london(t))) {
		less := ""
		if c.LessProtected() {
			less = " (less protected)"
		}
		got = append(got, c.Old.Class+" "+c.Old.Words()+" → "+c.New.Class+" "+c.New.Words()+less)
	}
	want := []string{
		"ADM-01 destroy, due 31 December 2022 → ADM-01 destroy, due 31 December 2021 (less protected)",
		"ADM-01 destroy, due 31 December 2028 → ADM-01 destroy, due 31 December 2027 (less protected)",
		"ADM-01 destroy, due 31 December 2027 → ADM-01 destroy, due 31 December 2026 (less protected)",
		"UNC-00 review, never due for want of a date → ADM-01 destroy, due 31 December 2021 (less protected)",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for range Diff(before, after, slices.Values(candidates(t)), nil, day(t, "2027-06-01").Start(london(t))) {
		break // a consumer may stop early
	}
	for c := range Diff(before, before, slices.Values(candidates(t)), nil, day(t, "2027-06-01").Start(london(t))) {
		t.Errorf("a schedule differs from itself: %+v", c)
	}
}
