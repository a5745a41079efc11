package main

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/foi"
)

func (e *env) foiRelateVerb() *cobra.Command {
	var d daemonFlags
	var v versionFlag
	var req v1.RelateRequest
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "relate REF OTHER…",
		Short: "Note that requests are of the same person or campaign, for the cost limit",
		Long: `Note that requests are of the same person or campaign: within sixty working days
their costs may be added up (SI 2004/3244, regulation 5), and closeroll foi estimate
does. closeroll foi show proposes requests that came within that time and ask for
much the same; it does not know who asked, so you decide.`,
		Example: example("closeroll foi relate FOI-2026-015 FOI-2026-014", "closeroll foi relate FOI-2026-015 FOI-2026-014 --remove"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage("name a request and those that it is related to: REF OTHER…")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Ref, req.Related, req.Version = args[0], args[1:], v.version
			var r v1.Request
			if err := e.call(cmd.Context(), d, http.MethodPost, requestPath(req.Ref, "/related"), req, &r); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(r)
			}
			if len(r.Related) == 0 {
				e.print().line("  %s is related to no other request", r.Ref)
				return nil
			}
			e.print().line("  %s is of the same person or campaign as %s; closeroll foi estimate %[1]s adds up what is within the window", r.Ref, strings.Join(r.Related, ", "))
			return nil
		},
	}
	d.add(cmd)
	v.add(cmd)
	cmd.Flags().BoolVar(&req.Removed, "remove", false, "they are not, after all")
	jsonFlag(cmd, &asJSON)
	e.completeRefs(cmd, &d)
	return cmd
}

// alike proposes requests that may be of the same person or campaign.
func (p *printer) alike(ref string, list []foi.Alike) {
	for _, a := range list {
		why := fmt.Sprintf("%d %% of their words are the same", a.Words)
		if a.Scope {
			why = "their scopes are the same"
		}
		p.line("  %s %s came %s apart, and %s:", p.mark("perhaps of the same person or campaign:"), a.Ref, count(a.WorkingDays, "working day", "working days"), why)
		p.line("      if so, closeroll foi relate %s %s", ref, a.Ref)
	}
}
