package catalog

import (
	"encoding/json"
	"slices"

	"github.com/closeroll/closeroll/archive/record"
)

// disposal keeps the entries of a batch of disposal, and makes stubs of what is
// no more. Other entries it passes over.
func (f *fold) disposal(e Entry) error {
	if !slices.Contains(record.DisposalEntries(), e.Type) {
		return nil
	}
	var of struct {
		Batch string `json:"batch"`
	}
	if err := json.Unmarshal(e.Body, &of); err != nil {
		return err
	}
	if err := f.exec(`INSERT INTO disposal_entries (entry, batch, type, time, actor, body) VALUES (?, ?, ?, ?, ?, ?)`,
		e.Index, of.Batch, e.Type, e.Time.UnixMilli(), e.Actor, string(e.Body)); err != nil {
		return err
	}
	switch e.Type {
	case record.EntryDisposal:
		return decode(e, f.disposed)
	case record.EntrySuccessor:
		return decode(e, f.succeeded)
	}
	return nil
}

// disposed wipes what the catalog has of the records, or, where it is made anew
// and their entries have lost their bodies, makes the same stubs of nothing:
// both ways lead to the same rows.
func (f *fold) disposed(e Entry, d record.Disposed) error {
	for _, s := range d.Records {
		if err := f.stub(e, d.Batch, s); err != nil {
			return err
		}
	}
	for _, h := range d.Retired {
		if err := f.retire(d.Batch, h); err != nil {
			return err
		}
	}
	for _, index := range d.Entries {
		for _, query := range []string{`DELETE FROM notices WHERE entry = ?`, `DELETE FROM mentions WHERE entry = ?`,
			`DELETE FROM items WHERE entry = ? AND outcome = 'failed'`} {
			if err := f.exec(query, index); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *fold) stub(e Entry, batch string, s record.Stub) error {
	f.bits.forget(s.First, s.Count)
	if s.First > 0 {
		f.lastNo = max(f.lastNo, uint64(s.First)+uint64(s.Count)-1)
	}
	if err := f.skips(); err != nil {
		return err
	}
	var seq int64
	known, err := f.one([]any{&seq}, `SELECT seq FROM records WHERE id = ?`, string(s.Record))
	if err != nil {
		return err
	}
	if known {
		err = f.wipe(seq, batch, s)
	} else {
		err = f.bare(batch, s)
	}
	if err != nil {
		return err
	}
	for _, it := range s.Items {
		if err := f.settle(it); err != nil {
			return err
		}
	}
	if err := f.exportGone(s); err != nil {
		return err
	}
	text, err := jsonText(s)
	if err != nil {
		return err
	}
	if err := f.exec(`INSERT INTO stubs (record, batch, entry, stub) VALUES (?, ?, ?, ?)`, string(s.Record), batch, e.Index, text); err != nil {
		return err
	}
	return f.leaveChat(s.Chat)
}

// wipe takes everything of a record but its stub.
func (f *fold) wipe(seq int64, batch string, s record.Stub) error {
	f.rejoin = f.rejoin || s.Chat != ""
	for _, table := range []string{"messages", "holdings", "chat_days", "notes", "locks"} {
		if err := f.exec(`DELETE FROM `+table+` WHERE record = ?`, seq); err != nil {
			return err
		}
	}
	if err := f.exec(`DELETE FROM quarantine WHERE record = ?`, string(s.Record)); err != nil {
		return err
	}
	return f.exec(`UPDATE records SET epoch = '', sealed = x'', sealed_size = 0, display = '', text_status = '', components = '[]',
		chat_date = NULL, relation = NULL, relation_of = NULL, covering = '', disposed = ?, size = ?, chat = ? WHERE seq = ?`,
		batch, s.Size, nullable(s.Chat), seq)
}

// bare makes the row that wipe leaves.
func (f *fold) bare(batch string, s record.Stub) error {
	seq := seqOf(s.Entry)
	if err := f.exec(`INSERT INTO records (seq, id, kind, vault, epoch, sealed, sealed_size, size, entry, captured, display,
			first, count, text_status, components, chat, covering, disposed)
		VALUES (?, ?, ?, ?, '', x'', 0, ?, ?, ?, '', ?, ?, '', '[]', ?, '', ?)`,
		seq, string(s.Record), string(s.Kind), s.Vault, s.Size, s.Entry, s.Captured.UnixMilli(), int64(s.First), s.Count,
		nullable(s.Chat), batch); err != nil {
		return err
	}
	return f.thread(seq, record.Ingestion{Thread: s.Thread})
}

// exportGone keeps of an export only that its container is known.
func (f *fold) exportGone(s record.Stub) error {
	if s.Export == nil {
		return nil
	}
	if err := f.exec(`DELETE FROM exports WHERE digest = ?`, s.Export); err != nil {
		return err
	}
	return f.exec(`INSERT INTO exports (digest, record, chat, platform, truncated, runs, app, timer, gaps, omitted)
		VALUES (?, ?, ?, '', 0, '[]', '', 0, '[]', '[]')`,
		s.Export, string(s.Record), s.Chat)
}

// settle forgets an item's key and keeps it counted.
func (f *fold) settle(it record.StubItem) error {
	var n int64
	found, err := f.one([]any{&n}, `SELECT 1 FROM items WHERE entry = ? AND source = ?`, it.Entry, it.Source)
	if err != nil {
		return err
	}
	if found {
		return f.exec(`DELETE FROM items WHERE entry = ? AND source = ?`, it.Entry, it.Source)
	}
	return f.count(it.Source, string(it.Outcome), string(it.Reason), 1)
}

// leaveChat forgets a chat of which nothing is kept, and else says of it what
// its remaining records say.
func (f *fold) leaveChat(chat string) error {
	if chat == "" {
		return nil
	}
	if err := f.exec(`DELETE FROM chats WHERE chat = ?1 AND NOT EXISTS (SELECT 1 FROM records WHERE chat = ?1 AND disposed IS NULL)`, chat); err != nil {
		return err
	}
	return f.exec(`UPDATE chats SET
			first = (SELECT captured FROM records r WHERE r.chat = ?1 AND r.disposed IS NULL ORDER BY r.seq LIMIT 1),
			source = coalesce((SELECT h.source FROM records r JOIN holdings h ON h.record = r.seq
				WHERE r.chat = ?1 AND r.disposed IS NULL ORDER BY r.seq, h.seq LIMIT 1), source)
		WHERE chat = ?1`, chat)
}

// retire ends one possession of a record that others keep.
func (f *fold) retire(batch string, h record.RetiredHolding) error {
	text, err := jsonText(h)
	if err != nil {
		return err
	}
	if err := f.exec(`INSERT INTO retired (entry, record, batch, holding) VALUES (?, ?, ?, ?)`, h.Entry, string(h.Record), batch, text); err != nil {
		return err
	}
	var seq, first int64
	var count int
	var source, custodian, class, folder, channel string
	found, err := f.one([]any{&seq, &first, &count, &source, &custodian, &class, &folder, &channel},
		`SELECT r.seq, r.first, r.count, h.source, h.custodian, h.class, h.folder, h.channel
			FROM holdings h JOIN records r ON r.seq = h.record WHERE h.entry = ? AND r.id = ?`, h.Entry, string(h.Record))
	if err != nil || !found {
		return err
	}
	if err := f.exec(`DELETE FROM holdings WHERE entry = ?`, h.Entry); err != nil {
		return err
	}
	for _, p := range []struct{ property, column, value string }{{"source", "source", source}, {"custodian", "custodian", custodian},
		{"class", "class", class}, {"in", "folder", folder}, {"channel", "channel", channel}} {
		var n int
		shared, err := f.one([]any{&n}, `SELECT 1 FROM holdings WHERE record = ? AND `+p.column+` = ?`, seq, p.value)
		if err != nil {
			return err
		}
		if !shared && p.value != "" {
			f.bits.removeRange(p.property, p.value, record.MessageNo(first), count)
		}
	}
	return nil
}

// mention notes that an entry says something of a record, or of an item that
// became none.
func (f *fold) mention(e Entry, id record.ID, it record.Item) error {
	return f.exec(`INSERT INTO mentions (entry, record, source, key) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		e.Index, string(id), it.Source, it.Key)
}

func (f *fold) noticeMentions(e Entry, n record.Notice) error {
	about := []record.ID{n.Record}
	if n.Finding != nil {
		about = append(about, n.Finding.Earlier, n.Finding.Later)
		for _, run := range append(slices.Clone(n.Finding.A), n.Finding.B...) {
			about = append(about, run.Record)
		}
	}
	for _, id := range about {
		if id == "" {
			continue
		}
		if err := f.mention(e, id, record.Item{}); err != nil {
			return err
		}
	}
	return nil
}

func (f *fold) dropped(e Entry, d record.Dropped) error {
	return f.mention(e, "", record.Item{Source: d.Source, Key: d.Key})
}

// skips notes that numbers of messages were given of which the journal may say
// nothing any more until it comes to their disposal.
func (f *fold) skips() error {
	return f.exec(`INSERT INTO meta (name, value) VALUES ('gap', 'yes') ON CONFLICT DO NOTHING`)
}

func (f *fold) mayGap() (bool, error) {
	var yes string
	return f.one([]any{&yes}, `SELECT value FROM meta WHERE name = 'gap'`)
}
