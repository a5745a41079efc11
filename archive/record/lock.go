package record

import "time"

// The entries about what the storage itself is told to keep (S3 Object Lock).
const (
	EntryLegalHold = "storage legal hold" // body LegalHeld: holds, mirrored to the storage
	EntryRetained  = "storage retention"  // body Retained: the storage keeps records for longer
)

// A StorageLock is what the storage itself does so that a record's object
// stays. The zero value is nothing.
type StorageLock struct {
	Mode  string    `json:"mode,omitempty"` // GOVERNANCE or COMPLIANCE; empty: no retention
	Until time.Time `json:"until,omitzero"` // retention ends
	Legal bool      `json:"legal,omitempty"`
}

// LegalHeld says that records are about to be put under legal hold in the
// storage, or taken from under it, or, where Done is set, that this has been
// done. It is journalled before and after: what was begun and not done is done
// again.
type LegalHeld struct {
	On      bool `json:"on"`
	Done    bool `json:"done,omitempty"`
	Records []ID `json:"records"`
}

// Retained says that the storage was told to keep records for longer, or more
// firmly, than it was told before. It is never told to do less.
type Retained struct {
	Items []RetainedItem `json:"items"`
}

// A RetainedItem is one record and what protects it now.
type RetainedItem struct {
	Record ID        `json:"record"`
	Mode   string    `json:"mode"`
	Until  time.Time `json:"until"`
}
