package record

// RedactedCopy is the kind of a redacted copy of something in a request's set:
// what a department's own redaction tool made of a picture, a scan or an office
// file. It is sealed by the person who brings it; its words are in no index.
const RedactedCopy Kind = "redacted-copy"

// CopyPath is where in its record a redacted copy is.
const CopyPath = "data/copy"

// Entries about what left a request's set for another tool, and came back.
const (
	EntryRequestHandoff = "request handoff" // body RequestHandedOff
	EntryRequestCopy    = "request copy"    // body RequestCopied
)

// RequestHandedOff says which originals somebody took out to redact them with
// another tool.
type RequestHandedOff struct {
	Request string      `json:"request"`
	Items   []HandedOff `json:"items"`
}

// A HandedOff is one original that was taken out, byte for byte.
type HandedOff struct {
	Item   string `json:"item"`   // RECORD-ID/N, or RECORD-ID/N+K for its Kth attachment
	Digest Digest `json:"sha256"` // of the file
	Size   int64  `json:"size"`   // octets
}

// RequestCopied says that a file is released in place of an item from now on,
// or, without a record, that none is any more.
type RequestCopied struct {
	Request      string         `json:"request"`
	Item         string         `json:"item"`                   // that it is a copy of
	Known        int64          `json:"known"`                  // the journal's entry that this replaces; 0: there was none
	Record       ID             `json:"record,omitempty"`       // of the copy
	Digest       Digest         `json:"sha256,omitzero"`        // of the file
	Size         int64          `json:"size,omitempty"`         // octets
	Findings     map[string]int `json:"findings,omitempty"`     // of the disclosure linter, by code
	Acknowledged []string       `json:"acknowledged,omitempty"` // codes of findings that were accepted; every code in Findings
	Note         string         `json:"note,omitempty"`
}
