package v1

import (
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// Mirrored says how far a hold stands in the storage too, as its legal hold. The
// hold itself is in force from its entry in the journal on, whatever this says.
type Mirrored struct {
	Records int            `json:"records"` // that the storage has under legal hold
	Pending int            `json:"pending"` // that it is still to be told of
	Failed  []MirrorFailed `json:"failed"`  // among the pending: what it refused when it was last told
}

// A MirrorFailed is a record that the storage would not put under legal hold.
type MirrorFailed struct {
	Record record.ID `json:"record"`
	Error  string    `json:"error"`
}

// A NoticeAsked asks for custodians to be told of a hold.
type NoticeAsked struct {
	Custodians []string `json:"custodians,omitempty"` // those whom the hold names, or all, if empty
}

// A HoldNotice is what custodians are told of a hold.
type HoldNotice struct {
	record.HoldPlaced
	Authority  string    `json:"public_authority"`  // whose archive it is
	Marking    string    `json:"marking,omitempty"` // protective, of papers about it
	Placed     time.Time `json:"placed"`
	Custodians []Person  `json:"custodians"`
}

// A Person is a custodian by id and name.
type Person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// An Acknowledgement says that a custodian has read a notice.
type Acknowledgement struct {
	Custodian string      `json:"custodian"`
	On        record.Date `json:"on"`
	Note      string      `json:"note,omitempty"`
}

// A HoldReport says what is on hold, for whoever asks for it: a matter's
// lawyers, an inquiry.
type HoldReport struct {
	Authority  string          `json:"public_authority"`
	Marking    string          `json:"marking,omitempty"` // protective, of papers about it
	At         time.Time       `json:"at"`
	Holds      []Hold          `json:"holds"`
	Custodians []CustodianHold `json:"custodians"`
	Records    int             `json:"records"`
	Messages   int             `json:"messages"`
	Unsearched int             `json:"unsearched"` // of them records with text that no query can search
}

// A CustodianHold is what is on hold of one custodian.
type CustodianHold struct {
	Person
	Records   int            `json:"records"`
	Messages  int            `json:"messages"`
	ByKind    map[string]int `json:"by_kind"`
	BySource  map[string]int `json:"by_source"`
	ByClass   map[string]int `json:"by_class"`
	ByChannel map[string]int `json:"by_channel"`
	From      record.Date    `json:"from"` // of messages with a trustworthy date
	Until     record.Date    `json:"until"`
	Undated   int            `json:"undated"` // records without one
	Notices   []NoticeGiven  `json:"notices"`
}

// A NoticeGiven says that the custodian was told of a hold.
type NoticeGiven struct {
	Hold         string      `json:"hold"`
	At           time.Time   `json:"given"`
	Acknowledged record.Date `json:"acknowledged"` // null: not yet
	Note         string      `json:"note,omitempty"`
}
