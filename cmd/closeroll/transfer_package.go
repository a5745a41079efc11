package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/reader"
	"github.com/closeroll/closeroll/retention/disposal"
	"github.com/closeroll/closeroll/retention/transfer"
)

// A packager makes the packages of a transfer.
type packager struct {
	*packing
	env    *env
	reader *reader.Reader
	client *api.Client
	dir    string
	info   transfer.Info
	rows   []transfer.Row
	bar    *bar
	done   int64
}

func (e *env) transferPackageVerb() *cobra.Command {
	var d daemonFlags
	var i identityFlags
	var info transfer.Info
	var dir, metadata string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "package BATCH --metadata FILE -o DIR",
		Short: "Make the packages of a transfer, in the clear, on this machine",
		Long: `Make the packages of an approved transfer: open its records with your identity on
this machine and leave them as BagIt bags (RFC 8493) in DIR, with the completed
metadata. A package has at most 5,000 files and 5 GB, which is what The National
Archives' service takes in one transfer. Upload each package's folder below data/,
and its file-metadata.csv.

What is in DIR is not sealed any more: make it on a disk that is encrypted, and
remove it when the transfer is confirmed. It can be broken off and run again: what
is whole is kept. Formats are not identified (PRONOM): the service does that when
files are uploaded.`,
		Example: example(`closeroll transfer package T-2026-001 --metadata metadata.csv -o out --series "FLD 12" --contact "Departmental records officer" --email dro@floods.example -i officer.key`),
		Args:    takes("BATCH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			x, err := e.plan(cmd.Context(), d, args[0])
			switch {
			case err != nil:
				return err
			case x.State != disposal.Packaging && x.State != disposal.Pending:
				return advise(fmt.Errorf("batch %s is %s", args[0], stateWords(x.State)), exitFailure, "packages are made once another person has approved the list: closeroll transfer show %s", args[0])
			case len(x.plan.Faults) > 0:
				return unfit(args[0], x.plan.Faults)
			case len(x.plan.Packs) == 0:
				return advise(fmt.Errorf("nothing of batch %s can be transferred now", args[0]), exitFailure, "closeroll transfer show %s says why", args[0])
			}
			rows, err := x.metadata(metadata)
			if err != nil {
				return err
			}
			r, client, err := e.reader(d, i)
			if err != nil {
				return err
			}
			defer client.Close()
			info.Organisation, info.Program, info.Began = x.Authority, "closeroll "+version, e.now()
			p := &packager{packing: x, env: e, reader: r, client: client, dir: dir, info: info, rows: rows, bar: e.progress("records")}
			folders, err := p.all(cmd.Context())
			p.bar.end()
			if err != nil {
				return err
			}
			return e.packagesMade(cmd, d, args[0], x, folders, asJSON)
		},
	}
	d.add(cmd)
	i.add(cmd)
	f := cmd.Flags()
	f.StringVarP(&dir, "output", "o", "", "folder to make the packages in")
	f.StringVar(&metadata, "metadata", "", "the completed metadata")
	f.StringVar(&info.Series, "series", "", "the series that the archive gives the records")
	f.StringVar(&info.Contact, "contact", "", "whom the archive may ask: a name or an office")
	f.StringVar(&info.Email, "email", "", "their address")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "output", "metadata", "series", "contact", "email")
	e.completeTransfers(cmd, &d)
	return cmd
}

// packagesOf is what package prints for machines.
type packagesMade struct {
	v1.Batch
	Folders []string `json:"folders"`
}

func (e *env) packagesMade(cmd *cobra.Command, d daemonFlags, batch string, x *packing, folders []string, asJSON bool) error {
	made := packagesMade{Folders: folders}
	if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/disposals/"+query(batch), nil, &made.Batch); err != nil {
		return err
	}
	if asJSON {
		return e.writeJSON(made)
	}
	p := e.print()
	p.leftOutOf(x)
	for n, folder := range folders {
		b := made.Packages[n]
		p.line("  %s: %s, %s, %s", folder, count(b.Records, "record", "records"), count(b.Files, "file", "files"), octets(b.Octets))
	}
	p.line("  %s", p.mark("what is in "+clip(filepath.Clean(folders[0]+"/.."), 80)+" is not sealed"))
	p.line("  the batch is %s until %s confirms: closeroll transfer confirm %s", stateWords(made.State), clip(made.To, 60), batch)
	return nil
}

// all makes every package and tells the daemon of each.
func (p *packager) all(ctx context.Context) ([]string, error) {
	var folders []string
	digest := p.plan.Digest()
	for _, pack := range p.plan.Packs {
		made, err := p.one(ctx, pack)
		if err != nil {
			return nil, err
		}
		folders = append(folders, made.Folder)
		if p.told(pack, made) {
			continue
		}
		req := v1.Packaged{Package: pack.Number, Of: len(p.plan.Packs), Plan: digest, Bag: made.Bag, Metadata: made.Metadata, Series: p.info.Series,
			Records: pack.Records(), Files: len(pack.Files), Octets: pack.Octets}
		if err := fromDaemon(p.client.Do(ctx, http.MethodPost, transferPath(p.Batch.Batch, "/packages"), req, nil)); err != nil {
			return nil, err
		}
	}
	return folders, nil
}

// told reports whether the daemon knows of this very package.
func (p *packager) told(pack *transfer.Pack, made transfer.Made) bool {
	for _, x := range p.Packages {
		if x.Package == pack.Number && x.Bag == made.Bag && x.Of == len(p.plan.Packs) {
			return true
		}
	}
	return false
}

// one makes one package, or goes on with one that was broken off.
func (p *packager) one(ctx context.Context, pack *transfer.Pack) (transfer.Made, error) {
	made, err := transfer.Reopen(p.dir, pack, p.rows)
	if !errors.Is(err, fs.ErrNotExist) {
		p.step(len(pack.Items))
		if errors.Is(err, transfer.ErrInvalid) {
			err = advise(err, exitUnverified, "move it away, or name another folder with -o")
		}
		return made, err
	}
	w, err := transfer.NewWriter(p.dir, pack)
	if err != nil {
		return made, err
	}
	for _, it := range pack.Items {
		if err := p.add(ctx, w, it); err != nil {
			return made, errors.Join(err, w.Close())
		}
		p.step(1)
	}
	info := p.info
	info.Made = p.env.now()
	made, err = w.Finish(info, p.rows)
	return made, errors.Join(err, w.Close())
}

// add puts one record into a package, unless it is there.
func (p *packager) add(ctx context.Context, w *transfer.Writer, it *transfer.Item) error {
	if has, err := w.Has(it); err != nil || has {
		return err
	}
	b, closer, err := p.reader.Bag(ctx, string(it.Record), "transfer "+p.Batch.Batch)
	if err != nil {
		return opening(err)
	}
	if err := errors.Join(w.Add(it, b), closer.Close()); err != nil {
		return opening(err)
	}
	return nil
}

func (p *packager) step(n int) {
	p.done += int64(n)
	p.bar.set(p.done, int64(len(p.Items)-len(p.onHold)))
}
