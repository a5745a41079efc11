package catalog

import (
	"context"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// request keeps an entry about a request as it is: what the entries of a
// request add up to is for search/foi to say.
func (f *fold) request(e Entry, about struct {
	Request string `json:"request"`
}) error {
	return f.exec(`INSERT INTO request_entries (entry, request, type, time, actor, body) VALUES (?, ?, ?, ?, ?, ?)`,
		e.Index, about.Request, e.Type, e.Time.UnixMilli(), e.Actor, string(e.Body))
}

// A RequestEntry is a journal entry about a request.
type RequestEntry struct {
	Request string
	Entry
}

// RequestEntries returns the entries about a request in the journal's order,
// or about all requests if ref is empty. If light is set, those that list
// messages or spans (searches, decisions, redactions, certificates, which may be
// large) come without a body.
func (c *Catalog) RequestEntries(ctx context.Context, ref string, light bool) ([]RequestEntry, error) {
	return collect(ctx, c.read, func(s scanner) (RequestEntry, error) {
		var e RequestEntry
		var ms int64
		var body *string
		if err := s.Scan(&e.Request, &e.Index, &e.Type, &ms, &e.Actor, &body); err != nil {
			return e, err
		}
		e.Time = time.UnixMilli(ms).UTC()
		if body != nil {
			e.Body = []byte(*body)
		}
		return e, nil
	}, `SELECT request, entry, type, time, actor, CASE WHEN ? AND type IN (?, ?, ?, ?, ?) THEN NULL ELSE body END
		FROM request_entries WHERE ? = '' OR request = ? ORDER BY entry`,
		light, record.EntryRequestSearch, record.EntryRequestDecision, record.EntryRequestRedaction, record.EntryRequestLooked,
		record.EntryRequestCertified, ref, ref)
}
