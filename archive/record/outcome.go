package record

// An Outcome is what became of one distinct item that a source showed. Every
// item has exactly one:
//
//	seen = captured + already archived + excluded + failed
type Outcome string

// The outcomes.
const (
	CapturedNew     Outcome = "captured"         // it is a new record
	AlreadyArchived Outcome = "already_archived" // the same octets are a record; a holding may have been added
	Excluded        Outcome = "excluded"         // left out on purpose; the reason says why
	Failed          Outcome = "failed"           // owed: it is retried, and listed until it is resolved
)

// A Reason is a short fixed word for why an item was excluded or failed. It
// never holds content.
type Reason string

// Reasons that more than one room gives.
const (
	ReasonFolder     Reason = "folder"       // excluded: its folder is left out by the source's configuration
	ReasonDisposed   Reason = "disposed"     // excluded: disposed of, see the certificate
	ReasonUnreadable Reason = "unreadable"   // failed: the source could not give its content
	ReasonNotAChat   Reason = "not_a_chat"   // failed: no chat transcript was found in it
	ReasonEncrypted  Reason = "encrypted"    // failed: the archive file is encrypted
	ReasonBomb       Reason = "limits"       // failed: it exceeds a safety limit (size, ratio, entries)
	ReasonNotAMail   Reason = "not_a_mail"   // failed: no message was found in it; excluded: a file among mail that is none
	ReasonUnknown    Reason = "unknown_type" // failed: a file of no supported type
)

// Counts accounts for the items of a source.
type Counts struct {
	Seen            int64            `json:"seen"`
	Captured        int64            `json:"captured"`
	AlreadyArchived int64            `json:"already_archived"`
	Excluded        map[Reason]int64 `json:"excluded,omitempty"`
	Failed          map[Reason]int64 `json:"failed,omitempty"`
}

// Add counts n items with this outcome.
func (c *Counts) Add(o Outcome, r Reason, n int64) {
	c.Seen += n
	switch o {
	case CapturedNew:
		c.Captured += n
	case AlreadyArchived:
		c.AlreadyArchived += n
	case Excluded:
		if c.Excluded == nil {
			c.Excluded = make(map[Reason]int64)
		}
		c.Excluded[r] += n
	case Failed:
		if c.Failed == nil {
			c.Failed = make(map[Reason]int64)
		}
		c.Failed[r] += n
	}
}

// Balanced reports whether every item seen is accounted for.
func (c Counts) Balanced() bool {
	return c.Seen == c.Captured+c.AlreadyArchived+c.ExcludedTotal()+c.FailedTotal()
}

// ExcludedTotal is the number of excluded items, whatever the reason.
func (c Counts) ExcludedTotal() int64 { return total(c.Excluded) }

// FailedTotal is the number of failed items, whatever the reason.
func (c Counts) FailedTotal() int64 { return total(c.Failed) }

func total(by map[Reason]int64) (n int64) {
	for _, v := range by {
		n += v
	}
	return n
}
