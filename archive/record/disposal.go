package record

import "time"

// Entries about disposal, in the order of a batch's life. All entries of one
// batch in the journal's order are the batch. None of them holds content: what
// is disposed of stands in them by id, and by the class, source, custodian and
// days that explain afterwards why it is not here.
const (
	EntryProposal    = "disposal proposal"    // body DisposalProposed
	EntryExclusion   = "disposal exclusion"   // body DisposalExcluded: taken off the list by a person
	EntryApproval    = "disposal approval"    // body DisposalApproved
	EntryGrant       = "disposal grant"       // body DisposalGranted: checked, and free to be deleted now
	EntryRefusal     = "disposal refusal"     // body DisposalRefused: checked, and not to be deleted
	EntryWithdrawal  = "disposal withdrawal"  // body DisposalRefused: granted, and taken back before it was deleted
	EntryOrphans     = "disposal orphans"     // body DisposalOrphans: batches that are none of the journal's are free to be deleted
	EntrySwept       = "disposal swept"       // body DisposalSwept: nothing of a grant is left in the bucket
	EntryAbandoned   = "disposal abandoned"   // body DisposalAbandoned
	EntryCertificate = "disposal certificate" // body DisposalCertified
)

// DisposalEntries lists the types of the entries that make up a batch.
func DisposalEntries() []string {
	return []string{EntryProposal, EntryExclusion, EntryApproval, EntryGrant, EntryRefusal, EntryWithdrawal,
		EntryDisposal, EntrySwept, EntryAbandoned, EntryCertificate, EntryPackage, EntryConfirmation, EntrySuccessor, EntryOrphans}
}

// A DisposalGround is why records are destroyed.
type DisposalGround string

// The grounds.
const (
	GroundSchedule  DisposalGround = "schedule" // their retention period is over
	GroundErasure   DisposalGround = "erasure"  // UK GDPR, Article 17
	GroundSpillage  DisposalGround = "spillage" // material that this archive must not hold
	GroundConfirmed DisposalGround = "transfer" // transferred, and the place of deposit has confirmed it
)

// A DisposalItem is one record of a batch, with the possessions of it that are
// disposed of, each named by the journal entry that brought it. The object goes
// when no other possession is left.
type DisposalItem struct {
	Record   ID      `json:"record"`
	Holdings []int64 `json:"holdings"`
}

// DisposalProposed is a frozen list of what is to be disposed of.
type DisposalProposed struct {
	Batch    string         `json:"batch"` // its name, unique in the archive
	Ground   DisposalGround `json:"ground"`
	Class    string         `json:"class,omitempty"` // of every holding in the list; ground schedule only
	Source   string         `json:"source,omitempty"`
	Reason   string         `json:"reason,omitempty"`     // why, where it is not the schedule that says so
	Request  string         `json:"request,omitempty"`    // of an erasure: whose right is exercised, by reference
	To       string         `json:"to,omitempty"`         // of a transfer: the place of deposit
	Schedule string         `json:"schedule"`             // version in force
	Rules    Digest         `json:"schedule_sha256"`      // of its text
	Level    string         `json:"approval"`             // required or auto
	Extra    string         `json:"extra_role,omitempty"` // a second approver's role
	Unusual  string         `json:"unusual,omitempty"`    // why a second approver is asked for besides
	Waits    string         `json:"cooling_off"`          // ISO 8601, from the last approval
	Items    []DisposalItem `json:"items"`
	Parts    []ErasedPart   `json:"parts,omitempty"` // of items of which only messages are erased: a successor keeps the rest
	List     Digest         `json:"list_sha256"`     // of Items
	Totals   DisposalTotals `json:"totals"`
}

// DisposalTotals count what a list holds. Days are those of the legal zone.
type DisposalTotals struct {
	Records  int          `json:"records"`
	Holdings int          `json:"holdings"`
	Messages int          `json:"messages"`
	Octets   int64        `json:"octets"` // of payload
	Kinds    map[Kind]int `json:"by_kind"`
	From     Date         `json:"from"` // of the messages' own times; null if none has one
	Until    Date         `json:"until"`
	DueFrom  Date         `json:"due_from"`
	DueUntil Date         `json:"due_until"`
}

// DisposalExcluded takes records off a batch's list.
type DisposalExcluded struct {
	Batch   string `json:"batch"`
	Records []ID   `json:"records"`
	Reason  string `json:"reason"`
}

// DisposalApproved is one person's signed agreement to a batch.
type DisposalApproved struct {
	Batch     string `json:"batch"`
	Role      string `json:"role"`      // manager, or the role that the class asks for besides
	Name      string `json:"name"`      // of the signer in the allowed-signers file
	Key       string `json:"key"`       // fingerprint: SHA256:…
	Text      string `json:"text"`      // that was signed
	Signature string `json:"signature"` // SSH signature, armored
}

// DisposalGranted frees records to be deleted. It is journalled under the same
// lock under which they were checked, so that every hold is either before it,
// and was seen, or after it.
type DisposalGranted struct {
	Batch string          `json:"batch"`
	Items []DisposalGrant `json:"items"`
}

// A DisposalGrant is one record of a grant.
type DisposalGrant struct {
	DisposalItem
	Object   string            `json:"object,omitempty"`   // key of the object to be deleted; empty: another possession keeps it
	Versions []DisposedVersion `json:"versions,omitempty"` // of it, as the store listed them
	Governed bool              `json:"governed,omitempty"` // retention that a permission lifts kept it: governance
}

// DisposalRefused says which records of a batch are not deleted, and why.
type DisposalRefused struct {
	Batch string            `json:"batch"`
	Grant int64             `json:"grant,omitempty"` // a withdrawal: index of the grant's entry
	Items []DisposalRefusal `json:"items"`
}

// A DisposalRefusal is one record that is not deleted.
type DisposalRefusal struct {
	Record ID     `json:"record"`
	Reason string `json:"reason"` // one word for counting: hold, request, not_due, …
	Detail string `json:"detail"`
}

// Disposed is the body of an entry of type EntryDisposal: records are gone from
// the bucket, the index and the catalog, and possessions of others have ended.
// The bodies of the entries that it names are removed from the journal.
type Disposed struct {
	Entries []int64           `json:"stripped_entries"`
	Batch   string            `json:"batch"`
	Grant   int64             `json:"grant"` // index of the grant's entry
	Records []Stub            `json:"records"`
	Retired []RetiredHolding  `json:"retired,omitempty"`
	Objects []DisposedVersion `json:"objects"` // what was deleted
}

// A DisposedVersion is one stored content of an object that was deleted.
type DisposedVersion struct {
	Object  string `json:"object"`
	Version string `json:"version,omitempty"` // the store's own; empty where it keeps none
	Marker  bool   `json:"marker,omitempty"`  // a deletion marker
}

// A Stub is what remains of a record: evidence without content. It has neither
// names, addresses, subjects nor digests of content.
type Stub struct {
	Record   ID            `json:"record"`
	Kind     Kind          `json:"kind"`
	Vault    string        `json:"vault"`
	Entry    int64         `json:"entry"` // of its ingestion
	Captured time.Time     `json:"captured"`
	First    MessageNo     `json:"first"`
	Count    int           `json:"count"`
	Size     int64         `json:"octets"`
	From     Date          `json:"from"` // days of its messages; null if none is known
	Until    Date          `json:"until"`
	Holdings []StubHolding `json:"holdings"`
	Thread   *ThreadRef    `json:"thread,omitempty"` // keyed digests, so that what else is in its thread stays together
	Chat     string        `json:"chat,omitempty"`   // the chat's id
	Export   []byte        `json:"export,omitempty"` // of an export: keyed digest of its container, by which it is known again
	Items    []StubItem    `json:"items,omitempty"`  // for the accounting of its sources
}

// A StubHolding says who had a record that is no more.
type StubHolding struct {
	Source    string  `json:"source"`
	Custodian string  `json:"custodian"`
	Role      string  `json:"role,omitempty"`
	Channel   Channel `json:"channel,omitempty"`
	Class     string  `json:"class"`
}

// A StubItem is an item of a source that a disposed record accounted for.
type StubItem struct {
	Source  string  `json:"source"`
	Entry   int64   `json:"entry"` // that gave it its outcome
	Outcome Outcome `json:"outcome"`
	Reason  Reason  `json:"reason,omitempty"`
}

// A RetiredHolding is a possession that has ended while others remain.
type RetiredHolding struct {
	Record ID    `json:"record"`
	Entry  int64 `json:"entry"` // that brought it
	StubHolding
}

// DisposalOrphans frees stored batches to be deleted that the checkpoint proves to
// be none of the journal's: a crash left them, and they may hold what is disposed
// of.
type DisposalOrphans struct {
	Batch   string   `json:"batch"`
	Grant   int64    `json:"grant"`
	Objects []string `json:"objects"`
}

// DisposalSwept says that the former versions of the journal's own objects,
// which held the removed bodies, are gone too: the grant is settled.
type DisposalSwept struct {
	Batch   string   `json:"batch"`
	Grant   int64    `json:"grant"`
	Objects []string `json:"objects,omitempty"`
}

// DisposalAbandoned ends a batch of which nothing more is to be deleted.
type DisposalAbandoned struct {
	Batch  string `json:"batch"`
	Reason string `json:"reason"`
}

// DisposalCertified is the certificate of a batch.
type DisposalCertified struct {
	Batch       string `json:"batch"`
	Number      int    `json:"number"`      // of the archive's certificates, from 1
	Certificate []byte `json:"certificate"` // its exact octets
}
