package v1

import (
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/foi"
)

// A Request is a request for information and where it stands.
type Request struct {
	foi.Request
	Standing foi.Standing `json:"standing"`
	OnHold   int          `json:"records_on_hold"` // by the newest of its holds

	// Disposed lists what was disposed of since the day of receipt: a person
	// looks whether any of it was within the request.
	Disposed []Disposed `json:"disposed_since,omitempty"`
}

// Disposed is a record of which only a stub is left.
type Disposed struct {
	ID          record.ID `json:"id"`
	Display     string    `json:"display,omitempty"`
	Certificate string    `json:"certificate"`
}

// OpenRequest enters a request in the register.
type OpenRequest struct {
	Ref      string      `json:"ref"`
	Kind     string      `json:"kind"`
	Received record.Date `json:"received"`
	Text     string      `json:"text"`
	Query    string      `json:"query,omitempty"` // its scope; empty: all disposal is suspended
	Related  []string    `json:"related,omitempty"`
}

// Changing names the request that a call changes. A version other than zero
// is the one that the caller knows: if the request has changed since, the call
// is refused with the code conflict.
type Changing struct {
	Ref     string `path:"ref" json:"-"`
	Version int64  `json:"version,omitempty"`
}

// ScopeRequest gives a request a scope.
type ScopeRequest struct {
	Changing
	Query string `json:"query"`
	Note  string `json:"note,omitempty"`
}

// NoteEvent notes what happened to a request.
type NoteEvent struct {
	Changing
	Event    string      `json:"event"`
	On       record.Date `json:"on"`
	Estimate record.Date `json:"estimate"`
	Outcome  string      `json:"outcome,omitempty"`
	Failure  string      `json:"failure,omitempty"`
	Note     string      `json:"note,omitempty"`
}

// CloseRequest notes the reply.
type CloseRequest struct {
	Changing
	Responded  record.Date `json:"responded"`
	Held       string      `json:"held,omitempty"`
	Outcome    string      `json:"outcome"`
	Exemptions []string    `json:"exemptions,omitempty"`
	Note       string      `json:"note,omitempty"`
}
