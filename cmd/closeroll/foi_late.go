package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) foiLateVerb() *cobra.Command {
	var d daemonFlags
	var q string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "late-destruction REF",
		Short: "List what was destroyed after a request came and may have been within it",
		Long: `List what was destroyed on or after the day on which a request was received, and
that its scope (or --query) would have found or might have. It is matched by what
is left of a record: custodian, source, class, kind and days, but no words; so
what cannot be ruled out is listed too, and said to be so.

Destroying what was asked for, to keep it from being disclosed, is an offence:
section 77 of the Freedom of Information Act, regulation 19 of the Environmental
Information Regulations, section 173 of the Data Protection Act.`,
		Example: example("closeroll foi late-destruction FOI-2026-014", "closeroll foi late-destruction FOI-2026-014 --query 'custodian:minister sent:2026-05'"),
		Args:    takes("REF"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var late v1.Late
			if err := e.call(cmd.Context(), d, http.MethodGet, requestPath(args[0], "/late-destruction?query="+query(q)), nil, &late); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(late)
			}
			p := e.print()
			if len(late.Records) == 0 {
				p.line("  nothing that may be within %s was destroyed since %s; %s looked at", late.Ref, late.Received.Long(), count(late.Looked, "stub was", "stubs were"))
				return nil
			}
			p.line("  %s since %s:", p.mark(count(len(late.Records), "record was", "records were")+" destroyed"), late.Received.Long())
			for _, r := range late.Records {
				sure := "cannot be ruled out"
				if r.Certain {
					sure = p.bold("within it")
				}
				p.line("      %s  destroyed %s under %s, certificate %d of %s: %s", r.Stub.Record.Short(), day(r.At, london()), r.Class, r.Certificate, r.Batch, sure)
			}
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&q, "query", "", "look for this instead of the request's scope")
	jsonFlag(cmd, &asJSON)
	e.completeRefs(cmd, &d)
	return cmd
}

// whyNot answers “why do you not hold it?”.
func (e *env) whyNot(ctx context.Context, d daemonFlags, req v1.WhyNot, asJSON bool) error {
	var a v1.WhyNotAnswer
	if err := e.call(ctx, d, http.MethodPost, "/v1/explain", req, &a); err != nil {
		return err
	}
	if asJSON {
		return e.writeJSON(a)
	}
	p := e.print()
	p.line("  %s", clip(a.Parsed, 200))
	for _, part := range a.Parts {
		for i, line := range wrap(part.Text, max(p.width-20, 40)) {
			label := ""
			if i == 0 {
				label = strings.ReplaceAll(part.Answer, "_", " ")
			}
			p.line("  %s %s", p.bold(pad(label, 15)), line)
		}
	}
	return nil
}

func pad(s string, n int) string { return s + strings.Repeat(" ", max(n-len(s), 0)) }
