package daemon

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/disclosure"
	"github.com/closeroll/closeroll/search/foi"
)

// copyRoutes are the calls about originals that another tool redacts, and the
// copies that it makes.
func (d *Daemon) copyRoutes() []api.Route {
	officers := api.For(api.Officer)
	return []api.Route{
		api.Call(http.MethodPost, "/v1/requests/{ref}/handoffs", officers, d.postHandoff),
		api.Call(http.MethodPost, "/v1/requests/{ref}/copies/begin", officers, d.postBeginCopy),
		api.Receive(http.MethodPost, "/v1/requests/{ref}/copies", officers, d.postCopy),
		api.Call(http.MethodPost, "/v1/requests/{ref}/copies/remove", officers, d.postRemoveCopy),
	}
}

func copyFault(format string, args ...any) error {
	return &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf(format, args...), Hint: "see closeroll foi attach --help"}
}

// copyOf finds the item of a request's set that a copy is of.
func copyOf(set *foi.Set, item string) (foi.Target, error) {
	targets, err := set.Select([]string{item})
	whole, _, _ := strings.Cut(item, "+")
	if err != nil || len(targets) != 1 || targets[0].ID != item || targets[0].Item.Item != whole {
		return foi.Target{}, copyFault("%s is not one item of the set", item)
	}
	return targets[0], nil
}

// postHandoff notes what was taken out: the reads are in the journal already,
// this says what for.
func (d *Daemon) postHandoff(ctx context.Context, c api.Caller, req v1.HandOff) (v1.Request, error) {
	d.requests.Lock()
	defer d.requests.Unlock()
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return v1.Request{}, err
	}
	set, err := d.requestSet(ctx, c, r, maxAround)
	if err != nil {
		return v1.Request{}, err
	}
	for _, it := range req.Items {
		if _, err := copyOf(set, it.Item); err != nil {
			return v1.Request{}, err
		}
	}
	if r, err = d.amend(ctx, c, req.Changing, record.EntryRequestHandoff, record.RequestHandedOff{Request: r.Ref, Items: req.Items}); err != nil {
		return v1.Request{}, err
	}
	return d.describeRequest(ctx, r)
}

// copiesFolder is where a redacted copy is, among what the custodian of its
// original holds.
const copiesFolder = "Redacted copies"

// A planned copy is a redacted copy before it is a record: where it goes, and
// whose it is. It has the possession of its original, so that the schedule
// decides about it as about that; its class is its own, by its kind.
type plannedCopy struct {
	record  record.Record
	claim   archive.Claim
	request *foi.Request
}

func (d *Daemon) planCopy(ctx context.Context, c api.Caller, req v1.BeginCopy) (plannedCopy, error) {
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return plannedCopy{}, err
	}
	set, err := d.requestSet(ctx, c, r, maxAround)
	if err != nil {
		return plannedCopy{}, err
	}
	target, err := copyOf(set, req.Item)
	if err != nil {
		return plannedCopy{}, err
	}
	id, _, _ := strings.Cut(target.Item.Item, "/")
	row, err := d.find(ctx, c, id)
	if err != nil {
		return plannedCopy{}, err
	}
	holdings, err := d.catalog.Holdings(ctx, row.ID)
	if err != nil {
		return plannedCopy{}, err
	}
	if row.Disposed != "" || len(holdings) == 0 {
		return plannedCopy{}, copyFault("%s was disposed of: nothing of it can be released", req.Item)
	}
	req.File.Path = record.CopyPath
	of, now := holdings[0], d.now().UTC()
	facts := record.Facts{Kind: record.RedactedCopy, Source: of.Source, Custodian: of.Custodian, Role: of.Facts.Role, Grade: of.Facts.Grade, Channel: of.Channel,
		Folder: copiesFolder, Received: now, Captured: now}
	class, rule := d.governor.Classify(facts)
	p := plannedCopy{request: r, claim: archive.Claim{Facts: facts, Holding: record.Holding{Source: of.Source, Custodian: of.Custodian, Channel: of.Channel,
		Folder: copiesFolder, Class: class, Rule: rule, Since: now}}}
	p.record = record.Record{Format: record.Format, Kind: record.RedactedCopy, Vault: row.Vault, Components: []record.Component{req.File}}
	p.record.ID, err = d.archive.IdentifyFor(ctx, row.Vault, record.RedactedCopy, p.record.Components, p.claim)
	return p, err
}

// postBeginCopy says how a copy is to be sealed: the caller does that, so that
// this daemon never has it in clear.
func (d *Daemon) postBeginCopy(ctx context.Context, c api.Caller, req v1.BeginCopy) (v1.CopyTo, error) {
	p, err := d.planCopy(ctx, c, req)
	if err != nil {
		return v1.CopyTo{}, err
	}
	vault, err := d.archive.VaultNamed(p.record.Vault)
	if err != nil {
		return v1.CopyTo{}, err
	}
	return v1.CopyTo{Record: p.record, Epoch: vault.Epoch, Recipient: vault.Recipient.String(), Known: p.request.Copies()[req.Item].Entry}, nil
}

// maxCopyHead bounds the line before a copy's octets.
const maxCopyHead = 64 << 10

type toRef struct {
	Ref string `path:"ref" json:"-"`
}

// postCopy takes a sealed copy: it is a record and linked to its item in one
// moment, or neither.
func (d *Daemon) postCopy(ctx context.Context, c api.Caller, to toRef, body io.Reader) (v1.Copied, error) {
	in := bufio.NewReaderSize(body, maxCopyHead)
	line, err := in.ReadSlice('\n')
	if err != nil {
		return v1.Copied{}, copyFault("the call does not begin with a line that says what is brought")
	}
	var req v1.AttachCopy
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&req); err != nil {
		return v1.Copied{}, copyFault("the call's first line is not understood")
	}
	req.Ref = to.Ref
	for code := range req.Findings {
		if _, err := disclosure.ParseCodes([]string{code}); err != nil {
			return v1.Copied{}, copyFault("%v", err)
		}
	}
	p, err := d.planCopy(ctx, c, req.BeginCopy)
	if err != nil {
		return v1.Copied{}, err
	}
	room, err := d.spool.Reserve(ctx, 0)
	if err != nil {
		return v1.Copied{}, err
	}
	defer room.Cancel()
	sealed, err := room.Fill(in)
	if err != nil {
		return v1.Copied{}, err
	}
	defer sealed.Close()
	return d.attach(ctx, c, req, p, sealed)
}

// attach stores a sealed copy and journals it with its link.
func (d *Daemon) attach(ctx context.Context, c api.Caller, req v1.AttachCopy, p plannedCopy, sealed archive.SealedOctets) (v1.Copied, error) {
	stored, err := d.archive.PutSealed(ctx, p.record, req.Epoch, sealed, p.claim)
	switch {
	case errors.Is(err, archive.ErrNoVault):
		return v1.Copied{}, &api.Error{Code: api.CodeConflict, Message: "the vault has a new epoch since the copy was sealed", Hint: "attach it again"}
	case errors.Is(err, archive.ErrNotSealed):
		return v1.Copied{}, copyFault("%v", err)
	case err != nil:
		return v1.Copied{}, err
	}
	d.requests.Lock()
	defer d.requests.Unlock()
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return v1.Copied{}, err
	}
	if r.Copies()[req.Item].Entry != req.Known {
		return v1.Copied{}, &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("%s: %v", req.Item, foi.ErrCopiedMeanwhile),
			Hint: "nothing was attached; look again: closeroll foi show " + req.Ref}
	}
	file := p.record.Components[0]
	link := record.RequestCopied{Request: req.Ref, Item: req.Item, Known: req.Known, Record: p.record.ID, Digest: file.Digest, Size: file.Size,
		Findings: req.Findings, Acknowledged: req.Acknowledged, Note: req.Note}
	entries, err := d.amendment(ctx, c, v1.Changing{Ref: req.Ref}, record.EntryRequestCopy, []any{link}, 1)
	if err != nil {
		return v1.Copied{}, err
	}
	if stored.Known {
		err = d.archive.Journal(ctx, entries...)
	} else {
		capture := &archive.Capture{Ingestion: record.Ingestion{Record: stored.Record, Kind: record.RedactedCopy, Vault: stored.Vault, Epoch: stored.Epoch,
			Sealed: stored.Sealed, SealedSize: stored.Size, Manifest: stored.Manifest, Components: p.record.Components, Messages: []record.Message{},
			Display: "redacted copy for " + req.Ref, Facts: p.claim.Facts, Holding: p.claim.Holding, TextStatus: record.TextNone, Adopted: stored.Adopted, Lock: stored.Lock}}
		err = d.archive.Commit(ctx, c.ID, []*archive.Capture{capture}, nil, entries...)
	}
	if err != nil {
		return v1.Copied{}, err
	}
	r, _, err = d.request(ctx, req.Ref)
	if err != nil {
		return v1.Copied{}, err
	}
	return r.Copies()[req.Item], nil
}

// postRemoveCopy says that no copy is released in place of an item any more.
func (d *Daemon) postRemoveCopy(ctx context.Context, c api.Caller, req v1.RemoveCopy) (v1.Request, error) {
	return d.note(ctx, c, req.Changing, record.EntryRequestCopy, record.RequestCopied{Request: req.Ref, Item: req.Item, Known: req.Known, Note: req.Note})
}
