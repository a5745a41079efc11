package v1

import "github.com/closeroll/closeroll/archive/record"

// Completeness is how one source stands: today, and at the end of each of the
// last days as the journal has it, newest first.
type Completeness struct {
	Now   record.Statement `json:"now"`
	Daily []Stated         `json:"daily"`
}

// Stated is a daily statement and the journal entry that it is in.
type Stated struct {
	Entry int64 `json:"entry"`
	record.Statement
}
