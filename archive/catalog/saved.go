package catalog

import (
	"context"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// savedSearch keeps a query under its name: one for each person, and one that is
// shared.
func (f *fold) savedSearch(e Entry, s record.SavedSearch) error {
	owner := e.Actor
	if s.Shared {
		owner = ""
	}
	if s.Forgotten {
		return f.exec(`DELETE FROM saved_searches WHERE owner = ? AND name = ?`, owner, s.Name)
	}
	return f.exec(`INSERT INTO saved_searches (owner, name, query, actor, at, entry) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
		ON CONFLICT (owner, name) DO UPDATE SET query = ?3, actor = ?4, at = ?5, entry = ?6`, owner, s.Name, s.Query, e.Actor, e.Time.UnixMilli(), e.Index)
}

// A SavedRow is a saved search.
type SavedRow struct {
	Name   string
	Query  string
	Shared bool
	By     string // who saved it last
	At     time.Time
	Entry  int64
}

// SavedSearches lists the searches that a person saved and those that are
// shared, by name; the person's own comes before a shared one of the same name.
func (c *Catalog) SavedSearches(ctx context.Context, person string) ([]SavedRow, error) {
	return collect(ctx, c.read, func(s scanner) (r SavedRow, err error) {
		var at int64
		err = s.Scan(&r.Name, &r.Query, &r.Shared, &r.By, &at, &r.Entry)
		r.At = time.UnixMilli(at).UTC()
		return r, err
	}, `SELECT name, query, owner = '', actor, at, entry FROM saved_searches WHERE owner IN ('', ?) ORDER BY name, owner = ''`, person)
}
