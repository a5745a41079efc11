package foi

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// An Entry is a journal entry about a request.
type Entry struct {
	Index int64
	Type  string // a record.EntryRequest… constant
	Time  time.Time
	Actor string
	Body  []byte // nil where a list of requests does not need it
}

// A Request is what the journal's entries about one request add up to.
type Request struct {
	Ref      string      `json:"ref"`
	Kind     Kind        `json:"kind"`
	Received record.Date `json:"received"`
	Text     string      `json:"text"`
	Opened   time.Time   `json:"opened"`
	By       string      `json:"opened_by"`
	Related  []string    `json:"related,omitempty"`
	Scope    string      `json:"scope,omitempty"` // a query; empty: all disposal is suspended
	Holds    []string    `json:"holds"`           // placed for it, the newest last
	State    State       `json:"state"`
	Happened []Happened  `json:"events,omitempty"`
	Closing  *Closing    `json:"closing,omitempty"`

	// Version is the journal index of the newest entry about the request: a
	// change that was made knowing an older one is refused.
	Version int64 `json:"version"`

	Runs    int      `json:"runs"` // of searches
	Asks    []Ask    `json:"asks,omitempty"`
	Work    []Work   `json:"work,omitempty"`
	Samples []Sample `json:"samples,omitempty"`
	Rulings []Ruling `json:"-"` // decisions in the journal's order, those taken back too
	Struck  []Struck `json:"-"` // redactions, likewise

	Productions []Produced `json:"productions,omitempty"`
	Attached    []Copied   `json:"attached,omitempty"` // redacted copies in the journal's order, those replaced too
	Handoffs    []Handoff  `json:"handoffs,omitempty"` // what was taken out to be redacted elsewhere

	Frozen []Searched `json:"-"` // runs of searches; empty where only a list was asked for
	Looked []Looked   `json:"-"` // at what searches could not read, in the journal's order
	Issued []Issued   `json:"-"` // certificates of the search

	base State // open, clarification, fee or closed: where a review or complaint returns to
}

// Happened is an event with who noted it, and when.
type Happened struct {
	record.RequestEvent
	Entry int64     `json:"entry"`
	At    time.Time `json:"at"`
	By    string    `json:"by"`
}

// A Closing is how a request was closed.
type Closing struct {
	record.RequestClosed
	At time.Time `json:"at"`
	By string    `json:"by"`
}

// A Searched is a frozen run of a search.
type Searched struct {
	record.RequestSearched
	Entry int64     `json:"entry"`
	At    time.Time `json:"at"`
	By    string    `json:"by"`
}

// An Ask is an ask for what is not in the archive, with its reply.
type Ask struct {
	record.RequestAsked
	Reply *record.RequestAsked `json:"reply,omitempty"`
}

// Work is time spent.
type Work struct {
	record.RequestTime
	By string `json:"by"`
}

// A Sample is a random sample of the set.
type Sample struct {
	record.RequestSampled
	At time.Time `json:"at"`
	By string    `json:"by"`
}

// A Ruling is a decision about items as the journal has it.
type Ruling struct {
	record.RequestDecided
	Entry  int64     `json:"entry"`
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Undone bool      `json:"undone,omitempty"`
}

// Brief returns a decision without the items that it is about, to stand with one
// of them; nil of nil.
func (r *Ruling) Brief() *Ruling {
	if r == nil {
		return nil
	}
	brief := *r
	brief.Items = nil
	return &brief
}

// Fold returns what entries about one request add up to. Pure. Entries that
// contradict one another, such as a reply to a request that was answered
// already, are an error: whoever wants to journal one more folds it in first.
func Fold(entries []Entry) (*Request, error) {
	if len(entries) == 0 || entries[0].Type != record.EntryRequest {
		return nil, errors.New("it was never opened")
	}
	r := &Request{Version: -1}
	for _, e := range entries {
		if err := r.apply(e); err != nil {
			return nil, err
		}
		r.Version = e.Index
	}
	return r, nil
}

func (r *Request) apply(e Entry) error {
	switch e.Type {
	case record.EntryRequest:
		return fold(e, r.open)
	case record.EntryRequestScope:
		return fold(e, r.narrow)
	case record.EntryRequestEvent:
		return fold(e, r.happen)
	case record.EntryRequestClosed:
		return fold(e, r.close)
	case record.EntryRequestSearch:
		r.Runs++
		return fold(e, r.search)
	case record.EntryRequestAsk:
		return fold(e, r.ask)
	case record.EntryRequestTime:
		return fold(e, r.work)
	case record.EntryRequestSample:
		return fold(e, r.sample)
	case record.EntryRequestDecision:
		return fold(e, r.decide)
	case record.EntryRequestUndo:
		return fold(e, r.undo)
	case record.EntryRequestRedaction:
		return fold(e, r.redact)
	case record.EntryRequestProduction:
		return fold(e, r.produce)
	case record.EntryRequestHandoff:
		return fold(e, r.handOff)
	case record.EntryRequestCopy:
		return fold(e, r.copied)
	case record.EntryRequestLooked:
		return fold(e, r.look)
	case record.EntryRequestCertified:
		return fold(e, r.certify)
	case record.EntryRequestRelated:
		return fold(e, r.relate)
	}
	return fmt.Errorf("entry %d is of type %q, which is not about a request", e.Index, e.Type)
}

// fold applies an entry's body. An entry that came without one changes nothing
// but the version.
func fold[B any](e Entry, apply func(Entry, B) error) error {
	if e.Body == nil {
		return nil
	}
	var body B
	if err := json.Unmarshal(e.Body, &body); err != nil {
		return fmt.Errorf("entry %d: %w", e.Index, err)
	}
	return apply(e, body)
}

func (r *Request) open(e Entry, b record.RequestOpened) error {
	if r.Ref != "" {
		return fmt.Errorf("request %s was opened already", r.Ref)
	}
	kind, err := ParseKind(b.Kind)
	if err != nil {
		return err
	}
	switch {
	case !validRef(b.Request):
		return fmt.Errorf("%q is no reference: use up to 64 letters, digits and . _ - /, beginning with a letter or digit", b.Request)
	case b.Received.IsZero():
		return errors.New("the date of receipt is missing")
	case b.Received.After(record.DateOf(e.Time, time.UTC).AddDays(1)):
		return fmt.Errorf("the date of receipt, %s, is still to come", b.Received.Long())
	case b.Text == "":
		return errors.New("the text of the request is missing")
	}
	*r = Request{Ref: b.Request, Kind: kind, Received: b.Received, Text: b.Text, Opened: e.Time, By: e.Actor, Related: b.Related,
		Scope: b.Query, Holds: []string{b.Hold}, State: Open, base: Open}
	return nil
}

func validRef(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i, c := range []byte(s) {
		alnum := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !alnum && (i == 0 || c != '.' && c != '_' && c != '-' && c != '/') {
			return false
		}
	}
	return true
}

func (r *Request) narrow(_ Entry, b record.RequestScoped) error {
	if r.State == Closed {
		return errors.New("it is closed: note the event reopened first")
	}
	if b.Query == "" {
		return errors.New("the query is missing")
	}
	r.Scope, r.Holds = b.Query, append(r.Holds, b.Hold)
	return nil
}

func (r *Request) search(e Entry, b record.RequestSearched) error {
	if b.Run != r.Runs {
		return fmt.Errorf("run S%d follows S%d", b.Run, r.Runs-1)
	}
	r.Frozen = append(r.Frozen, Searched{b, e.Index, e.Time, e.Actor})
	return nil
}

// Undecided is the answer to an ask that nobody has replied to.
func (a Ask) Open() bool { return a.Reply == nil }

func (r *Request) ask(_ Entry, b record.RequestAsked) error {
	if !b.Answered {
		if b.Ask != len(r.Asks)+1 || b.Of == "" || b.What == "" {
			return errors.New("an ask needs whom it is put to and for what")
		}
		r.Asks = append(r.Asks, Ask{RequestAsked: b})
		return nil
	}
	if b.Ask < 1 || b.Ask > len(r.Asks) {
		return fmt.Errorf("there is no ask A%d", b.Ask)
	}
	if !slices.Contains(AskResults(), b.Result) {
		return fmt.Errorf("%q is no result of an ask: %v", b.Result, AskResults())
	}
	r.Asks[b.Ask-1].Reply = &b
	return nil
}

// AskResults lists how an ask can be answered.
func AskResults() []string { return []string{"found", "nothing", "refused", "not_searched"} }

func (r *Request) work(e Entry, b record.RequestTime) error {
	if !slices.Contains(Activities(), b.Activity) {
		return fmt.Errorf("%q is no activity: %v", b.Activity, Activities())
	}
	if b.Minutes <= 0 || b.Minutes > maxMinutes {
		return fmt.Errorf("%g minutes is not between 0 and %d", b.Minutes, maxMinutes)
	}
	if b.Sample < 0 || b.Sample > len(r.Samples) || b.Sample > 0 && !slices.Contains(r.Samples[b.Sample-1].Items, b.Item) {
		return fmt.Errorf("%s is not in sample %d", b.Item, b.Sample)
	}
	r.Work = append(r.Work, Work{b, e.Actor})
	return nil
}

// maxMinutes bounds one entry of work: a working year.
const maxMinutes = 100_000

func (r *Request) sample(e Entry, b record.RequestSampled) error {
	if b.Sample != len(r.Samples)+1 || len(b.Items) == 0 || b.Population < len(b.Items) {
		return errors.New("a sample is of some of the set")
	}
	r.Samples = append(r.Samples, Sample{b, e.Time, e.Actor})
	return nil
}

func (r *Request) decide(e Entry, b record.RequestDecided) error {
	if !slices.Contains(Decisions(), b.Decision) {
		return fmt.Errorf("%q is no decision: %v", b.Decision, Decisions())
	}
	if len(b.Items) == 0 {
		return errors.New("a decision is about something")
	}
	r.Rulings = append(r.Rulings, Ruling{b, e.Index, e.Time, e.Actor, false})
	return nil
}

// Decisions lists what can be decided about an item.
func Decisions() []string { return []string{"release", "part", "withhold", "out_of_scope", "not_held"} }

func (r *Request) undo(_ Entry, b record.RequestUndone) error {
	for i := range r.Rulings {
		if r.Rulings[i].Entry != b.Entry {
			continue
		}
		if r.Rulings[i].Undone {
			return fmt.Errorf("decision %d was taken back already", b.Entry)
		}
		r.Rulings[i].Undone = true
		return nil
	}
	return r.restore(b.Entry)
}

// Rule returns the decisions in force by item, each the newest that was not
// taken back.
func (r *Request) Rule() map[string]*Ruling {
	in := make(map[string]*Ruling)
	for i := range r.Rulings {
		if r.Rulings[i].Undone {
			continue
		}
		for _, item := range r.Rulings[i].Items {
			in[item] = &r.Rulings[i]
		}
	}
	return in
}

// Over reports whether nothing is left to do about the request itself: it was
// answered, and no review, complaint or appeal is going on.
func (r *Request) Over() bool { return r.State == Closed }
