package retention

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
)

// TestJudgeSaysWhatDecideSays lets one judge, with its memory, decide about
// many holdings that resemble one another.
func TestJudgeSaysWhatDecideSays(t *testing.T) {
	s := testSchedule(t)
	rapid.Check(t, func(t *rapid.T) {
		holds, now := rapid.SliceOfN(rapid.Custom(drawHold), 0, 3).Draw(t, "holds"), drawTime(t)
		j := s.Judge(holds, now)
		var before Decision
		var stood Standing
		for i := range rapid.IntRange(1, 8).Draw(t, "holdings") {
			c := drawCandidate(t)
			c.Facts.Subject = pick(t, "subject", "", "urgent orders")
			if rapid.IntRange(0, 3).Draw(t, "reviewed") == 0 {
				c.Review = &Reviewed{Outcome: rapid.SampledFrom(ReviewOutcomes()).Draw(t, "outcome"), On: drawDate(t), Until: drawDate(t), Classes: []string{"POL-02", "MIN-01"}, Count: 1}
			}
			d, got := s.DecideCandidate(&c, holds, now), j.Judge(&c)
			want := d.Standing()
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("%+v\nis judged %+v, and decided %+v", c.Facts, got, want)
			}
			got.Holds = slices.Clone(got.Holds)
			if i > 0 && got.Compare(stood) != Compare(d, before) {
				t.Fatalf("%+v and %+v compare otherwise than their decisions", got, stood)
			}
			before, stood = d, got
		}
	})
}

func TestScheduleSaysWhatItAsksFor(t *testing.T) {
	for _, c := range []struct {
		text            string
		words, activity bool
	}{
		{`{kind: sent}`, false, false},
		{`{kind: last_activity}`, false, true},
		{`{kind: sent}
    when: {not: {any: [{custodian: coo}, {subject: flood}]}}`, true, false},
		{`{kind: sent}
    when: {all: [{chat: "ops*"}]}`, true, false},
	} {
		s, err := Load([]byte(`schema: retention-schedule/v1
authority: {name: A, dro: "role:dro"}
version: "1"
status: sample
review_by: 2027-01-15
defaults: {unclassified: U}
classes:
  - id: U
    title: Unclassified
    trigger: {kind: sent}
    period: P1Y
    action: review
    authority: [x]
  - id: A
    title: A
    period: P1Y
    action: review
    authority: [x]
    trigger: ` + c.text + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		if words, activity := s.Asks(); words != c.words || activity != c.activity {
			t.Errorf("%s: words %v, activity %v", c.text, words, activity)
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	s := testSchedule(b)
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	c := Candidate{Facts: record.Facts{Kind: record.Email, Source: "office", Custodian: "coo", Role: "official", Folder: "INBOX",
		Sent: now.AddDate(-2, 0, 0), Captured: now.AddDate(-2, 0, 1)}}
	j := s.Judge(nil, now)
	for b.Loop() {
		j.Judge(&c)
	}
}
