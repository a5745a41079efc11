package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api"
)

// exitStatus is what a verb's outcome means to a script.
type exitStatus int

// The exit statuses.
const (
	exitOK         exitStatus = 0
	exitFailure    exitStatus = 1 // something went wrong; stderr says what
	exitUsage      exitStatus = 2 // the command line or a file given to it is wrong
	exitNotFound   exitStatus = 3 // no such record, hold, source or chat
	exitUnverified exitStatus = 4 // a digest, signature or bag, or a file that is to be released, is not what it should be
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

// usage reports a wrong command line. Its hint is the verb's help.
func usage(format string, args ...any) error {
	return &advice{err: fmt.Errorf(format, args...), status: exitUsage}
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

// report tells the person what went wrong and what to do about it: every error
// has a hint.
func (e *env) report(cmd *cobra.Command, err error) exitStatus {
	a := &advice{err: err, status: exitFailure}
	errors.As(err, &a)
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
		a = &advice{err: err, status: exitFailure, hint: "what was done before that stands; run it again to go on"}
	}
	if a.hint == "" {
		a.hint = commonHint(cmd, a)
	}
	for _, line := range strings.Split(plainly(err), "\n") {
		if strings.TrimSpace(line) != "" {
			fmt.Fprintf(e.stderr, "closeroll: error: %s\n", line)
		}
	}
	fmt.Fprintf(e.stderr, "closeroll: hint: %s\n", a.hint)
	return a.status
}

// plainly is an error's text without the system call that a file was lost on.
func plainly(err error) string {
	text := err.Error()
	var path *fs.PathError
	if errors.As(err, &path) {
		text = strings.Replace(text, path.Error(), path.Path+": "+path.Err.Error(), 1)
	}
	return text
}

// commonHint says what to do about an error that brought no advice of its own.
func commonHint(cmd *cobra.Command, a *advice) string {
	var path *fs.PathError
	var said *api.Error
	switch {
	case a.status == exitUsage:
		return "see " + cmd.CommandPath() + " --help"
	case errors.As(a.err, &path):
		return "look whether it is there, and whether you may use it"
	case errors.As(a.err, &said) && said.Code == api.CodeTimeout:
		return "ask for less at once, or give the daemon more time with limits.request_time"
	}
	return "the daemon's log may say more; closeroll check tries each thing that it uses"
}
