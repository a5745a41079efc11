package daemon_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention/disposal"
	"github.com/closeroll/closeroll/retention/transfer"
)

const ministerial = `schema: retention-schedule/v1
authority: {name: Department for Floods, dro: "role:dro"}
version: "2026.7"
status: approved
approved_by: someone
approved_on: 2026-01-01
review_by: 2096-01-01
defaults: {unclassified: UNC-00, cooling_off: P7D}
classes:
  - {id: MIN-01, title: Ministerial, trigger: captured, period: P100D, warn_before: P90D, action: transfer, approval: {level: required, extra_role: dro}, authority: [PRA 1958]}
  - {id: UNC-00, title: Unclassified, trigger: captured, period: P1Y, action: review, authority: [Local policy]}
rules:
  - {id: office, match: {source: office}, class: MIN-01}
`

// send packages a transfer as the verb does, and tells the daemon.
func (o *office) send(t *testing.T, batch string, limits transfer.Limits) *transfer.Plan {
	t.Helper()
	x := call[v1.Transfer](t, o.served, http.MethodGet, "/v1/transfers/"+batch, nil)
	var items []transfer.Item
	for _, it := range x.Items {
		if len(it.Holds) == 0 {
			items = append(items, transfer.Item{Record: it.ID, Kind: it.Kind, Display: it.Display, From: it.From, Until: it.Until, Captured: it.Captured, Components: it.Components})
		}
	}
	plan := transfer.Divide(batch, items, limits)
	rows := transfer.Draft(plan)
	for i := range rows {
		rows[i][transfer.ClosureStatus] = transfer.Open
	}
	for _, pack := range plan.Packs {
		if faults := transfer.Check(rows, filesOf(plan), nil, x.Today); len(faults) > 0 {
			t.Fatal(faults)
		}
		w, err := transfer.NewWriter(o.path("out"), pack)
		must(t, err)
		for _, it := range pack.Items {
			b, closer, err := o.reader().Bag(t.Context(), string(it.Record), "transfer")
			must(t, err)
			must(t, errors.Join(w.Add(it, b), closer.Close()))
		}
		made, err := w.Finish(transfer.Info{Organisation: x.Authority, Began: o.now(), Made: o.now()}, rows)
		must(t, errors.Join(err, w.Close()))
		if found, err := transfer.Verify(made.Folder); err != nil || found.Bag != made.Bag {
			t.Fatalf("%+v, %v", found, err)
		}
		call[v1.Batch](t, o.served, http.MethodPost, "/v1/transfers/"+batch+"/packages", v1.Packaged{Package: pack.Number, Of: len(plan.Packs), Plan: plan.Digest(),
			Bag: made.Bag, Metadata: made.Metadata, Series: "FLD 1", Records: pack.Records(), Files: len(pack.Files), Octets: pack.Octets})
	}
	return plan
}

// today is the day by the legal zone.
func (o *office) today(t *testing.T) record.Date {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	must(t, err)
	return record.DateOf(o.now(), zone)
}

func filesOf(p *transfer.Plan) (all []transfer.File) {
	for _, pack := range p.Packs {
		all = append(all, pack.Files...)
	}
	return all
}

// TestTransferUntilItIsConfirmed leads a transfer through its whole life: what
// the place of deposit has not confirmed, or what is on hold, stays.
func TestTransferUntilItIsConfirmed(t *testing.T) {
	t.Parallel()
	o := openOffice(t, ministerial, "disposal: {roles: [{role: dro, names: [dee]}]}\n")
	for i, w := range []string{"xylophone", "quagmire", "zeppelin", "marmalade"} {
		o.server.Folder("INBOX").Add(letter(i, w))
	}
	o.capture(t)
	propose := v1.ProposeTransfer{Propose: v1.Propose{Class: "MIN-01"}, To: "The National Archives"}
	if b := call[v1.Batch](t, o.served, http.MethodPost, "/v1/transfers", propose); b.Totals.Records != 0 {
		t.Fatalf("proposed long before its time: %+v", b)
	}
	o.days(20) // ninety days before it is due it is time to prepare
	propose.Confirm = true
	var b v1.Batch
	must(t, o.people["ann"].Do(t.Context(), http.MethodPost, "/v1/transfers", propose, &b))
	if b.Totals.Records != 4 || b.State != disposal.Proposed || strings.Join(b.Needs, " ") != "manager dro" || !strings.HasPrefix(b.Batch, "T-") {
		t.Fatalf("%+v", b)
	}
	_, err := try[v1.Batch](t, o.served, http.MethodPost, "/v1/transfers/"+b.Batch+"/packages", v1.Packaged{Package: 1, Of: 1, Records: []record.ID{b.Records[0].ID}})
	wants(t, err, "is not approved yet")
	_, err = o.approve(t, "bob", b.Batch, "manager")
	must(t, err)
	_, err = o.approve(t, "bob", b.Batch, "dro")
	wants(t, err, "you may not approve as dro")
	_, err = o.approve(t, "dee", b.Batch, "dro")
	must(t, err)
	o.days(30)
	_, err = o.execute(t, b.Batch)
	wants(t, err, "is not confirmed")

	plan := o.send(t, b.Batch, transfer.Limits{Files: 2, Octets: 1 << 20, File: 1 << 20})
	if got := o.batch(t, b.Batch); got.State != disposal.Pending || len(got.Packages) != 2 {
		t.Fatalf("%+v", got)
	}
	confirm := v1.Confirm{Package: 1, Reference: "TDR-1", On: o.today(t), By: "TNA", File: record.Sum([]byte("receipt")), Size: 7}
	call[v1.Batch](t, o.served, http.MethodPost, "/v1/transfers/"+b.Batch+"/confirmations", confirm)
	o.days(30)
	_, err = o.execute(t, b.Batch)
	wants(t, err, "is not confirmed") // one of two
	confirm.Package, confirm.Reference, confirm.On = 2, "TDR-2", o.today(t)
	call[v1.Batch](t, o.served, http.MethodPost, "/v1/transfers/"+b.Batch+"/confirmations", confirm)
	_, err = o.execute(t, b.Batch)
	wants(t, err, "cools off until")
	kept := plan.Packs[1].Items[1].Record
	call[v1.Hold](t, o.served, http.MethodPost, "/v1/holds", record.HoldPlaced{Hold: "inquiry", Type: "inquiry", Matter: "m", Scope: record.Scope{Records: []record.ID{kept}}})
	o.days(8)

	number, err := o.execute(t, b.Batch)
	must(t, err)
	done := o.batch(t, b.Batch)
	if done.State != disposal.Certified || done.Destroyed != 3 || done.Refused[disposal.OnHold] != 1 || o.objects(t) != 1 {
		t.Fatalf("%+v; %d objects", done, o.objects(t))
	}
	o.transferCertified(t, number)
	x := call[v1.Explanation](t, o.served, http.MethodGet, "/v1/records/"+string(plan.Packs[0].Items[0].Record)+"/explain", nil)
	if x.Destroyed == nil || x.Destroyed.To != "The National Archives" || x.Destroyed.Deposit == nil || x.Destroyed.Deposit.Reference != "TDR-1" {
		t.Errorf("%+v", x.Destroyed)
	}
	why := call[v1.WhyNotAnswer](t, o.served, http.MethodPost, "/v1/explain", v1.WhyNot{Query: "source:office kind:email", For: "FOI-1"})
	said := ""
	for _, part := range why.Parts {
		said += part.Answer + ": " + part.Text + "\n"
	}
	if !strings.Contains(said, "transferred: 3 records were transferred to The National Archives") {
		t.Errorf("why it is not held:\n%s", said)
	}
}

// transferCertified: the certificate says to whom, and by which confirmation.
func (o *office) transferCertified(t *testing.T, number int) {
	t.Helper()
	list := call[[]v1.CertificateLine](t, o.served, http.MethodGet, "/v1/certificates", nil)
	if len(list) != 1 || list[0].Number != number || list[0].Ground != record.GroundConfirmed {
		t.Errorf("%+v", list)
	}
	c := call[disposal.Bundle](t, o.served, http.MethodGet, fmt.Sprintf("/v1/certificates/%d", number), nil)
	text := string(c.Certificate)
	for _, want := range []string{`"ground":"transfer"`, `"transferred_to":"The National Archives"`, `"reference":"TDR-1"`, `"reference":"TDR-2"`,
		`"confirmation_sha256":"` + record.Sum([]byte("receipt")).String() + `"`, `"confirmed_by":"TNA"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the certificate lacks %s:\n%s", want, text)
		}
	}
}

// twoSeries has a class that is transferred for each of two sources.
const twoSeries = `schema: retention-schedule/v1
authority: {name: Department for Floods, dro: "role:dro"}
version: "2026.8"
status: approved
approved_by: someone
approved_on: 2026-01-01
review_by: 2096-01-01
defaults: {unclassified: UNC-00, cooling_off: P7D}
classes:
  - {id: MIN-01, title: Private office, trigger: captured, period: P1D, action: transfer, authority: [Public Records Act 1958]}
  - {id: POL-01, title: Policy, trigger: captured, period: P1D, action: transfer, authority: [Public Records Act 1958]}
  - {id: UNC-00, title: Unclassified, trigger: captured, period: P1Y, action: review, authority: [Local policy]}
rules:
  - {id: office, match: {source: office}, class: MIN-01}
  - {id: phone, match: {source: phone}, class: POL-01}
`

// TestARecordOfTwoSeriesGoesOnceUnderEach: a record that is in two classes that
// are transferred goes with each of them, and is destroyed here with the last.
func TestARecordOfTwoSeriesGoesOnceUnderEach(t *testing.T) {
	t.Parallel()
	o := openOffice(t, twoSeries, "")
	must(t, os.WriteFile(o.path("drop/both.eml"), letter(0, "xylophone"), 0o600))
	for seen := int64(0); seen == 0; { // once the file has lain still
		seen = call[[]v1.Run](t, o.served, http.MethodPost, "/v1/capture", v1.Capture{Sources: []string{"phone"}})[0].Counts.Seen
	}
	o.arrive(t, "xylophone")
	for i, class := range []string{"MIN-01", "POL-01"} {
		var b v1.Batch
		must(t, o.people["ann"].Do(t.Context(), http.MethodPost, "/v1/transfers", v1.ProposeTransfer{Propose: v1.Propose{Class: class, Confirm: true}, To: "The National Archives"}, &b))
		if b.Totals.Records != 1 {
			t.Fatalf("%s: %+v", class, b)
		}
		_, err := o.approve(t, "bob", b.Batch, "manager")
		must(t, err)
		o.send(t, b.Batch, transfer.Limits{Files: 2, Octets: 1 << 20, File: 1 << 20})
		call[v1.Batch](t, o.served, http.MethodPost, "/v1/transfers/"+b.Batch+"/confirmations",
			v1.Confirm{Package: 1, Reference: "TDR-" + class, On: o.today(t), By: "TNA", File: record.Sum([]byte(class)), Size: 7})
		o.days(8)
		_, err = o.execute(t, b.Batch)
		must(t, err)
		if got := o.batch(t, b.Batch); got.State != disposal.Certified || got.Destroyed != i || got.Retired+got.Destroyed != 1 || o.objects(t) != 1-i {
			t.Fatalf("%s: %+v; %d objects", class, got, o.objects(t))
		}
		if again := call[v1.Batch](t, o.served, http.MethodPost, "/v1/transfers", v1.ProposeTransfer{Propose: v1.Propose{Class: class}, To: "The National Archives"}); again.Totals.Records != 0 {
			t.Errorf("%s goes a second time: %+v", class, again)
		}
	}
	if why := call[[]v1.CertificateLine](t, o.served, http.MethodGet, "/v1/certificates", nil); len(why) != 2 {
		t.Errorf("%+v", why)
	}
}
