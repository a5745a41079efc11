package v1

import (
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// Reconcile asks for mailboxes to be compared with the catalog now.
type Reconcile struct {
	Sources []string `json:"sources,omitempty"` // all mailboxes if empty
	Samples int      `json:"samples"`           // messages to read again in each; negative for all
}

// A Reconciled is what comparing one mailbox has shown, and the run that
// followed, which fetched what was missing.
type Reconciled struct {
	record.Reconciliation
	Error string `json:"error,omitempty"` // why it could not be compared
	Run   Run    `json:"run"`
}

// A Gap is what one folder of a mailbox numbered on one UTC day.
type Gap struct {
	Folder      string `json:"folder"`
	Day         string `json:"day"`
	Issued      int64  `json:"issued"`
	Seen        int64  `json:"seen"`
	CameAndWent int64  `json:"came_and_went"`
}

// A LoginStep is one line of a log-in: first the code that a person enters on
// any device, and when that person has agreed, Done.
type LoginStep struct {
	Source  string    `json:"source"`
	Code    string    `json:"code,omitempty"`
	URL     string    `json:"url,omitempty"`
	Expires time.Time `json:"expires,omitzero"` // of the code
	Done    bool      `json:"done"`
}
