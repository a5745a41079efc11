package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/disposer"
	"github.com/closeroll/closeroll/retention/disposal"
)

// theNationalArchives is where public records go that are transferred, unless
// another place of deposit is named (Public Records Act 1958, section 4).
const theNationalArchives = "The National Archives"

func (e *env) transferVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:   "transfer",
		Short: "Transfer records to The National Archives or a local archive",
		Long: `Transfer records to The National Archives or a local archive. A list is proposed,
and approved by another person; then its metadata are written and completed, and
packages are made on the machine of somebody who may read the records:

  closeroll transfer propose --class MIN-01 --confirm
  closeroll dispose approve BATCH --sign KEY        another person
  closeroll transfer metadata BATCH -o metadata.csv
  closeroll transfer package BATCH --metadata metadata.csv -o DIR …
  closeroll transfer confirm BATCH --reference … --file …
  closeroll dispose execute BATCH --confirm

Until the place of deposit has confirmed that it has every package, the batch is
“transferred pending”, and nothing of it can be destroyed here. A hold comes
before all of it.`,
		Example: example("closeroll transfer propose --class MIN-01", "closeroll transfer list"),
	}, e.transferProposeVerb(), e.transferListVerb(), e.transferShowVerb(), e.transferMetadataVerb(), e.transferPackageVerb(),
		e.transferConfirmVerb(), e.transferVerifyVerb())
}

func transferPath(batch, rest string) string { return "/v1/transfers/" + url.PathEscape(batch) + rest }

func (e *env) transferProposeVerb() *cobra.Command {
	var d daemonFlags
	var req v1.ProposeTransfer
	var ids []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "propose --class CLASS",
		Short: "Make a list of what is to be transferred",
		Long: `Make a list of the records of a class that are to be transferred: those that are
due, and those for which the class says that it is time to prepare (warn_before),
since a public record is transferred by the time that it is twenty years old. With
--confirm the list is frozen and journalled.`,
		Example: example("closeroll transfer propose --class MIN-01", `closeroll transfer propose --class MIN-01 --to "Bedfordshire Archives" --confirm`),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, prefix := range ids {
				r, err := e.getRecord(cmd.Context(), d, prefix)
				if err != nil {
					return err
				}
				req.Records = append(req.Records, r.ID)
			}
			return e.batchCall(cmd, d, asJSON, http.MethodPost, "/v1/transfers", req, func(p *printer, b v1.Batch) { p.proposal(b) })
		},
	}
	d.add(cmd)
	f := cmd.Flags()
	f.StringVar(&req.Class, "class", "", "class of the schedule")
	f.StringVar(&req.To, "to", theNationalArchives, "the place of deposit")
	f.StringVar(&req.Source, "source", "", "only holdings of this source")
	f.StringSliceVar(&ids, "id", nil, "only these records")
	f.BoolVar(&req.Confirm, "confirm", false, "freeze the list and journal it")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "class")
	return cmd
}

// transfers lists the batches of transfer.
func (e *env) transfers(cmd *cobra.Command, d daemonFlags) ([]v1.Batch, error) {
	var list []v1.Batch
	err := e.call(cmd.Context(), d, http.MethodGet, "/v1/disposals", nil, &list)
	return slices.DeleteFunc(list, func(b v1.Batch) bool { return b.Ground != record.GroundConfirmed }), err
}

func (e *env) transferListVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the transfers and where each stands",
		Example: example("closeroll transfer list"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := e.transfers(cmd, d)
			if err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(list)
			}
			p := e.print()
			if len(list) == 0 {
				p.line("  nothing was ever proposed for transfer")
				return nil
			}
			var rows [][]string
			for _, b := range list {
				confirmed := 0
				for _, x := range b.Packages {
					if x.Confirmed != nil {
						confirmed++
					}
				}
				of := "-"
				if len(b.Packages) > 0 {
					of = thousands(confirmed) + " of " + thousands(b.Packages[0].Of)
				}
				rows = append(rows, []string{b.Batch, stateWords(b.State), day(b.Proposed, london()), thousands(b.Totals.Records), of, b.Class, clip(b.To, 40)})
			}
			p.table([]string{"batch", "state", "proposed", "records", "confirmed", "class", "to"}, rows)
			return nil
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (e *env) transferShowVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "show BATCH",
		Short:   "Show a transfer: its list, its approvals, its packages",
		Example: example("closeroll transfer show T-2026-001"),
		Args:    takes("BATCH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.batchCall(cmd, d, asJSON, http.MethodGet, disposer.Path(args[0], ""), nil, func(p *printer, b v1.Batch) { p.batch(b) })
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	e.completeTransfers(cmd, &d)
	return cmd
}

// completeTransfers completes the first operand with the transfers there are.
func (e *env) completeTransfers(cmd *cobra.Command, d *daemonFlags) {
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		list, err := e.transfers(cmd, *d)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var names []string
		for _, b := range list {
			names = append(names, b.Batch+"\t"+stateWords(b.State)+", "+count(b.Totals.Records, "record", "records")+" of "+b.Class)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

func stateWords(s disposal.State) string { return strings.ReplaceAll(string(s), "_", " ") }

// packages says of a transfer what was made and confirmed.
func (p *printer) packages(b v1.Batch) {
	if b.To == "" {
		return
	}
	for _, x := range b.Packages {
		p.field("package", "%d of %d: %s, %s, %s, made %s", x.Package, x.Of, count(x.Records, "record", "records"), count(x.Files, "file", "files"), octets(x.Octets), moment(x.Made, london()))
		p.field("", "bag sha256 %s", x.Bag)
		if c := x.Confirmed; c != nil {
			p.field("", "confirmed by %s on %s, reference %s", clip(c.By, 80), c.On.Long(), clip(c.Reference, 60))
			p.field("", "confirmation sha256 %s", c.File)
		} else {
			p.field("", "%s", p.mark("not confirmed yet"))
		}
	}
	switch b.State {
	case disposal.Packaging:
		p.field("next", "closeroll transfer metadata %s -o metadata.csv, and then closeroll transfer package", b.Batch)
	case disposal.Pending:
		p.field("next", "closeroll transfer confirm %s, when %s says that it has it", b.Batch, clip(b.To, 80))
	}
}

// onList says on which list a record is.
func (p *printer) onList(x v1.OnList) {
	p.field("list", "%s, %s", x.Batch, stateWords(x.State))
	if x.To == "" {
		return
	}
	switch {
	case x.Deposit != nil:
		p.field("", "%s has it: package %d, reference %s, confirmed on %s", clip(x.To, 80), x.Package, clip(x.Deposit.Reference, 60), x.Deposit.On.Long())
	case x.Package > 0:
		p.field("", "in package %d to %s, which has not confirmed it", x.Package, clip(x.To, 80))
	default:
		p.field("", "to be transferred to %s", clip(x.To, 80))
	}
}
