package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	runtimedebug "runtime/debug"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/daemon"
	"github.com/closeroll/closeroll/internal/systemd"
	"github.com/closeroll/closeroll/search/index"
)

func (e *env) serveVerb() *cobra.Command {
	var config string
	var debug bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the daemon",
		Long: `Run the daemon: capture from the configured sources when they are due, and answer
the other verbs. SIGTERM drains and stops; a second signal kills. Logs are JSON
on standard error and hold no content. The daemon ends if another one takes the
archive over.`,
		Example: example("closeroll serve --config /etc/closeroll/closeroll.yaml"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := e.config(config)
			if err != nil {
				return err
			}
			level := slog.LevelInfo
			if debug {
				level = slog.LevelDebug
			}
			lg := slog.New(slog.NewJSONHandler(e.stderr, &slog.HandlerOptions{Level: level}))
			e.limitMemory(cfg)
			return e.serve(cmd.Context(), cfg, lg, func() { lg.Info("ready", "version", version) })
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().BoolVar(&debug, "debug", false, "log what a developer wants to know")
	return cmd
}

// workingMemory is what a daemon needs besides the items in flight: a batch on
// its way into the index most of all.
const workingMemory = 160 << 20

// limitMemory makes Go's collector keep to what the configuration allows,
// unless the environment says otherwise.
func (e *env) limitMemory(cfg *configs.Config) {
	if e.getenv("GOMEMLIMIT") == "" {
		runtimedebug.SetMemoryLimit(int64(cfg.Limits.Memory) + workingMemory)
	}
}

// serve runs a daemon until ctx ends, and says when it is ready.
func (e *env) serve(ctx context.Context, cfg *configs.Config, lg *slog.Logger, ready func()) error {
	d, err := daemon.New(ctx, cfg, e.daemonEnvironment(cfg, lg))
	if err != nil {
		return starting(cfg, err)
	}
	err = d.Run(ctx, systemd.New(e.getenv), ready)
	if closed := d.Close(context.WithoutCancel(ctx)); err == nil {
		err = closed
	}
	if errors.Is(err, journal.ErrPenLost) {
		return advise(err, exitFailure, "only one daemon writes to an archive; the newest one has the pen")
	}
	return err
}

// starting says what a daemon lacks that cannot start.
func starting(cfg *configs.Config, err error) error {
	var path *fs.PathError
	switch {
	case errors.Is(err, archive.ErrNoArchive), errors.As(err, &path) && cfg.Store.Dir != nil && path.Path == string(cfg.Store.Dir.Path):
		return advise(fmt.Errorf("there is no archive in the configured store, and so no vault: %w", err), exitFailure,
			"make one with closeroll init: without a vault nothing is ever kept")
	case errors.Is(err, index.ErrInUse):
		return advise(fmt.Errorf("a daemon is running in %s already: %w", cfg.State, err), exitFailure, "closeroll status asks it; only one daemon runs in a state folder")
	case errors.As(err, &path) && path.Path == string(cfg.Identity):
		return advise(fmt.Errorf("the daemon's identity: %w", err), exitFailure, "identity: in the configuration names the file; closeroll init makes one for a new archive")
	case errors.As(err, &path) && path.Path == string(cfg.Schedule):
		return advise(fmt.Errorf("the retention schedule: %w", err), exitFailure, "schedule: in the configuration names the file; closeroll config example schedule prints one")
	}
	return advise(err, exitFailure, "closeroll check tries each thing that the configuration names")
}

func (e *env) daemonEnvironment(cfg *configs.Config, lg *slog.Logger) daemon.Environment {
	return daemon.Environment{Log: lg, Now: e.now, Getenv: e.getenv, Version: version, Extract: e.extractor(cfg.Extract)}
}
