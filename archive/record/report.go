package record

import "time"

// EntryReport is a report that was made and sealed to the readers of the
// archive's own vault; body ReportSealed.
const EntryReport = "report"

// A ReportSealed says which report was sealed, what is in the sealed bundle, and
// where the bundle was to go. Its digests anchor the report in the journal: who
// has a copy can prove that it is the one that was made then.
type ReportSealed struct {
	Report string       `json:"report"`
	Name   string       `json:"name"`             // of the bundle without its ending: assurance-2026-Q3
	Period string       `json:"period,omitempty"` // that it is about: 2026-Q3
	AsOf   time.Time    `json:"as_of"`
	Epoch  string       `json:"epoch"` // of the vault, that it is sealed to
	Sealed Digest       `json:"sealed"`
	Size   int64        `json:"size"` // of the sealed octets
	Files  []ReportFile `json:"files"`

	Bucket bool         `json:"bucket,omitempty"` // it is in the archive's bucket
	Lock   *StorageLock `json:"lock,omitempty"`   // with which it was put there
	Folder bool         `json:"folder,omitempty"` // it was to go to a folder
	Mailed int          `json:"mailed,omitempty"` // to how many addresses it was to be sent
}

// A ReportFile is a file in a bundle.
type ReportFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 Digest `json:"sha256"`
}

// Key is where the bundle is in the bucket.
func (r *ReportSealed) Key() string { return "reports/" + r.Sealed.String() }
