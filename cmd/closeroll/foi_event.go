package main

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/foi"
)

func (e *env) foiEventVerb() *cobra.Command {
	var d daemonFlags
	var v versionFlag
	var on, estimate string
	var req v1.NoteEvent
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "event REF EVENT",
		Short: "Note what happened to a request, and what it does to the deadline",
		Long: `Note what happened to a request. Events that bear on its clock:

  clarification_sought    we asked what is wanted: the clock stands still
  clarification_received  we were told
  fees_notice             we asked for a fee: the clock stands still
  fee_paid                it was paid
  extension               the notice of more time went out; --estimate gives its date
  transferred_record      it is a public record transferred to an archive
  identity_confirmed      of a subject access request
  internal_review         the requester asked for a review

And those that do not:

  review_decided          --outcome upheld, upheld_in_part or overturned; and unless
                          upheld --failure searches, exemption, excessive_redaction, other
  ico_complaint           the Commissioner has a complaint
  ico_decision            the Commissioner decided
  tribunal_appeal         an appeal was made
  tribunal_decision       the tribunal decided
  reopened                it was closed by mistake; --note says why`,
		Example: example("closeroll foi event FOI-2026-014 clarification_sought --on 2026-05-27",
			"closeroll foi event FOI-2026-014 extension --estimate 2026-07-14 --note 'public interest in s.35'"),
		Args: takes("REF", "EVENT"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			req.Ref, req.Event, req.Version = args[0], args[1], v.version
			if req.On, err = e.orToday(on); err != nil {
				return err
			}
			if req.Estimate, err = parseDate(estimate); err != nil {
				return err
			}
			var r v1.Request
			if err := e.call(cmd.Context(), d, http.MethodPost, requestPath(req.Ref, "/events"), req, &r); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(r)
			}
			e.print().standing(r)
			return nil
		},
	}
	d.add(cmd)
	v.add(cmd)
	f := cmd.Flags()
	f.StringVar(&on, "on", "", "when (today)")
	f.StringVar(&estimate, "estimate", "", "of an extension: the date that the notice gives")
	f.StringVar(&req.Outcome, "outcome", "", "of a review: upheld, upheld_in_part or overturned")
	f.StringVar(&req.Failure, "failure", "", "of a review: searches, exemption, excessive_redaction or other")
	f.StringVar(&req.Note, "note", "", "more about it")
	jsonFlag(cmd, &asJSON)
	completes(cmd, "outcome", foi.ReviewOutcomes()...)
	completes(cmd, "failure", foi.ReviewFailures()...)
	e.completeRefs(cmd, &d)
	refs := cmd.ValidArgsFunction
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 1 {
			return foi.EventTypes(), cobra.ShellCompDirectiveNoFileComp
		}
		return refs(cmd, args, begun)
	}
	return cmd
}

func (e *env) foiCloseVerb() *cobra.Command {
	var d daemonFlags
	var v versionFlag
	var responded string
	var req v1.CloseRequest
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "close REF",
		Short: "Note the reply to a request, in the Ministry of Justice's categories",
		Long: `Note the reply. --held says whether the information is held: held, part_held,
not_held or not_confirmed. --outcome is granted, refused_in_part, refused_fully,
not_held or not_confirmed; or why it needs no such answer: over_cost (s.12),
vexatious, repeated (s.14), no_clarification (s.1(3)), invalid (s.8), lapsed (an
unpaid fee), withdrawn, transferred.

What was asked for stays on hold for six months after the reply, and after each
decision that follows; only a manager's release ends a hold.`,
		Example: example("closeroll foi close FOI-2026-014 --responded 2026-06-12 --held held --outcome refused_in_part --exemption '40(2)' --exemption '35(1)(a)'"),
		Args:    takes("REF"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			req.Ref, req.Version = args[0], v.version
			if req.Responded, err = e.orToday(responded); err != nil {
				return err
			}
			var r v1.Request
			if err := e.call(cmd.Context(), d, http.MethodPost, requestPath(req.Ref, "/close"), req, &r); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(r)
			}
			e.print().standing(r)
			return nil
		},
	}
	d.add(cmd)
	v.add(cmd)
	f := cmd.Flags()
	f.StringVar(&responded, "responded", "", "the day of the reply (today)")
	f.StringVar(&req.Held, "held", "", "held, part_held, not_held or not_confirmed")
	f.StringVar(&req.Outcome, "outcome", "", "granted, refused_in_part, refused_fully, … (see above)")
	f.StringArrayVar(&req.Exemptions, "exemption", nil, "an exemption relied on; may be repeated (those of the decisions)")
	f.StringVar(&req.Note, "note", "", "more about it")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "outcome")
	completes(cmd, "held", foi.HeldAnswers()...)
	completes(cmd, "outcome", foi.Outcomes()...)
	e.completeRefs(cmd, &d)
	return cmd
}

func (e *env) foiListVerb() *cobra.Command {
	var d daemonFlags
	var all, overdue, asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the requests with what is due, the most urgent first",
		Example: example("closeroll foi list", "closeroll foi list --overdue", "closeroll foi list --all --json"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var list []v1.Request
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/requests", nil, &list); err != nil {
				return err
			}
			list = slices.DeleteFunc(list, func(r v1.Request) bool {
				return overdue && !r.Standing.Overdue || !all && !overdue && r.State == foi.Closed
			})
			slices.SortStableFunc(list, urgency)
			if asJSON {
				return e.writeJSON(list)
			}
			e.print().register(list, all)
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "closed ones too")
	cmd.Flags().BoolVar(&overdue, "overdue", false, "only those past their deadline")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// urgency orders requests by what is due, those with nothing due last.
func urgency(a, b v1.Request) int {
	x, y := a.Standing.Due, b.Standing.Due
	if x.IsZero() != y.IsZero() {
		return map[bool]int{true: 1, false: -1}[x.IsZero()]
	}
	return x.Compare(y)
}

func (p *printer) register(list []v1.Request, all bool) {
	if len(list) == 0 {
		p.line("  %s", map[bool]string{false: "no request is open", true: "no request was ever opened"}[all])
		return
	}
	bands := map[string]int{}
	rows := make([][]string, len(list))
	for i, r := range list {
		bands[r.Standing.Band]++
		rows[i] = []string{r.Ref, string(r.Kind), day(r.Received.Start(london()), london()), dueOf(r), r.State.Words(), clip(r.Text, 40)}
	}
	p.table([]string{"REQUEST", "KIND", "RECEIVED", "DUE", "STATE", "ASKS FOR"}, rows)
	p.line("")
	for _, b := range foi.Bands() {
		if bands[b] > 0 {
			p.line("  %4d  %s", bands[b], b)
		}
	}
}

// dueOf says when something is due, and how near that is.
func dueOf(r v1.Request) string {
	s := r.Standing
	switch {
	case s.Due.IsZero():
		return "–"
	case s.Overdue:
		return fmt.Sprintf("%s, %s late", day(s.Due.Start(london()), london()), count(-s.Left, "day", "days"))
	case s.Left == 0:
		return day(s.Due.Start(london()), london()) + ", today"
	}
	return fmt.Sprintf("%s, in %s", day(s.Due.Start(london()), london()), count(s.Left, "day", "days"))
}
