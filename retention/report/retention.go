package report

import (
	"fmt"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/retention"
)

// Retention says what is kept and what falls due. Each record is counted once,
// by the most protective of its holdings; sources and custodians count
// holdings, of which a record may have several. A [Counter] makes one.
type Retention struct {
	Head       `json:"head"`
	Records    int64          `json:"records"`
	Holdings   int64          `json:"holdings"`
	OnHold     int64          `json:"on_hold"`
	Undated    int64          `json:"undated"` // of no trustworthy date: in no age
	Classes    []ClassLine    `json:"by_class"`
	Ages       []AgeLine      `json:"by_age"`
	Sources    []ShareLine    `json:"by_source"`
	Custodians []ShareLine    `json:"by_custodian"`
	Holds      []HoldShare    `json:"holds"`
	Growth     []GrowthLine   `json:"growth"`
	Forecast   []ForecastLine `json:"forecast"`
}

// A ClassLine is how the records of one class stand. Every record is in one of
// OnHold, Unknown, Overdue, Within30, Within90, Within365 and Later.
type ClassLine struct {
	Class        string           `json:"class"`
	Title        string           `json:"title"`
	Action       retention.Action `json:"action"`
	Trigger      string           `json:"trigger"`
	Period       retention.Period `json:"period"`
	Records      int64            `json:"records"`
	Unclassified int64            `json:"unclassified"` // in it only because nothing classifies them
	OnHold       int64            `json:"on_hold"`
	Unknown      int64            `json:"unknown_trigger"`
	Overdue      int64            `json:"overdue"`
	Within30     int64            `json:"due_within_30_days"`
	Within90     int64            `json:"due_within_31_to_90_days"`
	Within365    int64            `json:"due_within_91_to_365_days"`
	Later        int64            `json:"later"`
	OldestDue    record.Date      `json:"oldest_due,omitzero"` // of what is overdue
}

// An AgeLine counts records by whole years since their date.
type AgeLine struct {
	Years   string `json:"years"`
	Records int64  `json:"records"`
}

// A ShareLine counts the holdings of a source or custodian.
type ShareLine struct {
	Name     string `json:"name"`
	Holdings int64  `json:"holdings"`
	OnHold   int64  `json:"on_hold"`
	Overdue  int64  `json:"overdue"`
	Unknown  int64  `json:"unknown_trigger"`
}

// A HoldShare is a hold with the records under it.
type HoldShare struct {
	Hold    string `json:"hold"`
	Type    string `json:"type"`
	Matter  string `json:"matter"`
	Records int64  `json:"records"`
}

// Sum adds the classes up.
func (r *Retention) Sum() ClassLine {
	var t ClassLine
	for i := range r.Classes {
		t.add(&r.Classes[i])
	}
	return t
}

// add adds another line's counts.
func (t *ClassLine) add(c *ClassLine) {
	t.Records, t.Unclassified, t.OnHold, t.Unknown = t.Records+c.Records, t.Unclassified+c.Unclassified, t.OnHold+c.OnHold, t.Unknown+c.Unknown
	t.Overdue, t.Later = t.Overdue+c.Overdue, t.Later+c.Later
	t.Within30, t.Within90, t.Within365 = t.Within30+c.Within30, t.Within90+c.Within90, t.Within365+c.Within365
	if !c.OldestDue.IsZero() && (t.OldestDue.IsZero() || c.OldestDue.Before(t.OldestDue)) {
		t.OldestDue = c.OldestDue
	}
}

func (r *Retention) lay(d *page.Document) {
	d.Contents = true
	t := r.Sum()
	if r.Schedule.Status != string(retention.Approved) {
		d.Add(page.Notice{Tone: page.Amber, Label: "Sample schedule",
			Text: "The schedule in force is a sample. It says what would fall due; nothing is disposed of under it."})
	}
	if t.Overdue > 0 {
		d.Add(page.Notice{Tone: page.Red, Label: "Overdue", Text: fmt.Sprintf("%s past the day on which the schedule calls for action, the oldest since %s.",
			plural(t.Overdue, "record is", "records are"), t.OldestDue.Long())})
	}
	d.Add(page.Heading{Text: "In short"}, page.Facts{Pairs: []page.Pair{
		{Label: "Records kept", Value: fmt.Sprintf("%s, as %s", page.Thousands(r.Records), plural(r.Holdings, "holding", "holdings"))},
		{Label: "Overdue", Value: page.Thousands(t.Overdue)},
		{Label: "Due within 30 days", Value: page.Thousands(t.Within30)},
		{Label: "Due within 90 days", Value: page.Thousands(t.Within30 + t.Within90)},
		{Label: "Due within 365 days", Value: page.Thousands(t.Within30 + t.Within90 + t.Within365)},
		{Label: "On hold", Value: page.Thousands(r.OnHold)},
		{Label: "Without the date that their class asks for", Value: page.Thousands(t.Unknown)},
		{Label: "Unclassified", Value: page.Thousands(t.Unclassified)},
	}})
	r.layClasses(d, t)
	r.layHolds(d)
	r.layAges(d)
	r.layShares(d)
	r.layGrowth(d)
}

func (r *Retention) layClasses(d *page.Document, t ClassLine) {
	d.Add(page.Heading{Text: "By class"})
	due := page.Stack{Title: "Records that are overdue or fall due within a year, by class", Unit: "records",
		Parts: []string{"overdue", "within 30 days", "31 to 90 days", "91 to 365 days"}}
	all := page.Table{Name: "classes", Caption: "Records by class, each in one of the last seven columns", Empty: "Nothing is kept.",
		Columns: []page.Column{{Title: "Class"}, {Title: "Title"}, {Title: "Action"}, {Title: "Records", Number: true}, {Title: "On hold", Number: true},
			{Title: "No date", Key: "unknown_trigger", Number: true}, {Title: "Overdue", Number: true}, {Title: "≤ 30 days", Key: "due_within_30_days", Number: true},
			{Title: "≤ 90 days", Key: "due_within_31_to_90_days", Number: true}, {Title: "≤ 365 days", Key: "due_within_91_to_365_days", Number: true}, {Title: "Later", Number: true}}}
	for _, c := range r.Classes {
		all.Rows = append(all.Rows, classRow(page.Text(c.Class), c))
		if c.Overdue+c.Within30+c.Within90+c.Within365 > 0 {
			due.Rows = append(due.Rows, page.StackRow{Label: c.Class + " " + c.Title, Values: []int64{c.Overdue, c.Within30, c.Within90, c.Within365}})
		}
	}
	all.Total = classRow(page.Text("All"), t)
	if due.Rows != nil {
		d.Add(due)
	}
	d.Add(all)
	r.layMissing(d)
}

func classRow(name page.Cell, c ClassLine) []page.Cell {
	return page.Row(name, page.Text(c.Title), page.Text(actionWords(c.Action)), page.Number(c.Records), page.Number(c.OnHold), page.Number(c.Unknown),
		page.Number(c.Overdue), page.Number(c.Within30), page.Number(c.Within90), page.Number(c.Within365), page.Number(c.Later))
}

func actionWords(a retention.Action) string {
	if a == retention.RetainUntilEvent {
		return "retain until event"
	}
	return string(a)
}

// layMissing lists what never falls due until someone records a date.
func (r *Retention) layMissing(d *page.Document) {
	missing := page.Table{Name: "missing", Caption: "Records without the date that their class asks for: they never fall due",
		Columns: []page.Column{{Title: "Class"}, {Title: "What starts the clock", Key: "trigger"}, {Title: "Records", Number: true}},
		Empty:   "Every record has the date that its class asks for."}
	loose := page.Table{Name: "unclassified", Caption: "Records that nothing classifies: they are reviewed, never destroyed",
		Columns: []page.Column{{Title: "Class"}, {Title: "Records", Number: true}}, Empty: "Every record is classified by a rule, a default for its role or source, or a person."}
	for _, c := range r.Classes {
		if c.Unknown > 0 {
			missing.Rows = append(missing.Rows, page.Row(page.Text(c.Class), page.Text(c.Trigger), page.Number(c.Unknown)))
		}
		if c.Unclassified > 0 {
			loose.Rows = append(loose.Rows, page.Row(page.Text(c.Class), page.Number(c.Unclassified)))
		}
	}
	d.Add(missing, loose)
}

func (r *Retention) layHolds(d *page.Document) {
	t := page.Table{Name: "holds", Caption: "Records on hold, by hold; a record may be under several", Empty: "Nothing is on hold.",
		Columns: []page.Column{{Title: "Hold"}, {Title: "Type"}, {Title: "Matter"}, {Title: "Records", Number: true}}}
	for _, h := range r.Holds {
		t.Rows = append(t.Rows, page.Row(page.Text(h.Hold), page.Text(h.Type), page.Text(h.Matter), page.Number(h.Records)))
	}
	d.Add(page.Heading{Text: "On hold, and why"}, t)
}

func (r *Retention) layAges(d *page.Document) {
	chart := page.Histogram{Title: "Records by age in whole years", Unit: "records"}
	table := page.Table{Name: "ages", DataOnly: true, Caption: "Records by age in whole years", Columns: []page.Column{{Title: "Years"}, {Title: "Records", Number: true}}}
	for _, a := range r.Ages {
		chart.Bins = append(chart.Bins, page.Bar{Label: a.Years, Value: a.Records})
		table.Rows = append(table.Rows, page.Row(page.Text(a.Years), page.Number(a.Records)))
	}
	d.Add(page.Heading{Text: "By age"}, chart)
	if r.Undated > 0 {
		d.Add(page.Paragraph{Text: plural(r.Undated, "record has", "records have") + " no date that can be trusted and is in none of these ages."})
	}
	for _, a := range r.Ages[len(r.Ages)-2:] {
		if a.Records > 0 {
			d.Add(page.Notice{Tone: page.Amber, Label: "Near or beyond twenty years", Text: fmt.Sprintf("%s %s years old. Public records are transferred, or kept under an instrument, by twenty years (Public Records Act 1958, section 3(4)).",
				plural(a.Records, "record is", "records are"), a.Years)})
		}
	}
	d.Add(table)
}

func (r *Retention) layShares(d *page.Document) {
	d.Add(page.Heading{Text: "By source and custodian"})
	for _, s := range []struct {
		name, caption, column string
		lines                 []ShareLine
	}{{"sources", "Holdings by source", "Source", r.Sources}, {"custodians", "Holdings by custodian", "Custodian", r.Custodians}} {
		t := page.Table{Name: s.name, Caption: s.caption, Empty: "Nothing is kept.", Columns: []page.Column{{Title: s.column}, {Title: "Holdings", Number: true},
			{Title: "On hold", Number: true}, {Title: "Overdue", Number: true}, {Title: "No date", Key: "unknown_trigger", Number: true}}}
		for _, l := range s.lines {
			t.Rows = append(t.Rows, page.Row(page.Text(l.Name), page.Number(l.Holdings), page.Number(l.OnHold), page.Number(l.Overdue), page.Number(l.Unknown)))
		}
		d.Add(t)
	}
}

func (r *Retention) layGrowth(d *page.Document) {
	d.Add(page.Heading{Text: "Growth"})
	chart := page.Line{Title: "Records that are kept today, by the quarter by whose end they had been captured", Unit: "records"}
	table := page.Table{Name: "growth", Caption: "Records that are kept today, by quarter of capture", Empty: "Nothing is kept.",
		Columns: []page.Column{{Title: "Quarter"}, {Title: "Captured", Number: true}, {Title: "In all", Key: "total", Number: true}}}
	for i, g := range r.Growth {
		name := g.Quarter
		if i == len(r.Growth)-1 {
			name += " to date"
		}
		if i < len(r.Growth)-1 || r.Forecast == nil {
			chart.Points = append(chart.Points, page.Bar{Label: g.Quarter, Value: g.Total})
		}
		table.Rows = append(table.Rows, page.Row(page.Text(name), page.Number(g.Captured), page.Number(g.Total)))
	}
	for _, f := range r.Forecast {
		chart.Forecast = append(chart.Forecast, page.Estimate{Label: f.Quarter, Value: f.Total, Low: f.Low, High: f.High})
	}
	if len(chart.Points) > 1 {
		d.Add(chart)
	}
	how := "There is no forecast: it needs four whole quarters to look back on."
	if r.Forecast != nil {
		how = "The forecast supposes that capture goes on as in the last four whole quarters, at their mean, and that nothing is disposed of. The band lies between the least and the most of them."
	}
	d.Add(page.Paragraph{Text: how, Soft: true}, table)
}
