// Package certificate makes, words and checks certificates of the search for a
// request: the evidence of what was searched, how, with what result, and of what
// could not be.
//
// The Commissioner decides on the balance of probabilities whether information
// is held, and looks at the scope, quality, thoroughness and results of the
// searches. A [Certificate] has what is asked for: the sources and how far each
// was read, every run with its words and its exact total, what nobody could
// search, whom else was asked, what was destroyed and by which certificate, the
// time that it took, and the answers to the questions that are usually put.
//
// It exists in two forms. The closed one is complete, and is for the file. The
// open one is for the requester and the Commissioner: people stand in it by
// role, sources by number, and words of a query that are names or addresses are
// concealed ([Conceal]). Nothing is in the open form that a person typed as
// prose, but for the statement that was written for it.
//
// None is made while the answer is incomplete: [Certificate.Obstacles] lists
// what stands in the way, each with what to do about it.
//
// A [Bundle] is a certificate with what verifies it without this program. What
// a search finds later is set against what it found then by [Compare], which
// gives every difference a cause, or says that it has none.
package certificate

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/foi"
)

// Format is the version of a certificate's form.
const Format = "closeroll-search-certificate/1"

// The forms of a certificate.
const (
	Open   = "open"   // without personal data
	Closed = "closed" // complete
)

// A Certificate says how a request was searched for. Fields that the open form
// lacks are empty there.
type Certificate struct {
	Format    string        `json:"format"`
	Form      string        `json:"form"`
	Number    int           `json:"number"` // of the request's certificates, from 1
	Archive   Archive       `json:"archive"`
	Program   string        `json:"program"` // closeroll's version
	Request   string        `json:"request"`
	Kind      foi.Kind      `json:"kind"`
	Received  record.Date   `json:"received"`
	Deadline  record.Date   `json:"deadline"`
	Cutoff    string        `json:"cutoff"` // messages from this instant on are outside the request, RFC 3339
	Zone      string        `json:"zone"`
	Made      time.Time     `json:"made"`
	Asked     string        `json:"asked,omitempty"`           // the text of the request; not in the open form
	Statement string        `json:"statement,omitempty"`       // of whoever certifies: why these searches would have found it
	OpenForm  record.Digest `json:"open_form_sha256,omitzero"` // of the closed form: the open one that was made with it
	Scope     string        `json:"scope"`                     // the query that keeps what was asked for from being disposed of
	Index     string        `json:"index"`                     // generation and mapping
	Language  []string      `json:"language"`                  // how words are compared
	DateField string        `json:"date_field"`
	Schedule  Schedule      `json:"schedule"`
	Sources   []Source      `json:"sources"`
	Missed    []Missed      `json:"not_searched"` // what there is besides, and why it was not searched
	Gaps      []Gap         `json:"gaps"`         // that sources and exports show of themselves
	Runs      []Run         `json:"runs"`
	Set       foi.Summary   `json:"set"`
	Dating    int           `json:"date_undecided"` // of the set, that nobody has decided about
	Unread    Unread        `json:"unsearchable"`
	Asks      []Ask         `json:"asks"`
	Gone      []Gone        `json:"destroyed"`
	Looked    int           `json:"stubs_looked_at"` // records that are no more, of the whole archive
	Work      []Work        `json:"work"`
	Totals    Totals        `json:"work_totals"`
	Holds     []Hold        `json:"holds"`
	Backups   string        `json:"backups"`
	Questions []Question    `json:"questions"`
	By        Person        `json:"certified_by"`
	Manifest  record.Digest `json:"manifest_sha256"` // of the list of messages: Bundle.Manifest
	Head      Head          `json:"checkpoint"`      // of the journal when it was made
}

// Archive names the archive.
type Archive struct {
	ID        string `json:"id"`
	Authority string `json:"authority"`
}

// Schedule names the retention schedule that was in force.
type Schedule struct {
	Version string        `json:"version"`
	Digest  record.Digest `json:"sha256"`
}

// A Source is a place that messages come from, as the newest search found it.
type Source struct {
	No        int         `json:"no"`
	Name      string      `json:"name"`
	Kind      string      `json:"kind"` // imap, drop folder; former: it is not read any more
	Channel   string      `json:"channel,omitempty"`
	Custodian string      `json:"custodian,omitempty"`
	Role      string      `json:"role,omitempty"`
	Messages  int64       `json:"messages"`
	From      record.Date `json:"from"` // days of its messages; null: none is dated
	Until     record.Date `json:"until"`
	Read      string      `json:"read,omitempty"` // when it was last read to its end before the search, RFC 3339
	Seen      int64       `json:"seen"`
	Failed    int64       `json:"failed"` // items shown that are not archived
	Known     bool        `json:"known"`  // to the newest search
	Accounted string      `json:"accounted,omitempty"`
}

// Missed is what was not searched, and why.
type Missed struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// A Gap is a number of notices of one kind that something is missing.
type Gap struct {
	Source  string `json:"source"`
	Kind    string `json:"kind"`
	Notices int    `json:"notices"`
}

// A Run is one search.
type Run struct {
	Name        string        `json:"name"`
	At          time.Time     `json:"at"`
	By          string        `json:"by,omitempty"` // pseudonymous id in the journal; not in the open form
	Role        string        `json:"role"`
	Query       string        `json:"query,omitempty"` // as it was typed; not in the open form
	Parsed      string        `json:"parsed"`
	Explained   []string      `json:"explained,omitempty"` // not in the open form
	Note        string        `json:"note,omitempty"`      // not in the open form
	Program     string        `json:"program"`
	Index       string        `json:"index"`
	Coverage    string        `json:"coverage"`
	Position    int64         `json:"journal_entries"`
	Total       int           `json:"total"`
	AfterCutoff int           `json:"after_cutoff"`
	Late        int           `json:"late_capture"`
	Undated     int           `json:"date_undecided"`
	Unread      int           `json:"not_searched"`
	Withheld    int           `json:"withheld"`
	Reviewed    int           `json:"reviewed"` // items of the set that it found and that are decided
	Relevant    int           `json:"relevant"` // of those, that are within the request and held
	Digest      record.Digest `json:"ids_sha256"`
}

// Unread counts what no search could read and may be within the request.
type Unread struct {
	Messages   int            `json:"messages"`
	Reasons    map[string]int `json:"by_reason"`
	Results    map[string]int `json:"by_result"` // what a person found; "" : nobody has looked yet
	Quarantine int            `json:"in_quarantine"`
}

// An Ask is an ask for what is not in the archive.
type Ask struct {
	No     string      `json:"no"`
	Of     string      `json:"of"`
	What   string      `json:"what,omitempty"` // not in the open form
	On     record.Date `json:"on"`
	Result string      `json:"result,omitempty"` // empty: no reply
	Reply  record.Date `json:"replied,omitzero"`
	Note   string      `json:"note,omitempty"` // not in the open form
}

// Gone is what is no more and may have been within the request, of one batch
// of disposal.
type Gone struct {
	Batch       string      `json:"batch"`
	Certificate int         `json:"certificate"`
	Ground      string      `json:"ground"`
	Class       string      `json:"class,omitempty"`
	Schedule    string      `json:"schedule"`
	On          record.Date `json:"on"`
	Certain     int         `json:"records"`          // that certainly meet what can still be asked of them
	Perhaps     int         `json:"records_possible"` // that cannot be ruled out: their words are gone
}

// Work is time logged for one activity.
type Work struct {
	Activity  string  `json:"activity"`
	Countable bool    `json:"countable"` // towards the limit of s.12
	Minutes   float64 `json:"minutes"`
}

// Totals are hours of work.
type Totals struct {
	Countable float64 `json:"countable_hours"`
	Burden    float64 `json:"burden_hours"`
}

// A Hold keeps what was asked for.
type Hold struct {
	Name   string    `json:"name"`
	Placed time.Time `json:"placed"`
	Scope  string    `json:"scope"`
}

// A Question is one that is usually put, with what the archive can say to it.
type Question struct {
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

// A Person is who certifies.
type Person struct {
	ID   string `json:"id,omitempty"` // pseudonymous, in the journal; not in the open form
	Name string `json:"name,omitempty"`
	Role string `json:"role"`
}

// A Head is a head of the journal.
type Head struct {
	Entries int64  `json:"entries"`
	Root    string `json:"root"` // hexadecimal
}

// Canonical returns the octets that are signed: JSON without white space.
func (c *Certificate) Canonical() ([]byte, error) { return json.Marshal(c) }

// SignedText is what the archive's key signs of a certificate.
func SignedText(c *Certificate, canonical []byte) string {
	return fmt.Sprintf("closeroll search certificate v1\narchive %s\nrequest %s\nnumber %d\nform %s\nsha256 %s\n",
		c.Archive.ID, c.Request, c.Number, c.Form, record.Sum(canonical))
}
