package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// Groups of verbs, in the order in which help lists them.
const (
	groupStart  = "start"
	groupFind   = "find"
	groupKeep   = "keep"
	groupDaemon = "daemon"
	groupTrust  = "trust"
)

// newRoot returns the command tree. Verbs are in files of their own name.
func newRoot(e *env) *cobra.Command {
	root := family(&cobra.Command{
		Use:   "closeroll",
		Short: "A records archive for official correspondence",
		Long: `closeroll captures e-mail and exported WhatsApp chats, seals every record
before it is stored, makes it findable for Freedom of Information requests, and
disposes of it when, and only when, an approved retention schedule says so.`,
		Example:       "  closeroll demo\n  closeroll search 'sandbags AND from:field sent:2026-05' -i officer.key",
		SilenceErrors: true,
		SilenceUsage:  true,
	})
	root.SetFlagErrorFunc(flagFault)
	// A family is run only to say that its sub-verb is missing.
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), "{{if .Runnable}}", "{{if and .Runnable (not .HasAvailableSubCommands)}}", 1))
	root.AddGroup(
		&cobra.Group{ID: groupStart, Title: "Begin:"},
		&cobra.Group{ID: groupFind, Title: "Search and read:"},
		&cobra.Group{ID: groupKeep, Title: "Retention and holds:"},
		&cobra.Group{ID: groupDaemon, Title: "Run the daemon:"},
		&cobra.Group{ID: groupTrust, Title: "Verify:"},
	)
	for _, group := range []struct {
		id    string
		verbs []*cobra.Command
	}{
		{groupStart, e.startVerbs()},
		{groupFind, e.findVerbs()},
		{groupKeep, e.keepVerbs()},
		{groupDaemon, e.daemonVerbs()},
		{groupTrust, e.trustVerbs()},
	} {
		for _, v := range group.verbs {
			v.GroupID = group.id
			root.AddCommand(v)
		}
	}
	root.AddCommand(e.hiddenVerbs()...)
	root.SetHelpCommandGroupID(groupStart)
	root.SetCompletionCommandGroupID(groupStart)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	exemplify(root)
	return root
}

// exemplify gives the verbs that cobra makes the example that all others have.
func exemplify(root *cobra.Command) {
	for _, v := range root.Commands() {
		switch v.Name() {
		case "help":
			v.Example = example("closeroll help search")
		case "completion":
			v.Short = "Print a script that completes verbs and flags in your shell"
			v.Example = example("source <(closeroll completion bash)")
			for _, shell := range v.Commands() {
				shell.Example = example("closeroll completion " + shell.Name())
			}
		}
	}
}

// example indents the lines of a verb's example as cobra expects them.
func example(lines ...string) string { return "  " + strings.Join(lines, "\n  ") }
