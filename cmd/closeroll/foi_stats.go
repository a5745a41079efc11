package main

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/retention/assurance"
	"github.com/closeroll/closeroll/search/foi"
)

func (e *env) foiStatsVerb() *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Count the requests of a quarter: on time, backlog, outcomes, exemptions, hours",
		Long: `Count the requests of a month, quarter or year, in the categories of the quarterly
Freedom of Information statistics where they apply: how many came and were
answered, the share in time, the backlog by age on the last day, outcomes,
exemptions relied on, reviews, searches for each request, hours of work.`,
		Example: example("closeroll foi stats --period 2026-Q2", "closeroll foi stats --period 2026-Q2 -o foi.html", "closeroll foi stats --format csv --table exemptions"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			format, err := f.how()
			if err != nil {
				return err
			}
			path := "/v1/request-statistics"
			if f.period != "" {
				span, err := assurance.ParseSpan(f.period)
				if err != nil {
					return advise(err, exitUsage, "a month, a quarter or a year: 2026-09, 2026-Q3, 2026")
				}
				path += "?period=" + query(span.String())
			}
			var s foi.Stats
			if err := e.call(cmd.Context(), f.daemonFlags, http.MethodGet, path, nil, &s); err != nil {
				return err
			}
			return e.deliver(statsDocument(s, e.now()), s, format, f)
		},
	}
	f.daemonFlags.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.period, "period", "", "the month, quarter or year: 2026-09, 2026-Q3, 2026 (this quarter)")
	fl.StringVar(&f.format, "format", "", "table, csv, json, html or pdf")
	fl.StringVar(&f.table, "table", "", "the table to write as CSV (the first)")
	fl.StringVarP(&f.out, "output", "o", "", "write it to this file")
	jsonFlag(cmd, &f.json)
	completes(cmd, "format", reportFormats...)
	return cmd
}

// answeredInTime is how many requests were answered in time: a share of none is no share.
func answeredInTime(s foi.Stats) string {
	if s.Closed == 0 {
		return "none was answered"
	}
	return fmt.Sprintf("%d, %.1f %% of those with a running clock", s.OnTime, s.Share)
}

// searchesOf is how many searches the requests that were answered took.
func searchesOf(s foi.Stats) string {
	if s.Closed == 0 {
		return "none was answered"
	}
	return fmt.Sprintf("%d, %.1f for each request answered", s.Runs, s.PerReply)
}

// statsDocument lays the measures out.
func statsDocument(s foi.Stats, made time.Time) *page.Document {
	d := &page.Document{Title: "Requests for information", Subtitle: s.From.Long() + " to " + s.Until.Long(), Authority: s.Authority, Program: "closeroll " + version,
		Made: made, Zone: london()}
	received := 0
	for _, n := range s.Received {
		received += n
	}
	d.Add(page.Facts{Pairs: []page.Pair{
		{Label: "Received", Value: fmt.Sprintf("%d (%d FOI, %d EIR, %d subject access)", received, s.Received[foi.FOI], s.Received[foi.EIR], s.Received[foi.SAR])},
		{Label: "Answered", Value: fmt.Sprint(s.Closed)},
		{Label: "In time", Value: answeredInTime(s)},
		{Label: "Extended", Value: fmt.Sprint(s.Extended)},
		{Label: "Searches", Value: searchesOf(s)},
		{Label: "Complaints to the Commissioner", Value: fmt.Sprint(s.ICO)},
		{Label: "Appeals to the tribunal", Value: fmt.Sprint(s.Appeals)},
	}})
	timeliness(d, s)
	var backlog []page.Bar
	for _, band := range foi.Bands() {
		if band != foi.BandClosed {
			backlog = append(backlog, page.Bar{Label: band, Value: int64(s.Backlog[band])})
		}
	}
	when := s.Until
	if s.On.Before(when) {
		when = s.On
	}
	section(d, "Open on "+when.Long(), "Open requests by age", "backlog", "requests", "Age", backlog)
	section(d, "Outcomes", "Requests answered, by outcome", "outcomes", "requests", "Outcome", bars(s.Outcomes))
	section(d, "Exemptions relied on", "Requests, by exemption", "exemptions", "requests", "Exemption", bars(s.Grounds))
	section(d, "Internal reviews decided", "Reviews, by outcome", "reviews", "reviews", "Outcome", bars(s.Reviews))
	section(d, "What reviews found wrong", "Reviews that were not upheld, by what had gone wrong", "failures", "reviews", "Failure", bars(s.Failures))
	section(d, "Work", "Minutes logged, by activity", "work", "minutes", "Activity", bars(s.Minutes))
	return d
}

// timeliness shows by law what was answered in time, as extended, and late.
func timeliness(d *page.Document, s foi.Stats) {
	chart := page.Stack{Title: "Requests answered, by when", Unit: "requests", Parts: []string{"in time", "in time as extended", "late"}}
	t := page.Table{Name: "timeliness", Columns: []page.Column{{Title: "Law", Key: "law"}, {Title: "In time", Key: "in_time", Number: true},
		{Title: "In time as extended", Key: "in_extension", Number: true}, {Title: "Late", Key: "late", Number: true}}, Empty: "None with a running clock was answered."}
	for _, k := range []struct {
		kind foi.Kind
		name string
	}{{foi.FOI, "Freedom of Information"}, {foi.EIR, "Environmental Information"}, {foi.SAR, "Subject access"}} {
		if n, ok := s.Times[k.kind]; ok {
			chart.Rows = append(chart.Rows, page.StackRow{Label: k.name, Values: []int64{int64(n.InTime), int64(n.Extended), int64(n.Late)}})
			t.Rows = append(t.Rows, page.Row(page.Text(k.name), page.Number(n.InTime), page.Number(n.Extended), page.Number(n.Late)))
		}
	}
	d.Add(page.Heading{Text: "Timeliness"})
	if len(chart.Rows) > 0 {
		d.Add(chart)
	}
	d.Add(t)
}

// bars are counts by name, the most first.
func bars(counts map[string]int) []page.Bar {
	var all []page.Bar
	for name, n := range counts {
		all = append(all, page.Bar{Label: strings.ReplaceAll(name, "_", " "), Value: int64(n)})
	}
	slices.SortFunc(all, func(a, b page.Bar) int {
		return cmp.Or(cmp.Compare(b.Value, a.Value), strings.Compare(a.Label, b.Label))
	})
	return all
}

// section is a chart with the table of its numbers.
func section(d *page.Document, title, chart, name, unit, column string, data []page.Bar) {
	t := page.Table{Name: name, Columns: []page.Column{{Title: column, Key: strings.ToLower(column)}, {Title: strings.ToUpper(unit[:1]) + unit[1:], Key: unit, Number: true}},
		Empty: "None."}
	sum := int64(0)
	for _, b := range data {
		t.Rows = append(t.Rows, page.Row(page.Text(b.Label), page.Number(b.Value)))
		sum += b.Value
	}
	d.Add(page.Heading{Text: title})
	if sum > 0 {
		d.Add(page.Bars{Title: chart, Unit: unit, Bars: data})
		t.DataOnly = true
	}
	d.Add(t)
}
