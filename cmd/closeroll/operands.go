package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// takes is for a verb that takes exactly these operands, by the names that its
// usage line gives them.
func takes(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		return operands(cmd, args, names, len(names))
	}
}

// mayTake is for a verb that takes these operands or fewer.
func mayTake(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		return operands(cmd, args, names, 0)
	}
}

func operands(cmd *cobra.Command, args, names []string, least int) error {
	switch {
	case len(args) < least:
		return advise(fmt.Errorf("%s is missing", names[len(args)]), exitUsage, "%s; see %s --help", cmd.UseLine(), cmd.CommandPath())
	case len(args) > len(names):
		return advise(fmt.Errorf("%q is one argument too many", args[len(names)]), exitUsage, "put quotes around what has spaces; see %s --help", cmd.CommandPath())
	}
	return nil
}

// needs makes these flags of a verb mandatory.
func needs(cmd *cobra.Command, flags ...string) {
	do := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		for _, name := range flags {
			if f := cmd.Flags().Lookup(name); f.Value.String() == "" {
				return advise(fmt.Errorf("--%s is missing: %s", name, f.Usage), exitUsage, "see %s --help", cmd.CommandPath())
			}
		}
		return do(cmd, args)
	}
}

// family makes a verb of which only the sub-verbs do anything: alone it prints
// its help, and a sub-verb that it has not got is an error.
func family(cmd *cobra.Command, verbs ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(verbs...)
	cmd.Args = cobra.ArbitraryArgs
	cmd.SuggestionsMinimumDistance = 2
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		hint := "see " + cmd.CommandPath() + " --help"
		if like := cmd.SuggestionsFor(args[0]); len(like) > 0 {
			hint = "did you mean " + cmd.CommandPath() + " " + strings.Join(like, " or ") + "?"
		}
		return advise(fmt.Errorf("there is no verb %q", cmd.CommandPath()+" "+args[0]), exitUsage, "%s", hint)
	}
	return cmd
}

// flagFault says what is wrong with a flag as people say it.
func flagFault(_ *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		kind := map[string]string{"int": "a whole number", "int64": "a whole number", "bool": "true or false"}[invalid.GetFlag().Value.Type()]
		if kind == "" {
			kind = "what it takes"
		}
		return usage("--%s: %q is not %s", invalid.GetFlag().Name, invalid.GetValue(), kind)
	}
	return usage("%w", err)
}
