package record

// EntryFixity is a comparison of every stored object with the digest it was
// stored with (the PREMIS event "fixity check"); body FixityChecked.
const EntryFixity = "fixity check"

// A FixityChecked says what such a comparison found.
type FixityChecked struct {
	Checked int64 `json:"checked"` // objects
	Octets  int64 `json:"octets"`
	Missing []ID  `json:"missing,omitempty"` // not in the store
	Changed []ID  `json:"changed,omitempty"` // of another digest
}
