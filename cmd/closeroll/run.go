package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// exitStatus is what a verb's outcome means to a script.
type exitStatus int

// The exit statuses.
const (
	exitOK         exitStatus = 0
	exitFailure    exitStatus = 1 // something went wrong; stderr says what
	exitUsage      exitStatus = 2 // the command line or a file given to it is wrong
	exitNotFound   exitStatus = 3 // no such record, hold, source or chat
	exitUnverified exitStatus = 4 // a digest, signature or bag is not what it should be
	exitIncomplete exitStatus = 5 // the answer stands, but something could not be searched or checked
	exitNoDaemon   exitStatus = 6 // no daemon answers
	exitDenied     exitStatus = 7 // the caller's roles do not allow it
)

// An advice is an error with what to do about it and the status to exit with.
type advice struct {
	err    error
	hint   string
	status exitStatus
}

func (a *advice) Error() string { return a.err.Error() }
func (a *advice) Unwrap() error { return a.err }

// advise attaches a hint and an exit status to err.
func advise(err error, status exitStatus, hint string, args ...any) error {
	return &advice{err: err, hint: fmt.Sprintf(hint, args...), status: status}
}

// usage reports a wrong command line.
func usage(format string, args ...any) error {
	return &advice{err: fmt.Errorf(format, args...), status: exitUsage, hint: "see closeroll help"}
}

// run carries out one command line and returns the process's exit status.
func run(ctx context.Context, e env) int {
	root := newRoot(&e)
	root.SetArgs(e.args)
	root.SetIn(e.stdin)
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return int(exitOK)
	}
	return int(e.report(cmd, err))
}

// report tells the person what went wrong and what to do about it.
func (e *env) report(cmd *cobra.Command, err error) exitStatus {
	var a *advice
	if !errors.As(err, &a) {
		a = &advice{err: err, status: exitFailure}
		if isUsage(err) {
			a.status = exitUsage
			a.hint = "see " + cmd.CommandPath() + " --help"
		}
	}
	if errors.Is(err, context.Canceled) {
		a = &advice{err: errors.New("interrupted"), status: exitFailure}
	}
	for _, line := range strings.Split(strings.TrimRight(err.Error(), "\n"), "\n") {
		fmt.Fprintf(e.stderr, "closeroll: error: %s\n", line)
	}
	if a.hint != "" {
		fmt.Fprintf(e.stderr, "closeroll: hint: %s\n", a.hint)
	}
	return a.status
}

// isUsage recognises what cobra says of a command line that it cannot parse.
func isUsage(err error) bool {
	for _, s := range []string{"unknown command", "unknown flag", "unknown shorthand", "flag needs an argument", "invalid argument",
		"accepts ", "requires at least", "requires at most", "required flag", "none of the others can be"} {
		if strings.Contains(err.Error(), s) {
			return true
		}
	}
	return false
}
