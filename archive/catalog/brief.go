package catalog

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// Asks says what a walk over holdings needs of their facts besides what is the
// same for many of them, and is dear to fetch.
type Asks struct {
	Words    bool // addresses, subject, chat's title
	Activity bool // the newest activity in the thread or chat
}

// Records returns the first and last row number of the kept records, to divide
// a walk by; none is (0, -1).
func (c *Catalog) Records(ctx context.Context) (first, last int64, err error) {
	err = c.read.QueryRowContext(ctx, `SELECT coalesce(min(seq), 0), coalesce(max(seq), -1) FROM records WHERE disposed IS NULL`).Scan(&first, &last)
	return first, last, err
}

// EachBrief is [Catalog.EachHolding] for counting: of the records with row
// numbers from first to last, it calls f with each holding's facts as far as
// asked for, without display, aggregation and rule. It is several times faster.
// What f is given is good until f returns.
func (c *Catalog) EachBrief(ctx context.Context, first, last int64, asks Asks, f func(row int64, g *Governed) error) error {
	b := brief{Catalog: c, asks: asks, f: f, names: make(map[string]string)}
	var err error
	if asks.Activity {
		if b.threads, err = lastActivities[int64](ctx, c.read, `thread`); err != nil {
			return err
		}
		if b.chats, err = lastActivities[string](ctx, c.read, `chat`); err != nil {
			return err
		}
	}
	if b.happened, err = happenings(ctx, c.read); err != nil {
		return err
	}
	rows, err := c.read.QueryContext(ctx, `SELECT r.seq, r.id, r.kind, r.first, r.count, r.text_status, coalesce(r.thread, 0), coalesce(r.chat, ''), h.since, h.facts, h.class,
			h.source, h.custodian, h.channel, h.folder,
			h.manual IS NULL AND h.was = '[]' AND h.significance = '' AND r.review IS NULL
		FROM holdings h JOIN records r ON r.seq = h.record WHERE r.disposed IS NULL AND r.seq BETWEEN ? AND ? ORDER BY r.seq, h.seq`, first, last)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := b.row(ctx, rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// A brief is one such walk.
type brief struct {
	*Catalog
	asks     Asks
	f        func(int64, *Governed) error
	names    map[string]string // each text once
	happened happened
	threads  map[int64]time.Time
	chats    map[string]time.Time
	whole    int64 // a record that was given whole
	g        Governed
}

func (b *brief) row(ctx context.Context, rows *sql.Rows) error {
	var seq, first, thread, since int64
	var id, kind, status, chat, facts, class, source, custodian, channel, folder sql.RawBytes
	var plain bool
	b.g = Governed{}
	if err := rows.Scan(&seq, &id, &kind, &first, &b.g.Count, &status, &thread, &chat, &since, &facts, &class,
		&source, &custodian, &channel, &folder, &plain); err != nil {
		return err
	}
	if seq == b.whole {
		return nil
	}
	g := &b.g
	g.Record, g.Kind, g.First, g.TextStatus = record.ID(id), record.Kind(b.name(kind)), record.MessageNo(first), record.TextStatus(b.name(status))
	g.Thread, g.Chat = thread, b.name(chat)
	if !plain {
		b.whole = seq
		return b.given(ctx, seq)
	}
	if !b.glean(facts, &g.Facts) || b.asks.Words && !b.words(facts, &g.Facts) {
		g.Facts = record.Facts{}
		if err := json.Unmarshal(facts, &g.Facts); err != nil {
			return err
		}
	}
	g.Source, g.Custodian, g.Channel, g.Folder, g.Class = b.name(source), b.name(custodian), record.Channel(b.name(channel)), b.name(folder), b.name(class)
	g.Since = time.UnixMilli(since).UTC()
	g.Facts.LastActivity = b.threads[thread]
	if len(chat) > 0 {
		g.Facts.LastActivity = b.chats[g.Chat]
	}
	if len(b.happened) > 0 {
		b.happened.tell(&g.HeldBy, g.Record, thread, g.Chat)
	}
	return b.f(seq, g)
}

// given gives the holdings of a record of which people have said something
// since its capture.
func (b *brief) given(ctx context.Context, seq int64) error {
	all, err := b.Holdings(ctx, b.g.Record)
	for i := 0; err == nil && i < len(all); i++ {
		b.g.HeldBy = all[i]
		err = b.f(seq, &b.g)
	}
	return err
}

func (b *brief) name(raw []byte) string {
	s, ok := b.names[string(raw)]
	if !ok {
		s = string(raw)
		b.names[s] = s
	}
	return s
}

// glean takes from a holding's facts, as this package writes them, what is not
// its words, and says whether it could. A quotation mark within a JSON string
// is always escaped, so that what it looks for is nowhere but at a member.
func (b *brief) glean(facts []byte, f *record.Facts) bool {
	if bytes.IndexByte(facts, '{') != 0 || bytes.Contains(facts, []byte(`":{`)) {
		return false
	}
	var kind, channel string
	for _, m := range []struct {
		key string
		to  *string
	}{{`"kind":"`, &kind}, {`"source":"`, &f.Source}, {`"custodian":"`, &f.Custodian}, {`"custodian_role":"`, &f.Role}, {`"custodian_grade":"`, &f.Grade},
		{`"channel":"`, &channel}, {`"mailbox":"`, &f.Mailbox}, {`"folder":"`, &f.Folder}, {`"significance":"`, &f.Significance}} {
		v, ok := member(facts, m.key)
		if !ok {
			return false
		}
		*m.to = b.name(v)
	}
	f.Kind, f.Channel = record.Kind(kind), record.Channel(channel)
	for _, m := range []struct {
		key string
		to  *time.Time
	}{{`"sent":"`, &f.Sent}, {`"received":"`, &f.Received}, {`"captured":"`, &f.Captured}, {`"last_modified":"`, &f.LastModified}} {
		v, ok := member(facts, m.key)
		if !ok {
			return false
		}
		if len(v) > 0 {
			if err := m.to.UnmarshalText(v); err != nil {
				return false
			}
		}
	}
	f.DateSuspect = bytes.Contains(facts, []byte(`,"date_suspect":true`))
	return true
}

// words takes the words of a holding's facts, and says whether it could: a text
// with an escape in it is for a parser of JSON.
func (b *brief) words(facts []byte, f *record.Facts) bool {
	subject, ok := member(facts, `"subject":"`)
	chat, is := member(facts, `"chat":"`)
	if !ok || !is {
		return false
	}
	f.Subject, f.Chat = string(subject), b.name(chat)
	f.From, ok = b.members(facts, `"from":[`)
	if ok {
		f.To, ok = b.members(facts, `"to":[`)
	}
	return ok
}

// members returns the texts of a member that is a list of them, nil if there is
// none. It fails where one is escaped.
func (b *brief) members(facts []byte, key string) (list []string, ok bool) {
	at := bytes.Index(facts, []byte(key))
	if at < 0 {
		return nil, true
	}
	rest := facts[at+len(key):]
	for len(rest) > 0 && rest[0] == '"' {
		end := bytes.IndexAny(rest[1:], `"\\`)
		if end < 0 || rest[1+end] != '"' {
			return nil, false
		}
		list = append(list, string(rest[1:1+end]))
		if rest = rest[2+end:]; len(rest) > 0 && rest[0] == ',' {
			rest = rest[1:]
		}
	}
	return list, len(rest) > 0 && rest[0] == ']'
}

// member returns the text of a member, nil if there is none. It fails where
// the text is escaped.
func member(object []byte, key string) ([]byte, bool) {
	at := bytes.Index(object, []byte(key))
	if at < 0 {
		return nil, true
	}
	rest := object[at+len(key):]
	end := bytes.IndexByte(rest, '"')
	if end < 0 || bytes.IndexByte(rest[:end], '\\') >= 0 {
		return nil, false
	}
	return rest[:end], true
}
