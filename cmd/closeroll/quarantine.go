package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) quarantineVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:   "quarantine",
		Short: "Look at what is in quarantine, and decide about it",
		Long: `Look at what is in quarantine, and decide about it. Mail marked SECRET or above,
and what a selection would have left out of a chat while a hold forbids it, is
sealed to a vault of its own and is not searched. The readers of that vault, and
nobody else, see this list and decide.`,
		Example: example("closeroll quarantine list", `closeroll quarantine release 7qk2m --reason "marked by mistake, confirmed by the originator"`),
	}, e.quarantineListVerb(), e.quarantineShowVerb(), e.quarantineDecideVerb(releasing()), e.quarantineDecideVerb(keeping()))
}

func (e *env) quarantineListVerb() *cobra.Command {
	var d daemonFlags
	var all, asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List what awaits a decision",
		Example: example("closeroll quarantine list", "closeroll quarantine list --all --json"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var list []v1.Quarantined
			if err := e.call(cmd.Context(), d, http.MethodGet, fmt.Sprintf("/v1/quarantine?all=%t", all), nil, &list); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(list)
			}
			p := e.print()
			if len(list) == 0 {
				p.line("  %s", map[bool]string{false: "nothing in quarantine awaits a decision", true: "nothing was ever in quarantine"}[all])
			}
			for _, q := range list {
				p.line("  %s  %s", p.bold(q.ID.Short()), clip(q.Display, p.width-16))
				p.line("      %s", p.dim(fmt.Sprintf("%s, captured %s from %s of custodian %s", whyQuarantined(q), day(q.Captured, london()), q.Source, q.Custodian)))
				if q.Decision != "" {
					p.line("      %s", p.dim(decision(q)))
				}
			}
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "what was decided about too")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// whyQuarantined says in a few words why a record is in quarantine.
func whyQuarantined(q v1.Quarantined) string {
	if q.Hold != "" {
		return fmt.Sprintf("left out as %s, which hold %s forbids", spaced(string(q.Reason)), q.Hold)
	}
	if q.Marking != "" {
		return "marked " + q.Marking
	}
	return spaced(string(q.Reason))
}

// spaced writes a fixed word as people do.
func spaced(word string) string { return strings.ReplaceAll(word, "_", " ") }

// decision says what was decided, by whom and why.
func decision(q v1.Quarantined) string {
	text := fmt.Sprintf("%s %s by %s: %s", q.Decision, day(q.Decided, london()), q.Decider, clip(q.Why, 200))
	if q.Decision == record.Released && !q.Searchable {
		text += "; not searchable before a reader of its vault runs closeroll rebuild index --missing"
	}
	return text
}

func (e *env) quarantineShowVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Say what is known of a record in quarantine, without opening it",
		Long: `Say what is known of a record in quarantine, without opening it. closeroll get
fetches and opens it, with an identity of the quarantine vault.`,
		Example: example("closeroll quarantine show 7qk2m"),
		Args:    takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := recordPart(args[0])
			if err != nil {
				return err
			}
			var q v1.Quarantined
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/quarantine/"+id, nil, &q); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(q)
			}
			e.print().quarantined(q)
			return nil
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (p *printer) quarantined(q v1.Quarantined) {
	p.line("  %s", p.bold(clip(q.Display, 200)))
	p.field("record", "%s   %s in vault %s", q.ID, q.Kind, q.Vault)
	p.field("captured", "%s from %s of custodian %s, %s", moment(q.Captured, london()), q.Source, q.Custodian, octets(q.Octets))
	p.field("why", "%s", whyQuarantined(q))
	if q.Decision == "" {
		p.field("decision", "%s", p.mark("awaited: closeroll quarantine release or keep"))
		return
	}
	p.field("decision", "%s", decision(q))
}

// A deciding is one of the two verbs that decide about a record.
type deciding struct {
	use, short, long, example string
	decision                  record.Decision
}

func releasing() deciding {
	return deciding{use: "release ID", decision: record.Released, short: "Release a record from quarantine",
		long: `Release a record from quarantine: it may be searched from then on, once a reader
of its vault has added it with closeroll rebuild index --missing. It stays sealed
to that vault. This cannot be undone, and is journalled with its reason.`,
		example: `closeroll quarantine release 7qk2m --reason "marked by mistake, confirmed by the originator"`}
}

func keeping() deciding {
	return deciding{use: "keep ID", decision: record.Kept, short: "Decide that a record stays in quarantine",
		long: `Decide that a record stays in quarantine. It is no longer listed as awaiting a
decision, and the alert about it ends. It may still be released later.`,
		example: `closeroll quarantine keep 7qk2m --reason "spillage, incident 2026-31"`}
}

func (e *env) quarantineDecideVerb(v deciding) *cobra.Command {
	var d daemonFlags
	var reason string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     v.use,
		Short:   v.short,
		Long:    v.long,
		Example: example(v.example),
		Args:    takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := e.decide(cmd.Context(), d, args[0], v1.Decide{Decision: v.decision, Reason: reason})
			if err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(q)
			}
			e.print().quarantined(q)
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "reason")
	return cmd
}

func (e *env) decide(ctx context.Context, d daemonFlags, id string, req v1.Decide) (q v1.Quarantined, err error) {
	part, err := recordPart(id)
	if err != nil {
		return q, err
	}
	return q, e.call(ctx, d, http.MethodPost, "/v1/quarantine/"+part+"/decision", req, &q)
}
