package daemon

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// latestNotices is how many notices a status lists.
const latestNotices = 10

func (d *Daemon) status(ctx context.Context) (v1.Status, error) {
	out := v1.Status{Version: d.env.Version, Archive: d.cfg.Archive.Name, Vault: d.keyring.Epoch, Started: d.started,
		Schedule: v1.Schedule{Version: d.governor.schedule().Version, Status: string(d.governor.schedule().Status)}, Troubles: d.alerts.Open()}
	for _, s := range d.sources {
		src, err := d.describeSource(ctx, s)
		if err != nil {
			return out, err
		}
		out.Sources = append(out.Sources, src)
	}
	tally, err := d.catalog.Tally(ctx)
	if err != nil {
		return out, err
	}
	out.Totals = v1.Totals{Emails: tally.Records[record.Email], Chats: tally.Chats, ChatDays: tally.Records[record.ChatDay],
		Exports: tally.Records[record.Export], Notes: tally.Records[record.Note], Messages: tally.Messages[record.ChatDay], Media: tally.Media, Payload: tally.Payload, Sealed: tally.Sealed}
	live, err := d.catalog.Live(ctx)
	if err != nil {
		return out, err
	}
	unindexed, err := d.catalog.Missing(ctx)
	if err != nil {
		return out, err
	}
	quarantined, err := d.catalog.Quarantined(ctx)
	if err != nil {
		return out, err
	}
	n := int64(live.GetCardinality() - quarantined.GetCardinality())
	if out.Quarantine, err = d.waiting(ctx); err != nil {
		return out, err
	}
	out.Coverage = v1.Coverage{Messages: n, Indexed: n - int64(unindexed.GetCardinality()), Building: d.index.Building() != nil}
	out.Checkpoint = d.head()
	schedule, err := d.catalog.Schedule(ctx)
	if err != nil {
		return out, err
	}
	out.Schedule.Digest = schedule.Digest
	out.Schedule.Review, _ = d.governor.schedule().ReviewNotice(d.now())
	out.Notices, err = d.notices(ctx)
	return out, err
}

func (d *Daemon) describeSource(ctx context.Context, s *source) (v1.Source, error) {
	out := v1.Source{Name: s.Name, Kind: s.kind, Where: s.where, Custodian: s.Custodian, Channel: string(s.Channel)}
	var err error
	if out.Counts, err = d.catalog.Counts(ctx, s.Name); err != nil {
		return out, err
	}
	s.mu.Lock()
	out.Running, out.LastSuccess, out.LastError, out.Next = s.running, s.lastSuccess, s.lastError, s.next
	out.LastNew = s.lastNew
	s.mu.Unlock()
	out.Owed = out.Counts.Failed[record.ReasonUnreadable]
	if s.cfg.IMAP == nil {
		return out, nil
	}
	if !s.cfg.AutoDelete.IsZero() {
		out.AutoDelete = s.cfg.AutoDelete.String()
	}
	out.SecretExpires = s.cfg.IMAP.SecretExpires
	if out.CameAndWent, err = d.catalog.CameAndWent(ctx, s.Name); err != nil {
		return out, err
	}
	r, ok, err := d.catalog.Reconciliation(ctx, s.Name)
	if ok {
		out.Reconciled, out.Disagreements = r.Began, r.Missing+r.Differs+int64(len(r.Refused))
	}
	return out, err
}

func (d *Daemon) notices(ctx context.Context) ([]v1.Notice, error) {
	rows, err := d.catalog.Notices(ctx, latestNotices)
	notices := make([]v1.Notice, len(rows))
	for i, n := range rows {
		notices[i] = v1.Notice{Entry: n.Entry, Source: n.Source, Chat: n.Chat, Kind: n.Kind, Text: n.Text, At: n.At}
	}
	return notices, err
}

func (d *Daemon) head() v1.Head {
	cp := d.journal.Checkpoint()
	return v1.Head{Origin: cp.Origin, Entries: cp.Size, Root: hex.EncodeToString(cp.Root[:])}
}

// digestLines says a status in a few lines without content.
func digestLines(s v1.Status) []string {
	lines := []string{fmt.Sprintf("%s: %d e-mails, %d chat-days, %d messages searchable of %d", s.Archive, s.Totals.Emails, s.Totals.ChatDays,
		s.Coverage.Indexed, s.Coverage.Messages)}
	for _, src := range s.Sources {
		c := src.Counts
		lines = append(lines, fmt.Sprintf("%s: %d seen = %d captured + %d already archived + %d excluded + %d failed; last read to its end %s",
			src.Name, c.Seen, c.Captured, c.AlreadyArchived, c.ExcludedTotal(), c.FailedTotal(), src.LastSuccess.UTC().Format("2006-01-02 15:04 MST")))
	}
	if s.Schedule.Review != "" {
		lines = append(lines, s.Schedule.Review)
	}
	return append(lines, fmt.Sprintf("journal: %d entries, tree head %s", s.Checkpoint.Entries, s.Checkpoint.Root))
}
