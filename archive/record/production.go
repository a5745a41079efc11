package record

// EntryRequestProduction says that what is to be disclosed was produced.
const EntryRequestProduction = "request production" // body RequestProduced

// RequestProduced is one production of a request: what was made of the items
// that were decided release or part, to be sent. Which items those are follows
// from the decisions up to Known.
type RequestProduced struct {
	Request    string   `json:"request"`
	Production int      `json:"production"` // P1, P2, …
	Known      int64    `json:"known"`      // the journal's newest entry about the request when it was made
	Digest     Digest   `json:"sha256"`     // of the bundle's manifest-sha256.txt, which has a digest of every file
	Formats    []string `json:"formats"`
	Items      int      `json:"items"`
	Files      int      `json:"attachments"` // of those items, produced with them
	Redactions int      `json:"redactions"`
	LeftOut    int      `json:"left_out,omitempty"` // items that were undecided, left out because somebody said so
	Natively   []string `json:"native,omitempty"`   // eml, mbox: original octets are in it
	Note       string   `json:"note,omitempty"`     // why original octets are
}
