package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) holdVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:     "hold",
		Short:   "Suspend disposal, and say what is suspended",
		Example: example("closeroll hold list"),
	}, e.holdPlaceVerb(), e.holdListVerb(), e.holdNoticeVerb(), e.holdAcknowledgeVerb(), e.holdReportVerb(), e.holdReleaseVerb(), e.holdWithdrawVerb())
}

// notStopped is what a hold in this archive cannot stop. Whoever places one
// must see to it.
const notStopped = `This hold stops disposal in this archive, of what is here and of what is captured
from now on. It does not stop:
  the mailbox's own automatic deletion, before a message is captured
  disappearing-message timers in WhatsApp and other apps
  deletion on people's phones and other devices
  custodians and accounts that are no source of this archive
  the expiry of back-ups that others keep`

func (e *env) holdPlaceVerb() *cobra.Command {
	var d daemonFlags
	var h record.HoldPlaced
	var from, until, review string
	var ids []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "place NAME",
		Short: "Place a hold",
		Long: `Place a hold. Its scope is everything unless it is narrowed; several narrowings
must all apply. It covers what is captured later too, and whatever it cannot
rule out: within its custodians and dates, what is undated, unsearchable or not
indexed yet is on hold as well.`,
		Example: example(`closeroll hold place inquiry-2026 --type inquiry --matter "Flood Inquiry, Rule 9 request 3"`,
			`closeroll hold place FOI-2026-014 --type foi --matter "sandbags" --custodian minister --query 'sandbags OR "flood defences"'`),
		Args: takes("NAME"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			h.Hold = args[0]
			if h.Scope.From, err = parseDay(from); err != nil {
				return err
			}
			if h.Scope.Until, err = parseDay(until); err != nil {
				return err
			}
			if !h.Scope.Until.IsZero() {
				h.Scope.Until = h.Scope.Until.AddDate(0, 0, 1) // the day given is covered
			}
			if h.Review, err = parseDay(review); err != nil {
				return err
			}
			for _, prefix := range ids {
				r, err := e.getRecord(cmd.Context(), d, prefix)
				if err != nil {
					return err
				}
				h.Scope.Records = append(h.Scope.Records, r.ID)
			}
			var placed v1.Hold
			if err := e.call(cmd.Context(), d, http.MethodPost, "/v1/holds", h, &placed); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(placed)
			}
			p := e.print()
			p.line("  hold %s placed: %s on hold now", p.bold(placed.Hold), count(placed.Records, "record", "records"))
			if placed.Records == 0 {
				p.line("  %s", p.mark("nothing that is archived now is within its scope: "+scopeWords(placed.Scope)))
			}
			p.line("  %s", strings.ReplaceAll(notStopped, "\n", "\n  "))
			return nil
		},
	}
	d.add(cmd)
	f := cmd.Flags()
	f.StringVar(&h.Type, "type", "moratorium", "foi, eir, sar, litigation, inquiry, moratorium, police, audit, nao or restriction")
	f.StringVar(&h.Matter, "matter", "", "what the hold is for")
	f.StringVar(&h.Authority, "authority", "", "by what authority")
	f.StringVar(&h.Owner, "owner", "", "who answers for it")
	f.StringVar(&h.Ends, "ends", "", "what will end it: six months after the response, the chair's written release")
	f.StringVar(&review, "review", "", "day of its next review")
	f.StringSliceVar(&ids, "id", nil, "only these records")
	f.StringSliceVar(&h.Scope.Custodians, "custodian", nil, "only these custodians")
	f.StringSliceVar(&h.Scope.Sources, "source", nil, "only these sources")
	f.StringSliceVar(&h.Scope.Classes, "class", nil, "only these classes")
	f.StringVar(&from, "from", "", "only messages from this day on")
	f.StringVar(&until, "until", "", "only messages up to this day")
	f.StringVar(&h.Scope.Query, "query", "", "only what this query finds, now and later")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "matter")
	return cmd
}

// scopeWords says what a hold covers.
func scopeWords(s record.Scope) string {
	var parts []string
	add := func(what string, values ...string) {
		if len(values) > 0 {
			parts = append(parts, what+" "+strings.Join(values, ", "))
		}
	}
	if n := len(s.Records); n > 0 {
		parts = append(parts, count(n, "record", "records")+" by id")
	}
	add("custodian", s.Custodians...)
	add("source", s.Sources...)
	add("class", s.Classes...)
	if !s.From.IsZero() {
		add("from", day(s.From, london()))
	}
	if !s.Until.IsZero() {
		add("up to", day(s.Until.Add(-1), london()))
	}
	if s.Query != "" {
		add("what finds", clip(s.Query, 200))
	}
	if parts == nil {
		return "everything"
	}
	return strings.Join(parts, "; ")
}

// parseDay reads a day in the legal zone; empty is the zero time.
func parseDay(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	d, err := record.ParseDate(s)
	if err != nil {
		return time.Time{}, advise(err, exitUsage, "a day is written as 2026-05-27")
	}
	return d.Start(london()), nil
}

func (e *env) holdListVerb() *cobra.Command {
	var d daemonFlags
	var all, asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the holds in force",
		Example: example("closeroll hold list", "closeroll hold list --all --json"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var list []v1.Hold
			if err := e.call(cmd.Context(), d, http.MethodGet, fmt.Sprintf("/v1/holds?all=%t", all), nil, &list); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(list)
			}
			p := e.print()
			if len(list) == 0 {
				p.line("  %s", map[bool]string{false: "no hold is in force", true: "no hold was ever placed"}[all])
			}
			for _, h := range list {
				p.line("  %s  %s: %s", p.bold(h.Hold), h.Type, clip(h.Matter, 80))
				p.line("      %s on hold; placed %s by %s", count(h.Records, "record", "records"), day(h.At, london()), h.Actor)
				p.line("      covers %s", scopeWords(h.Scope))
				p.mirrored(h.Storage)
				if h.Ends != "" {
					p.line("      ends: %s", clip(h.Ends, 80))
				}
				if h.Agreed != nil {
					p.line("      %s", p.mark("release agreed by "+h.Agreed.Actor+": in force until "+h.Agreed.After.Long()+" is over"))
				}
				if !h.Released.IsZero() {
					p.line("      released %s by %s: %s", day(h.Released, london()), h.Releaser, clip(h.Reason, 80))
				}
			}
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "released ones too")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// mirrored says how far a hold stands in the storage too.
func (p *printer) mirrored(m *v1.Mirrored) {
	switch {
	case m == nil:
		return
	case m.Pending == 0:
		p.line("      the storage has them under legal hold too")
		return
	}
	p.line("      %s", p.mark(fmt.Sprintf("the storage has %d of %d under legal hold; the hold is in force all the same", m.Records, m.Records+m.Pending)))
	for _, f := range m.Failed {
		p.line("        %s  %s", f.Record.Short(), clip(f.Error, 100))
	}
}
