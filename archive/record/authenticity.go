package record

// Authenticity is what was known at capture of who sent an e-mail: what the
// signatures in it were worth while their keys could be had, and what the
// receiving server found. It is evidence about the message, never a reason to
// keep or refuse it.
type Authenticity struct {
	Signatures []Signature `json:"dkim,omitempty"`    // checked at capture, in their order
	Results    []string    `json:"results,omitempty"` // Authentication-Results fields as the message has them (RFC 8601); anyone may have written them
}

// A Signature is a DKIM signature (RFC 6376) and what checking it gave.
type Signature struct {
	Domain   string  `json:"domain,omitempty"` // that answers for the message
	Selector string  `json:"selector,omitempty"`
	Verdict  Verdict `json:"verdict"`
	Key      string  `json:"key,omitempty"` // the DNS record as it was
}

// A Verdict is a result in the words of RFC 8601, section 2.7.1.
type Verdict string

// The verdicts.
const (
	SignaturePass       Verdict = "pass"
	SignatureFail       Verdict = "fail"      // the message is not what was signed
	SignatureUnreadable Verdict = "permerror" // the signature or its key is not as it should be
	SignatureUnanswered Verdict = "temperror" // the key could not be had
)
