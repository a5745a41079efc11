package v1

import (
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A Quarantined is a record that is in quarantine, or was.
type Quarantined struct {
	record.Quarantine
	ID         record.ID       `json:"id"`
	Kind       record.Kind     `json:"kind"`
	Display    string          `json:"display"` // without its subject
	Captured   time.Time       `json:"captured"`
	Source     string          `json:"source"`
	Custodian  string          `json:"custodian"`
	Vault      string          `json:"vault"`
	Messages   int             `json:"messages"`
	Octets     int64           `json:"octets"`
	Decision   record.Decision `json:"decision,omitempty"` // none while it awaits one
	Decided    time.Time       `json:"decided,omitzero"`
	Decider    string          `json:"decided_by,omitempty"`
	Why        string          `json:"why,omitempty"`
	Searchable bool            `json:"searchable"` // it was released, and is in the index
}

// A Decide decides about a record in quarantine.
type Decide struct {
	Decision record.Decision `json:"decision"` // released or kept
	Reason   string          `json:"reason"`
}

// A Waiting counts what is in quarantine.
type Waiting struct {
	Records  int `json:"records"`  // in it now
	Deciding int `json:"deciding"` // of those, that await a decision
}
