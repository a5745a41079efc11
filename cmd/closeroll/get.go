package main

import (
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/bag"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/internal/reader"
)

func (e *env) getVerb() *cobra.Command {
	var d daemonFlags
	var i identityFlags
	var out, purpose string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "get ID -o DIR",
		Short: "Fetch a record, verify it and unpack it as a BagIt bag",
		Long: `Fetch a record, compare its sealed octets with the journal's digest, open it with
your identity on this machine, check the bag's manifest, and leave it as the
folder DIR/RECORD-ID. If anything is wrong nothing is left behind.`,
		Example: example("closeroll get 7qk2m -o out -i officer.key",
			"closeroll get 7qk2m -o out --for FOI-2026-014"),
		Args: takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := recordPart(args[0])
			if err != nil {
				return err
			}
			r, client, err := e.reader(d, i)
			if err != nil {
				return err
			}
			defer client.Close()
			b, closer, err := r.Bag(cmd.Context(), id, purpose)
			if err != nil {
				return opening(err)
			}
			defer closer.Close()
			rec, err := b.Unpack(out)
			if err != nil {
				return opening(err)
			}
			if asJSON {
				return e.writeJSON(unpacked{filepath.Join(out, string(rec.ID)), rec})
			}
			p := e.print()
			p.line("  %s", filepath.Join(out, string(rec.ID)))
			for _, c := range rec.Components {
				p.line("    %-9s %s", octets(c.Size), c.Path)
			}
			return nil
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	i.add(cmd)
	cmd.Flags().StringVarP(&out, "output", "o", "", "folder to unpack into")
	cmd.Flags().StringVar(&purpose, "for", "", "what the record is read for, for the journal")
	needs(cmd, "output")
	return cmd
}

// An unpacked record is where get left it and what is in it.
type unpacked struct {
	Folder string        `json:"folder"`
	Record record.Record `json:"record"`
}

// opening says what to do when a record cannot be opened.
func opening(err error) error {
	switch {
	case errors.Is(err, archive.ErrFixity), errors.Is(err, bag.ErrInvalid):
		return advise(err, exitUnverified, "nothing was opened; keep the bucket as it is and tell the archive's owner")
	case errors.Is(err, reader.ErrNotAReader):
		return advise(err, exitDenied, "closeroll keys list says who the readers are")
	case errors.Is(err, seal.ErrPassphrase):
		return advise(err, exitUsage, "try the passphrase again")
	case errors.Is(err, fs.ErrExist):
		return advise(err, exitUsage, "name another folder with -o")
	}
	return fromDaemon(err)
}
