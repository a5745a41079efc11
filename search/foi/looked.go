package foi

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// Looked says what a person found who looked at what a search could not read.
type Looked struct {
	record.RequestLooked
	Entry int64     `json:"entry"`
	At    time.Time `json:"at"`
	By    string    `json:"by"`
}

// The results of looking at what a search could not read.
const (
	Within     = "within"     // it belongs to what was asked for: it joins the set
	Outside    = "outside"    // it does not
	Unreadable = "unreadable" // nobody could read it; the note says why
)

// LookResults lists them.
func LookResults() []string { return []string{Within, Outside, Unreadable} }

func (r *Request) look(e Entry, b record.RequestLooked) error {
	switch {
	case !slices.Contains(LookResults(), b.Result):
		return fmt.Errorf("%q is no result of looking: %s", b.Result, strings.Join(LookResults(), ", "))
	case len(b.Items) == 0:
		return errors.New("nothing was looked at")
	case b.Result == Unreadable && b.Note == "":
		return errors.New("say in a note why nobody could read it")
	}
	r.Looked = append(r.Looked, Looked{b, e.Index, e.Time, e.Actor})
	return nil
}

// LookedAt returns what was found by message id, the newest word on each.
func (r *Request) LookedAt() map[string]*Looked {
	at := make(map[string]*Looked)
	for i := range r.Looked {
		for _, id := range r.Looked[i].Items {
			at[id] = &r.Looked[i]
		}
	}
	return at
}

// Issued is a certificate of the search in one of its forms.
type Issued struct {
	record.RequestCertified
	Entry int64     `json:"entry"`
	At    time.Time `json:"at"`
	By    string    `json:"by"`
}

func (r *Request) certify(e Entry, b record.RequestCertified) error {
	if last := len(r.Issued); b.Number != last/2+1 || b.Certificate == nil {
		return fmt.Errorf("certificate %d follows certificate %d", b.Number, (last+1)/2)
	}
	r.Issued = append(r.Issued, Issued{b, e.Index, e.Time, e.Actor})
	return nil
}

// NewestCertificate is the number of the newest certificate, 0 if there is
// none, and whether anything was journalled about the request since.
func (r *Request) NewestCertificate() (number int, current bool) {
	if len(r.Issued) == 0 {
		return 0, false
	}
	last := r.Issued[len(r.Issued)-1]
	return last.Number, last.Entry == r.Version
}
