package report

import (
	"time"

	"github.com/closeroll/closeroll/internal/page"
)

// Access says who searched, who opened records, whose records were opened, and
// who was refused. Queries are not in it: they are in the journal, for auditors.
type Access struct {
	Head       `json:"head"`
	People     []AccessLine `json:"people"`
	Custodians []ReadLine   `json:"custodians"`
}

// An AccessLine is what one person did in the period.
type AccessLine struct {
	Actor    string    `json:"actor"`
	Searches int64     `json:"searches"`
	Reads    int64     `json:"reads"`
	Refused  int64     `json:"refused"`
	Purposes int64     `json:"purposes"` // different ones named
	Unsaid   int64     `json:"unsaid"`   // searches and reads without a purpose
	Last     time.Time `json:"last"`
}

// A ReadLine is how often one custodian's records were opened in the period.
type ReadLine struct {
	Custodian string `json:"custodian"` // "" of records that are no more
	Reads     int64  `json:"reads"`
	Readers   int64  `json:"readers"`
}

func (r *Access) lay(d *page.Document) {
	people := page.Table{Name: "people", Caption: "Who searched and opened records, by the actor that the journal names", Empty: "Nobody searched, opened a record or was refused.",
		Columns: []page.Column{{Title: "Person", Key: "actor"}, {Title: "Searches", Number: true}, {Title: "Records opened", Key: "reads", Number: true},
			{Title: "Purposes named", Key: "purposes", Number: true}, {Title: "Without a purpose", Key: "unsaid", Number: true}, {Title: "Refused", Number: true}, {Title: "Last", Key: "last"}}}
	chart := page.Stack{Title: "Searches and records opened, by person", Unit: "acts", Parts: []string{"searches", "records opened"}}
	var unsaid, refused int64
	for _, p := range r.People {
		people.Rows = append(people.Rows, page.Row(page.Text(p.Actor), page.Number(p.Searches), page.Number(p.Reads), page.Number(p.Purposes), page.Number(p.Unsaid), page.Number(p.Refused), timeCell(&r.Head, p.Last)))
		unsaid, refused = unsaid+p.Unsaid, refused+p.Refused
		if p.Searches+p.Reads > 0 {
			chart.Rows = append(chart.Rows, page.StackRow{Label: p.Actor, Values: []int64{p.Searches, p.Reads}})
		}
	}
	if refused > 0 {
		d.Add(page.Notice{Tone: page.Amber, Label: "Refused", Text: plural(refused, "call was", "calls were") + " refused because the caller’s roles do not allow it. Each is in the journal."})
	}
	if unsaid > 0 {
		d.Add(page.Notice{Tone: page.Amber, Label: "No purpose", Text: plural(unsaid, "search or opening names", "searches and openings name") + " no purpose."})
	}
	if chart.Rows != nil {
		d.Add(chart)
	}
	whose := page.Table{Name: "custodians", Caption: "Whose records were opened; one that two custodians hold counts for both", Empty: "No record was opened.",
		Columns: []page.Column{{Title: "Custodian"}, {Title: "Records opened", Key: "reads", Number: true}, {Title: "By people", Key: "readers", Number: true}}}
	for _, c := range r.Custodians {
		name := c.Custodian
		if name == "" {
			name = "of records disposed of since"
		}
		whose.Rows = append(whose.Rows, page.Row(page.Text(name), page.Number(c.Reads), page.Number(c.Readers)))
	}
	d.Add(people, whose)
}
