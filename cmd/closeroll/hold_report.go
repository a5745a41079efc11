package main

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/durable"
	"github.com/closeroll/closeroll/internal/page"
)

func (e *env) holdReportVerb() *cobra.Command {
	var d daemonFlags
	var custodian, out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "report [NAME]",
		Short: "Say what is on hold, by custodian: for a matter's lawyers or an inquiry",
		Long: `Say what is on hold under a hold, or of a custodian under any: how much, from which
sources, of which classes and dates, who was told and who has not yet said that
they have read it. With -o it is written as one HTML file, or PDF by its ending.`,
		Example: example("closeroll hold report inquiry-7", "closeroll hold report --custodian minister -o minister.html"),
		Args:    mayTake("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := "/v1/holds/report?custodian=" + query(custodian)
			if len(args) > 0 {
				path += "&hold=" + query(args[0])
			}
			var r v1.HoldReport
			if err := e.call(cmd.Context(), d, http.MethodGet, path, nil, &r); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(r)
			}
			p, doc := e.print(), holdReport(r)
			if out == "" {
				return page.WriteText(e.stdout, doc, page.Screen{Width: p.width, Bold: p.bold, Dim: p.dim})
			}
			var b bytes.Buffer
			write := page.WriteHTML
			if strings.HasSuffix(strings.ToLower(out), ".pdf") {
				write = page.WritePDF
			}
			if err := write(&b, doc); err != nil {
				return err
			}
			if err := durable.WriteFile(out, b.Bytes(), 0o600); err != nil {
				return advise(err, exitUsage, "name a file that you can write with -o")
			}
			p.line("  %s", out)
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&custodian, "custodian", "", "only this custodian")
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write, .html or .pdf")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// holdReport lays a report out.
func holdReport(r v1.HoldReport) *page.Document {
	doc := &page.Document{Title: "Records on hold", Authority: r.Authority, Marking: r.Marking, Program: "closeroll " + version, Made: r.At, Zone: london()}
	holds := page.Table{Name: "holds", Caption: "Holds in force", Empty: "No hold is in force.",
		Columns: []page.Column{{Title: "Hold"}, {Title: "Kind"}, {Title: "Matter"}, {Title: "Covers"}, {Title: "Since"}, {Title: "Ends"}, {Title: "Records", Number: true}}}
	for _, h := range r.Holds {
		ends := h.Ends
		if h.Agreed != nil {
			ends = "release agreed; after " + h.Agreed.After.Long()
		}
		holds.Rows = append(holds.Rows, page.Row(page.Text(h.Hold), page.Text(h.Type), page.Text(h.Matter), page.Text(scopeWords(h.Scope)),
			page.Text(day(h.At, london())), page.Text(ends), page.Number(h.Records)))
	}
	doc.Add(holds, page.Facts{Pairs: []page.Pair{{Label: "On hold", Value: count(r.Records, "record", "records") + ", " + count(r.Messages, "message", "messages")},
		{Label: "Not searchable in full", Value: count(r.Unsearched, "record", "records")}}})
	outstanding := 0
	for _, c := range r.Custodians {
		for _, n := range c.Notices {
			if n.Acknowledged.IsZero() {
				outstanding++
			}
		}
	}
	if outstanding > 0 {
		doc.Add(page.Notice{Label: "Outstanding", Text: count(outstanding, "notice has", "notices have") + " not been acknowledged."})
	}
	for _, c := range r.Custodians {
		doc.Add(page.Heading{Text: c.Name}, custodianFacts(c), noticeTable(c))
	}
	if len(r.Custodians) == 0 {
		doc.Add(page.Paragraph{Text: "Nothing that is archived now is on hold."})
	}
	return doc
}

func custodianFacts(c v1.CustodianHold) page.Facts {
	dates := "none"
	if !c.From.IsZero() {
		dates = c.From.Long() + " to " + c.Until.Long()
	}
	if c.Undated > 0 {
		dates += "; " + count(c.Undated, "record", "records") + " without a date that can be trusted"
	}
	return page.Facts{Pairs: []page.Pair{
		{Label: "Records", Value: thousands(c.Records) + ", " + count(c.Messages, "message", "messages")},
		{Label: "By kind", Value: countsOf(inWords(c.ByKind))}, {Label: "By source", Value: countsOf(c.BySource)},
		{Label: "By channel", Value: countsOf(inWords(c.ByChannel))}, {Label: "By class", Value: countsOf(c.ByClass)}, {Label: "Dates", Value: dates}}}
}

// inWords has a reader's words for what the archive counts by.
func inWords(by map[string]int) map[string]int {
	words := map[string]string{string(record.Email): "e-mail", string(record.ChatDay): "day of a chat", string(record.Export): "export of a chat",
		string(record.Corporate): "departmental", string(record.NonCorporate): "non-corporate"}
	out := make(map[string]int, len(by))
	for name, n := range by {
		out[cmp.Or(words[name], name)] = n
	}
	return out
}

// countsOf writes counts in the order of their names.
func countsOf(by map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(by)) {
		parts = append(parts, fmt.Sprintf("%s: %s", name, thousands(by[name])))
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, " · ")
}

func noticeTable(c v1.CustodianHold) page.Table {
	t := page.Table{Name: "notices-" + c.ID, Empty: "No notice was given.", Columns: []page.Column{{Title: "Notice of"}, {Title: "Given"}, {Title: "Acknowledged"}, {Title: "How"}}}
	for _, n := range c.Notices {
		read := "not yet"
		if !n.Acknowledged.IsZero() {
			read = n.Acknowledged.Long()
		}
		t.Rows = append(t.Rows, page.Row(page.Text(n.Hold), page.Text(day(n.At, london())), page.Text(read), page.Text(n.Note)))
	}
	return t
}
