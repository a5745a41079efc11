package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/foi"
)

func (e *env) foiShowVerb() *cobra.Command {
	var d daemonFlags
	var explain, asJSON bool
	cmd := &cobra.Command{
		Use:     "show REF",
		Short:   "Show a request: where it stands, what happened, and what is still to do",
		Example: example("closeroll foi show FOI-2026-014", "closeroll foi show FOI-2026-014 --explain"),
		Args:    takes("REF"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var r v1.Request
			if err := e.call(cmd.Context(), d, http.MethodGet, requestPath(args[0], ""), nil, &r); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(r)
			}
			p := e.print()
			p.standing(r)
			p.disposed(r)
			p.happened(r)
			if explain {
				p.line("")
				for _, line := range r.Standing.Reckoning.Lines() {
					p.line("  %s", line)
				}
			}
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().BoolVar(&explain, "explain", false, "say how the deadline comes about")
	jsonFlag(cmd, &asJSON)
	e.completeRefs(cmd, &d)
	return cmd
}

// standing says where a request stands and what is to do.
func (p *printer) standing(r v1.Request) {
	s := r.Standing
	p.line("  %s  %s", p.bold(r.Ref), clip(r.Text, max(p.width-len(r.Ref)-6, 20)))
	p.field("kind", "%s, received %s, working day %d", strings.ToUpper(string(r.Kind)), r.Received.Long(), s.Age)
	state := r.State.Words()
	switch {
	case s.Overdue:
		state += ", " + p.mark("OVERDUE: due "+s.Due.Long())
	case !s.Due.IsZero():
		state += ", due " + p.bold(dueOf(r))
	}
	p.field("state", "%s", state)
	if c := r.Closing; c != nil {
		late := ""
		if s.Late {
			late = ", " + p.mark("after the deadline of "+s.Reckoning.Deadline.Long())
		}
		p.field("reply", "%s: %s%s", c.Responded.Long(), strings.Join(closing(c), ", "), late)
	}
	p.field("scope", "%s", scopeOf(r))
	p.field("on hold", "%s by %s", count(r.OnHold, "record", "records"), strings.Join(r.Holds, ", "))
	if copies := r.Copies(); len(copies) > 0 {
		p.field("copies", "%s", strings.Join(copiesOf(copies), ", "))
	}
	p.steps(r)
	p.field("version", "%d", r.Version)
}

func closing(c *foi.Closing) []string {
	parts := []string{strings.ReplaceAll(c.Outcome, "_", " ")}
	if c.Held != "" && c.Held != c.Outcome {
		parts = append(parts, "information "+strings.ReplaceAll(c.Held, "_", " "))
	}
	return append(parts, c.Exemptions...)
}

// copiesOf lists the items that a redacted copy is released in place of.
func copiesOf(copies map[string]foi.Copied) []string {
	var items []string
	for item := range copies {
		items = append(items, shortItem(item))
	}
	slices.Sort(items)
	return items
}

func scopeOf(r v1.Request) string {
	if r.Scope == "" {
		return "everything: it has none yet"
	}
	return clip(r.Scope, 200)
}

// happened lists what is noted about a request, and what was done for it.
func (p *printer) happened(r v1.Request) {
	p.line("")
	p.line("  %s  opened by %s", r.Opened.In(london()).Format("2 Jan 2006"), r.By)
	for _, h := range r.Happened {
		more := ""
		for _, m := range [][2]string{{h.Outcome, ""}, {h.Failure, "for "}, {h.Note, ""}} {
			if m[0] != "" {
				more += ", " + m[1] + clip(strings.ReplaceAll(m[0], "_", " "), 100)
			}
		}
		if !h.Estimate.IsZero() {
			more = ", reply promised for " + h.Estimate.Long() + more
		}
		p.line("  %s  %s%s", day(h.On.Start(london()), london()), strings.ReplaceAll(h.Event, "_", " "), more)
	}
	for _, a := range r.Asks {
		reply := "no reply yet"
		if a.Reply != nil {
			reply = strings.ReplaceAll(a.Reply.Result, "_", " ") + " on " + a.Reply.On.Long()
		}
		p.line("  %s", fmt.Sprintf("A%d  %s asked on %s for %s: %s", a.Ask, a.Of, a.On.Long(), clip(a.What, 80), reply))
	}
	for _, run := range r.Searches {
		p.line("  %s  %s  %s", run.Name, clip(run.Query, 60), p.dim(fmt.Sprintf("%s on %s by %s", thousands(run.Total), day(run.At, london()), run.By)))
	}
	if len(r.Related) > 0 {
		p.line("  of the same person or campaign: %s", strings.Join(r.Related, ", "))
	}
	p.alike(r.Ref, r.Alike)
}
