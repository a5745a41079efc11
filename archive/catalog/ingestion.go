package catalog

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
)

func (f *fold) ingestion(e Entry, in record.Ingestion) error {
	if n := uint64(len(in.Messages)); n > 0 {
		// Between two ingestions there may have been one whose body a disposal
		// has removed; its numbers are not given again.
		if next := f.lastNo + 1; uint64(in.First) != next {
			if gap, err := f.mayGap(); err != nil || !gap || uint64(in.First) < next {
				return errors.Join(err, fmt.Errorf("message numbers start at %d where %d was due", in.First, next))
			}
		}
		f.lastNo = uint64(in.First) + n - 1
	}
	seq, err := f.record(e, in)
	if err != nil {
		return err
	}
	if err := f.messages(seq, in); err != nil {
		return err
	}
	if err := f.holding(e, seq, in.First, len(in.Messages), in.Holding, in.Facts); err != nil {
		return err
	}
	if err := f.thread(seq, in); err != nil {
		return err
	}
	if err := f.chat(e, seq, in); err != nil {
		return err
	}
	if err := f.note(seq, in); err != nil {
		return err
	}
	if err := f.locked(seq, in.Lock); err != nil {
		return err
	}
	f.bits.addRange("live", "", in.First, len(in.Messages))
	f.bits.addRange("kind", string(in.Kind), in.First, len(in.Messages))
	f.bits.addRange("vault", in.Vault, in.First, len(in.Messages))
	if !in.TextStatus.Searchable() {
		f.bits.addRange("is", "unsearchable", in.First, len(in.Messages))
	}
	for _, m := range in.Markings {
		f.bits.addRange("marking", strings.ReplaceAll(strings.ToLower(m), " ", "-"), in.First, len(in.Messages))
	}
	if err := f.quarantine(e, in); err != nil {
		return err
	}
	return f.item(e, in.Item, record.CapturedNew, "", "", in.Record, 1)
}

// seqOf is the row number of what an entry brought: the same whatever other
// entries still have their bodies. An entry brings one record or one holding.
func seqOf(index int64) int64 { return index + 1 }

// entryOf is the reverse of seqOf.
func entryOf(seq int64) int64 { return seq - 1 }

func (f *fold) record(e Entry, in record.Ingestion) (int64, error) {
	components, err := jsonText(in.Components)
	if err != nil {
		return 0, err
	}
	var size int64
	for _, c := range in.Components {
		size += c.Size
	}
	var chat, date, relation, of any
	if in.Chat != nil {
		chat, date, relation, of = in.Chat.Chat, in.Chat.Date, in.Chat.Relation, string(in.Chat.Of)
	}
	return f.insert(`INSERT INTO records (seq, id, kind, vault, epoch, sealed, sealed_size, size, entry, captured, display,
			first, count, text_status, components, chat, chat_date, relation, relation_of, covering)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		seqOf(e.Index), string(in.Record), string(in.Kind), in.Vault, in.Epoch, in.Sealed[:], in.SealedSize, size, e.Index,
		e.Time.UnixMilli(), in.Display, int64(in.First), len(in.Messages), string(in.TextStatus), components,
		chat, date, relation, of, string(in.Covering))
}

func (f *fold) messages(seq int64, in record.Ingestion) error {
	for i, m := range in.Messages {
		no := in.First + record.MessageNo(i)
		if err := f.exec(insertMessage, int64(no), seq, millis(m.Sent), m.Suspect, m.Sender, digest(m.Copy)); err != nil {
			return err
		}
		if m.Suspect || m.Sent.IsZero() {
			f.bits.addRange("undated", "", no, 1)
		} else {
			f.bits.addRange("day", m.Sent.UTC().Format("2006-01-02"), no, 1)
		}
		for _, flag := range m.Flags {
			f.bits.addRange("is", string(flag), no, 1)
		}
	}
	return nil
}

// holding adds a possession and the properties it brings.
func (f *fold) holding(e Entry, seq int64, first record.MessageNo, count int, h record.Holding, facts record.Facts) error {
	if err := f.exec(`INSERT INTO holdings (seq, record, source, custodian, channel, folder, aggregation, class, rule, since, facts, entry)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		seqOf(e.Index), seq, h.Source, h.Custodian, string(h.Channel), h.Folder, h.Aggregation, h.Class, h.Rule, h.Since.UnixMilli(), packFacts(&facts, &h), e.Index); err != nil {
		return err
	}
	for property, value := range map[string]string{
		"source": h.Source, "custodian": h.Custodian, "class": h.Class, "in": h.Folder, "channel": string(h.Channel),
	} {
		if value != "" {
			f.bits.addRange(property, value, first, count)
		}
	}
	if facts.Kind == record.Email {
		for _, domain := range domains(facts) {
			f.bits.addRange(PropDomain, domain, first, count)
		}
	}
	return nil
}

// domains lists those of the people who wrote or received an e-mail, each once.
func domains(facts record.Facts) (found []string) {
	for _, addr := range slices.Concat(facts.From, facts.To) {
		if _, domain, ok := strings.Cut(addr, "@"); ok && domain != "" && len(domain) <= 255 && !slices.Contains(found, domain) {
			found = append(found, domain)
		}
	}
	return found
}

// thread puts an e-mail into the thread of its references, joining threads
// that turn out to be one. Threads are numbered by their first record, so the
// order of arrival gives the number but never the membership.
func (f *fold) thread(seq int64, in record.Ingestion) error {
	if in.Thread == nil {
		return nil
	}
	mids := in.Thread.References
	if in.Thread.MessageID != nil {
		mids = append(slices.Clone(mids), in.Thread.MessageID)
	}
	thread := seq
	var others []int64
	for _, mid := range mids {
		var t int64
		found, err := f.one([]any{&t}, `SELECT thread FROM threads WHERE mid = ?`, mid)
		if err != nil {
			return err
		}
		if found && !slices.Contains(others, t) {
			others = append(others, t)
			thread = min(thread, t)
		}
	}
	for _, t := range others {
		if t == thread {
			continue
		}
		if err := f.exec(`UPDATE threads SET thread = ? WHERE thread = ?`, thread, t); err != nil {
			return err
		}
		if err := f.exec(`UPDATE records SET thread = ? WHERE thread = ?`, thread, t); err != nil {
			return err
		}
	}
	for _, mid := range mids {
		if err := f.exec(`INSERT INTO threads (mid, thread) VALUES (?, ?) ON CONFLICT DO NOTHING`, mid, thread); err != nil {
			return err
		}
	}
	return f.exec(`UPDATE records SET thread = ? WHERE seq = ?`, thread, seq)
}

func (f *fold) chat(e Entry, seq int64, in record.Ingestion) error {
	ref := in.Chat
	if ref == nil {
		return nil
	}
	if err := f.exec(`INSERT INTO chats (chat, title, platform, source, first) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		ref.Chat, ref.Title, ref.Platform, in.Holding.Source, e.Time.UnixMilli()); err != nil {
		return err
	}
	f.bits.addRange("in", ref.Title, in.First, len(in.Messages))
	f.bits.addRange("chat", ref.Chat, in.First, len(in.Messages))
	omitted, err := jsonText(ref.Omitted)
	if err != nil {
		return err
	}
	if in.Kind == record.Export {
		standing, err := f.standing(ref.Runs)
		if err != nil {
			return err
		}
		runs, err := jsonText(standing)
		if err != nil {
			return err
		}
		gaps, err := jsonText(ref.Gaps)
		if err != nil {
			return err
		}
		if err := f.exec(`INSERT INTO exports (digest, record, chat, platform, truncated, runs, app, timer, gaps, omitted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			ref.Export, string(in.Record), ref.Chat, ref.Platform, ref.Truncated, runs, ref.App, ref.Timer, gaps, omitted); err != nil {
			return err
		}
		return f.exportArrived(e, in.Record, in.Holding.Custodian)
	}
	digests, err := jsonText(ref.Digests)
	if err != nil {
		return err
	}
	return f.exec(`INSERT INTO chat_days (record, chat, date, digests, export, omitted) VALUES (?, ?, ?, ?, ?, ?)`, seq, ref.Chat, ref.Date, digests, ref.Export, omitted)
}

func (f *fold) sighting(e Entry, s record.Sighting) error {
	if s.Holding != nil && s.Facts != nil {
		var seq, first int64
		var count int
		found, err := f.one([]any{&seq, &first, &count}, `SELECT seq, first, count FROM records WHERE id = ?`, string(s.Record))
		if err != nil {
			return err
		}
		if !found {
			// A disposal that was broken off between two batches may have
			// removed the ingestion's body and not yet this one's.
			if gap, err := f.mayGap(); err != nil || !gap {
				return errors.Join(err, errors.New("a holding of a record that is not in the journal"))
			}
			return nil
		}
		if err := f.holding(e, seq, record.MessageNo(first), count, *s.Holding, *s.Facts); err != nil {
			return err
		}
	}
	if s.Exported != "" {
		if err := f.exportAgain(e, s); err != nil {
			return err
		}
	}
	if s.Record != "" || s.Outcome == record.Failed {
		if err := f.mention(e, s.Record, s.Item); err != nil {
			return err
		}
	}
	return f.item(e, s.Item, s.Outcome, s.Reason, s.Detail, s.Record, max(s.Items, 1))
}

// item sets the one outcome of an item, or of n that are accounted for together,
// and keeps the counts.
func (f *fold) item(e Entry, it record.Item, o record.Outcome, r record.Reason, detail string, id record.ID, n int) error {
	if it.Source == "" {
		return nil
	}
	var oldOutcome, oldReason string
	found, err := f.one([]any{&oldOutcome, &oldReason}, `SELECT outcome, reason FROM items WHERE source = ? AND key = ?`, it.Source, it.Key)
	if err != nil {
		return err
	}
	if found {
		// An item that failed may come good, or fail otherwise, and one whose
		// folder was left out may be taken in; any other outcome stands,
		// however often the item is shown again.
		if record.Outcome(oldOutcome) != record.Failed && (o == record.Excluded || !leftOutByFolder(oldOutcome, oldReason)) {
			return nil
		}
		if err := f.count(it.Source, oldOutcome, oldReason, -1); err != nil {
			return err
		}
	}
	if err := f.count(it.Source, string(o), string(r), n); err != nil {
		return err
	}
	if o == record.CapturedNew {
		if err := f.active(e, it.Source); err != nil {
			return err
		}
	}
	return f.exec(`INSERT INTO items (source, key, outcome, reason, detail, record, entry, first, last, tries)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
		ON CONFLICT (source, key) DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason,
			detail = excluded.detail, record = excluded.record, entry = excluded.entry,
			last = excluded.last, tries = tries + 1`,
		it.Source, it.Key, string(o), string(r), detail, nullable(string(id)), e.Index, e.Time.UnixMilli(), e.Time.UnixMilli())
}

func (f *fold) count(source, outcome, reason string, n int) error {
	return f.exec(`INSERT INTO counts (source, outcome, reason, n) VALUES (?, ?, ?, ?)
		ON CONFLICT (source, outcome, reason) DO UPDATE SET n = n + excluded.n`, source, outcome, reason, n)
}

func nullable(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }
