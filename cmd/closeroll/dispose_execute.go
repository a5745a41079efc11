package main

import (
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/daemon"
	"github.com/closeroll/closeroll/internal/disposer"
	"github.com/closeroll/closeroll/retention/disposal"
)

// storeFlags name the store and the credential to delete in it with.
type storeFlags struct{ access, secret string }

func (s *storeFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.access, "access-key-file", "", "file with the disposer's access key id (or AWS_ACCESS_KEY_ID)")
	cmd.Flags().StringVar(&s.secret, "secret-key-file", "", "file with its secret key (or AWS_SECRET_ACCESS_KEY)")
}

// deleter opens the store that the configuration names, with the disposer's
// credential: never with the daemon's, which need not be able to delete.
func (e *env) deleter(config string, s storeFlags) (store.Deleter, error) {
	cfg, err := e.config(config)
	if err != nil {
		return nil, err
	}
	place := cfg.Store
	if place.S3 != nil {
		own := *place.S3
		own.AccessKeyFile, own.SecretKeyFile = configs.Path(s.access), configs.Path(s.secret)
		if (s.access == "") != (s.secret == "") {
			return nil, usage("--access-key-file and --secret-key-file belong together")
		}
		place.S3 = &own
	}
	st, err := daemon.OpenStore(place, e.getenv)
	if err != nil {
		return nil, advise(err, exitUsage, "give the disposer's credential with --access-key-file and --secret-key-file, or in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	d, ok := st.(store.Deleter)
	if !ok {
		return nil, errors.New("this store cannot delete")
	}
	return d, nil
}

func (e *env) disposeExecuteVerb() *cobra.Command {
	var d daemonFlags
	var s storeFlags
	var confirm, asJSON bool
	cmd := &cobra.Command{
		Use:   "execute BATCH",
		Short: "Check every record of an approved batch again, and destroy what passes",
		Long: `Check every record of an approved batch again, against the verified journal, and
with --confirm destroy what passes. Without it the outcome of the check is only
shown.

The daemon checks, journals and verifies; deleting is done from here, with a
credential that you give: closeroll config example disposer-policy prints what it
may do. It can be broken off and run again: it goes on where it was. At its end a
certificate is issued.`,
		Example: example("closeroll dispose execute D-2026-001",
			"closeroll dispose execute D-2026-001 --confirm --access-key-file disposer.id --secret-key-file disposer.key"),
		Args: takes("BATCH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !confirm {
				return e.disposeCheck(cmd, d, args[0], asJSON)
			}
			deleter, err := e.deleter(d.config, s)
			if err != nil {
				return err
			}
			client, err := e.client(d)
			if err != nil {
				return err
			}
			defer client.Close()
			bar := e.progress("records")
			_, err = disposal.Execute(cmd.Context(), disposer.New(client), deleter, args[0], func(done, total int) { bar.set(int64(done), int64(total)) })
			bar.end()
			if errors.Is(err, store.ErrDenied) {
				return advise(err, exitDenied, "the batch is not finished; run it again with a credential that may delete versions, or when the storage no longer keeps the object")
			}
			if err != nil {
				return fromDaemon(err)
			}
			return e.batchCall(cmd, d, asJSON, http.MethodGet, disposer.Path(args[0], ""), nil, func(p *printer, b v1.Batch) { p.executed(b) })
		},
	}
	d.add(cmd)
	s.add(cmd)
	cmd.Flags().BoolVar(&confirm, "confirm", false, "destroy what passes the check")
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (e *env) disposeCheck(cmd *cobra.Command, d daemonFlags, batch string, asJSON bool) error {
	var c v1.Check
	if err := e.call(cmd.Context(), d, http.MethodGet, disposer.Path(batch, "/check"), nil, &c); err != nil {
		return err
	}
	if asJSON {
		return e.writeJSON(c)
	}
	p := e.print()
	p.line("  %s", p.bold("batch "+c.Batch+": would destroy "+count(c.Destroy, "record", "records")))
	if c.Retire > 0 {
		p.line("  and end %s of records that others still have", count(c.Retire, "possession", "possessions"))
	}
	p.refusals(c.Refused)
	for _, r := range c.Records[:min(20, len(c.Records))] {
		p.line("    %s  %s", r.ID.Short(), clip(r.Why, 90))
	}
	if c.Blocked != "" {
		p.line("  %s", p.mark("not now: "+clip(c.Blocked, 200)))
		return nil
	}
	p.line("  nothing was destroyed; --confirm does it")
	return nil
}

func (p *printer) refusals(by map[string]int) {
	for _, reason := range slices.Sorted(maps.Keys(by)) {
		p.line("  %s: %s", count(by[reason], "record is kept", "records are kept"), refusalWords(reason))
	}
}

func refusalWords(reason string) string {
	switch reason {
	case disposal.OnHold:
		return "on hold"
	case disposal.UnderReview:
		return "an open request suspends disposal"
	case disposal.NotDue:
		return "no longer due to be destroyed"
	case disposal.Locked:
		return "the storage itself keeps it"
	case disposal.NoHolding:
		return "the possession that was to end is no more"
	case disposal.AlreadyGone:
		return "disposed of already"
	case disposal.NotSent:
		return "no package that was confirmed has it"
	case disposal.Elsewhere:
		return "on the list of another batch"
	}
	return reason
}

func (p *printer) executed(b v1.Batch) {
	p.line("  %s", p.bold("batch "+b.Batch+": "+count(b.Destroyed, "record", "records")+" destroyed and proved absent"))
	if b.Retired > 0 {
		p.line("  %s ended of records that others still have", count(b.Retired, "possession", "possessions"))
	}
	p.refusals(b.Refused)
	if b.Excluded > 0 {
		p.line("  %s taken off the list before", count(b.Excluded, "record was", "records were"))
	}
	if b.Abandoned != "" {
		p.line("  %s", p.mark("it was ended: "+clip(b.Abandoned, 200)))
	}
	p.line("  certificate %d: closeroll certificate show %d", b.Certificate, b.Certificate)
}
