package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/disposer"
	"github.com/closeroll/closeroll/internal/sshsig"
	"github.com/closeroll/closeroll/retention/disposal"
)

func (e *env) disposeVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:   "dispose",
		Short: "Destroy what is due, with another person's approval, and prove it",
		Long: `Destroy what is due. A list is proposed, looked through, approved by another
person with their SSH key, left to cool off, executed with a credential that the
disposer brings, and certified. Holds, open requests and the schedule are checked
again for every record at the moment at which it is destroyed. Nothing is done
without --confirm.`,
		Example: example("closeroll dispose propose --class ADM-01", "closeroll dispose list"),
	}, e.disposeProposeVerb(), e.disposeListVerb(), e.disposeShowVerb(), e.disposeExcludeVerb(), e.disposeApproveVerb(),
		e.disposeExecuteVerb(), e.disposeAbandonVerb())
}

// batchCall makes a call about a batch and prints what it answers.
func (e *env) batchCall(cmd *cobra.Command, d daemonFlags, asJSON bool, method, path string, req any, head func(*printer, v1.Batch)) error {
	var b v1.Batch
	if err := e.call(cmd.Context(), d, method, path, req, &b); err != nil {
		return err
	}
	if asJSON {
		return e.writeJSON(b)
	}
	p := e.print()
	head(p, b)
	return nil
}

func (e *env) disposeProposeVerb() *cobra.Command {
	var d daemonFlags
	var req v1.Propose
	var ids []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "propose --class CLASS",
		Short: "Make a list of what is due to be destroyed",
		Long: `Make a list of the holdings of a class that are due to be destroyed and on which
nothing stands in the way. With --confirm the list is frozen and journalled, with
its counts and its digest; without it, it is only shown. Nothing is destroyed by
proposing.`,
		Example: example("closeroll dispose propose --class ADM-01", "closeroll dispose propose --class ADM-01 --source private-office --confirm"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, prefix := range ids {
				r, err := e.getRecord(cmd.Context(), d, prefix)
				if err != nil {
					return err
				}
				req.Records = append(req.Records, r.ID)
			}
			return e.batchCall(cmd, d, asJSON, http.MethodPost, "/v1/disposals", req, func(p *printer, b v1.Batch) {
				p.proposal(b)
			})
		},
	}
	d.add(cmd)
	f := cmd.Flags()
	f.StringVar(&req.Class, "class", "", "class of the schedule")
	f.StringVar(&req.Source, "source", "", "only holdings of this source")
	f.StringSliceVar(&ids, "id", nil, "only these records")
	f.BoolVar(&req.Confirm, "confirm", false, "freeze the list and journal it")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "class")
	return cmd
}

func (p *printer) proposal(b v1.Batch) {
	if b.Batch == "" {
		p.line("  %s", p.bold("would propose "+batchSummary(b)))
	} else {
		p.line("  %s", p.bold("batch "+b.Batch+" proposed: "+batchSummary(b)))
	}
	const shown = 20
	var rows [][]string
	for _, r := range b.Records[:min(shown, len(b.Records))] {
		due := "-"
		if !r.Due.IsZero() {
			due = r.Due.Long()
		}
		rows = append(rows, []string{due, r.ID.Short(), clip(r.Display, 70)})
	}
	if rows != nil {
		p.table([]string{"due", "record", ""}, rows)
	}
	if n := len(b.Records) - len(rows); n > 0 {
		p.line("  %s", p.dim("and "+count(n, "more", "more")))
	}
	for _, reason := range slices.Sorted(maps.Keys(b.Left)) {
		p.line("  left out: %s %s", count(b.Left[reason], "record", "records"), leftOutWords(reason))
	}
	for _, part := range b.Parts {
		p.line("  of %s only %s; the rest goes on in another record", part.Record.Short(), count(len(part.Messages), "message is erased", "messages are erased"))
	}
	if b.Unusual != "" {
		p.line("  %s", p.mark("unusual: "+b.Unusual+"; a second manager has to approve"))
	}
	switch {
	case b.Batch == "":
		p.line("  nothing was journalled; --confirm freezes the list")
	case len(b.Missing) > 0:
		p.line("  next: another person looks at it and approves: closeroll dispose approve %s --sign KEY", b.Batch)
	}
}

func leftOutWords(reason string) string {
	switch reason {
	case disposal.OnHold:
		return "on hold"
	case disposal.Elsewhere:
		return "on the list of another batch"
	case disposal.NotDue:
		return "another possession of which is not to be transferred yet"
	case "limit":
		return "beyond the limit of one list; propose again when this one is done"
	}
	return reason
}

// batchSummary says what a batch is in one line.
func batchSummary(b v1.Batch) string {
	what := string(b.Ground)
	if b.Class != "" {
		what = "class " + b.Class + " under schedule " + b.Schedule
	}
	s := count(b.Totals.Records, "record", "records") + " of " + what
	if b.Source != "" {
		s += ", source " + b.Source
	}
	if b.Totals.Records > 0 {
		s += ", " + octets(b.Totals.Octets)
	}
	if !b.Totals.From.IsZero() {
		s += ", of " + b.Totals.From.Long() + " to " + b.Totals.Until.Long()
	}
	return s
}

func (e *env) disposeListVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the batches and where each stands",
		Example: example("closeroll dispose list"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var list []v1.Batch
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/disposals", nil, &list); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(list)
			}
			p := e.print()
			if len(list) == 0 {
				p.line("  nothing was ever proposed for disposal")
				return nil
			}
			var rows [][]string
			for _, b := range list {
				rows = append(rows, []string{b.Batch, stateWords(b.State), day(b.Proposed, london()), thousands(b.Totals.Records), thousands(b.Destroyed), batchClass(b)})
			}
			p.table([]string{"batch", "state", "proposed", "records", "destroyed", ""}, rows)
			return nil
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

func batchClass(b v1.Batch) string {
	if b.Class != "" {
		return b.Class
	}
	return string(b.Ground)
}

func (e *env) disposeShowVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "show BATCH",
		Short:   "Show a batch: its list, its approvals and what became of it",
		Example: example("closeroll dispose show D-2026-001"),
		Args:    takes("BATCH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.batchCall(cmd, d, asJSON, http.MethodGet, disposer.Path(args[0], ""), nil, func(p *printer, b v1.Batch) { p.batch(b) })
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (p *printer) batch(b v1.Batch) {
	p.line("  %s", p.bold("batch "+b.Batch+": "+stateWords(b.State)))
	p.field("list", "%s", batchSummary(b))
	p.field("", "sha256 %s", b.List)
	if b.Reason != "" {
		p.field("reason", "%s", clip(b.Reason, 200))
	}
	p.field("proposed", "%s by %s", moment(b.Proposed, london()), b.By)
	if b.To != "" {
		p.field("to", "%s", clip(b.To, 160))
	}
	for _, a := range b.Approvals {
		p.field("approved", "%s by %s as %s, key %s", moment(a.At, london()), clip(a.Name, 60), a.Role, a.Key)
	}
	if len(b.Missing) > 0 {
		p.field("waits for", "%s, who did not propose it", strings.Join(b.Missing, " and "))
	} else if b.State == disposal.Cooling {
		p.field("waits", "it cools off until %s", moment(b.Ready, london()))
	}
	p.packages(b)
	if b.Unusual != "" {
		p.field("unusual", "%s", p.mark(b.Unusual))
	}
	if b.Abandoned != "" {
		p.field("abandoned", "%s", clip(b.Abandoned, 200))
	}
	if b.Destroyed+b.Retired > 0 {
		p.field("destroyed", "%s; %s ended", count(b.Destroyed, "record", "records"), count(b.Retired, "possession", "possessions"))
	}
	if b.Certificate > 0 {
		p.field("proof", "certificate %d: closeroll certificate show %d", b.Certificate, b.Certificate)
	}
	var rows [][]string
	for _, r := range b.Records {
		what := clip(r.Display, 60)
		if r.Why != "" {
			what = clip(r.Why, 60)
		}
		rows = append(rows, []string{r.ID.Short(), strings.ReplaceAll(r.State, "_", " "), what})
	}
	p.table([]string{"record", "state", ""}, rows)
}

func (e *env) disposeExcludeVerb() *cobra.Command {
	var d daemonFlags
	var req v1.Exclude
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "exclude BATCH ID…",
		Short: "Take records off a list, which keeps them",
		Long: `Take records off a list, which keeps them. Approvals that were given stand: they
are of the list and of everything less. The reason is printed on the certificate,
so name nobody in it.`,
		Example: example(`closeroll dispose exclude D-2026-001 7qk2m --reason "needed for the audit"`),
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage("BATCH and at least one ID are needed")
			}
			req.Records = args[1:]
			return e.batchCall(cmd, d, asJSON, http.MethodPost, disposer.Path(args[0], "/exclusions"), req, func(p *printer, b v1.Batch) {
				p.line("  %s of batch %s kept; %s left on the list", count(len(req.Records), "record", "records"), b.Batch, count(b.Remaining, "record is", "records are"))
			})
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&req.Reason, "reason", "", "why they are kept")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "reason")
	return cmd
}

func (e *env) disposeApproveVerb() *cobra.Command {
	var d daemonFlags
	var sf signFlags
	var role string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "approve BATCH",
		Short: "Approve a batch that another person proposed, with your SSH key",
		Long: `Approve a batch that another person proposed. What you sign is printed; without
--sign it is only printed, and can be signed with ssh-keygen instead:

  closeroll dispose approve BATCH > statement
  ssh-keygen -Y sign -n disposal@closeroll -f KEY statement
  closeroll dispose approve BATCH --signature statement.sig

Whoever has the allowed-signers file can verify it:

  ssh-keygen -Y verify -f allowed_signers -I NAME -n disposal@closeroll -s statement.sig < statement`,
		Example: example("closeroll dispose approve D-2026-001", "closeroll dispose approve D-2026-001 --sign ~/.ssh/id_ed25519"),
		Args:    takes("BATCH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var s v1.Statement
			if err := e.call(cmd.Context(), d, http.MethodGet, disposer.Path(args[0], "/statement?role="+query(role)), nil, &s); err != nil {
				return err
			}
			signature, err := e.sign(sf, sshsig.Disposal, []byte(s.Text))
			if err != nil {
				return err
			}
			if signature == "" && asJSON {
				return e.writeJSON(s)
			}
			if !asJSON {
				fmt.Fprint(e.stdout, s.Text)
			}
			if signature == "" {
				fmt.Fprintln(e.stderr, "  nothing was approved; --sign KEY signs this")
				return nil
			}
			req := v1.Approve{Role: role, Text: s.Text, Signature: signature}
			return e.batchCall(cmd, d, asJSON, http.MethodPost, disposer.Path(args[0], "/approvals"), req, func(p *printer, b v1.Batch) {
				p.line("  batch %s approved as %s", b.Batch, role)
				if len(b.Missing) > 0 {
					p.line("  it waits for the approval of a %s besides", strings.Join(b.Missing, " and a "))
				} else {
					p.line("  it can be executed from %s on", moment(b.Ready, london()))
				}
			})
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&role, "as", disposal.Manager, "the role in which you approve: manager, or the one that the class asks for besides")
	sf.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (e *env) disposeAbandonVerb() *cobra.Command {
	var d daemonFlags
	var req v1.Abandon
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "abandon BATCH",
		Short:   "End a batch: nothing more of it is destroyed",
		Example: example(`closeroll dispose abandon D-2026-001 --reason "the wrong source"`),
		Args:    takes("BATCH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.batchCall(cmd, d, asJSON, http.MethodPost, disposer.Path(args[0], "/abandonment"), req, func(p *printer, b v1.Batch) {
				p.line("  batch %s is abandoned; its %s kept", b.Batch, count(b.Remaining, "remaining record is", "remaining records are"))
			})
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&req.Reason, "reason", "", "why")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "reason")
	return cmd
}

// destroyed says why a record is not held any more.
func (p *printer) destroyed(x v1.Destroyed) {
	p.line("  %s", p.bold("destroyed on "+day(x.At, london())+", batch "+x.Batch))
	p.field("record", "%s, %s of %s", x.Stub.Record, x.Stub.Kind, dateRange(x.Stub))
	for _, h := range x.Stub.Holdings {
		p.field("was held", "by %s (%s), class %s", h.Custodian, h.Source, h.Class)
	}
	switch {
	case x.To != "":
		p.field("ground", "transferred to %s, class %s of schedule %s", clip(x.To, 100), x.Class, x.Schedule)
	case x.Class != "":
		p.field("ground", "class %s of schedule %s", x.Class, x.Schedule)
	default:
		p.field("ground", "%s", x.Ground)
	}
	if x.Deposit != nil {
		p.field("confirmed", "%s on %s, reference %s", clip(x.Deposit.By, 80), x.Deposit.On.Long(), clip(x.Deposit.Reference, 60))
	}
	if x.Successor != "" {
		p.field("in part", "%s erased; the rest goes on in %s", count(x.Erased, "message", "messages"), x.Successor.Short())
	}
	if len(x.Approved) > 0 {
		p.field("approved", "as %s", strings.Join(x.Approved, ", "))
	}
	if x.Certificate > 0 {
		p.field("proof", "certificate %d, sha256 %s", x.Certificate, x.SHA256)
	} else {
		p.field("proof", "%s", p.mark("its certificate is not issued yet"))
	}
}

func dateRange(s record.Stub) string {
	switch {
	case s.From.IsZero():
		return "no known date"
	case s.From == s.Until:
		return s.From.Long()
	}
	return s.From.Long() + " to " + s.Until.Long()
}
