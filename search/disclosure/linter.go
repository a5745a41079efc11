package disclosure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/closeroll/closeroll/internal/confine"
)

// A Linter checks files in child processes, one for each. It is safe for
// concurrent use.
type Linter struct {
	command []string
	limits  confine.Limits
}

// NewLinter returns a Linter whose children are started as command, a program
// and its first arguments, which must call [Child] with the arguments after
// those. A file may be of 256 MiB, and its check may take two minutes and
// 2 GiB of memory.
func NewLinter(command []string) *Linter {
	return &Linter{command, confine.Limits{Memory: 2 << 30, Time: 2 * time.Minute, Content: 256 << 20, Output: 4 << 20}}
}

// task is what the child is told of the file.
type task struct {
	Name string `json:"name"`
}

// Check reports what a file holds and does not show, as the function [Check]
// does. What is too large, takes too long, or ends the child is a finding,
// [CannotBeChecked]; the report then has no digest. It returns an error only if content cannot be read or ctx ends.
func (l *Linter) Check(ctx context.Context, name string, content io.Reader) (Report, error) {
	out, err := confine.Run(ctx, l.command, l.limits, task{name}, content)
	if errors.Is(err, confine.ErrContent) || ctx.Err() != nil {
		return Report{}, err
	}
	var r Report
	if err == nil && json.Unmarshal([]byte(out), &r) == nil {
		return r, nil
	}
	why := "its check did not come to an end"
	if errors.Is(err, confine.ErrTooLarge) {
		why = fmt.Sprintf("it is larger than %d MiB", l.limits.Content>>20)
	}
	r = Report{File: clean(name), Format: "unknown"}
	var c list
	c.say(CannotBeChecked, "", 0, why)
	r.Findings = c.sorted()
	return r, nil
}

// Child is the main function of the child process. args are the limits that
// [Linter] appended to its command. It ends the process at the deadline. An
// error means that the process was not started by a Linter.
func Child(stdin io.Reader, stdout io.Writer, args []string) error {
	var t task
	octets, _, err := confine.Enter(stdin, args, &t)
	if err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(Check(t.Name, octets))
}

// Enforce checks a file that is to be released in the form that it is in, and
// returns its report and, unless every finding is acknowledged, the refusal: a
// *[RefusedError]. Whatever leaves in native form passes through here.
func (l *Linter) Enforce(ctx context.Context, name string, content io.Reader, acknowledged []Code) (Report, error) {
	r, err := l.Check(ctx, name, content)
	if err != nil {
		return r, err
	}
	return r, r.Refusal(acknowledged)
}
