package record

import "time"

// Entries about mailboxes as a whole.
const (
	EntryGap            = "uid gap"        // body Gap: what a folder numbered since it was last read
	EntryReconciliation = "reconciliation" // body Reconciliation
	EntryLogin          = "mailbox login"  // body Login: a person was asked to open a mailbox to the daemon
)

// A Login is somebody's wish to give the daemon access to a mailbox. What it
// brought, a token, is in no journal.
type Login struct {
	Source string `json:"source"`
}

// A Gap accounts for the numbers that one folder of a mailbox gave out between
// two readings. IMAP numbers messages in ascending order and uses no number
// twice (RFC 9051, section 2.3.1.1), so that issued - seen is how many messages
// came and went before anyone could read them.
type Gap struct {
	Source string    `json:"source"`
	Folder string    `json:"folder"`
	Issued int64     `json:"issued"`
	Seen   int64     `json:"seen"`
	At     time.Time `json:"at"` // of the later reading; its UTC day is the one that the gap is counted under
}

// CameAndWent is how many messages nobody could read.
func (g Gap) CameAndWent() int64 { return g.Issued - g.Seen }

// A Reconciliation is what setting a source's own list against the catalog has
// shown. Nothing is disposed of because of it: that a message is no longer in
// its mailbox is what an archive is for.
type Reconciliation struct {
	Source  string    `json:"source"`
	Began   time.Time `json:"began"`
	Folders int       `json:"folders"`
	Listed  int64     `json:"listed"`            // messages that the source has now
	Matched int64     `json:"matched"`           // of them: accounted for
	Owed    int64     `json:"owed"`              // of them: accounted for as failed, and tried again
	Unread  int64     `json:"unread"`            // of them: newer than the last reading
	Missing int64     `json:"missing"`           // of them: never accounted for, and now owed
	Gone    int64     `json:"gone"`              // archived, and no longer at the source
	Checked int64     `json:"checked"`           // messages whose octets were compared
	Differs int64     `json:"differs"`           // of them: other octets than were captured, and now owed
	Refused []string  `json:"refused,omitempty"` // folders that could not be opened

	Differences []Difference `json:"differences,omitempty"` // the first, at most MaxDifferences
}

// MaxDifferences is how many differences a reconciliation names.
const MaxDifferences = 200

// Clean reports whether the source and the catalog agree.
func (r Reconciliation) Clean() bool { return r.Missing == 0 && r.Differs == 0 && len(r.Refused) == 0 }

// A Difference is one message on which the source and the catalog disagree.
type Difference struct {
	Key  string         `json:"key"`
	Kind DifferenceKind `json:"kind"`
}

// A DifferenceKind says how they disagree.
type DifferenceKind string

// The kinds of difference.
const (
	DifferenceMissing DifferenceKind = "missing" // the source has it, and it was never accounted for
	DifferenceOctets  DifferenceKind = "octets"  // the source gives other octets under its number
)

// Differ notes a difference.
func (r *Reconciliation) Differ(kind DifferenceKind, key string) {
	switch kind {
	case DifferenceMissing:
		r.Missing++
	case DifferenceOctets:
		r.Differs++
	}
	if len(r.Differences) < MaxDifferences {
		r.Differences = append(r.Differences, Difference{key, kind})
	}
}
