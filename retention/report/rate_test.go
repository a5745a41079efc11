package report

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/retention/assurance"
)

// evidence is of an archive in which nothing is amiss.
func evidence(t *testing.T) Evidence {
	t.Helper()
	review := testHead("schedule")
	review.Schedule.Status = "approved"
	return Evidence{
		Retention: &Retention{Head: testHead("retention"), Records: 9, Classes: []ClassLine{{Class: "A", Records: 9, Later: 9}}},
		Holds:     NewHolds(testHead("holds"), nil), Disposals: NewDisposals(testHead("disposals"), nil),
		Coverage: &Coverage{Head: testHead("coverage"), Messages: 9, Indexed: 9}, Failures: NewFailures(testHead("failures"), nil, nil),
		Lag:          &Lag{Head: testHead("transfer-lag"), Lines: []LagLine{lagOf(100)}},
		Attestations: NewAttestations(testHead("attestations"), nil, nil, []string{"minister"}, []string{"minister"}),
		Ephemeral:    NewEphemeral(testHead("ephemeral"), nil, nil), Channels: &Channels{Head: testHead("channels")},
		Access: &Access{Head: testHead("access")}, Fixity: &Fixity{Head: testHead("fixity"), Checks: []FixityLine{{At: at("2026-11-01"), Checked: 9}}},
		Keys:     &Keys{Head: testHead("keys"), Vaults: []VaultLine{{Vault: "main", Readers: []string{"a", "b"}}}},
		Review:   &Review{Head: review, ReviewBy: day("2028-01-01")},
		Requests: Requests{Open: 1, Closed: 9, Searched: 10, OnHold: 1}, Quarantine: Quarantine{Kept: true}, DPIA: DPIA{"DPIA-12", day("2026-01-01")},
	}
}

// lagOf is the lag of a hundred messages, so many of which came in time.
func lagOf(within int) LagLine {
	l := LagLine{Custodian: "minister", Channel: record.NonCorporate}
	l.Messages, l.Within, l.Target.Days = 100, within, 7
	return l
}

func overdue(kind assurance.Kind, id, due string) []assurance.Task {
	return []assurance.Task{{ID: id, Custodian: "minister", Kind: kind, Due: day(due), State: assurance.Overdue}}
}

func TestRatingsFollowTheirRules(t *testing.T) {
	if p := NewPack(testHead("assurance"), evidence(t)); p.Count(RatedGreen) != 15 {
		t.Fatalf("where nothing is amiss: %+v", p.Recommendations)
	}
	nccc := assurance.Channel{App: "whatsapp", Channel: record.NonCorporate, Until: day("2027-01-01")}
	lapsed := nccc
	lapsed.Until = day("2026-11-21")
	volume := []VolumeLine{{"minister", record.NonCorporate, 5}}
	for _, c := range []struct {
		id     string
		change func(e *Evidence)
		want   Rating
	}{
		{"R1", func(e *Evidence) { e.Channels.Volumes = volume }, RatedRed},
		{"R1", func(e *Evidence) {
			e.Channels.Volumes, e.Channels.Register = volume, []RegisterLine{{"minister", nccc}}
		}, RatedAmber},
		{"R1", func(e *Evidence) { e.Channels.Register = []RegisterLine{{"minister", lapsed}} }, RatedRed},
		{"R2", func(e *Evidence) { e.Lag.Lines = nil }, NotRated},
		{"R2", func(e *Evidence) { e.Lag.Lines[0] = lagOf(95) }, RatedGreen},
		{"R2", func(e *Evidence) { e.Lag.Lines[0] = lagOf(94) }, RatedAmber},
		{"R2", func(e *Evidence) { e.Lag.Lines[0] = lagOf(79) }, RatedRed},
		{"R2", func(e *Evidence) { e.Attestations.Waiting = overdue(assurance.KindExport, "x", "2026-11-01") }, RatedAmber},
		{"R3", func(e *Evidence) { e.Attestations.Expects = nil }, NotRated},
		{"R3", func(e *Evidence) { e.Attestations.Waiting = overdue(assurance.KindAttestation, "x", "2026-10-25") }, RatedAmber},
		{"R3", func(e *Evidence) { e.Attestations.Waiting = overdue(assurance.KindAttestation, "x", "2026-10-24") }, RatedRed},
		{"R4", func(e *Evidence) { e.Review.Schedule.Status = "sample" }, RatedRed},
		{"R4", func(e *Evidence) { e.Review.Overdue = true }, RatedRed},
		{"R4", func(e *Evidence) { e.Review.ReviewBy = day("2027-01-20") }, RatedAmber},
		{"R5", func(e *Evidence) { e.Requests.Searched = 9 }, RatedAmber},
		{"R5", func(e *Evidence) { e.Requests.Searched = 4 }, RatedRed},
		{"R5", func(e *Evidence) { e.Requests = Requests{} }, NotRated},
		{"R6", func(e *Evidence) { e.Requests.Late = 1 }, RatedAmber},
		{"R6", func(e *Evidence) { e.Requests.Late, e.Requests.Overdue = 1, 1 }, RatedRed},
		{"R7", func(e *Evidence) { e.Requests.OnHold = 0 }, RatedRed},
		{"R7", func(e *Evidence) { e.Holds.Holds = []HoldLine{{Hold: "h", Review: at("2026-11-01")}} }, RatedAmber},
		{"R7", func(e *Evidence) {
			e.Holds.Holds = []HoldLine{{Hold: "h", Review: at("2027-11-01"), Told: 1, Silent: []Silence{{"minister", at("2026-09-01")}}}}
		}, RatedAmber},
		{"R7", func(e *Evidence) { e.Requests.Open, e.Requests.OnHold = 0, 0 }, NotRated},
		{"R8", func(e *Evidence) {
			e.Retention.Classes[0].Overdue, e.Retention.Classes[0].OldestDue = 1, day("2026-01-01")
		}, RatedRed},
		{"R8", func(e *Evidence) { e.Retention.Classes[0].Unknown = 1 }, RatedAmber},
		{"R9", func(e *Evidence) { e.Fixity.Checks = nil }, RatedRed},
		{"R9", func(e *Evidence) { e.Fixity.Checks[0].Changed = 1 }, RatedRed},
		{"R9", func(e *Evidence) { e.Keys.Vaults[0].Readers = []string{"a"} }, RatedRed},
		{"R9", func(e *Evidence) { e.Fixity.Checks[0].At = at("2026-08-01") }, RatedAmber},
		{"R9", func(e *Evidence) { e.Coverage.Indexed = 8 }, RatedAmber},
		{"R10", func(e *Evidence) { e.Quarantine.Waiting = 1 }, RatedAmber},
		{"R10", func(e *Evidence) { e.Quarantine.Kept = false }, NotRated},
		{"R10", func(e *Evidence) {
			e.Quarantine.Kept = false
			e.Coverage.Sources = []SourceLine{{Counts: record.Counts{Seen: 1, Excluded: map[record.Reason]int64{record.ReasonMarking: 1}}}}
		}, RatedGreen},
		{"R11", func(e *Evidence) { e.DPIA = DPIA{} }, RatedRed},
		{"R11", func(e *Evidence) { e.DPIA.On = day("2024-11-21") }, RatedAmber},
		{"R12", func(e *Evidence) { e.Attestations.Trains = nil }, NotRated},
		{"R12", func(e *Evidence) { e.Attestations.Waiting = overdue(assurance.KindTraining, "x", "2026-11-01") }, RatedAmber},
		{"R13", func(e *Evidence) { e.Access.People = []AccessLine{{Unsaid: 1}} }, RatedAmber},
		{"R14", func(e *Evidence) {
			e.Attestations.Waiting = overdue(assurance.KindExport, "leaver/2026-11-01/export/c", "2026-11-01")
		}, RatedRed},
		{"R15", func(e *Evidence) { e.Ephemeral.Chats = []EphemeralChat{{Disappearing: true}} }, RatedRed},
		{"R15", func(e *Evidence) { e.Ephemeral.Chats = []EphemeralChat{{Private: true}} }, RatedAmber},
		{"R15", func(e *Evidence) {
			e.Ephemeral.Events = []NoticeLine{{Kind: "disappearing_on"}, {Kind: "disappearing_off"}}
		}, RatedAmber},
	} {
		e := evidence(t)
		c.change(&e)
		p := NewPack(testHead("assurance"), e)
		i := slices.IndexFunc(p.Recommendations, func(r Recommendation) bool { return r.ID == c.id })
		if r := p.Recommendations[i]; r.Rating != c.want || r.Why == "" || strings.Contains(r.Why, "%!") {
			t.Errorf("%s is %s, want %s: %s", c.id, r.Rating, c.want, r.Why)
		}
	}
}

// TestPackClaimsNothingUnsourced looks for what the field notes mark as from
// memory: it is not printed as fact.
func TestPackClaimsNothingUnsourced(t *testing.T) {
	p := NewPack(testHead("assurance"), evidence(t))
	for _, r := range p.Recommendations {
		if r.Rule == "" || len(r.Evidence) == 0 {
			t.Errorf("%s has no rule or no evidence", r.ID)
		}
		for _, claim := range []string{"Art 5", "Article 5", "Article 32", "Article 35", "level 5", "section 173", "regulation 19"} {
			if strings.Contains(r.Asks+r.Rule, claim) {
				t.Errorf("%s claims %s", r.ID, claim)
			}
		}
	}
	own := 0
	for _, r := range p.Recommendations {
		if r.Own {
			own++
		}
	}
	if own != 3 || !strings.Contains(packDisclaimer, "not the ICO’s text") {
		t.Errorf("%d are said to be our addition", own)
	}
}

// TestPartsCountAsTheWhole divides the holdings between two counters.
func TestPartsCountAsTheWhole(t *testing.T) {
	s := must(retention.Load(configs.ExampleSchedule()))
	lines, holds := countedLines(s)
	whole := countFixture(s)
	a, b := NewCounter(testHead("retention"), s), NewCounter(testHead("retention"), s)
	for _, l := range lines {
		if l.Record%3 == 0 {
			a.Add(l)
		} else {
			b.Add(l)
		}
	}
	a.Merge(b)
	if d := cmp.Diff(string(must(json.Marshal(whole))), string(must(json.Marshal(a.Report(holds))))); d != "" {
		t.Error(d)
	}
	var sum int64
	for _, c := range whole.Classes {
		sum += c.OnHold + c.Unknown + c.Overdue + c.Within30 + c.Within90 + c.Within365 + c.Later
	}
	if sum != whole.Records {
		t.Errorf("the classes have %d records of %d", sum, whole.Records)
	}
}
