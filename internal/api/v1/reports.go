package v1

import (
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A SealedReport is a report that was sealed to the readers of the archive's own
// vault, as it was journalled.
type SealedReport struct {
	Entry int64     `json:"entry"` // of the journal; it names the report
	At    time.Time `json:"at"`
	By    string    `json:"by"`
	record.ReportSealed
}

// KeepReport asks for a report to be made, sealed and kept in the bucket.
type KeepReport struct {
	Report string `json:"report"`
	Period string `json:"period,omitempty"` // empty: as for reading it
}
