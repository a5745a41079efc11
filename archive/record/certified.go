package record

// Entries about what the search for a request could not read, about its
// certificates, and about requests of the same person or campaign.
const (
	EntryRequestLooked    = "request looked"      // body RequestLooked
	EntryRequestCertified = "request certificate" // body RequestCertified
	EntryRequestRelated   = "request related"     // body RequestRelated
)

// RequestRelated says that requests are of the same person or campaign, or takes
// that back.
type RequestRelated struct {
	Request string   `json:"request"`
	Related []string `json:"related"`
	Removed bool     `json:"removed,omitempty"`
}

// RequestLooked says what a person found who looked, by other means, at messages
// that a search could not read or could not find the words of.
type RequestLooked struct {
	Request string   `json:"request"`
	Items   []string `json:"items"`  // RECORD-ID/N
	Result  string   `json:"result"` // within, outside or unreadable
	Note    string   `json:"note,omitempty"`
}

// RequestCertified is a certificate of the search for a request. Each is
// journalled twice in one batch, in its open form and in its closed one, each
// under an entry of its own, so that the open one can be proved without the
// other's being shown.
type RequestCertified struct {
	Request     string `json:"request"`
	Number      int    `json:"number"`      // of the request's certificates, from 1
	Form        string `json:"form"`        // open or closed
	Certificate []byte `json:"certificate"` // its exact octets
}
