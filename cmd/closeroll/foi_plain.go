package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/reader"
	"github.com/closeroll/closeroll/search/foi"
	"github.com/closeroll/closeroll/search/foi/redaction"
)

// A lectern opens items of a request's set as plain text. It keeps one record
// open at a time: some are large.
type lectern struct {
	reader  *reader.Reader
	ref     string
	extract ingest.Extractor // of attachments

	id      string // of the record that is open
	worded  bool   // its attachments were read too
	record  record.Record
	message []record.Document
	opened  ingest.Opened // its files, where it was laid open
}

// lay opens a record that was fetched, with the words of its attachments, and
// keeps its files.
func (l *lectern) lay(ctx context.Context, it *foi.Item, s *reader.Sealed) (err error) {
	defer s.Close()
	if l.record, l.opened, l.message, err = l.reader.ReadSealed(ctx, s, l.extract); err != nil {
		return opening(err)
	}
	l.id, l.worded = it.Record(), true
	return nil
}

// open opens the record of an item, with the words of its attachments if they
// are wanted, and returns its message.
func (l *lectern) open(ctx context.Context, it *foi.Item, attachments bool) (redaction.Message, error) {
	id, n := messagePart(it.Item)
	if l.id != id || attachments && !l.worded {
		var extract ingest.Extractor = reader.NoText{}
		if attachments {
			extract = l.extract
		}
		var err error
		l.id, l.worded = "", false
		if l.record, l.message, err = l.reader.Read(ctx, id, l.ref, extract); err != nil {
			return redaction.Message{}, opening(err)
		}
		l.id, l.worded = id, attachments
	}
	if n < 1 || n > len(l.message) {
		return redaction.Message{}, fmt.Errorf("%s has no message %d", id, n)
	}
	m := redaction.Message{Item: it.Item, Document: l.message[n-1], Chat: it.Chat, Sent: it.Sent, Zone: london()}
	for _, c := range l.record.Components {
		m.Content = append(m.Content, c.Digest)
	}
	return m, nil
}

// render renders what an id names: an item, or one of its attachments.
func (l *lectern) render(ctx context.Context, t foi.Target) (redaction.Rendering, error) {
	_, part, isPart := strings.Cut(t.ID, "+")
	m, err := l.open(ctx, t.Item, isPart)
	if err != nil {
		return redaction.Rendering{}, err
	}
	if !isPart {
		return redaction.Render(m), nil
	}
	var k int
	if _, err := fmt.Sscanf(part, "%d", &k); err != nil {
		return redaction.Rendering{}, err
	}
	r, err := redaction.Part(m, k)
	if err != nil {
		err = advise(err, exitNotFound, "closeroll foi set %s -i IDENTITY lists attachments", l.ref)
	}
	return r, err
}

// targetsIn returns the items of a set that these ids name.
func targetsIn(s *requestSet, ref string, ids []string) ([]foi.Target, error) {
	set := foi.Set{Items: make([]foi.Item, len(s.Items))}
	for i, it := range s.Items {
		set.Items[i] = it.Item
	}
	targets, err := set.Select(ids)
	if err != nil {
		return nil, advise(err, exitNotFound, "closeroll foi set %s lists it", ref)
	}
	return targets, nil
}

// fetchRedactions asks for the redactions in force, by item.
func fetchRedactions(ctx context.Context, client *api.Client, ref string) (map[string]v1.RedactionLine, error) {
	stream, err := client.Stream(ctx, http.MethodGet, requestPath(ref, "/redactions"), nil)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	in := make(map[string]v1.RedactionLine)
	for line, err := range api.Lines[v1.RedactionLine](stream) {
		if err != nil {
			return nil, err
		}
		in[line.Item] = line
	}
	return in, nil
}
