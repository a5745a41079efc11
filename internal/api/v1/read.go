package v1

import "github.com/closeroll/closeroll/archive/record"

// MostTogether is how many records one call may read.
const MostTogether = 200

// ReadTogether asks for the sealed octets of several records. Each reading is
// journalled. The answer has for each record, in this order, one line that is a
// SealedHead in JSON, and then as many octets as that says.
type ReadTogether struct {
	Records []record.ID `json:"records"`
	For     string      `json:"for,omitempty"` // what for, as it is journalled
}

// A SealedHead announces a record's sealed octets.
type SealedHead struct {
	Record record.ID     `json:"record"`
	Epoch  string        `json:"epoch"` // of the vault that opens it
	Digest record.Digest `json:"sha256"`
	Size   int64         `json:"size"`
}
