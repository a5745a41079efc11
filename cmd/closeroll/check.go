package main

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/internal/daemon"
)

func (e *env) checkVerb() *cobra.Command {
	var config string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Try everything that a configuration names, for real",
		Long: `Try everything that a configuration names, for real: log in to each mailbox and
list its folders, look into each drop folder, read the keys, and try out whether
the store keeps its promises: that an object is written once, that a wrong digest
is refused, versions, object lock, lifecycle rules, public access, the clock.
Nothing is captured; the one object that is written has a fixed name and is
deleted again where that is possible.`,
		Example: example("closeroll check --config /etc/closeroll/closeroll.yaml"),
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(config)
			if err != nil {
				return err
			}
			findings := daemon.Check(cmd.Context(), cfg, e.daemonEnvironment(cfg, slog.New(slog.DiscardHandler)))
			if asJSON {
				if err := e.writeJSON(findings); err != nil {
					return err
				}
			} else {
				e.print().findings(findings)
			}
			return failedChecks(findings)
		},
	}
	cmd.Flags().StringVar(&config, "config", "", "the daemon's configuration file")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cobra.CheckErr(cmd.MarkFlagRequired("config"))
	return cmd
}

func (p *printer) findings(findings []daemon.Finding) {
	for _, f := range findings {
		result := string(f.Result)
		switch f.Result {
		case store.Failed:
			result = p.mark(result)
		case store.Unchecked:
			result = p.dim(result)
		}
		p.line("  %-18s %-34s %s", f.What, clip(f.Check, 34), result)
		if f.Detail != "" {
			p.line("  %-18s   %s", "", p.dim(clip(f.Detail, p.width)))
		}
	}
}

// failedChecks is an error if something failed that an archive needs.
func failedChecks(findings []daemon.Finding) error {
	var errs []error
	for _, f := range findings {
		if f.Result == store.Failed && f.Must {
			errs = append(errs, fmt.Errorf("%s: %s", f.What, f.Check))
		}
	}
	if errs == nil {
		return nil
	}
	return advise(errors.Join(errs...), exitFailure, "mend these before closeroll serve; the table says what was found")
}
