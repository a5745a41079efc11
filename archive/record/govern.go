package record

import (
	"fmt"
	"strings"
)

// The entries by which people govern what is kept. Their bodies are below.
const (
	EntryEvent          = "event"           // body Event: something happened that starts a clock
	EntryClassification = "classification"  // body Classified: holdings were put into a class by hand
	EntryAssessment     = "assessment"      // body Assessed: somebody said how much records matter
	EntryReview         = "appraisal"       // body Reviewed: a due review was decided
	EntryHoldNotice     = "hold notice"     // body HoldNotice: custodians were told of a hold
	EntryAcknowledged   = "acknowledgement" // body Acknowledged: a custodian has read a notice
	EntryReleaseAgreed  = "hold release agreement"
	EntryReleaseDropped = "hold release withdrawal"
)

// EventClosed is the event of an aggregation being closed, which the trigger
// aggregation_closed asks for.
const EventClosed = "aggregation_closed"

// An Event is something that happened on a day and that starts the clock of a
// class: a case was closed, a tenure ended, an aggregation was closed.
type Event struct {
	Event string `json:"event,omitempty"`
	About About  `json:"about,omitempty"`
	Date  Date   `json:"date"` // null, in a correction: it did not happen
	// Corrects is the journal index of the entry whose event this replaces.
	// Name and About are then that entry's.
	Corrects int64  `json:"corrects,omitempty"`
	Reason   string `json:"reason"`
}

// About says whose clock an event starts, by kind and name:
//
//	custodian:minister        everything that is the custodian's
//	chat:CHAT-ID              a chat
//	folder:SOURCE/FOLDER      a mailbox folder
//	thread:RECORD-ID          the e-mail thread that the record belongs to
//	record:RECORD-ID          one record
type About string

// The kinds of [About]. All but custodian and record are aggregations.
const (
	AboutCustodian = "custodian"
	AboutChat      = "chat"
	AboutFolder    = "folder"
	AboutThread    = "thread"
	AboutRecord    = "record"
)

// ParseAbout checks that s has the form of an About. Whether what it names is
// in the archive is for others to say.
func ParseAbout(s string) (About, error) {
	kind, name, ok := strings.Cut(s, ":")
	if !ok || name == "" {
		return "", fmt.Errorf("%q names nothing: write it as custodian:ID, chat:ID, folder:SOURCE/FOLDER, thread:RECORD-ID or record:RECORD-ID", s)
	}
	switch kind {
	case AboutCustodian, AboutChat:
		return About(s), nil
	case AboutFolder:
		if source, folder, ok := strings.Cut(name, "/"); !ok || source == "" || folder == "" {
			return "", fmt.Errorf("%q is no folder: write it as folder:SOURCE/FOLDER", s)
		}
		return About(s), nil
	case AboutThread, AboutRecord:
		if _, err := ParseID(name); err != nil {
			return "", err
		}
		return About(s), nil
	}
	return "", fmt.Errorf("%q is no kind of thing that an event can be about", kind)
}

// Kind is what kind of thing it is, and Name which.
func (a About) Kind() string { kind, _, _ := strings.Cut(string(a), ":"); return kind }

// Name is the name within the kind.
func (a About) Name() string { _, name, _ := strings.Cut(string(a), ":"); return name }

// IsAggregation reports whether it is something that holdings belong to.
func (a About) IsAggregation() bool {
	k := a.Kind()
	return k == AboutChat || k == AboutFolder || k == AboutThread
}

// Classified puts the holdings of records into a class by hand, or, without a
// class, leaves those that were put into one to the schedule's rules again.
type Classified struct {
	Records   []ID   `json:"records"`
	Custodian string `json:"custodian,omitempty"` // only this custodian's holdings
	Class     string `json:"class"`               // empty: the one that the rules choose
	Reason    string `json:"reason"`
	Query     string `json:"query,omitempty"` // that found the records
	Earlier   int    `json:"earlier"`         // records of these whose disposal it brings forward
}

// Assessed says how much records matter, in all their holdings.
type Assessed struct {
	Records      []ID   `json:"records"`
	Significance string `json:"significance"` // significant or logistical
	Reason       string `json:"reason"`
}

// Reviewed decides the due review of records.
type Reviewed struct {
	Records []ReviewedRecord `json:"records"`
	Outcome string           `json:"outcome"` // destroy, keep, transfer or reclassify
	Until   Date             `json:"until"`   // keep: until this day
	Reason  string           `json:"reason"`

	// Of public records that are kept beyond twenty years: the instrument
	// under section 3(4) of the Public Records Act 1958, and its last day.
	Instrument string `json:"instrument,omitempty"`
	Expires    Date   `json:"instrument_expires"`
}

// A ReviewedRecord is a record with the classes whose review was decided.
type ReviewedRecord struct {
	Record  ID       `json:"record"`
	Classes []string `json:"classes"`
}

// HoldNotice says that custodians were told of a hold.
type HoldNotice struct {
	Hold       string   `json:"hold"`
	Custodians []string `json:"custodians"`
}

// Acknowledged says that a custodian has read the notice of a hold.
type Acknowledged struct {
	Hold      string `json:"hold"`
	Custodian string `json:"custodian"`
	On        Date   `json:"on"`
	Note      string `json:"note,omitempty"` // how it was given: by letter, …
}

// ReleaseAgreed says that a second person has agreed to the release of a hold.
// The hold is in force until its cooling-off is over: an [EntryRelease] ends
// it, unless an [EntryReleaseDropped], whose body this is too, comes before.
type ReleaseAgreed struct {
	Hold   string `json:"hold"`
	Reason string `json:"reason"`
	After  Date   `json:"after"` // the hold ends when this day is over

	Signer    string `json:"signer,omitempty"`
	Key       string `json:"key,omitempty"`
	Signature string `json:"signature,omitempty"` // of ReleaseStatement
}

// ReleaseStatement is what is signed for the release of a hold.
func ReleaseStatement(hold, reason string) []byte {
	return fmt.Appendf(nil, "I agree to the release of the hold %q.\nReason: %s\n", hold, reason)
}
