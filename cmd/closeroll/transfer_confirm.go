package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention/transfer"
)

func (e *env) transferConfirmVerb() *cobra.Command {
	var d daemonFlags
	var req v1.Confirm
	var on, file string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "confirm BATCH --reference REF --by WHO --on DATE --file FILE",
		Short: "Record that the archive has confirmed to have a package",
		Long: `Record that the archive has confirmed to have a package. The confirmation is kept
elsewhere, as you received it; here it is named by its SHA-256. When every package
is confirmed the batch cools off, and then its records can be destroyed here:
closeroll dispose execute.

Reference and office are printed on the certificate of disposal: name nobody.`,
		Example: example(`closeroll transfer confirm T-2026-001 --reference TDR-2026-XYZ --by "The National Archives, digital transfer" --on 2026-11-20 --file receipt.pdf`),
		Args:    takes("BATCH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if req.On, err = record.ParseDate(on); err != nil {
				return usage("--on: %w", err)
			}
			if req.File, req.Size, err = sumFile(file); err != nil {
				return advise(err, exitUsage, "name the confirmation as you received it")
			}
			return e.batchCall(cmd, d, asJSON, http.MethodPost, transferPath(args[0], "/confirmations"), req, func(p *printer, b v1.Batch) {
				p.line("  package %d of batch %s is confirmed as %s", req.Package, b.Batch, clip(req.Reference, 60))
				left := 0
				for _, x := range b.Packages {
					if x.Confirmed == nil {
						left++
					}
				}
				if left > 0 {
					p.line("  %s not confirmed yet", count(left, "package is", "packages are"))
				} else {
					p.line("  its records can be destroyed here from %s on: closeroll dispose execute %s", moment(b.Ready, london()), b.Batch)
				}
			})
		},
	}
	d.add(cmd)
	f := cmd.Flags()
	f.IntVar(&req.Package, "package", 1, "which package")
	f.StringVar(&req.Reference, "reference", "", "the archive's own reference")
	f.StringVar(&req.By, "by", "", "which office confirmed it")
	f.StringVar(&on, "on", "", "the day that the confirmation bears: 2026-11-20")
	f.StringVar(&file, "file", "", "the confirmation as it was received")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "reference", "by", "on", "file")
	e.completeTransfers(cmd, &d)
	return cmd
}

// sumFile returns a file's digest and size. An empty one is an error.
func sumFile(name string) (record.Digest, int64, error) {
	f, err := os.Open(name)
	if err != nil {
		return record.Digest{}, 0, err
	}
	defer f.Close()
	sum, n, err := record.SumReader(f)
	if err == nil && n == 0 {
		err = fmt.Errorf("%s is empty", name)
	}
	return sum, n, err
}

func (e *env) transferVerifyVerb() *cobra.Command {
	var want string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify FOLDER",
		Short: "Verify a package on disk, without a daemon",
		Long: `Verify a package on disk, without a daemon: that it is a complete and valid bag,
that nothing is in it besides, and that its metadata have a row for every file.
With --bag, that it is the very package that closeroll transfer show names.`,
		Example: example("closeroll transfer verify out/T-2026-001-1"),
		Args:    takes("FOLDER"),
		RunE: func(_ *cobra.Command, args []string) error {
			found, err := transfer.Verify(args[0])
			switch {
			case errors.Is(err, transfer.ErrInvalid):
				return advise(err, exitUnverified, "do not send it: make it again with closeroll transfer package")
			case err != nil:
				return advise(err, exitUsage, "name the folder of a package")
			case want != "" && !strings.EqualFold(want, found.Bag.String()):
				return advise(fmt.Errorf("it is another package: its sha256 is %s", found.Bag), exitUnverified, "closeroll transfer show prints those that were made")
			}
			if asJSON {
				return e.writeJSON(verifiedPackage{found.Bag, found.Files, found.Octets})
			}
			p := e.print()
			p.line("  a valid package: %s, %s", count(found.Files, "file", "files"), octets(found.Octets))
			p.line("  bag sha256 %s", found.Bag)
			return nil
		},
	}
	cmd.Flags().StringVar(&want, "bag", "", "the sha256 that it should have")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// A verifiedPackage is what verify prints for machines.
type verifiedPackage struct {
	Bag    record.Digest `json:"bag_sha256"`
	Files  int           `json:"files"`
	Octets int64         `json:"octets"`
}
