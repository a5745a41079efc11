package daemon_test

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention/disposal"
)

// severally has a class for each way in which a batch is approved, told apart
// by the letter's sender.
const severally = `schema: retention-schedule/v1
authority: {name: Department for Floods, dro: "role:dro"}
version: "2026.7"
status: approved
approved_by: someone
approved_on: 2026-01-01
review_by: 2096-01-01
defaults: {unclassified: UNC-00, cooling_off: P7D}
classes:
  - {id: TWO-01, title: Weighty, trigger: captured, period: P1D, action: destroy, approval: {level: required, extra_role: dro}, authority: [Local policy]}
  - {id: AUT-01, title: Transitory, trigger: captured, period: P1D, action: destroy, approval: {level: auto, max_batch: 2}, authority: [Local policy]}
  - {id: ONE-01, title: Routine, trigger: captured, period: P1D, action: destroy, authority: [Local policy]}
  - {id: LAT-01, title: Kept longer, trigger: captured, period: P60D, action: destroy, authority: [Local policy]}
  - {id: UNC-00, title: Unclassified, trigger: captured, period: P1Y, action: review, authority: [Local policy]}
rules:
  - {id: phone, match: {source: phone}, class: LAT-01}
  - {id: two, match: {from: "*two*"}, class: TWO-01}
  - {id: auto, match: {from: "*auto*"}, class: AUT-01}
  - {id: one, match: {from: "*one*"}, class: ONE-01}
`

// arrive delivers letters from these people to the office.
func (o *office) arrive(t *testing.T, words ...string) {
	t.Helper()
	for i, w := range words {
		o.server.Folder("INBOX").Add(letter(i, w))
	}
	o.capture(t) // unless the mailbox told of them before
	for _, w := range words {
		if n := o.search(t, `"About the `+w+`"`).Total; n != 1 {
			t.Fatalf("%d letters about %s", n, w)
		}
	}
	o.days(2)
}

func (o *office) proposed(t *testing.T, class string) v1.Batch {
	t.Helper()
	return call[v1.Batch](t, o.served, http.MethodPost, "/v1/disposals", v1.Propose{Class: class, Confirm: true})
}

// TestWhoHasToApprove: a class that asks for a second role is destroyed only
// with both; a class of auto approval goes without, up to its limit; one that
// is unusual needs two managers; and nobody counts twice.
func TestWhoHasToApprove(t *testing.T) {
	t.Parallel()
	o := openOffice(t, severally, "disposal: {roles: [{role: dro, names: [dee]}], unusual_from: 3, unusual_times: 1, chunk: 2}\n")
	o.arrive(t, "two", "auto-a", "auto-b", "one-a", "one-b", "one-c", "one-d")

	b := o.proposed(t, "TWO-01")
	_, err := o.approve(t, "ann", b.Batch, "manager")
	must(t, err)
	_, err = o.approve(t, "ann", b.Batch, "dro")
	wants(t, err, "you may not approve as dro")
	_, err = o.approve(t, "bob", b.Batch, "manager")
	wants(t, err, "waits for the approval of a dro")
	o.days(8)
	_, err = o.execute(t, b.Batch)
	wants(t, err, "waits for the approval of a dro")
	_, err = o.approve(t, "dee", b.Batch, "dro")
	must(t, err)
	_, err = o.execute(t, b.Batch)
	wants(t, err, "cools off until") // from the last approval on
	o.days(8)
	_, err = o.execute(t, b.Batch)
	must(t, err)
	if got := o.batch(t, b.Batch); got.Destroyed != 1 || o.objects(t) != 6 {
		t.Errorf("%+v; %d objects", got, o.objects(t))
	}

	auto := o.proposed(t, "AUT-01")
	if len(auto.Needs) != 0 || auto.State != disposal.Cooling {
		t.Errorf("a class of auto approval waits for somebody: %+v", auto)
	}
	o.days(8)
	_, err = o.execute(t, auto.Batch)
	must(t, err)
	o.arrive(t, "auto-c", "auto-d", "auto-e")
	if over := o.proposed(t, "AUT-01"); !slices.Equal(over.Needs, []string{"manager"}) || over.State != disposal.Proposed {
		t.Errorf("more than max_batch needs nobody: %+v", over)
	}

	many := o.proposed(t, "ONE-01")
	if !slices.Equal(many.Needs, []string{"manager", "manager"}) || many.Unusual == "" {
		t.Errorf("what is unusual: %+v", many)
	}
	_, err = o.approve(t, "ann", many.Batch, "manager")
	must(t, err)
	_, err = o.approve(t, "ann", many.Batch, "manager")
	wants(t, err, "each approval of batch")
	_, err = o.approve(t, "bob", many.Batch, "manager")
	must(t, err)
	o.tripped(t, many.Batch)
}

// tripped puts most of a batch on hold once it is approved: the check finds
// that something has changed, and ends it before anything is deleted.
func (o *office) tripped(t *testing.T, batch string) {
	t.Helper()
	before := o.objects(t)
	call[v1.Hold](t, o.served, http.MethodPost, "/v1/holds", record.HoldPlaced{Hold: "all", Type: "moratorium", Matter: "m", Scope: record.Scope{Sources: []string{"office"}}})
	o.days(8)
	for range 2 {
		_, err := o.execute(t, batch)
		wants(t, err, "stopped: 4 of 4 records did not pass the check")
	}
	if got := o.batch(t, batch); got.State != disposal.Abandoned || got.Destroyed != 0 || !strings.Contains(got.Abandoned, "did not pass the check") || o.objects(t) != before {
		t.Errorf("%+v; %d of %d objects", got, o.objects(t), before)
	}
}

// TestPossessionsEndOneByOne: the same octets in two places are one record. It
// stays until the last possession of it has ended.
func TestPossessionsEndOneByOne(t *testing.T) {
	t.Parallel()
	o := openOffice(t, severally, "")
	must(t, os.WriteFile(o.path("drop/one.eml"), letter(0, "one"), 0o600))
	for seen := int64(0); seen == 0; { // once the file has lain still
		seen = call[[]v1.Run](t, o.served, http.MethodPost, "/v1/capture", v1.Capture{Sources: []string{"phone"}})[0].Counts.Seen
	}
	o.arrive(t, "one")
	found := o.search(t, "cellar")
	if found.Total != 1 || o.objects(t) != 1 {
		t.Fatalf("%d messages, %d objects", found.Total, o.objects(t))
	}
	id := string(found.Hits[0].ID)
	explain := func() v1.Explanation {
		return call[v1.Explanation](t, o.served, http.MethodGet, "/v1/records/"+id+"/explain", nil)
	}
	if x := explain(); len(x.Holdings) != 2 || x.Outcome.Disposable {
		t.Fatalf("%+v", x)
	}
	first := o.proposed(t, "ONE-01")
	_, err := o.approve(t, "ann", first.Batch, "manager")
	must(t, err)
	o.days(8)
	_, err = o.execute(t, first.Batch)
	must(t, err)
	if got := o.batch(t, first.Batch); got.Destroyed != 0 || got.Retired != 1 || o.objects(t) != 1 {
		t.Errorf("the first possession: %+v; %d objects", got, o.objects(t))
	}
	if x := explain(); len(x.Holdings) != 1 || x.Holdings[0].Holding.Source != "phone" || x.Destroyed != nil {
		t.Errorf("after the first: %+v", x)
	}
	if o.search(t, "cellar").Total != 1 || o.search(t, "cellar source:office").Total != 0 || o.search(t, "cellar source:phone").Total != 1 {
		t.Error("what is found after the first possession has ended")
	}
	if _, err := o.reader().Texts(t.Context(), id, "FOI-1", plainText{}); err != nil {
		t.Errorf("what somebody still has cannot be read: %v", err)
	}
	if again := o.capture(t); again.Captured != 0 {
		t.Errorf("%d came back", again.Captured)
	}

	o.days(60)
	last := o.proposed(t, "LAT-01")
	_, err = o.approve(t, "ann", last.Batch, "manager")
	must(t, err)
	o.days(8)
	_, err = o.execute(t, last.Batch)
	must(t, err)
	if got := o.batch(t, last.Batch); got.Destroyed != 1 || o.objects(t) != 0 || o.search(t, "cellar").Total != 0 {
		t.Errorf("the last possession: %+v; %d objects", got, o.objects(t))
	}
	if x := explain(); x.Destroyed == nil || len(x.Destroyed.Stub.Holdings) != 2 {
		t.Errorf("what is left says who had it: %+v", x.Destroyed)
	}
}

// TestListsByCron: lists are proposed by themselves, of each class that has
// something due to be destroyed and of no other, once; and a person approves.
func TestListsByCron(t *testing.T) {
	t.Parallel()
	o := openOffice(t, severally, "disposal: {propose: \"@every 1s\"}\n")
	o.arrive(t, "one-a", "one-b", "nothing")
	var list []v1.Batch
	for range 100 {
		if list = call[[]v1.Batch](t, o.served, http.MethodGet, "/v1/disposals", nil); len(list) > 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if len(list) != 1 || list[0].Class != "ONE-01" || list[0].Totals.Records != 2 || list[0].State != disposal.Proposed || list[0].By != "daemon" {
		t.Fatalf("%+v", list)
	}
	time.Sleep(1200 * time.Millisecond) // the next time finds them on a list
	if again := call[[]v1.Batch](t, o.served, http.MethodGet, "/v1/disposals", nil); len(again) != 1 {
		t.Errorf("proposed again: %+v", again)
	}
	_, err := o.approve(t, "ann", list[0].Batch, "manager")
	must(t, err)
	o.days(8)
	_, err = o.execute(t, list[0].Batch)
	must(t, err)
	if got := o.batch(t, list[0].Batch); got.Destroyed != 2 {
		t.Errorf("%+v", got)
	}
}
