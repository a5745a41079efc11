// Package report turns plain facts about an archive into the reports that
// records managers and the senior owner of information risk read: what is kept
// and for how long, what is due and overdue, what is on hold, what was not
// captured, who looked.
//
// It is pure. Facts go in as values, a [Report] comes out: data, which is
// printed as JSON, and a layout of it ([Document]), which internal/page writes
// as HTML, PDF, text and CSV. A report says nothing that its facts do not, and
// what is not known is not printed as nought.
//
// Reports hold no content of records: counts, classes, dates, names of
// custodians and sources, matters of holds.
package report

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/retention/assurance"
)

// A Head says whose report it is, of when, and what it rests on.
type Head struct {
	Report     string         `json:"report"`
	Title      string         `json:"title"`
	Authority  string         `json:"authority"`
	Marking    string         `json:"marking,omitempty"` // protective marking of the report
	Period     assurance.Span `json:"period,omitzero"`   // what it is about, where it is about a time
	AsOf       time.Time      `json:"as_of"`
	Zone       string         `json:"zone"` // by whose days dates are reckoned
	Program    string         `json:"program"`
	Checkpoint Checkpoint     `json:"checkpoint"`
	Schedule   Adopted        `json:"schedule"`
}

// A Checkpoint is the journal's signed head when the facts were taken: every
// entry that the report rests on is below it.
type Checkpoint struct {
	Origin  string `json:"origin"`
	Entries int64  `json:"entries"`
	Root    string `json:"root"` // hexadecimal
}

// Adopted names the retention schedule in force.
type Adopted struct {
	Version string        `json:"version"`
	Status  string        `json:"status"`
	Digest  record.Digest `json:"sha256"`
}

// About returns the head itself, so that every report that embeds one has it.
func (h *Head) About() *Head { return h }

// location is the zone of the report's days.
func (h *Head) location() *time.Location {
	zone, err := time.LoadLocation(h.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// today is the day of the report.
func (h *Head) today() record.Date { return record.DateOf(h.AsOf, h.location()) }

// day writes a moment as a day of the report's zone.
func (h *Head) day(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return record.DateOf(t, h.location()).Long()
}

// Within reports whether a moment is in the report's period. Without a period
// every moment is.
func (h *Head) Within(t time.Time) bool {
	return h.Period.IsZero() || h.Period.Has(record.DateOf(t, h.location()))
}

// A Report is one of the reports of this package: a pointer to its data.
type Report interface {
	About() *Head
	lay(d *page.Document)
}

// A When says what time a report is about.
type When string

// The times.
const (
	Now    When = "now"    // it says how things stand
	Either When = "either" // it says how things stand and, where a period is named, what happened in it
	Over   When = "period" // it is about a period: the quarter that ended last, unless one is named
)

// A Kind is a report that can be asked for.
type Kind struct {
	Name   string `json:"name"`
	Title  string `json:"title"`
	Tells  string `json:"tells"` // what it answers, in one sentence
	When   When   `json:"when"`
	Signed bool   `json:"signed,omitempty"` // a signature is expected on it

	Annexed bool `json:"annexed,omitempty"` // the assurance pack rests on it

	decode func([]byte) (Report, error)
}

// Kinds lists the reports there are, in the order in which people are told of
// them.
func Kinds() []Kind {
	return []Kind{
		{Name: "retention", Title: "Retention", Tells: "What is kept, under which class, and what falls due when", When: Now, Annexed: true, decode: decode[Retention]},
		{Name: "holds", Title: "Holds", Tells: "What is on hold, for which matter, and when each hold is to be reviewed", When: Either, Annexed: true, decode: decode[Holds]},
		{Name: "disposals", Title: "Disposals", Tells: "What was proposed for disposal, approved, refused, destroyed and certified", When: Either, Signed: true, Annexed: true, decode: decode[Disposals]},
		{Name: "coverage", Title: "Coverage", Tells: "Whether all that the sources showed is accounted for and searchable", When: Now, Annexed: true, decode: decode[Coverage]},
		{Name: "transfer-lag", Title: "Transfer lag", Tells: "How long messages took to reach the archive after they were sent", When: Over, Annexed: true, decode: decode[Lag]},
		{Name: "attestations", Title: "Attestations and overdue exports", Tells: "What is expected of custodians and has not come, and what they attested", When: Either, Annexed: true, decode: decode[Attestations]},
		{Name: "failures", Title: "Failures and gaps", Tells: "What could not be archived, and where mailboxes and exports show gaps", When: Either, Annexed: true, decode: decode[Failures]},
		{Name: "ephemeral", Title: "Disappearing messages", Tells: "Which chats delete their messages or keep people from exporting", When: Either, Annexed: true, decode: decode[Ephemeral]},
		{Name: "channels", Title: "Channels in use", Tells: "Which channels are used for business, with whose approval, and how much", When: Now, Annexed: true, decode: decode[Channels]},
		{Name: "access", Title: "Access", Tells: "Who searched and opened records, whose, and who was refused", When: Over, Annexed: true, decode: decode[Access]},
		{Name: "fixity", Title: "Fixity", Tells: "Whether the stored objects are what they were when they were stored", When: Now, Annexed: true, decode: decode[Fixity]},
		{Name: "keys", Title: "Keys", Tells: "Which vaults there are, and who can open them", When: Now, Annexed: true, decode: decode[Keys]},
		{Name: "formats", Title: "Formats", Tells: "What kinds of file the archive keeps", When: Now, decode: decode[Formats]},
		{Name: "assurance", Title: "Assurance pack", Tells: "The quarterly pack for the senior information risk owner, R1 to R15", When: Over, Signed: true, decode: decode[Pack]},
		{Name: "article30", Title: "Record of processing", Tells: "The record of processing activities (UK GDPR, Article 30), from the configuration", When: Now, Signed: true, decode: decode[Processing]},
		{Name: "schedule", Title: "Schedule review", Tells: "Which schedule is in force, since when, and when it is to be reviewed", When: Now, Annexed: true, decode: decode[Review]},
	}
}

// Find returns the report of this name.
func Find(name string) (Kind, bool) {
	for _, k := range Kinds() {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// Decode reads a report of this kind from its JSON.
func (k Kind) Decode(data []byte) (Report, error) { return k.decode(data) }

func decode[T any, P interface {
	*T
	Report
}](data []byte) (Report, error) {
	v := P(new(T))
	if err := json.Unmarshal(data, v); err != nil {
		return nil, fmt.Errorf("a report could not be read: %w", err)
	}
	return v, nil
}

// Document lays a report out.
func Document(r Report) *page.Document {
	h := r.About()
	d := &page.Document{Title: h.Title, Authority: h.Authority, Marking: h.Marking, Program: h.Program, Made: h.AsOf, Zone: h.location()}
	if !h.Period.IsZero() {
		d.Subtitle = periodWords(h.Period)
	} else {
		d.Subtitle = "As of " + h.today().Long()
	}
	if k, ok := Find(h.Report); ok {
		d.Add(page.Paragraph{Text: k.Tells + "."})
	}
	r.lay(d)
	d.Add(page.Heading{Text: "What this report rests on"}, page.Facts{Pairs: h.basis()})
	return d
}

// basis says which journal and which schedule the facts are of.
func (h *Head) basis() []page.Pair {
	return []page.Pair{
		{Label: "Journal", Value: fmt.Sprintf("%s, entries 1 to %s", h.Checkpoint.Origin, page.Thousands(h.Checkpoint.Entries))},
		{Label: "Checkpoint’s root", Value: h.Checkpoint.Root, Exact: true},
		{Label: "Retention schedule", Value: "version " + h.Schedule.Version + ", " + h.Schedule.Status},
		{Label: "Schedule’s SHA-256", Value: h.Schedule.Digest.String(), Exact: true},
		{Label: "Days are those of", Value: h.Zone},
	}
}

// periodWords says a period in full: 1 July to 30 September 2026 (2026-Q3).
func periodWords(s assurance.Span) string {
	first, last := s.First(), s.Last()
	from := fmt.Sprintf("%d %s", first.Day, first.Month)
	if first.Year != last.Year {
		from = first.Long()
	}
	return from + " to " + last.Long() + " (" + s.String() + ")"
}

// plural writes a count with its noun.
func plural[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return page.Thousands(int64(n)) + " " + many
}

// percent writes a share of a whole: 97.3 %, 100 % only of all, and 0 % only of
// none.
func percent(part, whole int64) string {
	switch {
	case whole == 0:
		return "–"
	case part == whole:
		return "100 %"
	case part == 0:
		return "0 %"
	}
	return fmt.Sprintf("%.1f %%", max(0.1, min(99.9, 100*float64(part)/float64(whole))))
}

func dateCell(d record.Date) page.Cell {
	if d.IsZero() {
		return page.Text("–")
	}
	return page.Cell{Text: fmt.Sprintf("%d %.3s %d", d.Day, d.Month, d.Year), Raw: d.String()}
}

func timeCell(h *Head, t time.Time) page.Cell {
	return dateCell(record.DateOf(t, h.location()))
}
