package main

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/retention/assurance"
)

func (e *env) custodianDueVerb() *cobra.Command {
	var d daemonFlags
	var within string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "due",
		Short: "List what custodians owe now or soon: exports, attestations, approvals, leavers' tasks",
		Long: `List what custodians owe now or soon: exports by their rhythm or before messages
disappear, attestations, approvals that run out, and what a leaver or a change
of phones asks for. A task ends by what shows that it is done, or by custodian
task done with a reason. The daily digest counts what is overdue.`,
		Example: example("closeroll custodian due", "closeroll custodian due --within P3M --json"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := retention.ParsePeriod(within); err != nil {
				return usage("--within: %w", err)
			}
			var list []v1.DueTask
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/tasks?within="+query(within), nil, &list); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(list)
			}
			p := e.print()
			if len(list) == 0 {
				p.line("  nothing is owed now, nor within %s", within)
			}
			for _, t := range list {
				p.task(t.Task, t.Custodian, t.Title)
			}
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&within, "within", "P14D", "what opens within this period too")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// task prints a task in two lines, with what shows that it is done.
func (p *printer) task(t assurance.Task, custodian, title string) {
	state := fmt.Sprintf("%-8s", t.State)
	if t.State == assurance.Overdue {
		state = p.mark(state)
	}
	about := ""
	if custodian != "" {
		about = p.bold(custodian) + "  "
	}
	if title != "" {
		about += "“" + clip(title, 60) + "”  "
	}
	p.line("  %s  %-11s  %s%s", state, dayWords(t.Due), about, t.Text)
	p.line("            %s", p.dim(t.ID))
	if t.Evidence != "" {
		p.line("            %s", t.Evidence)
	}
	if t.Done != nil {
		p.line("            closed %s by %s: %s", t.Done.On.Long(), clip(t.Done.By, 40), clip(t.Done.Reason, 200))
	}
}

func (e *env) custodianAttestVerb() *cobra.Command {
	var d daemonFlags
	var req v1.Attest
	var period string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "attest CUSTODIAN",
		Short: "Take down a custodian's attestation for a period",
		Long: `Take down what a custodian attests for a month, quarter or year: that what was to
be handed over is handed over or, with --nil, that there was nothing. It is
journalled with your name. A nil return counts as an export of each of their
chats on the last day that it speaks of.`,
		Example: example(`closeroll custodian attest minister --period 2026-Q3 --statement "All official WhatsApp messages were exported."`,
			`closeroll custodian attest permsec --period 2026 --nil --statement "I used no private channel for business."`),
		Args: takes("CUSTODIAN"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if req.Period, err = assurance.ParseSpan(period); err != nil {
				return usage("--period: %w", err)
			}
			var c v1.Custodian
			if err := e.call(cmd.Context(), d, http.MethodPost, custodianPath(args[0])+"/attestations", req, &c); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(c)
			}
			p := e.print()
			what := "the attestation"
			if req.Nil {
				what = "the nil return"
			}
			p.line("  %s of %s for %s is recorded", what, p.bold(c.ID), req.Period)
			if open, overdue := c.Open(); open > 0 {
				p.line("  %s still open, %s overdue: closeroll custodian show %s", count(open, "task is", "tasks are"), thousands(overdue), c.ID)
			}
			return nil
		},
	}
	d.add(cmd)
	f := cmd.Flags()
	f.StringVar(&period, "period", "", "the period: 2026-Q3, 2026-09 or 2026")
	f.StringVar(&req.Statement, "statement", "", "what the custodian says, in their words")
	f.BoolVar(&req.Nil, "nil", false, "a nil return: there was nothing to hand over")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "period", "statement")
	e.completeCustodians(cmd, &d)
	return cmd
}

func custodianPath(id string) string { return "/v1/custodians/" + url.PathEscape(id) }

func (e *env) custodianTaskVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:     "task",
		Short:   "Close what a custodian owes and no evidence shows",
		Example: example(`closeroll custodian task done minister training/2026-11-30 --reason "course of 3 November"`),
	}, e.custodianTaskDoneVerb())
}

func (e *env) custodianTaskDoneVerb() *cobra.Command {
	var d daemonFlags
	var req v1.CloseTask
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "done CUSTODIAN TASK",
		Short: "Close a task with a reason",
		Long: `Close a task that is done otherwise, or that cannot be: the reason is journalled
with your name and shown wherever the task is. TASK is its id as custodian due
lists it, or enough of its beginning. Closing the export of a chat says that the
chat has ended, until another export of it comes.`,
		Example: example(`closeroll custodian task done minister leaver/2026-12-04/attestation --reason "died in office"`),
		Args:    takes("CUSTODIAN", "TASK"),
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Task = args[1]
			var t assurance.Task
			if err := e.call(cmd.Context(), d, http.MethodPost, custodianPath(args[0])+"/tasks", req, &t); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(t)
			}
			e.print().task(t, t.Custodian, "")
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&req.Reason, "reason", "", "why it is closed")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "reason")
	e.completeTasks(cmd, &d)
	return cmd
}

// completeTasks completes a custodian and then one of the open tasks.
func (e *env) completeTasks(cmd *cobra.Command, d *daemonFlags) {
	e.completeCustodians(cmd, d)
	custodians := cmd.ValidArgsFunction
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) != 1 {
			return custodians(cmd, args, begun)
		}
		var c v1.Custodian
		if err := e.call(cmd.Context(), *d, http.MethodGet, custodianPath(args[0]), nil, &c); err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var ids []string
		for _, t := range c.Tasks {
			if t.State != assurance.Done {
				ids = append(ids, t.ID+"\t"+t.Text)
			}
		}
		return ids, cobra.ShellCompDirectiveNoFileComp
	}
}
