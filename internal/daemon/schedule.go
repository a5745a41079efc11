package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/alert"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/sshsig"
	"github.com/closeroll/closeroll/retention"
)

// openSchedule puts a schedule in force: the one that was last adopted with a
// signature, whatever the configured file says since; and before there is one,
// the configured file, which counts as a sample, so that nothing is disposed of
// by editing a file on the daemon's host.
func (d *Daemon) openSchedule(ctx context.Context) error {
	d.governor = &governor{catalog: d.catalog, now: d.now}
	if name := string(d.cfg.Approvals.AllowedSigners); name != "" {
		var err error
		if d.signers, err = sshsig.LoadAllowed(name, d.zone); err != nil {
			return fmt.Errorf("approvals.allowed_signers: %w", err)
		}
	}
	inForce, err := d.catalog.Schedule(ctx)
	if err != nil && !errors.Is(err, catalog.ErrNotFound) {
		return err
	}
	if inForce.Signer != "" {
		schedule, err := retention.Load([]byte(inForce.Text))
		if err != nil {
			return fmt.Errorf("the schedule adopted on %s:\n%w", inForce.At.Format("2006-01-02"), err)
		}
		d.governor.current.Store(schedule)
		return nil
	}
	text, err := os.ReadFile(string(d.cfg.Schedule))
	if err != nil {
		return err
	}
	schedule, err := retention.Load(text)
	if err != nil {
		return fmt.Errorf("%s:\n%w", d.cfg.Schedule, err)
	}
	schedule = schedule.Proposed()
	d.governor.current.Store(schedule)
	if inForce.Digest == record.Sum(text) {
		return nil
	}
	return d.archive.JournalOne(ctx, record.EntrySchedule, daemonActor,
		record.ScheduleAdopted{Version: schedule.Version, Status: string(schedule.Status), Digest: record.Sum(text), Text: string(text)})
}

// checkSchedule calls for a person when the schedule's own review is past.
func (d *Daemon) checkSchedule(ctx context.Context) {
	s := d.governor.schedule()
	if notice, _ := s.ReviewNotice(d.now()); notice != "" && record.DateOf(d.now(), s.Location()).After(s.ReviewBy) {
		d.alerts.Raise(ctx, alert.ReviewOverdue, "retention", notice)
		return
	}
	d.alerts.Clear(ctx, alert.ReviewOverdue, "retention")
}

func (d *Daemon) scheduleRoutes() []api.Route {
	return []api.Route{
		api.Call(http.MethodGet, "/v1/retention/schedule", api.For(api.Officer, api.Manager, api.Auditor), d.getSchedule),
		api.Call(http.MethodPost, "/v1/retention/schedule", api.For(api.Manager), d.postSchedule),
	}
}

func (d *Daemon) getSchedule(ctx context.Context, _ api.Caller, _ none) (v1.ScheduleInForce, error) {
	row, err := d.catalog.Schedule(ctx)
	if err != nil {
		return v1.ScheduleInForce{}, err
	}
	s := d.governor.schedule()
	out := v1.ScheduleInForce{ScheduleAdopted: row.ScheduleAdopted, Entry: row.Entry, At: row.At, Actor: row.Actor,
		Authority: s.Authority.Name, ApprovedBy: s.ApprovedBy, ApprovedOn: s.ApprovedOn, ReviewBy: s.ReviewBy, Strict: s.Strict, Notices: s.Notices()}
	out.ReviewNotice, out.Overdue = s.ReviewNotice(d.now())
	for _, c := range s.Classes {
		out.Classes = append(out.Classes, v1.Class{ID: c.ID, Title: c.Title, Trigger: c.Trigger.String(), Period: c.Period, Action: c.Action,
			Approval: string(c.Approval.Level), ExtraRole: c.Approval.ExtraRole, Authority: c.Authority})
	}
	if row.Signer != "" {
		text, err := os.ReadFile(string(d.cfg.Schedule))
		out.FileDiffers = err != nil || record.Sum(text) != row.Digest
	}
	return out, nil
}

// postSchedule adopts a schedule. The signature is over the file's octets, by
// the caller's own key for this purpose, and the version is new: an old file
// and its old signature cannot bring an old schedule back.
func (d *Daemon) postSchedule(ctx context.Context, c api.Caller, req v1.Adoption) (v1.ScheduleInForce, error) {
	d.adopting.Lock()
	defer d.adopting.Unlock()
	var nothing v1.ScheduleInForce
	schedule, err := d.adoptable(ctx, req.Text)
	if err != nil {
		return nothing, err
	}
	signer, err := d.signed(c, sshsig.Schedule, []byte(req.Text), req.Signature)
	if err != nil {
		return nothing, err
	}
	adopted := record.ScheduleAdopted{Version: schedule.Version, Status: string(schedule.Status), Digest: record.Sum([]byte(req.Text)), Text: req.Text,
		Signer: signer.Principal, Key: signer.Fingerprint, Signature: req.Signature}
	if err := d.archive.JournalOne(ctx, record.EntrySchedule, c.ID, adopted); err != nil {
		return nothing, err
	}
	d.governor.current.Store(schedule)
	d.warden.stir()
	return d.getSchedule(ctx, c, none{})
}

// adoptable loads a schedule that may be adopted today.
func (d *Daemon) adoptable(ctx context.Context, text string) (*retention.Schedule, error) {
	schedule, err := retention.Load([]byte(text))
	if err != nil {
		return nil, &api.Error{Code: api.CodeUsage, Message: "the schedule has faults:\n" + err.Error(), Hint: "mend them, and sign the file again"}
	}
	today := record.DateOf(d.now(), schedule.Location())
	_, overdue := schedule.ReviewNotice(d.now())
	switch {
	case schedule.Status != retention.Approved:
		return nil, &api.Error{Code: api.CodeUsage, Message: "the schedule is a sample", Hint: "when it is approved, say so in it: status: approved, approved_by and approved_on"}
	case schedule.ApprovedOn.After(today):
		return nil, &api.Error{Code: api.CodeUsage, Message: "the schedule says that it is approved on " + schedule.ApprovedOn.Long() + ", which is not yet", Hint: "correct approved_on, or wait until then"}
	case overdue || today.After(schedule.ReviewBy):
		return nil, &api.Error{Code: api.CodeUsage, Message: "the schedule should have been reviewed by " + schedule.ReviewBy.Long(), Hint: "review it, and set review_by anew"}
	}
	rows, err := d.catalog.Schedules(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r.Signer != "" && r.Version == schedule.Version {
			return nil, &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("version %s was adopted on %s", r.Version, r.At.Format("2 January 2006")),
				Hint: "give the schedule a version of its own, and sign it again"}
		}
	}
	return schedule, nil
}

// signed wants the caller's own signature of the statement for this purpose,
// by a key that the allowed-signers file gives the caller now.
func (d *Daemon) signed(c api.Caller, purpose sshsig.Namespace, statement []byte, signature string) (sshsig.Signer, error) {
	if d.signers == nil {
		return sshsig.Signer{}, &api.Error{Code: api.CodeFailure, Message: "nobody's key is known here, so nothing can be signed",
			Hint: "name a file of allowed signers in the configuration: approvals.allowed_signers"}
	}
	signer, err := d.signers.Verify(c.Name, purpose, statement, []byte(signature), d.now())
	if err != nil {
		return signer, &api.Error{Code: api.CodeUnverified, Message: fmt.Sprintf("the signature of %s: %v", c.Name, err),
			Hint: fmt.Sprintf("sign with your own key, which the allowed-signers file names for %s and %s", c.Name, purpose)}
	}
	return signer, nil
}
