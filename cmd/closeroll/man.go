package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manVerb writes the man pages, made from the verbs' own help.
func (e *env) manVerb() *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "Write the man pages into a folder",
		Hidden:  true,
		Example: example("closeroll man /usr/local/share/man/man1"),
		Args:    takes("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			cmd.Root().DisableAutoGenTag = true
			return doc.GenManTree(cmd.Root(), &doc.GenManHeader{Section: "1", Source: "closeroll " + version, Manual: "closeroll"}, filepath.Clean(args[0]))
		},
	}
}
