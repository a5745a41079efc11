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

const scheduleText = `schema: retention-schedule/v1
authority: {name: Department for Floods, dro: "role:dro"}
version: "1"
status: approved
approved_by: someone
approved_on: 2026-01-01
review_by: 2030-01-01
defaults: {unclassified: UNC-00, cooling_off: P7D}
classes:
  - {id: ADM-01, title: Routine, trigger: sent, period: P1Y, action: destroy, authority: [A]}
  - {id: ADM-00, title: Transitory, trigger: sent, period: P90D, action: destroy, approval: {level: auto, max_batch: 3}, authority: [A]}
  - {id: BIG-01, title: Weighty, trigger: sent, period: P1Y, action: destroy, approval: {level: required, extra_role: dro}, authority: [A]}
  - {id: UNC-00, title: Unclassified, trigger: captured, period: P1Y, action: review, authority: [A]}
rules:
  - {id: r1, match: {folder: transitory}, class: ADM-00}
  - {id: r2, match: {folder: weighty}, class: BIG-01}
  - {id: r3, match: {folder: routine}, class: ADM-01}
`

var people = []string{"ann", "bob", "cy", "dee"}

// A world is a journal in memory, and around it what can happen to a batch, in
// any order: holds come and go, time passes, people approve, the disposer dies
// halfway. Everything in it is decided as the daemon decides: by folding the
// journal, under one lock, and appending.
type world struct {
	schedule *retention.Schedule
	now      time.Time
	entries  []disposal.Entry
	facts    map[record.ID]record.Facts
	holds    map[string]retention.Hold
	objects  map[record.ID]bool // in the store
	granted  map[record.ID]bool // ever, by a grant that was not taken back
	class    string
}

func (w *world) append(t *rapid.T, kind, actor string, body any) int64 {
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Second)
	w.entries = append(w.entries, disposal.Entry{Index: int64(len(w.entries) + 1), Type: kind, Time: w.now, Actor: actor, Body: b})
	return int64(len(w.entries))
}

func (w *world) batch(t *rapid.T) *disposal.Batch {
	all, err := disposal.Fold(w.entries)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

func (w *world) standing(id record.ID) disposal.Standing {
	s := disposal.Standing{Known: true, Object: "records/main-2026/aa/" + string(id)}
	f := w.facts[id]
	var holds []retention.Hold
	for _, name := range slices.Sorted(keysOf(w.holds)) {
		holds = append(holds, w.holds[name])
	}
	c := &retention.Candidate{Record: id, Facts: f, Caught: func(string) bool { return false }}
	s.Holdings = []disposal.Possession{{Entry: 1, Decision: w.schedule.DecideCandidate(c, holds, w.now)}}
	return s
}

func keysOf(m map[string]retention.Hold) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (w *world) onHold(id record.ID) bool { return w.standing(id).Holdings[0].Decision.OnHold }

func (w *world) propose(t *rapid.T) {
	if b := w.batch(t); b != nil && b.State(w.now, time.UTC) != disposal.Certified && b.State(w.now, time.UTC) != disposal.Abandoned {
		return
	}
	p := record.DisposalProposed{Batch: fmt.Sprintf("D-%d", len(w.entries)), Ground: record.GroundSchedule, Class: w.class, Schedule: "1", Waits: "P7D",
		Level: string(w.schedule.Class(w.class).Approval.Level), Extra: w.schedule.Class(w.class).Approval.ExtraRole}
	for id := range w.objects {
		if w.objects[id] {
			p.Items = append(p.Items, record.DisposalItem{Record: id, Holdings: []int64{1}})
		}
	}
	slices.SortFunc(p.Items, func(a, b record.DisposalItem) int { return strings.Compare(string(a.Record), string(b.Record)) })
	p.List = disposal.ListDigest(p.Items)
	if rapid.Bool().Draw(t, "unusual") {
		p.Unusual = "many"
	}
	w.append(t, record.EntryProposal, rapid.SampledFrom(people).Draw(t, "proposer"), p)
}

func (w *world) approve(t *rapid.T) {
	b := w.batch(t)
	if b == nil {
		return
	}
	who := rapid.SampledFrom(people).Draw(t, "approver")
	role := rapid.SampledFrom([]string{"manager", "dro"}).Draw(t, "role")
	if b.MayApprove(who, who, "key of "+who, role) != nil {
		return
	}
	w.append(t, record.EntryApproval, who, record.DisposalApproved{Batch: b.Batch, Role: role, Name: who, Key: "key of " + who})
}

// execute takes one step of the disposer's: a grant, or the deletion of some of
// what was granted, or its settlement; a later call resumes.
func (w *world) execute(t *rapid.T) {
	b := w.batch(t)
	if b == nil {
		return
	}
	g := b.Open()
	if g == nil {
		if b.MayExecute(w.now, time.UTC, record.Digest{}) != nil {
			return
		}
		granted, refused := record.DisposalGranted{Batch: b.Batch}, record.DisposalRefused{Batch: b.Batch}
		for _, it := range b.Remaining()[:min(2, len(b.Remaining()))] {
			grant, refusal := b.Judge(it, w.standing(it.Record), w.now)
			if refusal != nil {
				refused.Items = append(refused.Items, *refusal)
				continue
			}
			if w.onHold(it.Record) {
				t.Fatalf("%s is granted while on hold", it.Record)
			}
			granted.Items = append(granted.Items, grant)
			w.granted[it.Record] = true
		}
		if len(refused.Items) > 0 {
			w.append(t, record.EntryRefusal, "dee", refused)
		}
		if len(granted.Items) > 0 {
			w.people(t, b)
			w.append(t, record.EntryGrant, "dee", granted)
		}
		return
	}
	// Resume: what no longer passes and is whole is taken back.
	back := record.DisposalRefused{Batch: b.Batch, Grant: g.Index}
	for _, it := range g.Items {
		if _, refusal := b.Judge(it.DisposalItem, w.standing(it.Record), w.now); refusal != nil && w.objects[it.Record] {
			back.Items = append(back.Items, *refusal)
			delete(w.granted, it.Record)
		}
	}
	if len(back.Items) > 0 {
		w.append(t, record.EntryWithdrawal, "dee", back)
		if b = w.batch(t); b.Open() == nil {
			return
		}
		g = b.Open()
	}
	for _, it := range g.Items {
		if rapid.Bool().Draw(t, "killed") {
			return
		}
		if w.objects[it.Record] && w.onHold(it.Record) {
			t.Fatalf("%s is destroyed while on hold", it.Record)
		}
		w.objects[it.Record] = false
	}
	d := record.Disposed{Batch: b.Batch, Grant: g.Index}
	for _, it := range g.Items {
		d.Records = append(d.Records, record.Stub{Record: it.Record})
	}
	w.append(t, record.EntryDisposal, "dee", d)
	w.append(t, record.EntrySwept, "dee", record.DisposalSwept{Batch: b.Batch, Grant: g.Index})
}

// people wants two of them behind whatever is freed, unless the class says auto.
func (w *world) people(t *rapid.T, b *disposal.Batch) {
	behind := map[string]bool{b.By: true}
	for _, a := range b.Approvals {
		behind[a.By] = true
	}
	want := 2
	switch {
	case w.class == "ADM-00" && b.Unusual == "":
		want = 1
	case w.class == "BIG-01":
		want = 3
	}
	if b.Unusual != "" && w.class != "ADM-00" {
		want++
	}
	if len(behind) < want {
		t.Fatalf("a batch of class %s (unusual: %q) is freed with %d people behind it", w.class, b.Unusual, len(behind))
	}
	at, err := b.ReadyAt(time.UTC)
	if err != nil || w.now.Before(at) {
		t.Fatalf("a batch is freed before its cooling-off is over: %v, %v", at, err)
	}
}

// TestNothingOnHoldIsEverDestroyed is of every interleaving of placing,
// releasing, proposing, approving, excluding, executing and dying.
func TestNothingOnHoldIsEverDestroyed(t *testing.T) {
	schedule, err := retention.Load([]byte(scheduleText))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		class := rapid.SampledFrom([]string{"ADM-00", "ADM-01", "BIG-01"}).Draw(t, "class")
		folder := map[string]string{"ADM-00": "transitory", "ADM-01": "routine", "BIG-01": "weighty"}[class]
		w := &world{schedule: schedule, now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), class: class, facts: map[record.ID]record.Facts{},
			holds: map[string]retention.Hold{}, objects: map[record.ID]bool{}, granted: map[record.ID]bool{}}
		excluded := map[record.ID]bool{}
		for i := range 5 {
			id := record.ID(fmt.Sprintf("r%d", i))
			sent := w.now.AddDate(-rapid.IntRange(0, 2).Draw(t, "years"), 0, 0)
			w.facts[id] = record.Facts{Kind: record.Email, Custodian: people[i%2], Folder: folder, Sent: sent, Received: sent, Captured: sent}
			w.objects[id] = true
		}
		t.Repeat(map[string]func(*rapid.T){
			"place": func(t *rapid.T) {
				name := fmt.Sprintf("h%d", rapid.IntRange(0, 2).Draw(t, "hold"))
				scope := rapid.SampledFrom([]record.Scope{{}, {Custodians: []string{"ann"}}, {Records: []record.ID{"r3"}}, {Query: "flood", Custodians: []string{"bob"}}}).Draw(t, "scope")
				w.holds[name] = retention.Hold{Hold: name, Type: "inquiry", Matter: "m", Scope: scope}
			},
			"release": func(t *rapid.T) { delete(w.holds, fmt.Sprintf("h%d", rapid.IntRange(0, 2).Draw(t, "hold"))) },
			"days":    func(t *rapid.T) { w.now = w.now.AddDate(0, 0, rapid.IntRange(1, 40).Draw(t, "days")) },
			"propose": w.propose, "approve": w.approve, "execute": w.execute, "execute more": w.execute,
			"exclude": func(t *rapid.T) {
				b := w.batch(t)
				if b == nil || len(b.Remaining()) == 0 || b.Certificate != nil {
					return
				}
				id := b.Remaining()[0].Record
				excluded[id] = true
				w.append(t, record.EntryExclusion, "cy", record.DisposalExcluded{Batch: b.Batch, Records: []record.ID{id}, Reason: "kept"})
			},
			"": func(t *rapid.T) {
				for id, there := range w.objects {
					if !there && !w.granted[id] {
						t.Fatalf("%s is gone, and nothing granted it", id)
					}
				}
				if b := w.batch(t); b != nil {
					for id := range b.Gone {
						if _, kept := b.Excluded(id); kept {
							t.Fatalf("%s was excluded and is gone", id)
						}
					}
				}
			},
		})
	})
}

func TestStatementIsOneLineAKey(t *testing.T) {
	b := &disposal.Batch{DisposalProposed: record.DisposalProposed{Batch: "D-1", Ground: record.GroundSpillage, Reason: "x\nas: dro\u2028archive: other", Schedule: "1",
		Items: []record.DisposalItem{{Record: "b", Holdings: []int64{7, 9}}, {Record: "a", Holdings: []int64{3}}}}, By: "uid:1"}
	b.Exclusions = []disposal.Exclusion{{DisposalExcluded: record.DisposalExcluded{Records: []record.ID{"b"}}}}
	text := b.Statement(disposal.Archive{ID: "abc", Authority: "Dept"}, "manager", "ann", 0)
	if strings.Count(text, "\nas: ") != 1 || strings.Count(text, "\narchive: ") != 1 {
		t.Errorf("a reason adds lines to a statement:\n%s", text)
	}
	after := b.Statement(disposal.Archive{ID: "abc", Authority: "Dept"}, "manager", "ann", 1)
	if !strings.Contains(text, "\nrecords: 2 of 2 proposed\n") || !strings.Contains(after, "\nrecords: 1 of 2 proposed\n") || text == after {
		t.Errorf("the statement does not say what is left of the list:\n%s", after)
	}
	if want := record.Sum([]byte("a 3\nb 7,9\n")); disposal.ListDigest(b.Items) != want {
		t.Errorf("the list's digest is %s, want %s", disposal.ListDigest(b.Items), want)
	}
}

func TestTheBreaker(t *testing.T) {
	for _, c := range []struct {
		granted, refused int
		trips            bool
	}{{0, 3, false}, {0, 4, true}, {12, 4, false}, {11, 4, true}, {100, 30, false}, {100, 40, true}} {
		if got := disposal.Tripped(c.granted, c.refused) != ""; got != c.trips {
			t.Errorf("%d passed and %d refused: trips %t, want %t", c.granted, c.refused, got, c.trips)
		}
	}
	ten := &disposal.Batch{Gone: map[record.ID]record.Stub{}}
	for i := range 10 {
		ten.Gone[record.ID(fmt.Sprint(i))] = record.Stub{}
	}
	for _, c := range []struct {
		records int
		before  []*disposal.Batch
		unusual bool
	}{{5, nil, false}, {6, nil, true}, {50, []*disposal.Batch{ten}, false}, {51, []*disposal.Batch{ten}, true}} {
		if got := disposal.Unusual(c.records, c.before, 5, 5) != ""; got != c.unusual {
			t.Errorf("%d records after %d batches: unusual %t, want %t", c.records, len(c.before), got, c.unusual)
		}
	}
}
