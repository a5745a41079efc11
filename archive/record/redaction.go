package record

// EntryRequestRedaction says what is redacted in items of a request's set.
const EntryRequestRedaction = "request redaction" // body RequestRedacted

// RequestRedacted is what is redacted in some items from now on: for each of
// them all its spans, not only what is new. The redacted words are not in it.
type RequestRedacted struct {
	Request string         `json:"request"`
	Items   []RedactedItem `json:"items"`
}

// A RedactedItem is the redactions of one item, or of one attachment.
type RedactedItem struct {
	Item      string         `json:"item"`      // RECORD-ID/N, or RECORD-ID/N+K for its Kth attachment
	Known     int64          `json:"known"`     // the journal's entry that these were made from; 0: there was none
	Rendering int            `json:"rendering"` // version of the plain rendering that the spans are of
	Digest    Digest         `json:"sha256"`    // of the rendering with the record's own digests
	Octets    int            `json:"octets"`    // of the rendering
	Spans     []RedactedSpan `json:"spans"`     // in order, apart from one another; none: nothing is redacted any more
}

// A RedactedSpan is a stretch of a rendering that is not released, in octets.
type RedactedSpan struct {
	From       int      `json:"from"`
	To         int      `json:"to"`
	Exemptions []string `json:"exemptions"` // as they are cited
	Note       string   `json:"note,omitempty"`
}
