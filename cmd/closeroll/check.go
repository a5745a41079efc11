package main

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode/utf8"

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
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := e.config(config)
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
	configFlag(cmd, &config)
	jsonFlag(cmd, &asJSON)
	return cmd
}

// findings prints what was tried, what came of it, and below it the details in
// full. What an archive can do without is a notice, not a failure.
func (p *printer) findings(findings []daemon.Finding) {
	what, check := 0, 0
	for _, f := range findings {
		what, check = max(what, utf8.RuneCountInString(f.What)), max(check, utf8.RuneCountInString(f.Check))
	}
	for _, f := range findings {
		result := string(f.Result)
		switch {
		case f.Result == store.Failed && f.Must:
			result = p.mark(result)
		case f.Result == store.Failed:
			result = p.mark("notice")
		case f.Result == store.Unchecked:
			result = p.dim(result)
		}
		p.line("  %-*s  %-*s  %s", what, f.What, check, f.Check, result)
		for _, line := range detail(f.Detail, max(p.width-what-6, 40)) {
			p.line("  %-*s    %s", what, "", p.dim(line))
		}
	}
}

// detail is a finding's detail in lines: a fault each where there are several.
func detail(text string, width int) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			lines = append(lines, wrap(clip(strings.TrimSpace(line), 2000), width)...)
		}
	}
	return lines
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
