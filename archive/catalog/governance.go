package catalog

import (
	"cmp"
	"fmt"

	"github.com/closeroll/closeroll/archive/record"
)

func (f *fold) cursor(e Entry, c record.CursorMoved) error {
	return f.exec(`INSERT INTO sources (source, cursor, moved) VALUES (?, ?, ?)
		ON CONFLICT (source) DO UPDATE SET cursor = excluded.cursor, moved = excluded.moved`,
		c.Source, c.Cursor, e.Time.UnixMilli())
}

func (f *fold) holdPlaced(e Entry, h record.HoldPlaced) error {
	text, err := jsonText(h)
	if err != nil {
		return err
	}
	return f.exec(`INSERT INTO holds (hold, placed, at, actor) VALUES (?, ?, ?, ?)`, h.Hold, text, e.Time.UnixMilli(), e.Actor)
}

func (f *fold) holdReleased(e Entry, h record.HoldReleased) error {
	var ended bool
	found, err := f.one([]any{&ended}, `SELECT released IS NOT NULL FROM holds WHERE hold = ?`, h.Hold)
	switch {
	case err != nil:
		return err
	case !found:
		return fmt.Errorf("a release of hold %q, which was never placed", h.Hold)
	case ended:
		return nil // it was released in two ways at the same moment: the first counts
	}
	return f.exec(`UPDATE holds SET released = ?, releaser = ?, reason = ? WHERE hold = ?`,
		e.Time.UnixMilli(), cmp.Or(h.By, e.Actor), h.Reason, h.Hold)
}

func (f *fold) holdCaught(_ Entry, h record.HoldCaught) error {
	for _, no := range h.Messages {
		f.bits.addRange("hold", h.Hold, no, 1)
	}
	return nil
}

func (f *fold) notice(e Entry, n record.Notice) error {
	finding, err := jsonText(n.Finding)
	if err != nil {
		return err
	}
	if n.Joined != "" {
		f.rejoin = true
	} else if n.Finding != nil {
		if err := f.markFinding("is", n.Finding); err != nil {
			return err
		}
	}
	if err := f.noticeMentions(e, n); err != nil {
		return err
	}
	return f.exec(`INSERT INTO notices (entry, source, chat, kind, text, at, before, record, finding, joined, live) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Index, n.Source, n.Chat, n.Kind, n.Text, millis(n.At), millis(n.Before), string(n.Record), finding, n.Joined, n.Joined == "")
}

// mark sets a flag of a property on messages. A run that reaches beyond its record is cut.
func (f *fold) mark(property string, flag record.Flag, run record.MessageRun) error {
	var first int64
	var count int
	found, err := f.one([]any{&first, &count}, `SELECT first, count FROM records WHERE id = ? AND disposed IS NULL`, string(run.Record))
	if err != nil || !found {
		return err
	}
	from, to := max(run.From, 1), min(run.To, count)
	if from <= to {
		f.bits.addRange(property, string(flag), record.MessageNo(first)+record.MessageNo(from-1), to-from+1)
	}
	return nil
}

func (f *fold) schedule(e Entry, s record.ScheduleAdopted) error {
	return f.exec(`INSERT INTO schedules (entry, version, status, digest, text, at, actor, signer, key, signature)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Index, s.Version, s.Status, s.Digest[:], s.Text, e.Time.UnixMilli(), e.Actor, s.Signer, s.Key, s.Signature)
}
