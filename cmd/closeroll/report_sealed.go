package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/durable"
	"github.com/closeroll/closeroll/internal/reader"
	"github.com/closeroll/closeroll/retention/report"
)

func (e *env) reportKeepVerb() *cobra.Command {
	var d daemonFlags
	var period string
	var asJSON bool
	var names []string
	for _, k := range report.Kinds() {
		names = append(names, k.Name)
	}
	cmd := &cobra.Command{
		Use:   "keep NAME",
		Short: "Make a report, seal it, and keep it in the archive's bucket",
		Long: `Make a report, seal it to the readers of the archive's own vault, as JSON, HTML
and PDF in one file, and keep that in the archive's bucket, under object lock
where records have it. Its digests are journalled, so that a copy can be proved
to be the one that was made then. Nothing removes it.

The configuration's reports.deliver does the same by itself, at set times.`,
		Example:   example("closeroll report keep assurance", "closeroll report keep holds --period 2026-Q3"),
		Args:      takes("NAME"),
		ValidArgs: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			var kept v1.SealedReport
			if err := e.call(cmd.Context(), d, http.MethodPost, "/v1/sealed-reports", v1.KeepReport{Report: args[0], Period: period}, &kept); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(kept)
			}
			e.printSealed(kept)
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&period, "period", "", "the month, quarter or year that it is about: 2026-09, 2026-Q3, 2026")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// printSealed says of a sealed report where it is and what proves it.
func (e *env) printSealed(r v1.SealedReport) {
	p := e.print()
	p.field("report", "%s, number %d", r.Name, r.Entry)
	p.field("sealed", "%s, to vault %s", octets(r.Size), r.Epoch)
	p.field("SHA-256", "%s", r.Sealed)
	if r.Lock != nil {
		p.field("locked", "by the storage, %s", lockedUntil(r.ReportSealed))
	}
	p.line("  It is read with closeroll report fetch %d -o DIR", r.Entry)
}

func (e *env) reportKeptVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "kept",
		Short:   "List the reports that were sealed, and where they went",
		Example: example("closeroll report kept"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := e.sealedReports(cmd.Context(), d)
			if err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(all)
			}
			p := e.print()
			if len(all) == 0 {
				p.line("  No report was sealed. closeroll report keep NAME seals one.")
				return nil
			}
			var rows [][]string
			for _, r := range all {
				rows = append(rows, []string{strconv.FormatInt(r.Entry, 10), r.Name, day(r.At, time.Local), r.By, octets(r.Size), whereSealed(r.ReportSealed), lockedUntil(r.ReportSealed)})
			}
			p.table([]string{"number", "report", "made", "by", "size", "where", "locked"}, rows)
			return nil
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

func lockedUntil(r record.ReportSealed) string {
	if r.Lock == nil {
		return "no"
	}
	return "until " + day(r.Lock.Until, time.Local) + ", " + strings.ToLower(r.Lock.Mode)
}

func whereSealed(r record.ReportSealed) string {
	var where []string
	for _, w := range []struct {
		went bool
		to   string
	}{{r.Bucket, "bucket"}, {r.Folder, "folder"}, {r.Mailed > 0, "mail"}} {
		if w.went {
			where = append(where, w.to)
		}
	}
	return strings.Join(where, ", ")
}

func (e *env) sealedReports(ctx context.Context, d daemonFlags) ([]v1.SealedReport, error) {
	var all []v1.SealedReport
	return all, e.call(ctx, d, http.MethodGet, "/v1/sealed-reports", nil, &all)
}

func (e *env) reportFetchVerb() *cobra.Command {
	var d daemonFlags
	var i identityFlags
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "fetch NUMBER -o DIR",
		Short: "Fetch a report from the bucket and open it",
		Long: `Fetch a sealed report from the archive's bucket, compare it with the digests that
were journalled when it was made, and open it with your identity on this machine.
If anything is wrong nothing is left behind. "last" is the newest.`,
		Example: example("closeroll report fetch 412 -o packs -i siro.key", "closeroll report fetch last -o packs"),
		Args:    takes("NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := e.sealedReports(cmd.Context(), d)
			if err != nil {
				return err
			}
			of, err := keptReport(all, args[0])
			if err != nil {
				return err
			}
			r, client, err := e.reader(d, i)
			if err != nil {
				return err
			}
			defer client.Close()
			files, err := r.FetchReport(cmd.Context(), of)
			if err != nil {
				return opening(err)
			}
			return e.writeReport(out, files, asJSON)
		},
	}
	d.add(cmd)
	i.add(cmd)
	jsonFlag(cmd, &asJSON)
	cmd.Flags().StringVarP(&out, "output", "o", "", "folder to write its files into")
	needs(cmd, "output")
	return cmd
}

// keptReport finds a report in the bucket by its number.
func keptReport(all []v1.SealedReport, number string) (v1.SealedReport, error) {
	for _, r := range all {
		if r.Bucket && (number == "last" || number == strconv.FormatInt(r.Entry, 10)) {
			return r, nil
		}
	}
	return v1.SealedReport{}, advise(fmt.Errorf("no report %q is kept in the bucket", number), exitNotFound, "closeroll report kept lists them")
}

func (e *env) reportOpenVerb() *cobra.Command {
	var d daemonFlags
	var i identityFlags
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "open FILE -o DIR",
		Short: "Open a sealed report that came by mail or lies in a folder",
		Long: `Open a sealed report that came by mail or lies in a folder, as closeroll report
fetch does one in the bucket: a file that the journal does not know is refused.`,
		Example: example("closeroll report open assurance-2026-Q3.tar.zst.age -o packs -i siro.key"),
		Args:    takes("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			sealed, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			all, err := e.sealedReports(cmd.Context(), d)
			if err != nil {
				return err
			}
			sum := record.Sum(sealed)
			for _, of := range all {
				if of.Sealed != sum {
					continue
				}
				r, client, err := e.reader(d, i)
				if err != nil {
					return err
				}
				defer client.Close()
				files, err := r.OpenReport(cmd.Context(), of, bytes.NewReader(sealed))
				if err != nil {
					return opening(err)
				}
				return e.writeReport(out, files, asJSON)
			}
			return advise(fmt.Errorf("the journal knows no report with the digest of %s", args[0]), exitUnverified, "it was changed, is of another archive, or is not whole; nothing was opened")
		},
	}
	d.add(cmd)
	i.add(cmd)
	jsonFlag(cmd, &asJSON)
	cmd.Flags().StringVarP(&out, "output", "o", "", "folder to write its files into")
	needs(cmd, "output")
	return cmd
}

// A writtenFile is a file of a report that was written.
type writtenFile struct {
	File   string        `json:"file"`
	Size   int           `json:"size"`
	SHA256 record.Digest `json:"sha256"`
}

// writeReport writes the files of a report into a folder, where none of them
// may be yet.
func (e *env) writeReport(dir string, files []reader.ReportFile, asJSON bool) error {
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(dir, f.Name)); !errors.Is(err, fs.ErrNotExist) {
			return advise(fmt.Errorf("%s is there already", filepath.Join(dir, f.Name)), exitUsage, "name another folder with -o")
		}
	}
	if err := durable.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var written []writtenFile
	for _, f := range files {
		name := filepath.Join(dir, f.Name)
		if err := durable.Create(name, f.Octets, 0o600); err != nil {
			return err
		}
		written = append(written, writtenFile{name, len(f.Octets), record.Sum(f.Octets)})
	}
	if asJSON {
		return e.writeJSON(written)
	}
	for _, w := range written {
		e.print().line("  %-9s %s", octets(int64(w.Size)), w.File)
	}
	return nil
}
