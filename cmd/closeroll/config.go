package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/configs"
)

func (e *env) configVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:     "config",
		Short:   "The configuration file: what can be in it, and one to begin with",
		Example: example("closeroll config example > closeroll.yaml"),
	}, e.configReferenceVerb(), e.configExampleVerb())
}

func (e *env) configReferenceVerb() *cobra.Command {
	return &cobra.Command{
		Use:     "reference",
		Short:   "Describe every key of the configuration file",
		Long:    "Describe every key of the configuration file, with its default in parentheses.",
		Example: example("closeroll config reference | less"),
		Args:    takes(),
		RunE:    func(*cobra.Command, []string) error { return configs.Reference(e.stdout) },
	}
}

func (e *env) configExampleVerb() *cobra.Command {
	samples := map[string]func() []byte{"config": configs.Example, "schedule": configs.ExampleSchedule, "unit": configs.Service,
		"daemon-policy": configs.DaemonPolicy, "disposer-policy": configs.DisposerPolicy, "dpia": configs.DPIATemplate}
	return &cobra.Command{
		Use:   "example [config|schedule|unit|daemon-policy|disposer-policy|dpia]",
		Short: "Print a sample configuration, schedule, systemd unit, S3 policy or impact assessment",
		Example: example("closeroll config example > closeroll.yaml",
			"closeroll config example schedule > schedule.yaml",
			"closeroll config example unit > /etc/systemd/system/closeroll.service",
			"closeroll config example disposer-policy",
			"closeroll config example dpia > dpia.md"),
		ValidArgs: []string{"config", "schedule", "unit", "daemon-policy", "disposer-policy", "dpia"},
		Args:      mayTake("config|schedule|unit|daemon-policy|disposer-policy|dpia"),
		RunE: func(_ *cobra.Command, args []string) error {
			sample := samples["config"]
			if len(args) > 0 {
				if sample = samples[args[0]]; sample == nil {
					return usage("there is no example of %q: there is config, schedule, unit, daemon-policy, disposer-policy and dpia", args[0])
				}
			}
			_, err := e.stdout.Write(sample())
			return err
		},
	}
}

// configFlag is the flag of the verbs that need the daemon's configuration.
func configFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVar(file, "config", "", "the daemon's configuration file (CLOSEROLL_CONFIG)")
}

// config reads the configuration that the flag or the environment names.
func (e *env) config(file string) (*configs.Config, error) {
	if file == "" {
		file = e.getenv("CLOSEROLL_CONFIG")
	}
	if file == "" {
		return nil, advise(errors.New("no configuration file is named"), exitUsage,
			"name it with --config or in CLOSEROLL_CONFIG; closeroll config example prints one to begin with")
	}
	return loadConfig(file)
}

// loadConfig reads a configuration file; what is wrong with it is the
// caller's to mend.
func loadConfig(file string) (*configs.Config, error) {
	cfg, err := configs.Load(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, advise(fmt.Errorf("there is no configuration file %s", file), exitUsage, "closeroll config example prints one to begin with")
	case err != nil:
		return nil, advise(err, exitUsage, "mend the file: closeroll config reference describes every key")
	}
	return cfg, nil
}
