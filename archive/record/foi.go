package record

// Entries about requests: each body begins with the request's reference, and
// all entries of one request in the journal's order are the request.
const (
	EntryRequest         = "request"          // body RequestOpened
	EntryRequestScope    = "request scope"    // body RequestScoped
	EntryRequestEvent    = "request event"    // body RequestEvent
	EntryRequestClosed   = "request closed"   // body RequestClosed
	EntryRequestSearch   = "request search"   // body RequestSearched
	EntryRequestAsk      = "request ask"      // body RequestAsked
	EntryRequestTime     = "request time"     // body RequestTime
	EntryRequestSample   = "request sample"   // body RequestSampled
	EntryRequestDecision = "request decision" // body RequestDecided
	EntryRequestUndo     = "request undo"     // body RequestUndone
)

// RequestEntries lists the types of entries about requests.
func RequestEntries() []string {
	return []string{EntryRequest, EntryRequestScope, EntryRequestEvent, EntryRequestClosed, EntryRequestSearch,
		EntryRequestAsk, EntryRequestTime, EntryRequestSample, EntryRequestDecision, EntryRequestUndo, EntryRequestRedaction, EntryRequestHandoff, EntryRequestCopy, EntryRequestProduction, EntryRequestLooked, EntryRequestCertified, EntryRequestRelated}
}

// RequestOpened is a request for information and the hold placed with it. Who
// made the request is not kept here: the department's correspondence has it.
type RequestOpened struct {
	Request  string   `json:"request"` // the department's reference, unique in the archive
	Kind     string   `json:"kind"`    // foi, eir or sar
	Received Date     `json:"received"`
	Text     string   `json:"text"`              // what is asked for
	Query    string   `json:"query,omitempty"`   // its scope; empty: all disposal is suspended
	Hold     string   `json:"hold"`              // placed with it
	Related  []string `json:"related,omitempty"` // of the same person or campaign, by what an officer says
}

// RequestScoped gives a request another scope, with a hold on it.
type RequestScoped struct {
	Request string `json:"request"`
	Query   string `json:"query"`
	Hold    string `json:"hold"`           // placed with it
	Note    string `json:"note,omitempty"` // why
}

// RequestEvent is something that happened to a request.
type RequestEvent struct {
	Request  string `json:"request"`
	Event    string `json:"event"`
	On       Date   `json:"on"`
	Estimate Date   `json:"estimate,omitzero"` // of an extension: the estimated date of the reply
	Outcome  string `json:"outcome,omitempty"` // of a decided review, complaint or appeal
	Failure  string `json:"failure,omitempty"` // of a review that was not upheld: what had gone wrong
	Note     string `json:"note,omitempty"`
}

// RequestClosed is the reply to a request, or why it needs none.
type RequestClosed struct {
	Request    string   `json:"request"`
	Responded  Date     `json:"responded"`
	Held       string   `json:"held,omitempty"` // held, part_held, not_held or not_confirmed
	Outcome    string   `json:"outcome"`
	Exemptions []string `json:"exemptions,omitempty"`
	Note       string   `json:"note,omitempty"`
}

// RequestSearched is one run of a search for a request, frozen: what was asked,
// of what, and all that was found.
type RequestSearched struct {
	Request      string  `json:"request"`
	Run          int     `json:"run"` // S1, S2, …
	Query        string  `json:"query"`
	Parsed       string  `json:"parsed"`
	Language     string  `json:"language"`                   // version of the query language and its analysis
	Index        string  `json:"index"`                      // generation and mapping
	Position     int64   `json:"position"`                   // entries in the journal when it ran
	Root         string  `json:"root"`                       // of the journal's tree then, hexadecimal
	Coverage     string  `json:"coverage"`                   // complete, or what is missing
	Cutoff       string  `json:"cutoff"`                     // messages sent from this instant on are outside the request
	Schedule     string  `json:"schedule"`                   // version of the retention schedule in force
	Note         string  `json:"note"`                       // why these words
	Total        int     `json:"total"`                      // of Hits
	Messages     Numbers `json:"messages"`                   // that certainly meet the query
	Undated      Numbers `json:"undated"`                    // that would, if their date did
	Unsearchable Numbers `json:"unread"`                     // that would, if words that nobody could read or index did
	Digest       Digest  `json:"sha256"`                     // of the lines RECORD-ID/N of Messages, sorted
	AfterCutoff  int     `json:"after"`                      // of Messages, sent after the cut-off
	Captured     int     `json:"late"`                       // of Messages, captured after the cut-off though sent before
	Withheld     int     `json:"withheld,omitempty"`         // found in vaults that the operator may not read: not among Messages
	WithheldOpen int     `json:"withheld_unclear,omitempty"` // undecided there
	Quarantine   int     `json:"quarantine,omitempty"`       // that might meet the query, and that nobody may search
	Sources      []Place `json:"sources"`                    // what there was to search
}

// A Place is a source as a search found it.
type Place struct {
	Source    string `json:"source"`
	Custodian string `json:"custodian"`
	Read      string `json:"read,omitempty"` // when it was last read to its end, RFC 3339
	Seen      int64  `json:"seen"`
	Failed    int64  `json:"failed"` // items shown that are not archived
}

// RequestAsked is an ask for what is not in the archive, such as a custodian's
// own phone, or a source that was not searched and why; and the reply to it.
type RequestAsked struct {
	Request  string `json:"request"`
	Ask      int    `json:"ask"` // A1, A2, …
	Of       string `json:"of"`
	On       Date   `json:"on"`
	What     string `json:"what"`
	Answered bool   `json:"answered,omitempty"` // this entry is the reply
	Result   string `json:"result,omitempty"`   // found, nothing, refused, or not_searched
	Note     string `json:"note,omitempty"`
}

// RequestTime is work on a request.
type RequestTime struct {
	Request  string  `json:"request"`
	Activity string  `json:"activity"`
	Minutes  float64 `json:"minutes"`
	On       Date    `json:"on"`
	Who      string  `json:"who,omitempty"`    // a role, not a name
	Sample   int     `json:"sample,omitempty"` // the time is of one item of this sample
	Item     string  `json:"item,omitempty"`
	Note     string  `json:"note,omitempty"`
}

// RequestSampled is a random sample of a request's set, for an estimate.
type RequestSampled struct {
	Request    string   `json:"request"`
	Sample     int      `json:"sample"`
	Seed       uint64   `json:"seed"`
	Population int      `json:"population"`
	Items      []string `json:"items"`
}

// RequestDecided is one decision about items of a request's set.
type RequestDecided struct {
	Request        string   `json:"request"`
	Items          []string `json:"items,omitempty"` // RECORD-ID/N, or RECORD-ID/N+K for its Kth attachment
	Decision       string   `json:"decision"`
	Exemptions     []string `json:"exemptions,omitempty"`
	Note           string   `json:"note,omitempty"`
	PublicInterest string   `json:"public_interest,omitempty"`
}

// RequestUndone takes a decision or redactions back: the items have what was
// before it again.
type RequestUndone struct {
	Request string `json:"request"`
	Entry   int64  `json:"entry"` // the journal's, of the decision or the redactions
}
