package disposal

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/page"
)

// Sheet lays the certificate out for people: on a screen, on paper, as PDF. The
// JSON that it is made of is what is signed; the sheet prints that one's digest.
func (c *Certificate) Sheet(bundle *Bundle, zone *time.Location) (*page.Document, error) {
	canonical, err := c.Canonical()
	if err != nil {
		return nil, err
	}
	moment := func(t time.Time) string { return t.In(zone).Format("2 January 2006 15:04") }
	d := &page.Document{Title: "Certificate of disposal", Subtitle: fmt.Sprintf("Number %d, batch %s", c.Number, c.Batch), Authority: c.Archive.Authority,
		Reference: fmt.Sprintf("Archive %s, certificate %d", c.Archive.ID, c.Number), Program: "closeroll " + c.Program, Made: c.Finished, Zone: zone}
	d.Add(page.Paragraph{Text: fmt.Sprintf("%s of %s %s destroyed on the ground of %s and %s not held any more. Each was checked at the moment of its destruction; afterwards every object was looked for and found absent.",
		plural(c.Records, "record"), c.Archive.Authority, oneOr(c.Records, "was", "were"), c.ground(), oneOr(c.Records, "is", "are"))})
	what := page.Facts{Caption: "What went", Pairs: []page.Pair{{Label: "Records", Value: page.Thousands(int64(c.Records))}, {Label: "Messages", Value: page.Thousands(int64(c.Messages))},
		{Label: "Size", Value: page.Octets(c.Octets)}, {Label: "Kinds", Value: tally(c.Kinds)}, {Label: "Of", Value: span(c.Content)},
		{Label: "Sources", Value: tally(c.Sources)}, {Label: "Custodians' roles", Value: tally(c.Roles)}}}
	if c.Retired > 0 {
		what.Pairs = append(what.Pairs, page.Pair{Label: "Possessions ended", Value: plural(c.Retired, "possession") + " of records that others still have"})
	}
	d.Add(what)
	if len(c.Transfers) > 0 {
		d.Add(c.deposits())
	}
	d.Add(page.Facts{Caption: "Why", Pairs: nonEmpty(page.Pair{Label: "Class", Value: c.Rule}, page.Pair{Label: "Authority", Value: strings.Join(c.Authority, "; ")},
		page.Pair{Label: "Fell due", Value: span(c.Due)}, page.Pair{Label: "Reason", Value: c.Reason}, page.Pair{Label: "Request", Value: c.Request},
		page.Pair{Label: "Schedule", Value: "version " + c.Schedule.Version}, page.Pair{Label: "Its SHA-256", Value: c.Schedule.Digest.String(), Exact: true})})
	who := page.Table{Name: "acts", Caption: "Who", Columns: []page.Column{{Title: "Act"}, {Title: "When"}, {Title: "By"}, {Title: "As"}}}
	who.Rows = append(who.Rows, page.Row(page.Text("proposed"), page.Text(moment(c.Proposed.At)), page.Exact(c.Proposed.By), page.Text("")))
	for _, x := range c.Reviewed {
		who.Rows = append(who.Rows, page.Row(page.Text("took "+plural(x.Records, "record")+" off the list: "+x.Reason), page.Text(moment(x.At)), page.Exact(x.By), page.Text("")))
	}
	for _, a := range c.Approved {
		who.Rows = append(who.Rows, page.Row(page.Text("approved, signed with key "+a.Key), page.Text(moment(a.At)), page.Exact(a.By), page.Text(a.Role)))
	}
	if len(c.Approved) == 0 {
		who.Rows = append(who.Rows, page.Row(page.Text("no approval is needed: the class says auto"), page.Text(""), page.Text(""), page.Text("")))
	}
	d.Add(who, page.Facts{Caption: "How", Pairs: []page.Pair{{Label: "Executed", Value: fromTo(moment(c.Begun), moment(c.Finished))},
		{Label: "Checked", Value: strings.Join(c.Checks.What, "; ")}, {Label: "Last checked", Value: moment(c.Checks.Last)}, {Label: "Storage", Value: cmp.Or(c.Storage, "not said")}, {Label: "Versions deleted", Value: page.Thousands(int64(c.Deleted))},
		{Label: "Absence", Value: fmt.Sprintf("%d of %d objects listed afterwards and absent", c.Absence.Absent, c.Absence.Listed)}, {Label: "Back-ups", Value: c.Backups}}},
		page.List{Items: c.Method})
	kept := page.Table{Name: "exceptions", Caption: "Kept although listed", Columns: []page.Column{{Title: "Reason"}, {Title: "Records", Number: true}}, Empty: "Everything on the list was destroyed."}
	for _, x := range c.Exceptions {
		kept.Rows = append(kept.Rows, page.Row(page.Text(strings.ReplaceAll(x.Reason, "_", " ")), page.Number(x.Records)))
	}
	sum := record.Sum(canonical).String()
	d.Add(kept, page.Facts{Caption: "Proof", Pairs: []page.Pair{{Label: "SHA-256 of this certificate", Value: sum, Exact: true}, c.before(),
		{Label: "Of the list of what went", Value: c.Manifest.String(), Exact: true}, {Label: "Of the list as proposed", Value: c.ListSHA256.String(), Exact: true},
		{Label: "Journal, entries", Value: page.Thousands(c.Checkpoint.Entries)}, {Label: "Journal, tree head", Value: c.Checkpoint.Root, Exact: true},
		{Label: "Entry of this certificate", Value: fmt.Sprint(bundle.Entry.Index)}, {Label: "Signed by", Value: signer(bundle.Note), Exact: true}}},
		page.Paragraph{Soft: true, Text: "This sheet is for reading. What is signed is the certificate's JSON; closeroll certificate export writes it with its proof, and it can be verified without closeroll as docs/formats.md describes."})
	return d, nil
}

// deposits is the table of what the place of deposit has.
func (c *Certificate) deposits() page.Table {
	t := page.Table{Name: "transfers", Caption: "What " + c.To + " confirmed to have", Columns: []page.Column{{Title: "Package", Number: true}, {Title: "Records", Number: true},
		{Title: "Its reference"}, {Title: "Confirmed"}, {Title: "By"}, {Title: "SHA-256 of the confirmation"}, {Title: "SHA-256 of the bag's tag manifest"}}}
	for _, x := range c.Transfers {
		t.Rows = append(t.Rows, page.Row(page.Number(x.Package), page.Number(x.Records), page.Exact(x.Reference), page.Text(x.On.Long()), page.Text(x.By),
			page.Exact(x.File.String()), page.Exact(x.Bag.String())))
	}
	return t
}

func (c *Certificate) ground() string {
	switch c.Ground {
	case record.GroundConfirmed:
		return "their transfer to " + c.To + ", which has confirmed to have them,"
	case "schedule":
		return "the retention schedule"
	case "erasure":
		return "a person's right to erasure"
	case "spillage":
		return "material that the archive must not hold"
	}
	return string(c.Ground)
}

func oneOr(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return page.Thousands(int64(n)) + " " + noun + "s"
}

func tally[K ~string](by map[K]int) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(by)) {
		parts = append(parts, fmt.Sprintf("%s: %s", k, page.Thousands(int64(by[k]))))
	}
	return cmp.Or(strings.Join(parts, ", "), "none")
}

// before names the certificate before this one in the chain.
func (c *Certificate) before() page.Pair {
	if c.Previous.IsZero() {
		return page.Pair{Label: "Of the one before", Value: "none: this is the archive’s first certificate"}
	}
	return page.Pair{Label: "Of the one before", Value: c.Previous.String(), Exact: true}
}

func fromTo(from, to string) string {
	if from == to {
		return from
	}
	return from + " to " + to
}

func span(d Days) string {
	switch {
	case d.From.IsZero() || d.Until.IsZero():
		return "no known date"
	case d.From == d.Until:
		return d.From.Long()
	}
	return d.From.Long() + " to " + d.Until.Long()
}

// nonEmpty leaves out what has no value.
func nonEmpty(pairs ...page.Pair) []page.Pair {
	return slices.DeleteFunc(pairs, func(p page.Pair) bool { return p.Value == "" || p.Value == "no known date" })
}

// signer is the name of the key in a signed note.
func signer(note string) string {
	_, rest, found := strings.Cut(note, "\n— ")
	name, _, _ := strings.Cut(rest, " ")
	if !found {
		return "nobody"
	}
	return name
}
