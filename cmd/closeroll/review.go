package main

import (
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention"
)

func (e *env) reviewVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:     "review",
		Short:   "What a person has to look at before it is destroyed, kept or transferred",
		Example: example("closeroll review list --within P90D"),
	}, e.reviewListVerb(), e.reviewDecideVerb())
}

func (e *env) reviewListVerb() *cobra.Command {
	var d daemonFlags
	var within string
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the reviews that are due, and records that come near twenty years",
		Long: `List the reviews that are due, soonest first, and the records of eighteen years or
more: a public record is transferred before it is twenty, or kept under an
instrument (Public Records Act 1958, section 3(4)).`,
		Example: example("closeroll review list", "closeroll review list --within P1Y --json"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			path := "/v1/retention/reviews"
			if within != "" {
				if _, err := retention.ParsePeriod(within); err != nil {
					return advise(err, exitUsage, "a period is written as ISO 8601 does; without --within, what is due by today is listed")
				}
				path += "?within=" + query(within)
			}
			if limit < 0 {
				return usage("--limit is negative")
			}
			var list v1.Reviews
			if err := e.call(cmd.Context(), d, http.MethodGet, path, nil, &list); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(list)
			}
			e.print().reviews(list, limit)
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&within, "within", "", "how far ahead to look, as an ISO 8601 period: P90D, P1Y")
	cmd.Flags().IntVar(&limit, "limit", 50, "records to list; the counts are always of all")
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (p *printer) reviews(l v1.Reviews, limit int) {
	p.line("  %s by %s; %s due now", p.bold(count(len(l.Items), "review falls due", "reviews fall due")), l.Until.Long(), thousands(l.Due))
	var rows [][]string
	for _, r := range l.Items[:min(limit, len(l.Items))] {
		display := clip(r.Display, 52)
		if r.OnHold {
			display = "ON HOLD  " + display
		}
		rows = append(rows, []string{r.Due.Long(), ordinal(r.Number), r.Class, r.ID.Short(), display})
	}
	if rows != nil {
		p.table([]string{"due", "review", "class", "record", ""}, rows)
	}
	if n := len(l.Items) - len(rows); n > 0 {
		p.line("  %s", p.dim(count(n, "more", "more")+": --limit"))
	}
	rows = nil
	for _, r := range l.Eighteen[:min(limit, len(l.Eighteen))] {
		state := "transfer or an instrument is needed by then"
		switch {
		case r.Instrument != "":
			state = "kept under " + clip(r.Instrument, 30) + " until " + r.Expires.Long()
		case r.Over:
			state = "OVER TWENTY YEARS without an instrument"
		}
		rows = append(rows, []string{r.Twenty.Long(), r.Class, r.ID.Short(), state, clip(r.Display, 40)})
	}
	if rows != nil {
		p.line("  %s", p.bold(count(len(l.Eighteen), "record is", "records are")+" eighteen years old or more"))
		p.table([]string{"twenty on", "class", "record", "", ""}, rows)
	}
	if l.Sample {
		p.line("  %s", p.mark("schedule "+l.Schedule+" is a sample: nothing is ever disposed of under it"))
	}
}

// ordinal numbers a review as people do.
func ordinal(n int) string {
	if n >= 1 && n <= 4 {
		return []string{"first", "second", "third", "fourth"}[n-1]
	}
	return thousands(n) + "th"
}

func (e *env) reviewDecideVerb() *cobra.Command {
	var d daemonFlags
	var s selectFlags
	var req v1.ReviewDecision
	var outcome, keep, expires string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "decide [ID…]",
		Short: "Decide reviews that are due: destroy, keep, transfer or reclassify",
		Long: `Decide reviews that are due. The outcome is one of

  destroy      it may be proposed for destruction; nothing is destroyed by this
  keep         for a period from today, and then it is reviewed again
  transfer     to an archive
  reclassify   it was in the wrong class

To keep a public record beyond twenty years takes an instrument under section
3(4) of the Public Records Act 1958: its reference and its last day.`,
		Example: example("closeroll review decide k3yq7m --outcome destroy --reason 'no further use'",
			"closeroll review decide --query 'class:POL-01 sent:2011' --outcome keep --for P5Y --reason 'inquiry likely' --yes"),
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if req.Selection, req.Act, err = s.selection(args); err != nil {
				return err
			}
			req.Outcome = retention.ReviewOutcome(outcome)
			if keep != "" {
				if req.For, err = retention.ParsePeriod(keep); err != nil {
					return advise(err, exitUsage, "how long it is kept is written as P5Y")
				}
			}
			if expires != "" {
				if req.Expires, err = calendarDay(expires); err != nil {
					return err
				}
			}
			var out v1.ReviewDecided
			if err := e.call(cmd.Context(), d, http.MethodPost, "/v1/retention/reviews", req, &out); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(out)
			}
			e.print().reviewDecided(out, req)
			return nil
		},
	}
	d.add(cmd)
	s.add(cmd)
	f := cmd.Flags()
	f.StringVar(&outcome, "outcome", "", "destroy, keep, transfer or reclassify")
	f.StringVar(&keep, "for", "", "keep: how long from today, as an ISO 8601 period")
	f.StringVar(&req.Class, "class", "", "reclassify: into this class")
	f.StringVar(&req.Reason, "reason", "", "why")
	f.StringVar(&req.Instrument, "instrument", "", "reference of the retention instrument, beyond twenty years")
	f.StringVar(&expires, "expires", "", "the instrument's last day")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "outcome", "reason")
	return cmd
}

func (p *printer) reviewDecided(out v1.ReviewDecided, req v1.ReviewDecision) {
	verb := "would be decided; nothing has changed"
	if out.Acted {
		verb = map[bool]string{true: "is decided", false: "are decided"}[len(out.Records) == 1]
	}
	what := strings.ReplaceAll(string(req.Outcome), "_", " ")
	if !out.Until.IsZero() {
		what += " until " + out.Until.Long()
	}
	p.line("  %s %s: %s", p.bold(count(len(out.Records), "review", "reviews")), verb, what)
	p.line("  %s first reviews, %s later ones", thousands(out.First), thousands(out.Later))
	if out.Beyond20 > 0 {
		p.line("  %s kept beyond twenty years under %s", count(out.Beyond20, "is", "are"), clip(req.Instrument, 60))
	}
	if out.OnHold > 0 {
		p.line("  %s on hold: nothing is destroyed while that lasts", count(out.OnHold, "is", "are"))
	}
	if out.NotDue > 0 {
		p.line("  %s", p.mark(count(out.NotDue, "more record is", "more records are")+" found and not due for review"))
	}
	if out.Unclear > 0 {
		p.line("  %s", p.mark(count(out.Unclear, "message", "messages")+" could not be searched or dated, and were left as they are"))
	}
	if !out.Acted && len(out.Records) > 0 {
		p.line("  %s", p.dim("--yes does it"))
	}
}
