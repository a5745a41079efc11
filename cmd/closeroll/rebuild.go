package main

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/daemon"
	"github.com/closeroll/closeroll/internal/reader"
)

func (e *env) rebuildVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:     "rebuild",
		Short:   "Make the catalog or the index anew from the archive",
		Example: example("closeroll rebuild index --missing -i officer.key"),
	}, e.rebuildIndexVerb(), e.rebuildCatalogVerb())
}

func (e *env) rebuildIndexVerb() *cobra.Command {
	var d daemonFlags
	var i identityFlags
	var missing, asJSON bool
	cmd := &cobra.Command{
		Use:   "index",
		Short: "Make the index anew from sealed records, opened on this machine",
		Long: `Make the index anew: records are opened and read on this machine, with your
identity, and their words posted to the daemon, which goes on capturing. The new
index replaces the old one when it covers every message. If this is broken off,
running it again goes on where it was. --missing only adds what the index lacks:
after a crash, or after a release from quarantine. Of vaults that you may not
read nothing is added; their own readers run this too.`,
		Example: example("closeroll rebuild index -i officer.key", "closeroll rebuild index --missing -i officer.key"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, client, err := e.reader(d, i)
			if err != nil {
				return err
			}
			defer client.Close()
			bar := e.progress("messages")
			b := reader.Rebuild{Reader: r, Extract: e.extractor(configs.Extract{}), Missing: missing, Progress: bar.set}
			err = b.Run(cmd.Context())
			bar.end()
			if err != nil {
				return opening(err)
			}
			var s v1.Status
			if err := client.Do(cmd.Context(), http.MethodGet, "/v1/status", nil, &s); err != nil {
				return fromDaemon(err)
			}
			if asJSON {
				err = e.writeJSON(s.Coverage)
			} else {
				e.print().field("index", "%s", coverage(s.Coverage))
			}
			return errors.Join(err, leftToOthers(b.Elsewhere))
		},
	}
	d.add(cmd)
	i.add(cmd)
	jsonFlag(cmd, &asJSON)
	cmd.Flags().BoolVar(&missing, "missing", false, "only add what the index lacks")
	return cmd
}

// leftToOthers says what the readers of other vaults have to add.
func leftToOthers(elsewhere map[string]int64) error {
	var errs []error
	for _, vault := range slices.Sorted(maps.Keys(elsewhere)) {
		errs = append(errs, fmt.Errorf("left to the readers of vault %s: %s", vault, count(elsewhere[vault], "message", "messages")))
	}
	if errs == nil {
		return nil
	}
	return advise(errors.Join(errs...), exitIncomplete, "closeroll keys list says who they are; they run closeroll rebuild index too, and it goes on where it was")
}

// A rebuilt catalog is what rebuild catalog prints for machines.
type rebuilt struct {
	Entries int64 `json:"entries"` // of the journal that it was made from
}

func (e *env) rebuildCatalogVerb() *cobra.Command {
	var config string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "catalog",
		Short: "Make the catalog anew from the journal, while no daemon runs",
		Long: `Make the catalog anew from the journal. The daemon does this by itself when the
file is missing, damaged or of another version; this verb is for when it is
wanted. No daemon may run meanwhile.`,
		Example: example("closeroll rebuild catalog --config /etc/closeroll/closeroll.yaml"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := e.config(config)
			if err != nil {
				return err
			}
			client := api.NewClient(string(cfg.API.Socket), version)
			defer client.Close()
			if err := client.Do(cmd.Context(), http.MethodGet, "/v1/status", nil, nil); !api.IsCode(err, api.CodeNoDaemon) {
				return advise(errors.New("a daemon is running"), exitUsage, "stop it first, or leave it: it makes the catalog anew by itself when it has to")
			}
			lg := slog.New(slog.DiscardHandler)
			n, err := daemon.RebuildCatalog(cmd.Context(), cfg, e.daemonEnvironment(cfg, lg))
			if err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(rebuilt{n})
			}
			e.print().field("catalog", "made anew from %s", count(n, "entry", "entries"))
			return nil
		},
	}
	configFlag(cmd, &config)
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (e *env) healthVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "health",
		Short:   "Exit with 0 if the daemon answers and has no trouble",
		Example: example("closeroll health --config /etc/closeroll/closeroll.yaml"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var s v1.Status
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/status", nil, &s); err != nil {
				return err
			}
			if asJSON {
				return errors.Join(e.writeJSON(health{len(s.Troubles) == 0, s.Troubles}), troubles(s))
			}
			return troubles(s)
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

// A daemon's health is what health prints for machines.
type health struct {
	Healthy  bool     `json:"healthy"`
	Troubles []string `json:"troubles"`
}

func troubles(s v1.Status) error {
	if len(s.Troubles) == 0 {
		return nil
	}
	errs := make([]error, len(s.Troubles))
	for i, t := range s.Troubles {
		errs[i] = errors.New(t)
	}
	return advise(errors.Join(errs...), exitFailure, "closeroll status shows the sources")
}
