package v1

import (
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/foi"
)

// HandOff notes which originals the caller has taken out of a request's set, to
// redact them with another tool.
type HandOff struct {
	Changing
	Items []record.HandedOff `json:"items"`
}

// BeginCopy asks for what a redacted copy of an item is to be sealed to.
type BeginCopy struct {
	Ref  string           `path:"ref" json:"-"`
	Item string           `json:"item"` // RECORD-ID/N, or RECORD-ID/N+K for its Kth attachment
	File record.Component `json:"file"` // the copy: name, size, digest and media type
}

// A CopyTo says how a redacted copy is to be sealed: as this record, to this
// recipient, which is the current epoch of the vault that the original is in.
type CopyTo struct {
	Record    record.Record `json:"record"`
	Epoch     string        `json:"epoch"`
	Recipient string        `json:"recipient"`
	Known     int64         `json:"known"` // the journal's entry of the copy that is in force; 0: there is none
}

// AttachCopy is the first line of a call that brings a redacted copy; its
// sealed octets follow.
type AttachCopy struct {
	BeginCopy
	Epoch        string         `json:"epoch"`
	Known        int64          `json:"known"`
	Findings     map[string]int `json:"findings,omitempty"` // of the disclosure linter, by code
	Acknowledged []string       `json:"acknowledged,omitempty"`
	Note         string         `json:"note,omitempty"`
}

// RemoveCopy says that no copy is released in place of an item any more. The
// copy itself stays a record.
type RemoveCopy struct {
	Changing
	Item  string `json:"item"`
	Known int64  `json:"known"`
	Note  string `json:"note,omitempty"`
}

// A Copied is a redacted copy that is released in place of an item.
type Copied = foi.Copied
