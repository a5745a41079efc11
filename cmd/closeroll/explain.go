package main

import (
	"net/http"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) explainVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	var why v1.WhyNot
	cmd := &cobra.Command{
		Use:   "explain [ID]",
		Short: "Say how long a record is kept and why; or why something is not held",
		Long: `Say how long a record is kept, under which class, and every reason why.

With --query, answer "why do you not hold it?": whether what the query looks for
is held, excluded, destroyed, transferred, never captured, or unknown here. What
was destroyed is matched by what is left of it, which has no words.`,
		Example: example("closeroll explain 7qk2m", "closeroll explain --query 'custodian:minister sent:2019' --for FOI-2026-014"),
		Args:    mayTake("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (why.Query == "") == (len(args) == 0) {
				return usage("give either a record's id or --query")
			}
			if why.Query != "" {
				return e.whyNot(cmd.Context(), d, why, asJSON)
			}
			id, err := recordPart(args[0])
			if err != nil {
				return err
			}
			var x v1.Explanation
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/records/"+id+"/explain", nil, &x); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(x)
			}
			e.print().explanation(x)
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&why.Query, "query", "", "what is asked about")
	cmd.Flags().StringVar(&why.For, "for", "", "what it is asked for, for the journal: a request's reference")
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (p *printer) explanation(x v1.Explanation) {
	if x.Destroyed != nil {
		p.destroyed(*x.Destroyed)
		return
	}
	p.line("  %s", p.bold(clip(x.Display, 200)))
	p.field("record", "%s", x.ID)
	for i, h := range x.Holdings {
		where := h.Holding.Source
		if h.Holding.Folder != "" {
			where += ", " + h.Holding.Folder
		}
		p.field("holding", "%d  %s (%s): %s", i+1, h.Holding.Custodian, where, p.bold(h.Decision.Class+" "+h.Decision.Words()))
		for _, r := range h.Decision.Reasons {
			p.field("", "   %s", r)
		}
	}
	for i, r := range x.Outcome.Reasons {
		label := ""
		if i == 0 {
			label = "outcome"
		}
		p.field(label, "%s", r)
	}
	if x.List != nil {
		p.onList(*x.List)
	}
	p.field("schedule", "%s", x.Schedule)
	if x.Sample {
		p.field("", "%s", p.mark("a sample: nothing is ever disposed of under it"))
	}
}
