package record

// What is journalled of custodian assurance: what people said and did about
// what an authority expects of those whose correspondence it captures.
const (
	EntryAttestation = "attestation" // body Attested
	EntryTaskClosed  = "task closed" // body TaskClosed
	EntryReceipt     = "receipt"     // body Receipt
)

// An Attested is a custodian's word for a period, as a records manager took it
// down: that what was to be handed over is handed over or, of a nil return,
// that there was nothing.
type Attested struct {
	Custodian string `json:"custodian"`
	Period    string `json:"period"` // 2026-09, 2026-Q3 or 2026
	Nil       bool   `json:"nil_return,omitempty"`
	Statement string `json:"statement"`
}

// A TaskClosed closes a task that no evidence closes.
type TaskClosed struct {
	Custodian string `json:"custodian"`
	Task      string `json:"task"`
	Reason    string `json:"reason"`
}

// The states of a receipt. One that was sent may have been lost on its way:
// the entry is journalled before the mail server is asked, so that no custodian
// gets two.
const (
	ReceiptSent   = "sent"
	ReceiptFailed = "failed" // the mail server did not take it; it is tried again
)

// A Receipt is a custodian being told by e-mail what was captured of an export
// that they sent in.
type Receipt struct {
	Export    ID     `json:"export"`
	Custodian string `json:"custodian"`
	To        string `json:"to"` // one of the addresses that the configuration lists
	State     string `json:"state"`
}
