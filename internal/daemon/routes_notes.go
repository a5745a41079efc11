package daemon

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/note"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

func (d *Daemon) noteRoutes() []api.Route {
	return []api.Route{
		api.Call(http.MethodPost, "/v1/notes", api.For(api.Operator, api.Officer, api.Manager), d.postNote),
		api.Call(http.MethodGet, "/v1/notes", api.For(api.Officer, api.Manager), d.getNotes),
	}
}

// notesFolder is where in a source a note is.
const notesFolder = "Notes"

// postNote captures a note of substance through the pipeline, as an item of one
// of the custodian's sources. Its author is the caller, whatever it says.
func (d *Daemon) postNote(ctx context.Context, c api.Caller, req v1.AddNote) (v1.Note, error) {
	s, err := d.noteSource(req.Custodian, req.Source)
	if err != nil {
		return v1.Note{}, err
	}
	now := d.now().UTC()
	n := &note.Note{Author: c.Name, Actor: c.ID, Written: now, Happened: strings.Replace(req.Happened, " ", "T", 1), Zone: d.zone.String(),
		Channel: strings.ToLower(req.Channel), Corporate: req.Corporate, Participants: req.Participants, Subject: req.Subject, Text: req.Text}
	if n.Author == "" {
		n.Author = c.ID
	}
	title, err := d.noteAbout(ctx, c, req, n)
	if err != nil {
		return v1.Note{}, err
	}
	if err := n.Complete(); err != nil {
		return v1.Note{}, &api.Error{Code: api.CodeUsage, Message: strings.ReplaceAll(err.Error(), "\n", "; "), Hint: "see closeroll note add --help"}
	}
	if at, err := n.Time(); err == nil && at.After(now) {
		return v1.Note{}, &api.Error{Code: api.CodeUsage, Message: req.Happened + " is not yet over: a note says what has happened", Hint: "see closeroll note add --help"}
	}
	return d.captureNote(ctx, s, n, title)
}

// noteSource finds the source that a custodian's note is an item of: the one
// named, the only one, or the only drop folder.
func (d *Daemon) noteSource(custodian, name string) (*source, error) {
	var all, drops []*source
	for _, s := range d.sources {
		if s.Custodian != custodian || name != "" && s.Name != name {
			continue
		}
		all = append(all, s)
		if s.kind == v1.KindDropFolder {
			drops = append(drops, s)
		}
	}
	switch {
	case len(all) == 1:
		return all[0], nil
	case len(drops) == 1:
		return drops[0], nil
	case len(all) == 0:
		return nil, &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("custodian %q has no such source here", custodian), Hint: "closeroll status lists the sources with their custodians"}
	}
	var names []string
	for _, s := range all {
		names = append(names, s.Name)
	}
	return nil, &api.Error{Code: api.CodeUsage, Message: "the custodian has several sources: " + strings.Join(names, ", "), Hint: "name one with --source"}
}

// noteAbout finds what a note refers to, as far as its author may see it, and
// returns the chat's title.
func (d *Daemon) noteAbout(ctx context.Context, c api.Caller, req v1.AddNote, n *note.Note) (title string, err error) {
	if req.Chat != "" {
		found, err := d.oneChat(ctx, c, req.Chat)
		if err != nil {
			return "", err
		}
		n.About.Chat, title = found.ID, found.Title
	}
	if req.Record != "" {
		row, err := d.find(ctx, c, req.Record)
		if err != nil {
			return "", err
		}
		n.About.Record = row.ID
	}
	if req.Request != "" {
		r, _, err := d.request(ctx, req.Request)
		if err != nil {
			return "", err
		}
		n.About.Request = r.Ref
	}
	return title, nil
}

// captureNote takes one note through the pipeline and says what became of it.
func (d *Daemon) captureNote(ctx context.Context, s *source, n *note.Note, title string) (v1.Note, error) {
	octets, err := n.Encode()
	if err != nil {
		return v1.Note{}, err
	}
	item := record.Item{Source: s.Name, Key: fmt.Sprintf("note/%d-%s", n.Written.UnixNano(), n.Actor)}
	if err := s.take(ctx); err != nil {
		return v1.Note{}, err
	}
	defer s.give()
	src := s.Source
	src.Actor, src.Connector = n.Actor, &brought{d: d, item: connectors.Item{Key: item.Key, Form: connectors.FormNote, Name: title, Folder: notesFolder}, octets: octets}
	counts, err := d.run(ctx, src)
	d.checkQuarantine(ctx)
	d.tellRefused(ctx, s.Name, counts)
	if err != nil {
		return v1.Note{}, err
	}
	state, err := d.catalog.Item(ctx, item)
	if err != nil {
		return v1.Note{}, err
	}
	if state.Record == "" {
		return v1.Note{}, &api.Error{Code: api.CodeUsage, Message: "the note was not captured: " + state.Detail, Hint: "what is marked so does not belong into this archive"}
	}
	row, err := d.catalog.Record(ctx, state.Record)
	if err != nil {
		return v1.Note{}, err
	}
	at, err := n.Time()
	return v1.Note{Record: row.ID, Display: row.Display, Happened: at.UTC(), Captured: row.Captured, Custodian: s.Custodian, Source: s.Name,
		About: record.NoteRef{Author: n.Author, Channel: n.Channel, Chat: n.About.Chat, Record: n.About.Record, Request: n.About.Request}}, err
}

// A brought is a connector of the one item that a caller has brought.
type brought struct {
	d      *Daemon
	item   connectors.Item
	octets []byte
}

// Items implements [connectors.Connector].
func (b *brought) Items(ctx context.Context, _ connectors.Cursor) iter.Seq2[*connectors.Item, error] {
	return func(yield func(*connectors.Item, error) bool) {
		item := b.item
		room, err := b.d.spool.Reserve(ctx, int64(len(b.octets)))
		if err == nil {
			if item.Content, err = room.Fill(bytes.NewReader(b.octets)); err != nil {
				room.Cancel()
			}
		}
		if err != nil {
			yield(nil, err)
			return
		}
		yield(&item, nil)
	}
}

// Acknowledge implements [connectors.Connector]: there is nothing to let go of.
func (b *brought) Acknowledge(context.Context, connectors.Cursor) error { return nil }

// getNotes lists the notes that the caller may read: all, or those about a chat,
// a record or a request.
func (d *Daemon) getNotes(ctx context.Context, c api.Caller, req struct {
	About string `json:"about"`
}) ([]v1.Note, error) {
	about := req.About
	if about != "" {
		var err error
		if about, err = d.noteSubject(ctx, c, about); err != nil {
			return nil, err
		}
	}
	return d.notes(ctx, c, about)
}

// noteSubject turns what a person calls a chat, record or request into what
// notes refer to it by.
func (d *Daemon) noteSubject(ctx context.Context, c api.Caller, name string) (string, error) {
	if found, err := d.oneChat(ctx, c, name); err == nil {
		return found.ID, nil
	}
	if r, _, err := d.request(ctx, name); err == nil {
		return r.Ref, nil
	}
	row, err := d.find(ctx, c, name)
	if err != nil {
		return "", &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("%q is no chat, request or record here", name), Hint: "closeroll note list lists all notes"}
	}
	return string(row.ID), nil
}

// notes lists the notes about something that a caller may read. Of those in
// quarantine nothing is said.
func (d *Daemon) notes(ctx context.Context, c api.Caller, about string) ([]v1.Note, error) {
	rows, err := d.catalog.Notes(ctx, about)
	if err != nil {
		return nil, err
	}
	if rows, err = readable(ctx, d, c, rows, func(n catalog.NoteRow) record.ID { return n.ID }); err != nil {
		return nil, err
	}
	out := []v1.Note{}
	for _, n := range rows {
		m, err := d.catalog.Message(ctx, n.First)
		if err != nil {
			return nil, err
		}
		out = append(out, v1.Note{Record: n.ID, Display: n.Display, Happened: m.Sent, Captured: n.Captured, Custodian: n.Custodian, About: n.NoteRef})
	}
	return out, nil
}
