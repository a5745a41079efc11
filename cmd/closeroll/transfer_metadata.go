package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/durable"
	"github.com/closeroll/closeroll/retention/transfer"
)

// A packing is a transfer as its packages are planned.
type packing struct {
	v1.Transfer
	plan    *transfer.Plan
	files   []transfer.File
	leftOut []record.ID // on hold, excluded or refused: in no package
	onHold  []v1.TransferItem
}

// plan asks for a transfer and divides it into packages. What is on hold is
// left out.
func (e *env) plan(ctx context.Context, d daemonFlags, batch string) (*packing, error) {
	p := &packing{}
	if err := e.call(ctx, d, http.MethodGet, transferPath(batch, ""), nil, &p.Transfer); err != nil {
		return nil, err
	}
	var items []transfer.Item
	for _, it := range p.Items {
		if len(it.Holds) > 0 {
			p.onHold, p.leftOut = append(p.onHold, it), append(p.leftOut, it.ID)
			continue
		}
		items = append(items, transfer.Item{Record: it.ID, Kind: it.Kind, Display: it.Display, From: it.From, Until: it.Until,
			Captured: it.Captured, TextStatus: it.TextStatus, Components: it.Components})
	}
	var all v1.Batch // its list has those that were taken off it too
	if err := e.call(ctx, d, http.MethodGet, "/v1/disposals/"+query(batch), nil, &all); err != nil {
		return nil, err
	}
	for _, r := range all.Records {
		if r.State != "listed" {
			p.leftOut = append(p.leftOut, r.ID)
		}
	}
	p.plan = transfer.Divide(p.Batch.Batch, items, transfer.TDR())
	for _, pack := range p.plan.Packs {
		p.files = append(p.files, pack.Files...)
	}
	return p, nil
}

// notices says what is left out of a transfer, and why.
func (p *printer) leftOutOf(x *packing) {
	for _, it := range x.onHold {
		p.line("  %s %s is on hold under %s and is left out", p.mark("notice:"), it.ID.Short(), clip(it.Holds[0], 60))
	}
}

// shownFaults is how many faults an error lists.
const shownFaults = 20

// faulty is the error for what keeps a transfer from being packaged.
func faulty(faults []transfer.Fault, hint string, args ...any) error {
	var errs []error
	for _, f := range faults[:min(shownFaults, len(faults))] {
		errs = append(errs, errors.New(clip(f.String(), 300)))
	}
	if n := len(faults) - shownFaults; n > 0 {
		errs = append(errs, fmt.Errorf("and %d more", n))
	}
	return advise(errors.Join(errs...), exitUsage, hint, args...)
}

// unfit is the error for records that a place of deposit does not take.
func unfit(batch string, faults []transfer.Fault) error {
	var named []transfer.Fault
	for _, f := range faults {
		f.Path = f.Record.Short() + ", " + f.Path
		named = append(named, f)
	}
	return faulty(named, "agree with the archive what becomes of them, and take them off the list meanwhile: closeroll dispose exclude %s ID --reason …", batch)
}

func (e *env) transferMetadataVerb() *cobra.Command {
	var d daemonFlags
	var out, check string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "metadata BATCH -o FILE",
		Short: "Write the metadata of a transfer, to be completed, or check them",
		Long: `Write the metadata of a transfer as the archive knows them: a CSV file with the
columns that Transfer Digital Records, the service of The National Archives,
reads, a row for each file. Complete it in a spreadsheet. The column closure
status is empty: say Open or Closed of every file, once its sensitivity has been
reviewed; of what is closed give start, period, exemption and the date of the
closure schedule. What is in the column description is shown to the public unless
it is closed: it begins as the line by which this archive lists the record, with
its names.

With --check a completed file is checked by the service's published rules, and
nothing is written.`,
		Example: example("closeroll transfer metadata T-2026-001 -o metadata.csv", "closeroll transfer metadata T-2026-001 --check metadata.csv"),
		Args:    takes("BATCH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (out == "") == (check == "") {
				return usage("give either -o or --check")
			}
			x, err := e.plan(cmd.Context(), d, args[0])
			if err != nil {
				return err
			}
			if len(x.plan.Faults) > 0 {
				return unfit(args[0], x.plan.Faults)
			}
			done := metadataOf{Batch: x.Batch.Batch, Records: len(x.Items) - len(x.onHold), Files: len(x.files), Packages: len(x.plan.Packs), File: out, LeftOut: len(x.onHold)}
			if check != "" {
				if _, err := x.metadata(check); err != nil {
					return err
				}
				done.File = check
			} else if err := durable.Create(out, transfer.WriteRows(transfer.Draft(x.plan)), 0o600); errors.Is(err, fs.ErrExist) {
				return advise(fmt.Errorf("%s is there already", out), exitUsage, "name another file with -o")
			} else if err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(done)
			}
			p := e.print()
			p.leftOutOf(x)
			what := count(done.Files, "file", "files") + " of " + count(done.Records, "record", "records") + ", " + count(done.Packages, "package", "packages")
			if check != "" {
				p.line("  %s: every rule is met; %s", check, what)
				return nil
			}
			p.line("  %s: %s", out, what)
			p.line("  complete it, closure status above all; then closeroll transfer metadata %s --check %s", args[0], out)
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write")
	cmd.Flags().StringVar(&check, "check", "", "a completed file, to be checked")
	jsonFlag(cmd, &asJSON)
	e.completeTransfers(cmd, &d)
	return cmd
}

// metadataOf is what metadata prints for machines.
type metadataOf struct {
	Batch    string `json:"batch"`
	File     string `json:"file"`
	Records  int    `json:"records"`
	Files    int    `json:"files"`
	Packages int    `json:"packages"`
	LeftOut  int    `json:"left_out"` // on hold
}

// metadata reads a completed file and checks it.
func (x *packing) metadata(name string) ([]transfer.Row, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, advise(err, exitUsage, "name the file that closeroll transfer metadata wrote, completed")
	}
	defer f.Close()
	rows, err := transfer.ReadRows(f)
	if err != nil {
		return nil, advise(fmt.Errorf("%s: %w", name, err), exitUsage, "closeroll transfer metadata writes one with its columns")
	}
	if faults := transfer.Check(rows, x.files, x.leftOut, x.Today); len(faults) > 0 {
		slices.SortStableFunc(faults, func(a, b transfer.Fault) int { return a.Row - b.Row })
		return nil, faulty(faults, "mend %s; docs/retention.md has the rules", name)
	}
	return rows, nil
}
