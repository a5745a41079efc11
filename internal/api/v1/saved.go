package v1

import "time"

// A SavedSearch is a query that is kept under a name.
type SavedSearch struct {
	Name   string    `json:"name"`
	Query  string    `json:"query"`
	Shared bool      `json:"shared,omitempty"` // everybody may use it
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// SaveSearch keeps a query under a name.
type SaveSearch struct {
	Name    string `json:"name"`
	Query   string `json:"query"`
	Shared  bool   `json:"shared,omitempty"`
	Replace bool   `json:"replace,omitempty"` // what is saved under it already
}

// ForgetSearch forgets one.
type ForgetSearch struct {
	Name   string `path:"name" json:"-"`
	Shared bool   `json:"shared,omitempty"`
}

// A HitGroup is what a hit stands in: an e-mail's thread or a chat.
type HitGroup struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	Total int    `json:"total"` // hits in it, on all pages
}
