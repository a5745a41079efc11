package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/foi"
)

func (e *env) foiSearchVerb() *cobra.Command {
	var d daemonFlags
	var v versionFlag
	var req v1.SearchRequest
	var explain, asJSON bool
	cmd := &cobra.Command{
		Use:   "search REF QUERY",
		Short: "Search for a request, and freeze the search with everything that it found",
		Long: `Search for a request. Each run has a number, S1, S2 and so on, and is frozen in
the journal before anything is shown: the query and how it was understood, the
state of index and journal, the totals, and the id of every message found. The
set of the request is what all its runs found together: closeroll foi set REF.

Messages sent after the day of receipt are outside the request (FOIA s.1(4)) and
are counted apart, by the message's own time: what was captured later and sent
before is within it. What has no date to rely on stays in, for you to decide.

The query is as for closeroll search; closeroll search tries one without a trace
in the request. saved:NAME stands for a saved search; what is frozen is what it asks
for now.`,
		Example: example(`closeroll foi search FOI-2026-014 'sandbags sent:2026-05' --note 'the words of the request'`,
			`closeroll foi search FOI-2026-014 '"flood defences" OR levee*' --explain`),
		Args: takes("REF", "QUERY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Ref, req.Query, req.Version = args[0], args[1], v.version
			if _, err := e.parser().Parse(req.Query); err != nil {
				return misspelt(err)
			}
			var run v1.RequestRun
			if err := e.call(cmd.Context(), d, http.MethodPost, requestPath(req.Ref, "/searches"), req, &run); err != nil {
				return err
			}
			if asJSON {
				if err := e.writeJSON(run); err != nil {
					return err
				}
			} else {
				e.print().run(req.Ref, run, explain)
			}
			if run.Coverage != "complete" {
				return advise(errors.New("the answer is "+run.Coverage), exitIncomplete, "a reader runs closeroll rebuild index --missing -i IDENTITY, and you search again")
			}
			return nil
		},
	}
	d.add(cmd)
	v.add(cmd)
	cmd.Flags().StringVar(&req.Note, "note", "", "why these words: it stands in the certificate")
	cmd.Flags().BoolVar(&explain, "explain", false, "say in plain English how the query was understood")
	jsonFlag(cmd, &asJSON)
	e.completeRefs(cmd, &d)
	return cmd
}

// run says what a frozen search found.
func (p *printer) run(ref string, run v1.RequestRun, explain bool) {
	for _, n := range run.Notices {
		p.line("  %s", p.mark(n.Text))
	}
	if explain {
		for _, line := range run.Explanation {
			p.line("  %s", line)
		}
		p.line("  parsed as %s", run.Parsed)
	}
	p.line("  %s  %s found, frozen with the journal at %s", p.bold(run.Name), p.bold(count(run.Total, "message", "messages")), count(run.Position, "entry", "entries"))
	for _, c := range []struct {
		n    int
		text string
	}{
		{run.AfterCutoff, "sent after the request came: outside it"},
		{run.Late, "captured after the request came, though sent before: within it"},
		{run.Undated, "without a date to rely on: in the set, for you to decide"},
		{run.Withheld, "more in vaults that you may not read: ask somebody who may to search too"},
		{run.Unsearchable, "not searched whole: look at them by hand (closeroll search QUERY --unsearchable)"},
	} {
		if c.n > 0 {
			p.line("      %s %s", thousands(c.n), c.text)
		}
	}
	if s := run.Set; s != nil {
		p.summary(ref, s)
	}
}

// summary counts a request's set.
func (p *printer) summary(ref string, s *foi.Summary) {
	p.line("  %s in the set of %s, from %s in %s", p.bold(count(s.Items, "item", "items")), ref, count(s.Runs, "search", "searches"),
		count(s.Groups, "thread or chat", "threads and chats"))
	var parts []string
	add := func(n int, format string, args ...any) {
		if n > 0 {
			parts = append(parts, thousands(n)+" "+fmt.Sprintf(format, args...))
		}
	}
	add(s.Copies, "more copies of the same")
	add(s.Context, "messages of chats around them (±%d)", s.Around)
	add(s.AfterCutoff, "sent after the request came and left out")
	add(s.Late, "captured late")
	add(s.Dating, "to be dated")
	add(s.Partly, "not searched whole")
	add(s.Withheld, "more in vaults that you may not read")
	if parts != nil {
		p.line("      %s", strings.Join(parts, "; "))
	}
	parts = nil
	for _, d := range foi.Decisions() {
		add(s.Decided[d], "%s", strings.ReplaceAll(d, "_", " "))
	}
	add(s.Undecided, "undecided")
	p.line("      %s", strings.Join(parts, ", "))
}
