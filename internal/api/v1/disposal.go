package v1

import (
	"encoding/json"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention/disposal"
)

// Propose asks for a list of what is due to be destroyed.
type Propose struct {
	Class   string      `json:"class"`
	Source  string      `json:"source,omitempty"`  // only holdings of it
	Records []record.ID `json:"records,omitempty"` // only these
	Confirm bool        `json:"confirm,omitempty"` // journal it; otherwise only say what it would hold
}

// A Batch is a list of records on its way out.
type Batch struct {
	Batch       string                `json:"batch"` // empty if it was not journalled
	State       disposal.State        `json:"state"`
	Ground      record.DisposalGround `json:"ground"`
	Class       string                `json:"class,omitempty"`
	Source      string                `json:"source,omitempty"`
	Reason      string                `json:"reason,omitempty"`
	To          string                `json:"to,omitempty"` // of a transfer: the place of deposit
	Packages    []Package             `json:"packages,omitempty"`
	Schedule    string                `json:"schedule"`
	Proposed    time.Time             `json:"proposed"`
	By          string                `json:"proposed_by"`
	List        record.Digest         `json:"list_sha256"`
	Totals      record.DisposalTotals `json:"totals"`
	Unusual     string                `json:"unusual,omitempty"`
	Needs       []string              `json:"needs"`   // roles that have to approve
	Missing     []string              `json:"missing"` // those that have not
	Approvals   []Approved            `json:"approvals"`
	Ready       time.Time             `json:"ready,omitzero"` // when the cooling-off is over
	Excluded    int                   `json:"excluded"`
	Refused     map[string]int        `json:"refused"` // by reason
	Destroyed   int                   `json:"destroyed"`
	Retired     int                   `json:"possessions_ended"`
	Remaining   int                   `json:"remaining"`
	Abandoned   string                `json:"abandoned,omitempty"` // why
	Certificate int                   `json:"certificate,omitempty"`
	Records     []BatchRecord         `json:"records,omitempty"`
	Left        map[string]int        `json:"left_out,omitempty"` // of a proposal: due, and not on the list, by reason

	Parts   []record.ErasedPart `json:"parts,omitempty"`             // of an erasure: messages of records of which the rest goes on
	Wanting []record.ErasedPart `json:"without_successor,omitempty"` // those of them that closeroll erasure execute has still to see to
}

// Approved is one approval of a batch.
type Approved struct {
	By        string    `json:"by"`
	Name      string    `json:"name"`
	Role      string    `json:"role"`
	Key       string    `json:"key"`
	At        time.Time `json:"at"`
	Text      string    `json:"text"`
	Signature string    `json:"signature"`
}

// A BatchRecord is one record of a batch.
type BatchRecord struct {
	ID       record.ID   `json:"id"`
	Holdings int         `json:"holdings"` // that end
	Display  string      `json:"display,omitempty"`
	Due      record.Date `json:"due"`
	State    string      `json:"state"` // listed, excluded, refused, granted, destroyed or possession_ended
	Why      string      `json:"why,omitempty"`
}

// Exclude takes records off a batch.
type Exclude struct {
	Records []string `json:"records"` // ids or prefixes
	Reason  string   `json:"reason"`
}

// A Statement is what a person is asked to sign.
type Statement struct {
	Text string `json:"text"`
	Name string `json:"name"` // of the signer in the allowed-signers file
}

// Approve is a signed approval.
type Approve struct {
	Role      string `json:"role"`
	Text      string `json:"text"`
	Signature string `json:"signature"`
}

// Abandon ends a batch.
type Abandon struct {
	Reason string `json:"reason"`
}

// A Check is what executing a batch now would do.
type Check struct {
	Batch   string         `json:"batch"`
	Blocked string         `json:"blocked,omitempty"` // why nothing can be deleted now
	Destroy int            `json:"destroy"`
	Retire  int            `json:"end_possessions"`
	Refused map[string]int `json:"refused"`
	Records []BatchRecord  `json:"records"` // those that are refused, and why
}

// A GrantDone tells the daemon that a disposer did what it was asked to.
type GrantDone struct {
	Grant int64 `json:"grant"`
}

// Certified names a certificate.
type Certified struct {
	Number int `json:"number"`
}

// A CertificateLine is one certificate in a list.
type CertificateLine struct {
	Number  int                   `json:"number"`
	Batch   string                `json:"batch"`
	Ground  record.DisposalGround `json:"ground"`
	Class   string                `json:"class,omitempty"`
	Issued  time.Time             `json:"issued"`
	Records int                   `json:"records"`
	SHA256  record.Digest         `json:"sha256"`
}

// A Destroyed says why a record is not held any more.
type Destroyed struct {
	Batch       string                `json:"batch"`
	Certificate int                   `json:"certificate,omitempty"` // 0: not issued yet
	SHA256      record.Digest         `json:"certificate_sha256,omitzero"`
	Ground      record.DisposalGround `json:"ground"`
	Class       string                `json:"class,omitempty"`
	Schedule    string                `json:"schedule"`
	At          time.Time             `json:"at"`
	Approved    []string              `json:"approved_by"` // roles
	To          string                `json:"transferred_to,omitempty"`
	Deposit     *Deposit              `json:"deposit,omitempty"` // of a transfer: what the place of deposit confirmed
	Stub        record.Stub           `json:"stub"`

	Successor record.ID `json:"successor,omitempty"` // that has all of it but what was erased
	Erased    int       `json:"messages_erased,omitempty"`
}

// A Bundle is a certificate with the proof of it, as the daemon has it.
type Bundle = json.RawMessage

// Spillage asks for records to be destroyed that this archive must not hold.
type Spillage struct {
	Records []string `json:"records"` // ids or prefixes; with /N, only that message of a chat-day
	Reason  string   `json:"reason"`
	Confirm bool     `json:"confirm,omitempty"`
}

// A DestroyedCount counts records that were destroyed and might have been found
// by a search: their words are gone, so nobody can say more.
type DestroyedCount struct {
	Batch     string      `json:"batch"` // its certificate says the rest
	Class     string      `json:"class"`
	Source    string      `json:"source"`
	Custodian string      `json:"custodian"`
	From      record.Date `json:"from"`
	Until     record.Date `json:"until"`
	Records   int         `json:"records"`
}

// Erasure asks for records to be erased at a person's request.
type Erasure struct {
	Request string   `json:"request"` // its reference; the request itself is kept elsewhere
	Records []string `json:"records"` // ids or prefixes
	Reason  string   `json:"reason"`
	Confirm bool     `json:"confirm,omitempty"`
}
