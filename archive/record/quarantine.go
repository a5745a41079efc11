package record

// EntryQuarantine is a person's decision about a record in quarantine; its body
// is a QuarantineDecided.
const EntryQuarantine = "quarantine decision"

// ReasonMarking is why an item was excluded, or its record quarantined: it
// carries a security classification that this archive is not for.
const ReasonMarking Reason = "marking"

// A Quarantine says why a record must not be searched before a person has
// released it. Its record is sealed to the quarantine vault, is not in the
// index, and the journal says of it only what a decision needs: not its subject,
// nor the names of its files.
type Quarantine struct {
	Reason  Reason `json:"reason"`            // marking, or what a selection left it out for
	Marking string `json:"marking,omitempty"` // the highest it carries
	Hold    string `json:"hold,omitempty"`    // which forbade to leave it out
}

// A QuarantineDecided is a decision about a record in quarantine. Released, it
// becomes searchable once one of the vault's readers has added it to the index;
// kept, it stays as it is. A later decision replaces an earlier one, but what was
// released cannot be called back.
type QuarantineDecided struct {
	Record   ID       `json:"record"`
	Decision Decision `json:"decision"`
	Reason   string   `json:"reason"`
}

// A Decision is what a person decided about a record in quarantine.
type Decision string

// The decisions.
const (
	Released Decision = "released"
	Kept     Decision = "kept"
)
