package main

import (
	"net/http"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) explainVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain ID",
		Short: "Say how long a record is kept, under which class, and every reason why",
		Example: example("closeroll explain 7qk2m",
			"closeroll explain 7qk2m --json"),
		Args: takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
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
	p.field("schedule", "%s", x.Schedule)
	if x.Sample {
		p.field("", "%s", p.mark("a sample: nothing is ever disposed of under it"))
	}
}
