package daemon

import (
	"context"
	"errors"
	"fmt"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/alert"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/bearer"
)

// ask puts a request to the sources named, or to all, one after another, and
// passes on what came of each.
func (d *Daemon) ask(ctx context.Context, names []string, req request, each func(outcome)) error {
	wanted := d.sources
	if len(names) > 0 {
		wanted = nil
		for _, name := range names {
			s := d.source(name)
			if s == nil {
				return noSource(name)
			}
			wanted = append(wanted, s)
		}
	}
	for _, s := range wanted {
		reply := make(chan outcome, 1)
		req.reply = reply
		select {
		case s.asked <- req:
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case out := <-reply:
			each(out)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// postReconcile compares mailboxes with the catalog now. Drop folders are passed
// over unless they are named.
func (d *Daemon) postReconcile(ctx context.Context, _ api.Caller, req v1.Reconcile) ([]v1.Reconciled, error) {
	names := req.Sources
	if len(names) == 0 {
		for _, s := range d.sources {
			if s.cfg.IMAP != nil {
				names = append(names, s.Name)
			}
		}
		if len(names) == 0 {
			return []v1.Reconciled{}, nil
		}
	}
	for _, name := range names {
		if s := d.source(name); s != nil && s.cfg.IMAP == nil {
			return nil, &api.Error{Code: api.CodeUsage, Message: "source " + name + " is a drop folder, which keeps no list to compare with",
				Hint: "closeroll reconcile without a name compares every mailbox"}
		}
	}
	out := []v1.Reconciled{}
	err := d.ask(ctx, names, request{reconcile: true, samples: req.Samples}, func(o outcome) {
		r := v1.Reconciled{Reconciliation: o.reconciled, Run: o.run}
		if r.Source = o.run.Source; o.err != nil {
			r.Error = o.err.Error()
		}
		out = append(out, r)
	})
	return out, err
}

// reconcile compares a source with the catalog. What differs is journalled and
// is an alert until a later reconciliation finds that all is well.
func (d *Daemon) reconcile(ctx context.Context, s *source, samples int) (record.Reconciliation, error) {
	done, err := d.begin(ctx, s)
	if err != nil {
		return record.Reconciliation{}, err
	}
	found, err := d.pipeline.Reconcile(ctx, s.Source, samples)
	done()
	switch {
	case err != nil:
		if ctx.Err() == nil {
			d.lg.Warn("source could not be reconciled", "source", s.Name, "error", err)
		}
		return found, err
	case found.Clean():
		d.alerts.Clear(ctx, alert.SourceDiffers, s.Name)
	default:
		d.alerts.Raise(ctx, alert.SourceDiffers, s.Name, fmt.Sprintf("%d messages missing, %d with other octets, %d folders not opened",
			found.Missing, found.Differs, len(found.Refused)))
	}
	d.lg.Info("source was reconciled", "source", s.Name, "listed", found.Listed, "missing", found.Missing, "differs", found.Differs,
		"checked", found.Checked)
	return found, nil
}

// postLogin lets a person open a mailbox to the daemon with a code on another
// device. The first line has the code; the last says that it is done.
func (d *Daemon) postLogin(ctx context.Context, caller api.Caller, req toSource, reply *api.Reply) error {
	s := d.source(req.Source)
	if s == nil {
		return noSource(req.Source)
	}
	if s.cfg.IMAP == nil || s.cfg.IMAP.Auth == nil || s.cfg.IMAP.Auth.Grant != string(bearer.DeviceCode) {
		return &api.Error{Code: api.CodeUsage, Message: "source " + s.Name + " is not opened by a person with a code",
			Hint: "that is for mailboxes whose configuration says grant: device_code"}
	}
	if err := d.archive.JournalOne(ctx, record.EntryLogin, caller.ID, record.Login{Source: s.Name}); err != nil {
		return err
	}
	tokens, err := d.tokens(s.cfg)
	if err != nil {
		return err
	}
	err = tokens.Login(ctx, func(p bearer.Prompt) error {
		return errors.Join(reply.Line(v1.LoginStep{Source: s.Name, Code: p.Code, URL: p.URL, Expires: p.Expires}), reply.Flush())
	})
	switch {
	case errors.Is(err, bearer.ErrDenied):
		return &api.Error{Code: api.CodeConflict, Message: err.Error(), Hint: "begin again with closeroll login " + s.Name}
	case errors.Is(err, context.DeadlineExceeded):
		return &api.Error{Code: api.CodeTimeout, Message: "the code has expired", Hint: "begin again with closeroll login " + s.Name}
	case err != nil:
		return err
	}
	return reply.Line(v1.LoginStep{Source: s.Name, Done: true})
}

type gapsOf struct {
	Source string `path:"source" json:"-"`
	From   string `json:"from"`
}

// getGaps lists what the folders of a mailbox numbered by day.
func (d *Daemon) getGaps(ctx context.Context, _ api.Caller, req gapsOf) ([]v1.Gap, error) {
	if d.source(req.Source) == nil {
		return nil, noSource(req.Source)
	}
	days, err := d.catalog.Gaps(ctx, req.Source, req.From)
	out := make([]v1.Gap, len(days))
	for i, day := range days {
		out[i] = v1.Gap{Folder: day.Folder, Day: day.Day, Issued: day.Issued, Seen: day.Seen, CameAndWent: day.CameAndWent()}
	}
	return out, err
}
