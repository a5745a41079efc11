package main

import (
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
)

// selectFlags say which records something is done with.
type selectFlags struct {
	query string
	yes   bool
	limit int
}

func (s *selectFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.query, "query", "", "all that this query finds; without --yes only the effect is shown")
	f.BoolVar(&s.yes, "yes", false, "with --query: do it")
	f.IntVar(&s.limit, "limit", 20, "records to list")
}

// selection is what a person means. What is named by ids is acted on at once;
// what a query finds, with --yes.
func (s selectFlags) selection(ids []string) (sel v1.Selection, act bool, err error) {
	switch {
	case s.limit < 0:
		return sel, false, usage("--limit is negative")
	case (len(ids) == 0) == (s.query == ""):
		return sel, false, usage("name records by their ids, or by what finds them with --query")
	case s.yes && s.query == "":
		return sel, false, usage("--yes is for --query: what is named by ids is done at once")
	}
	return v1.Selection{IDs: ids, Query: s.query}, s.query == "" || s.yes, nil
}

func (e *env) classifyVerb() *cobra.Command {
	var req v1.Reclassification
	cmd := e.reclassifyVerb(&req, "reclassified")
	cmd.Use = "classify [ID…]"
	cmd.Short = "Give records a retention class by hand"
	cmd.Long = `Give records a retention class by hand, with the reason, which explain then
shows. By --query it is first shown what would change: how many go from which
class to which, and for how many disposal would come sooner. What would bring
disposal forward is refused unless --earlier says that it is meant. A hold on the
old class goes on covering them.

With --by-rules a class that was given by hand is taken back, and the schedule's
rules choose again.`
	cmd.Example = example("closeroll classify k3yq7m --class POL-01 --reason 'submission to ministers'",
		"closeroll classify --query 'from:recruitment in:\"Vacancies\"' --class HR-02 --reason 'unsuccessful candidates'",
		"closeroll classify k3yq7m --by-rules --reason 'it was the wrong thread'")
	cmd.Flags().StringVar(&req.Class, "class", "", "the class")
	cmd.Flags().BoolVar(&req.ByRules, "by-rules", false, "take back the class given by hand: the rules choose")
	cmd.Flags().StringVar(&req.Custodian, "custodian", "", "only this custodian's holdings")
	needs(cmd, "reason")
	do := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if (req.Class == "") != req.ByRules {
			return usage("give either --class or --by-rules")
		}
		return do(cmd, args)
	}
	return cmd
}

func (e *env) assessVerb() *cobra.Command {
	var req v1.Reclassification
	cmd := e.reclassifyVerb(&req, "assessed")
	cmd.Use = "assess [ID…]"
	cmd.Short = "Say whether records are significant or logistical"
	cmd.Long = `Say whether records are significant or logistical. The schedule's rules may go by
it: a logistical message (“running late”) is often kept for weeks where the rest
of its chat is kept for years. Works as classify does.`
	cmd.Example = example("closeroll assess k3yq7m --significance logistical --reason 'arranging a lift'")
	cmd.Flags().StringVar(&req.Significance, "significance", "", "significant or logistical")
	needs(cmd, "significance", "reason")
	return cmd
}

// reclassifyVerb is what classify and assess have in common; done is what they
// have done.
func (e *env) reclassifyVerb(req *v1.Reclassification, done string) *cobra.Command {
	var d daemonFlags
	var s selectFlags
	var asJSON bool
	cmd := &cobra.Command{
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if req.Selection, req.Act, err = s.selection(args); err != nil {
				return err
			}
			req.List = s.limit
			var out v1.Effect
			if err := e.call(cmd.Context(), d, http.MethodPost, "/v1/retention/classification", req, &out); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(out)
			}
			e.print().effect(out, done)
			return nil
		},
	}
	d.add(cmd)
	s.add(cmd)
	cmd.Flags().BoolVar(&req.AllowEarlier, "earlier", false, "even if disposal comes sooner by it")
	cmd.Flags().StringVar(&req.Reason, "reason", "", "why")
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (p *printer) effect(e v1.Effect, done string) {
	verb := "would be " + done + "; nothing has changed"
	if e.Acted {
		verb = map[bool]string{true: "is ", false: "are "}[e.Records == 1] + done
	}
	p.line("  %s %s", p.bold(count(e.Records, "record", "records")), verb)
	var rows [][]string
	for _, m := range e.Moves {
		rows = append(rows, []string{m.From, m.To, thousands(m.Records), thousands(m.Earlier), thousands(m.Later)})
	}
	if rows != nil {
		p.table([]string{"from", "to", "records", "sooner", "later"}, rows)
	}
	p.affected(e.Listed, e.Records)
	if e.Earlier > 0 {
		p.line("  %s", p.mark("disposal comes sooner, or is less protected, for "+count(e.Earlier, "record", "records")))
	}
	if e.OnHold > 0 {
		p.line("  %s on hold, whatever their class", count(e.OnHold, "is", "are"))
	}
	if e.Unclear > 0 {
		p.line("  %s", p.mark(count(e.Unclear, "message", "messages")+" could not be searched or dated, and were left as they are"))
	}
	if !e.Acted && e.Records > 0 {
		p.line("  %s", p.dim("--yes does it"))
	}
}

// affected lists records before and after.
func (p *printer) affected(list []v1.AffectedRecord, of int) {
	var rows [][]string
	for _, r := range list {
		display := clip(r.Display, 44)
		if r.After.OnHold {
			display = "ON HOLD  " + display
		}
		rows = append(rows, []string{r.ID.Short(), fateWords(r.Before), fateWords(r.After), display})
	}
	if rows != nil {
		p.table([]string{"record", "before", "after", ""}, rows)
	}
	if n := of - len(rows); n > 0 && len(rows) > 0 {
		p.line("  %s", p.dim(count(n, "more", "more")+": --limit"))
	}
}

// fateWords says what becomes of a record in few words.
func fateWords(f v1.Fate) string {
	words := f.Class + " " + strings.ReplaceAll(string(f.Action), "_", " ")
	if f.Due.IsZero() {
		return words + ", never due"
	}
	return words + " " + f.Due.String()
}
