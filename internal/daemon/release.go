package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/sshsig"
)

func (d *Daemon) holdRoutes() []api.Route {
	readers := api.For(api.Officer, api.Manager, api.Auditor)
	return []api.Route{
		api.Call(http.MethodPost, "/v1/holds/{hold}/release", api.For(api.Manager), d.postRelease),
		api.Call(http.MethodPost, "/v1/holds/{hold}/withdrawal", api.For(api.Manager), d.postWithdrawal),
		api.Call(http.MethodPost, "/v1/holds/{hold}/notice", api.For(api.Manager), d.postNotice),
		api.Call(http.MethodPost, "/v1/holds/{hold}/acknowledgement", api.For(api.Manager, api.Officer), d.postAcknowledgement),
		api.Call(http.MethodGet, "/v1/holds/report", readers, d.getHoldReport),
	}
}

// A release asks for a hold to end.
type release struct {
	Hold string `path:"hold" json:"-"`
	v1.Release
}

// agreement is that to a hold's release, if there is one.
func agreement(h catalog.HoldRow) *v1.Agreement {
	if h.Agreed == nil {
		return nil
	}
	return &v1.Agreement{ReleaseAgreed: h.Agreed.ReleaseAgreed, At: h.Agreed.At, Actor: h.Agreed.Actor}
}

// liveHold returns a hold that is in force.
func (d *Daemon) liveHold(ctx context.Context, name string) (catalog.HoldRow, error) {
	rows, err := d.catalog.Holds(ctx, false)
	if err != nil {
		return catalog.HoldRow{}, err
	}
	for _, r := range rows {
		if r.Hold == name {
			return r, nil
		}
	}
	return catalog.HoldRow{}, &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("no hold %q is in force", name), Hint: "closeroll hold list lists those that are"}
}

// postRelease agrees to the end of a hold, which comes when the cooling-off is
// over. Nothing is deleted by it.
func (d *Daemon) postRelease(ctx context.Context, c api.Caller, req release) (v1.Agreement, error) {
	agreed, err := d.agree(c, req)
	if err != nil {
		return v1.Agreement{}, err
	}
	defer d.warden.stir()
	_, err = d.archive.Decide(ctx, func(ctx context.Context) ([]journal.Entry, error) {
		h, err := d.liveHold(ctx, req.Hold)
		switch {
		case err != nil:
			return nil, err
		case h.Actor == c.ID: // release needs a second person: domain practice for every hold
			return nil, &api.Error{Code: api.CodeDenied, Message: "a hold is released by another person than placed it", Hint: "ask another manager"}
		case h.Agreed != nil:
			return nil, &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("its release was agreed on %s", h.Agreed.At.Format("2 January 2006")),
				Hint: "it ends after " + h.Agreed.After.Long() + ", unless closeroll hold withdraw comes before"}
		}
		e, err := journal.NewEntry(record.EntryReleaseAgreed, c.ID, agreed)
		if err != nil || !d.cfg.Approvals.ReleaseAfter.IsZero() {
			return []journal.Entry{e}, err
		}
		end, err := journal.NewEntry(record.EntryRelease, c.ID, record.HoldReleased{Hold: req.Hold, Reason: req.Reason})
		return []journal.Entry{e, end}, err
	})
	return v1.Agreement{ReleaseAgreed: agreed, At: d.now().UTC(), Actor: c.ID}, err
}

// agree checks what is asked, and the caller's signature where one is given or
// wanted.
func (d *Daemon) agree(c api.Caller, req release) (record.ReleaseAgreed, error) {
	out := record.ReleaseAgreed{Hold: req.Hold, Reason: req.Reason}
	switch {
	case strings.TrimSpace(req.Reason) == "":
		return out, &api.Error{Code: api.CodeUsage, Message: "a release needs a reason", Hint: "give it with --reason"}
	case req.Signature == "" && d.cfg.Approvals.SignReleases:
		return out, &api.Error{Code: api.CodeUsage, Message: "the release of a hold is signed here", Hint: "give your SSH key with --sign"}
	case req.Signature != "":
		signer, err := d.signed(c, sshsig.HoldRelease, record.ReleaseStatement(req.Hold, req.Reason), req.Signature)
		if err != nil {
			return out, err
		}
		out.Signer, out.Key, out.Signature = signer.Principal, signer.Fingerprint, req.Signature
	}
	if after := d.cfg.Approvals.ReleaseAfter; !after.IsZero() {
		out.After = after.After(record.DateOf(d.now(), d.zone))
	}
	return out, nil
}

// postWithdrawal takes an agreement back: the hold goes on.
func (d *Daemon) postWithdrawal(ctx context.Context, c api.Caller, req release) (none, error) {
	if strings.TrimSpace(req.Reason) == "" {
		return none{}, &api.Error{Code: api.CodeUsage, Message: "a withdrawal needs a reason", Hint: "give it with --reason"}
	}
	_, err := d.archive.Decide(ctx, func(ctx context.Context) ([]journal.Entry, error) {
		h, err := d.liveHold(ctx, req.Hold)
		if err != nil {
			return nil, err
		}
		if h.Agreed == nil {
			return nil, &api.Error{Code: api.CodeConflict, Message: "nobody has agreed to its release", Hint: "closeroll hold list says how each hold stands"}
		}
		e, err := journal.NewEntry(record.EntryReleaseDropped, c.ID, record.ReleaseAgreed{Hold: req.Hold, Reason: req.Reason})
		return []journal.Entry{e}, err
	})
	return none{}, err
}

// endHolds ends the holds whose release has cooled off. Until their end is
// journalled they are in force, whatever the clock says.
func (d *Daemon) endHolds(ctx context.Context) {
	ended, err := d.archive.Decide(ctx, func(ctx context.Context) ([]journal.Entry, error) {
		rows, err := d.catalog.Holds(ctx, false)
		if err != nil {
			return nil, err
		}
		var entries []journal.Entry
		today := record.DateOf(d.now(), d.zone)
		for _, h := range rows {
			if h.Agreed == nil || !today.After(h.Agreed.After) {
				continue
			}
			e, err := journal.NewEntry(record.EntryRelease, daemonActor, record.HoldReleased{Hold: h.Hold, Reason: h.Agreed.Reason, By: h.Agreed.Actor})
			if err != nil {
				return nil, err
			}
			entries = append(entries, e)
		}
		return entries, nil
	})
	if ended >= 0 {
		d.warden.stir()
	}
	if err != nil && !errors.Is(err, journal.ErrPenLost) && ctx.Err() == nil {
		d.lg.Warn("holds whose release has cooled off could not be ended; they stay in force", "error", err)
	}
}
