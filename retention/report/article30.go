package report

import (
	"fmt"
	"strings"

	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/retention"
)

// Processing is the entry for this archive in the authority's record of
// processing activities (UK GDPR, Article 30(1)). What the configuration does
// not say is printed as not stated, never guessed.
type Processing struct {
	Head       `json:"head"`
	Controller string          `json:"controller"`
	Contact    string          `json:"contact"`  // of the data protection officer
	Purposes   []string        `json:"purposes"` // Article 30(1)(b)
	Basis      []string        `json:"lawful_basis"`
	Subjects   []string        `json:"data_subjects"` // Article 30(1)(c)
	Categories []string        `json:"categories"`
	Recipients []string        `json:"recipients"` // Article 30(1)(d)
	Transfers  string          `json:"transfers"`  // Article 30(1)(e)
	DPIA       DPIA            `json:"dpia"`
	Sources    []SourceLine    `json:"sources"`     // where the data comes from
	Limits     []ScheduleClass `json:"time_limits"` // Article 30(1)(f)
	Measures   []string        `json:"measures"`    // Article 30(1)(g)
}

// NewProcessing adds to what the authority states what the program knows: the
// schedule's periods and the measures that are always in force.
func NewProcessing(p Processing, s *retention.Schedule, roles []Fact) *Processing {
	p.Limits = NewReview(p.Head, s, nil).Classes
	p.Measures = []string{
		"Every record is encrypted to its vault’s readers before it is stored (age); the daemon has no key that opens one.",
		"Catalog, index and journal are encrypted at rest under keys of their own.",
		"Every capture, search, reading, hold, approval and disposal is journalled in a signed Merkle log before it takes effect.",
		"Every stored object can be compared with the digest it was stored with; the vaults’ keys are held by more than one reader.",
		"Calls are allowed by role only: over a Unix socket by user, or over TLS 1.3 by client certificate.",
		"Disposal needs a second person, is refused under a hold or open request, and is certified.",
	}
	for _, r := range roles {
		p.Measures = append(p.Measures, fmt.Sprintf("Role %s: %s.", r.What, r.Is))
	}
	return &p
}

func (p *Processing) lay(d *page.Document) {
	if missing := p.missing(); len(missing) > 0 {
		d.Add(page.Notice{Tone: page.Amber, Label: "Not complete", Text: "The configuration (reports.processing) does not state: " + strings.Join(missing, ", ") + "."})
	}
	d.Add(page.Facts{Pairs: []page.Pair{
		{Label: "Controller", Value: stated(p.Controller)}, {Label: "Data protection officer", Value: stated(p.Contact)},
		{Label: "Purposes", Value: stated(p.Purposes...)}, {Label: "Lawful basis", Value: stated(p.Basis...)},
		{Label: "Categories of data subjects", Value: stated(p.Subjects...)}, {Label: "Categories of personal data", Value: stated(p.Categories...)},
		{Label: "Recipients", Value: stated(p.Recipients...)}, {Label: "Transfers abroad", Value: stated(p.Transfers)},
		{Label: "Impact assessment", Value: stated(p.DPIA.Reference)}}})
	sources := page.Table{Name: "sources", Caption: "Where the data comes from", Empty: "There is no source.", Columns: []page.Column{{Title: "Source"}, {Title: "Kind"}, {Title: "Custodian"}, {Title: "Channel"}}}
	for _, s := range p.Sources {
		sources.Rows = append(sources.Rows, page.Row(page.Text(s.Source), page.Text(s.Kind), page.Text(s.Custodian), page.Text(channelWords(s.Channel))))
	}
	limits := page.Table{Name: "limits", Caption: "Envisaged time limits for erasure, by retention class", Columns: []page.Column{{Title: "Class"}, {Title: "Title"}, {Title: "Time limit", Key: "says"}, {Title: "Authority"}}}
	for _, c := range p.Limits {
		limits.Rows = append(limits.Rows, page.Row(page.Text(c.Class), page.Text(c.Title), page.Text(c.Says), page.Text(strings.Join(c.Authority, "; "))))
	}
	d.Add(sources, limits, page.Heading{Text: "Technical and organisational measures"}, page.List{Items: p.Measures},
		page.Signatures{People: []string{"Data protection officer"}})
}

// missing lists what the authority has not stated.
func (p *Processing) missing() (names []string) {
	for _, f := range []struct {
		name string
		none bool
	}{{"contact", p.Contact == ""}, {"purposes", len(p.Purposes) == 0}, {"lawful_basis", len(p.Basis) == 0}, {"data_subjects", len(p.Subjects) == 0},
		{"categories", len(p.Categories) == 0}, {"recipients", len(p.Recipients) == 0}, {"transfers", p.Transfers == ""}} {
		if f.none {
			names = append(names, f.name)
		}
	}
	return names
}

func stated(list ...string) string {
	if s := strings.Join(list, "; "); s != "" {
		return s
	}
	return "not stated"
}
