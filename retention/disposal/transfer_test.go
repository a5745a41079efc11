package disposal_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/retention/disposal"
)

// TestNothingGoesThatIsNotConfirmed lets a transfer be packaged in several
// ways, confirmed, cut down and approved in any order: whatever happens, a
// record is freed only when two people have approved the list and the place of
// deposit has confirmed the very package that has it, and every other one.
func TestNothingGoesThatIsNotConfirmed(t *testing.T) {
	ids := []record.ID{"a", "b", "c"}
	plans := [][][]record.ID{{ids}, {ids[:1], ids[1:]}, {ids[:2]}, {{"a", "z"}}}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	due := retention.Decision{Class: "MIN-01", Action: retention.Transfer, State: retention.Active, Schedule: "2"}
	rapid.Check(t, func(t *rapid.T) {
		p := record.DisposalProposed{Batch: "T-1", Ground: record.GroundConfirmed, To: "TNA", Level: "required", Extra: "dro", Waits: "P7D", Rules: record.Sum([]byte("old"))}
		for _, id := range ids {
			p.Items = append(p.Items, record.DisposalItem{Record: id, Holdings: []int64{1}})
		}
		p.List = disposal.ListDigest(p.Items)
		entries := []disposal.Entry{{Index: 1, Type: record.EntryProposal, Time: start, Actor: "ann", Body: encoded(t, p)}}
		confirmed := make(map[record.ID]bool)
		for n := range rapid.IntRange(1, 14).Draw(t, "steps") {
			b := folded(t, entries)
			kind, body := step(t, b, plans)
			e := disposal.Entry{Index: int64(n + 2), Type: kind, Time: start.AddDate(0, 0, n+1), Actor: rapid.SampledFrom([]string{"bob", "cy"}).Draw(t, "actor"), Body: body}
			if _, err := disposal.Fold(append(slices.Clone(entries), e)); err != nil {
				continue // the daemon asks before it journals, as this does
			}
			entries = append(entries, e)
			b = folded(t, entries)
			clear(confirmed)
			open := 0
			for _, x := range b.Packages {
				for _, id := range x.Records {
					confirmed[id] = x.Confirmation != nil
				}
				if x.Confirmation == nil {
					open++
				}
			}
			later := e.Time.AddDate(0, 0, 8)
			may := b.MayExecute(later, time.UTC, record.Sum([]byte("new"))) == nil
			if may && (len(b.Missing()) > 0 || open > 0 || len(b.Packages) == 0 || len(b.Packages) != b.Packages[0].Of) {
				t.Fatalf("it may be executed: %+v", b)
			}
			if may && b.MayExecute(e.Time, time.UTC, p.Rules) == nil && e.Type == record.EntryConfirmation {
				t.Fatal("it does not cool off after its confirmation")
			}
			for _, it := range b.Remaining() {
				s := disposal.Standing{Known: true, Object: "o", Holdings: []disposal.Possession{{Entry: 1, Decision: due}}}
				if _, refusal := b.Judge(it, s, later); (refusal == nil) != confirmed[it.Record] {
					t.Fatalf("%s, confirmed %v: %+v", it.Record, confirmed[it.Record], refusal)
				}
				s.Holdings[0].Decision.OnHold = true
				if _, refusal := b.Judge(it, s, later); refusal == nil {
					t.Fatal("what is on hold goes")
				}
			}
		}
	})
}

// step draws what happens next: not always something that may.
func step(t *rapid.T, b *disposal.Batch, plans [][][]record.ID) (string, []byte) {
	switch rapid.IntRange(0, 3).Draw(t, "step") {
	case 0:
		role := rapid.SampledFrom([]string{"manager", "dro"}).Draw(t, "role")
		who := rapid.SampledFrom([]string{"ann", "bob", "cy"}).Draw(t, "who")
		return record.EntryApproval, encoded(t, record.DisposalApproved{Batch: b.Batch, Role: role, Name: who, Key: who})
	case 1:
		return record.EntryExclusion, encoded(t, record.DisposalExcluded{Batch: b.Batch, Records: []record.ID{"c"}, Reason: "r"})
	case 2:
		i := rapid.IntRange(0, len(plans)-1).Draw(t, "plan")
		n := rapid.IntRange(1, len(plans[i])).Draw(t, "package")
		return record.EntryPackage, encoded(t, record.TransferPackaged{Batch: b.Batch, Package: n, Of: len(plans[i]), Plan: record.Sum(fmt.Append(nil, i)), Records: plans[i][n-1]})
	}
	return record.EntryConfirmation, encoded(t, record.TransferConfirmed{Batch: b.Batch, Package: rapid.IntRange(1, 2).Draw(t, "confirmed"), Reference: "R"})
}

func encoded(t *rapid.T, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func folded(t *rapid.T, entries []disposal.Entry) *disposal.Batch {
	all, err := disposal.Fold(entries)
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

// TestWhatASchedulesNewVersionSays: the schedule may be another one when the
// confirmation comes, but it has to call for transfer still.
func TestWhatASchedulesNewVersionSays(t *testing.T) {
	today := record.Date{Year: 2026, Month: 3, Day: 1}
	near := retention.Standing{Action: retention.Transfer, State: retention.Active, WarnFrom: today}
	if !disposal.CallsForTransfer(near, today) || disposal.CallsForTransfer(near, today.AddDays(-1)) {
		t.Error("the day from which it is prepared is not kept")
	}
	if disposal.CallsForTransfer(retention.Standing{Action: retention.Transfer, State: retention.UnknownTrigger}, today) ||
		disposal.CallsForTransfer(retention.Standing{Action: retention.Destroy, State: retention.Due}, today) {
		t.Error("what is not for transfer is called for")
	}
	b := &disposal.Batch{DisposalProposed: record.DisposalProposed{Batch: "T-1", Ground: record.GroundConfirmed},
		Packages: []disposal.Package{{TransferPackaged: record.TransferPackaged{Package: 1, Of: 1, Records: []record.ID{"a"}}, Confirmation: &disposal.Confirmation{}}}}
	for want, d := range map[string]retention.Decision{
		"":                             {Action: retention.Transfer, State: retention.Due},
		"does not call for transfer":   {Action: retention.Destroy, State: retention.Due, Class: "X"},
		"is a sample":                  {Action: retention.Transfer, State: retention.Due, Sample: true},
		"never due for want of a date": {Action: retention.Transfer, State: retention.UnknownTrigger},
	} {
		s := disposal.Standing{Known: true, Holdings: []disposal.Possession{{Entry: 1, Decision: d}}}
		_, refusal := b.Judge(record.DisposalItem{Record: "a", Holdings: []int64{1}}, s, time.Now())
		if (refusal == nil) != (want == "") || refusal != nil && !strings.Contains(refusal.Detail, want) {
			t.Errorf("%q: %+v", want, refusal)
		}
	}
}
