package v1

import (
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/search"
)

// An Answer is what a search found, and a page of it.
type Answer struct {
	search.Answer
	Offset       int   `json:"offset"`
	Hits         []Hit `json:"hits"`
	Undated      []Hit `json:"undated,omitempty"`      // the first whose date is to be decided
	Unsearchable []Hit `json:"unsearchable,omitempty"` // the first that could not be searched whole

	Facets []search.Facet     `json:"facets,omitempty"`
	Terms  []search.TermCount `json:"terms,omitempty"`

	Elsewhere []Elsewhere      `json:"elsewhere,omitempty"` // what is in vaults that the caller may not read
	Destroyed []DestroyedCount `json:"destroyed,omitempty"` // what was destroyed and might have been found
}

// A Hit is one message that was found.
type Hit struct {
	ID         record.ID        `json:"id"`
	N          int              `json:"n"`
	Kind       record.Kind      `json:"kind"`
	Sent       time.Time        `json:"sent,omitzero"`
	Suspect    bool             `json:"date_suspect,omitempty"`
	Sender     string           `json:"sender"`
	Display    string           `json:"display"`
	Chat       string           `json:"chat,omitempty"`
	Vault      string           `json:"vault"`
	Custodians []string         `json:"custodians"`
	Due        record.Date      `json:"due,omitzero"`
	Action     retention.Action `json:"action"`
	OnHold     bool             `json:"on_hold,omitempty"`
	Snippet    string           `json:"snippet,omitempty"` // made on the reader's machine, like what follows
	Before     []string         `json:"before,omitempty"`  // the messages before it in its chat-day
	After      []string         `json:"after,omitempty"`
	Group      *HitGroup        `json:"group,omitempty"`  // of an answer that was asked for by thread or chat
	Copies     []Copy           `json:"copies,omitempty"` // of a grouped answer: the other hits of its copy group
}

// A Copy is a hit that says the same as one that is listed.
type Copy struct {
	Place
	Sent       time.Time `json:"sent,omitzero"`
	Vault      string    `json:"vault"`
	Custodians []string  `json:"custodians"`
	Display    string    `json:"display"`
}

// MessageID is how the hit is named.
func (h Hit) MessageID() record.MessageID { return record.MessageID{Record: h.ID, N: h.N} }

// Headers of a sealed record's stream.
const (
	SealedDigest = "Closeroll-Sealed-Sha256" // by the journal
	SealedEpoch  = "Closeroll-Vault-Epoch"
	SealedRecord = "Closeroll-Record"
)

// A Vault is a vault epoch's identity, sealed to each reader by name.
type Vault struct {
	Epoch   string            `json:"epoch"`
	Readers map[string][]byte `json:"readers"`
}

// Keys says which keys there are and who can open them.
type Keys struct {
	Epoch     string      `json:"epoch"`
	Recipient string      `json:"recipient"`
	Strength  string      `json:"strength"`
	Journal   string      `json:"journal_verifier"`
	Vaults    []KeptVault `json:"vaults"`
	Holders   []KeyHolder `json:"holders"`
}

// A KeyHolder is someone to whom a key is sealed.
type KeyHolder struct {
	Key    string `json:"key"` // state, note, or a vault's epoch
	Holder string `json:"holder"`
}

// A Build is a generation of the index.
type Build struct {
	Generation string `json:"generation"`
	Mapping    string `json:"mapping,omitempty"`
}

// Missing lists records whose words a generation of the index lacks.
type Missing struct {
	Messages int64           `json:"messages"`
	Records  []MissingRecord `json:"records"`
}

// A MissingRecord is what a reader needs to make a record's documents again.
type MissingRecord struct {
	ID       record.ID        `json:"id"`
	First    record.MessageNo `json:"first"`
	Count    int              `json:"count"`
	Kind     record.Kind      `json:"kind"`
	Captured time.Time        `json:"captured"`
	Position uint64           `json:"position"`
	Vault    string           `json:"vault"`
	Epoch    string           `json:"epoch"` // whose identity opens it
	Facts    record.Facts     `json:"facts"`
}

// Documents are posted to the index by a reader.
type Documents struct {
	Building  bool              `json:"building"`
	Documents []record.Document `json:"documents"`
}

// Progress is one line of a long call.
type Progress struct {
	Done    int64         `json:"done"`
	Total   int64         `json:"total"`
	Outcome *Verification `json:"outcome,omitempty"` // of the last line
}
