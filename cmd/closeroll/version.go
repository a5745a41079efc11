package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// version is the release. Builds of it say which commit they are of.
const version = "0.1.0"

// A build says what this binary was made of.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"` // none where it was built outside of a checkout
	Go      string `json:"go"`
	System  string `json:"system"`
}

func (e *env) versionVerb() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: example("closeroll version"),
		Args:    takes(),
		RunE: func(*cobra.Command, []string) error {
			b := build{Version: version, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" {
						b.Commit = s.Value[:min(12, len(s.Value))]
					}
				}
			}
			if asJSON {
				return e.writeJSON(b)
			}
			words := strings.Fields(strings.Join([]string{"closeroll", b.Version, b.Commit, b.Go, b.System}, " "))
			_, err := fmt.Fprintln(e.stdout, strings.Join(words, " "))
			return err
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}
