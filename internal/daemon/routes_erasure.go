package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/bag"
	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention/disposal"
)

// erasureRoutes is what the daemon answers about erasing parts of records. The
// parts are taken out on a reader's side: the daemon opens no record.
func (d *Daemon) erasureRoutes() []api.Route {
	return []api.Route{
		api.Receive(http.MethodPost, "/v1/erasures/{batch}/successors/{record}", api.For(api.Manager, api.Officer), d.postSuccessor),
	}
}

// asked takes apart what a person asks to be erased: records, and messages of
// chat-days. A day of which every message is named is erased whole.
func (d *Daemon) asked(ctx context.Context, ids []string) (records []string, parts []record.ErasedPart, err error) {
	bad := func(format string, args ...any) error {
		return &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf(format, args...), Hint: "a message is named as search and show print it: ID/N"}
	}
	wanted := make(map[record.ID][]int)
	whole := make(map[record.ID]bool)
	rows := make(map[record.ID]catalog.Row)
	var order []record.ID
	for _, id := range ids {
		prefix, message, in := strings.Cut(id, "/")
		row, err := d.archive.Find(ctx, prefix)
		if err != nil {
			return nil, nil, err
		}
		if _, seen := rows[row.ID]; !seen {
			rows[row.ID] = row
			order = append(order, row.ID)
		}
		if !in || row.Kind != record.ChatDay { // an e-mail has one message
			whole[row.ID] = true
			continue
		}
		n, err := strconv.Atoi(message)
		if err != nil || n < 1 || n > row.Count {
			return nil, nil, bad("record %s has no message %q", row.ID.Short(), message)
		}
		wanted[row.ID] = append(wanted[row.ID], n)
	}
	for _, id := range order {
		records = append(records, string(id))
		slices.Sort(wanted[id])
		messages := slices.Compact(wanted[id])
		if !whole[id] && len(messages) < rows[id].Count {
			parts = append(parts, record.ErasedPart{Record: id, Messages: messages})
		}
	}
	return records, parts, nil
}

type successorOf struct {
	Batch  string `path:"batch" json:"-"`
	Record string `path:"record" json:"-"`
}

// postSuccessor captures the successor of a record: all of it but the messages
// that an approved batch erases. It is sealed, journalled and classified as the
// record was; its words are added by whoever made it. It may be repeated.
func (d *Daemon) postSuccessor(ctx context.Context, c api.Caller, req successorOf, body io.Reader) (out v1.MissingRecord, err error) {
	row, err := d.find(ctx, c, req.Record)
	if err != nil {
		return out, err
	}
	b, part, err := d.mayErase(ctx, req.Batch, row)
	if err != nil {
		return out, err
	}
	if id, made := b.Successors[row.ID]; made {
		return d.succession(ctx, id)
	}
	made, err := d.receiveSuccessor(row, part, body)
	defer made.release()
	if err != nil {
		return out, &api.Error{Code: api.CodeUsage, Message: "this is no successor of the record: " + err.Error(), Hint: "closeroll erasure execute makes it"}
	}
	if err := d.takePlace(ctx, c, b, row, part, made); err != nil {
		return out, err
	}
	d.warden.stir()
	return d.succession(ctx, made.rec.ID)
}

// mayErase wants the batch to be approved and cooled off, and nothing to stand
// against the erasure: a hold comes before it.
func (d *Daemon) mayErase(ctx context.Context, batch string, row catalog.Row) (*disposal.Batch, record.ErasedPart, error) {
	none := record.ErasedPart{}
	v, err := d.look(ctx, d.catalog)
	if err != nil {
		return nil, none, err
	}
	b := v.batch(batch)
	if b == nil {
		_, err := d.findBatch(ctx, batch)
		return nil, none, err
	}
	part, ok := b.Part(row.ID)
	if !ok {
		return nil, none, conflict(fmt.Errorf("batch %s erases no message of record %s by itself", batch, row.ID.Short()))
	}
	if _, excluded := b.Excluded(row.ID); excluded {
		return nil, none, conflict(fmt.Errorf("record %s was taken off the list", row.ID.Short()))
	}
	if err := errors.Join(b.MayProceed(v.now, d.zone, v.rules), d.genuine(b)); err != nil {
		return nil, none, conflict(err)
	}
	s, err := v.standing(ctx, row.ID)
	if err != nil {
		return nil, none, err
	}
	for _, h := range s.Holdings {
		if h.Decision.OnHold {
			return nil, none, d.blockedByHold(ctx, b.Ground, h.Decision.Holds)
		}
	}
	if len(s.Requests) > 0 {
		return nil, none, conflict(fmt.Errorf("open: %s", strings.Join(s.Requests, ", ")))
	}
	return b, part, nil
}

// A successor is what a reader has made, spooled.
type successor struct {
	rec      record.Record
	contents map[string]io.ReaderAt
	closers  []io.Closer
}

func (s *successor) release() {
	for _, c := range s.closers {
		c.Close()
	}
}

// receiveSuccessor reads the bag of a successor, and compares it with the record
// as far as that is possible without opening the record.
func (d *Daemon) receiveSuccessor(row catalog.Row, part record.ErasedPart, body io.Reader) (*successor, error) {
	s := &successor{contents: make(map[string]io.ReaderAt)}
	r, err := bag.NewReader(body)
	if err != nil {
		return s, err
	}
	s.rec = r.Record()
	marked := 0
	if s.rec.Chat != nil {
		for _, e := range s.rec.Chat.Erased {
			marked += e.Messages
		}
	}
	switch {
	case s.rec.ID != row.ID || s.rec.Kind != row.Kind || s.rec.Chat == nil:
		return s, fmt.Errorf("it is of record %s", s.rec.ID.Short())
	case len(s.rec.Chat.Spans) != row.Count-len(part.Messages):
		return s, fmt.Errorf("it has %d messages, where %d of %d are erased", len(s.rec.Chat.Spans), len(part.Messages), row.Count)
	case marked < len(part.Messages):
		return s, fmt.Errorf("it marks %d erased messages", marked)
	}
	for f, err := range r.Components() {
		if err != nil {
			return s, err
		}
		w := d.spool.Create()
		if _, err := io.Copy(w, f); err != nil {
			w.Cancel()
			return s, err
		}
		content, err := w.Finish()
		if err != nil {
			return s, err
		}
		s.closers, s.contents[f.Path] = append(s.closers, content), content
	}
	return s, nil
}

// takePlace stores and journals a successor in its predecessor's place.
func (d *Daemon) takePlace(ctx context.Context, c api.Caller, b *disposal.Batch, row catalog.Row, part record.ErasedPart, made *successor) error {
	of, err := d.journal.Reader().Entry(ctx, row.Entry)
	if err != nil {
		return err
	}
	var in record.Ingestion
	if err := json.Unmarshal(of.Body, &in); err != nil {
		return fmt.Errorf("the journal's entry of record %s: %w", row.ID.Short(), err)
	}
	holdings, err := d.catalog.Holdings(ctx, row.ID)
	if err != nil || len(holdings) == 0 {
		return errors.Join(err, errors.New("nobody holds the record"))
	}
	made.rec.ID, made.rec.Vault = "", row.Vault
	claim := archive.Claim{Holding: holdings[0].Holding, Facts: asCaptured(holdings[0].Facts)}
	made.rec.ID = d.archive.Identify(row.Vault, made.rec.Kind, made.rec.Components)
	stored, err := d.archive.Put(ctx, made.rec, made.contents, claim)
	if err != nil {
		return err
	}
	if stored.Known {
		return conflict(fmt.Errorf("record %s has these octets already", stored.Record.Short()))
	}
	succeeding(&in, part)
	in.Record, in.Vault, in.Epoch, in.Sealed, in.SealedSize, in.Manifest = stored.Record, stored.Vault, stored.Epoch, stored.Sealed, stored.Size, stored.Manifest
	in.Components, in.Adopted, in.Lock, in.Item = made.rec.Components, stored.Adopted, stored.Lock, record.Item{}
	in.Holding, in.Facts = claim.Holding, claim.Facts
	var sightings []record.Sighting
	for _, h := range holdings[1:] {
		facts := asCaptured(h.Facts)
		sightings = append(sightings, record.Sighting{Outcome: record.AlreadyArchived, Record: stored.Record, Holding: &h.Holding, Facts: &facts})
	}
	succeeded, err := journal.NewEntry(record.EntrySuccessor, c.ID, record.Succeeded{Batch: b.Batch, Successor: stored.Record, ErasedPart: part},
		string(row.ID), string(stored.Record))
	if err != nil {
		return err
	}
	given, err := byHand(stored.Record, holdings)
	if err != nil {
		return err
	}
	return d.archive.Commit(ctx, c.ID, []*archive.Capture{{Ingestion: in}}, sightings, append([]journal.Entry{succeeded}, given...)...)
}

// asCaptured are facts without what is asked anew whenever something is decided.
func asCaptured(f record.Facts) record.Facts {
	f.LastActivity, f.Events = time.Time{}, nil
	return f
}

// succeeding takes the erased messages out of what the journal says of a record.
func succeeding(in *record.Ingestion, part record.ErasedPart) {
	var messages []record.Message
	var omitted []int
	ref := *in.Chat
	ref.Digests = nil
	mark := func() {
		if n := len(omitted); n == 0 || omitted[n-1] != len(messages) {
			omitted = append(omitted, len(messages))
		}
	}
	for i, m := range in.Messages {
		if slices.Contains(in.Chat.Omitted, i) {
			mark()
		}
		if slices.Contains(part.Messages, i+1) {
			mark()
			continue
		}
		messages = append(messages, m)
		if i < len(in.Chat.Digests) {
			ref.Digests = append(ref.Digests, in.Chat.Digests[i])
		}
	}
	if slices.Contains(in.Chat.Omitted, len(in.Messages)) {
		mark()
	}
	ref.Omitted, in.Messages, in.Chat = omitted, messages, &ref
}

// byHand gives the successor the classes that people gave the record.
func byHand(id record.ID, holdings []catalog.HeldBy) (entries []journal.Entry, err error) {
	for _, h := range holdings {
		if !h.Manual {
			continue
		}
		e, err := journal.NewEntry(record.EntryClassification, daemonActor, record.Classified{Records: []record.ID{id}, Custodian: h.Custodian, Class: h.Class, Reason: h.Reason})
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// succession is what a reader needs to add a successor's words.
func (d *Daemon) succession(ctx context.Context, id record.ID) (v1.MissingRecord, error) {
	row, err := d.catalog.Record(ctx, id)
	if err != nil {
		return v1.MissingRecord{}, err
	}
	holdings, err := d.catalog.Holdings(ctx, id)
	if err != nil || len(holdings) == 0 {
		return v1.MissingRecord{}, errors.Join(err, errors.New("nobody holds the successor"))
	}
	return v1.MissingRecord{ID: row.ID, First: row.First, Count: row.Count, Kind: row.Kind, Captured: row.Captured, Position: uint64(row.Entry),
		Vault: row.Vault, Epoch: row.Epoch, Facts: holdings[0].Facts}, nil
}
