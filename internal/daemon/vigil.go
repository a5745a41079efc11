package daemon

import (
	"context"
	"fmt"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/alert"
	"github.com/closeroll/closeroll/internal/rhythm"
	"github.com/closeroll/closeroll/retention"
)

// What a single run cannot see of a source: that it has fallen silent, that its
// own deletion rule comes near to what is not captured yet, that its secret is
// about to expire.

// recall takes from the catalog what a source's earlier runs showed. The time of
// its last success is that of the cursor, which is journalled at least daily
// while the source is read to its end.
func (d *Daemon) recall(ctx context.Context, s *source) error {
	_, moved, err := d.catalog.Cursor(ctx, s.Name)
	if err != nil {
		return err
	}
	hour, err := d.catalog.LastActive(ctx, s.Name)
	if err != nil {
		return err
	}
	s.lastSuccess = moved
	if !hour.IsZero() {
		if s.lastNew = hour.Add(time.Hour); s.lastNew.After(d.started) {
			s.lastNew = d.started
		}
	}
	return nil
}

// watch raises and clears the troubles that a run shows.
func (d *Daemon) watch(ctx context.Context, s *source, err error) {
	if err != nil {
		d.alerts.Raise(ctx, alert.SourceFailing, s.Name, err.Error())
		return
	}
	d.alerts.Clear(ctx, alert.SourceFailing, s.Name)
	silent, why, err := d.silence(ctx, s)
	if err != nil {
		d.lg.Warn("a source's history cannot be read", "source", s.Name, "error", err)
		return
	}
	if !silent {
		d.alerts.Clear(ctx, alert.SourceSilent, s.Name)
	} else if d.alerts.Raise(ctx, alert.SourceSilent, s.Name, why) {
		notice := record.Notice{Source: s.Name, Kind: noticeSilent, Text: "the source has fallen silent: " + why, At: d.now()}
		if err := d.archive.JournalOne(ctx, record.EntryNotice, daemonActor, notice); err != nil {
			d.lg.Warn("a notice could not be journalled", "source", s.Name, "error", err)
		}
	}
}

// noticeSilent is the kind of notice that a silent source gives.
const noticeSilent = "silent_source"

// silence judges the time since a source last brought something: by the
// configured limit if there is one, else by the source's own history.
func (d *Daemon) silence(ctx context.Context, s *source) (silent bool, why string, err error) {
	s.mu.Lock()
	last := s.lastNew
	s.mu.Unlock()
	if last.IsZero() {
		last = d.started
	}
	quiet := d.now().Sub(last)
	if s.cfg.SilentAfter > 0 {
		return quiet > s.cfg.SilentAfter, fmt.Sprintf("nothing new for %s", quiet.Round(time.Minute)), nil
	}
	rows, err := d.catalog.Activity(ctx, s.Name, rhythm.History(last))
	if err != nil {
		return false, "", err
	}
	hours := make([]rhythm.Hour, len(rows))
	for i, h := range rows {
		hours[i] = rhythm.Hour{Began: h.Began, Items: h.Items}
	}
	found, silent := rhythm.Silent(hours, last, d.now())
	return silent, found.String(), nil
}

// checkSources looks at every source for what time alone makes worse.
func (d *Daemon) checkSources(ctx context.Context) {
	for _, s := range d.sources {
		if s.cfg.IMAP == nil {
			continue
		}
		risk, err := d.deletionRisk(ctx, s)
		switch {
		case err != nil:
			if ctx.Err() == nil {
				d.lg.Warn("a source's backlog cannot be read", "source", s.Name, "error", err)
			}
		case risk != "":
			d.alerts.Raise(ctx, alert.DeletionNear, s.Name, risk)
		default:
			d.alerts.Clear(ctx, alert.DeletionNear, s.Name)
		}
		if why := expiry(s.cfg.IMAP, d.now(), d.zone); why != "" {
			d.alerts.Raise(ctx, alert.SecretExpiring, s.Name, why)
		} else {
			d.alerts.Clear(ctx, alert.SecretExpiring, s.Name)
		}
	}
}

// deletionRisk says in what way a mailbox's own deletion rule endangers messages
// that are not captured; "" if it does not. The longest that a message may have
// waited is the time since the mailbox was last read to its end, or since its
// oldest unreadable message was first seen. Half of the rule's period is the
// limit, so that there is as much again to mend what is wrong.
func (d *Daemon) deletionRisk(ctx context.Context, s *source) (string, error) {
	if s.cfg.AutoDelete.IsZero() {
		return "", nil
	}
	now := d.now()
	owed, err := d.catalog.OldestFailure(ctx, s.Name, record.ReasonUnreadable)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	read, next := s.lastSuccess, s.next
	s.mu.Unlock()
	return endangered(danger{rule: s.cfg.AutoDelete, read: read, owed: owed, next: next, started: d.started}, now), nil
}

// A danger is what is known of the race between capture and deletion.
type danger struct {
	rule    retention.Period
	read    time.Time // when the mailbox was last read to its end; zero for never
	owed    time.Time // when the oldest unreadable message was first seen; zero for none
	next    time.Time // when it is read next; zero if unknown
	started time.Time // of the daemon
}

// endangered judges a danger, in words; "" is none.
func endangered(g danger, now time.Time) string {
	today := record.DateOf(now, time.UTC)
	life := today.Start(time.UTC).Sub(g.rule.Before(today).Start(time.UTC))
	waited, why := now.Sub(g.read), "it was last read to its end "+stamp(g.read)
	if g.read.IsZero() {
		waited, why = now.Sub(g.started), "it has never been read to its end"
	}
	if !g.owed.IsZero() && now.Sub(g.owed) > waited {
		waited, why = now.Sub(g.owed), "a message that cannot be read was first seen "+stamp(g.owed)
	}
	switch {
	case waited >= life:
		return fmt.Sprintf("the mailbox deletes messages after %s, and %s: messages may be lost already", g.rule.Words(), why)
	case waited > life/2:
		return fmt.Sprintf("the mailbox deletes messages after %s, and %s", g.rule.Words(), why)
	case !g.next.IsZero() && g.next.Sub(now)+waited > life/2:
		return fmt.Sprintf("the mailbox deletes messages after %s, and it is read again only %s", g.rule.Words(), stamp(g.next))
	}
	return ""
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// expiry warns of a secret that expires within configs.ExpiryWarning.
func expiry(in *configs.IMAP, now time.Time, zone *time.Location) string {
	if in.SecretExpires == (record.Date{}) {
		return ""
	}
	end := in.SecretExpires.Start(zone)
	switch left := end.Sub(now); {
	case left <= 0:
		return fmt.Sprintf("its secret expired on %s", in.SecretExpires)
	case left <= configs.ExpiryWarning:
		return fmt.Sprintf("its secret expires on %s, in %d days", in.SecretExpires, int(left.Hours()/24))
	}
	return ""
}
