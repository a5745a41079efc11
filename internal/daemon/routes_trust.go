package daemon

import (
	"context"
	"encoding/json"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

type entryRange struct {
	From  int64 `json:"from"`
	Limit int64 `json:"limit"` // 0: to the end
}

// getJournal streams verified entries. Bodies of searches and captures are
// personal, so this is for auditors.
func (d *Daemon) getJournal(ctx context.Context, _ api.Caller, req entryRange, reply *api.Reply) error {
	var n int64
	for e, err := range d.journal.Entries(ctx, req.From) {
		if err != nil {
			return err
		}
		if n++; req.Limit > 0 && n > req.Limit {
			break
		}
		out := v1.Entry{Index: e.Index, Type: e.Type, Time: e.Time, Actor: e.Actor, Subjects: e.Subjects, Stripped: e.Stripped()}
		if !out.Stripped {
			out.Body = json.RawMessage(e.Body)
		}
		if err := reply.Line(out); err != nil {
			return err
		}
	}
	return nil
}

func (d *Daemon) getVerification(ctx context.Context, _ api.Caller, _ none) (v1.Verification, error) {
	report, err := d.journal.Verify(ctx)
	if err != nil {
		return v1.Verification{}, err
	}
	out := v1.Verification{Head: d.head(), Key: d.keyring.Key, Entries: report.Checkpoint.Size, Stripped: report.Stripped}
	for _, tile := range report.Missing {
		out.Problems = append(out.Problems, "tile "+tile+" is not there; it is written again at the next start")
	}
	return out, nil
}

// postFixity compares every stored record with the journal, and says every
// second how far it is. What it found is journalled; the last line has the
// outcome.
func (d *Daemon) postFixity(ctx context.Context, c api.Caller, _ none, reply *api.Reply) error {
	tally, err := d.catalog.Tally(ctx)
	if err != nil {
		return err
	}
	var total int64
	for _, n := range tally.Records {
		total += n
	}
	var told time.Time
	f, err := d.archive.CheckFixity(ctx, func(done int64) {
		if now := d.now(); now.Sub(told) >= time.Second {
			told = now
			// A caller who is gone ends ctx; the line is only news.
			_ = reply.Line(v1.Progress{Done: done, Total: total})
			_ = reply.Flush()
		}
	})
	if err != nil {
		return err
	}
	if err := d.archive.JournalOne(ctx, record.EntryFixity, c.ID,
		record.FixityChecked{Checked: f.Checked, Octets: f.Octets, Missing: f.Missing, Changed: f.Changed}); err != nil {
		return err
	}
	return reply.Line(v1.Progress{Done: f.Checked, Total: total, Outcome: &v1.Verification{Head: d.head(), Key: d.keyring.Key,
		Fixity: &v1.Fixity{Checked: f.Checked, Octets: f.Octets}, Missing: f.Missing, Changed: f.Changed}})
}
