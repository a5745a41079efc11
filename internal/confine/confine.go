// Package confine reads hostile files in child processes: the same binary,
// started again, with a limit on its memory and processor time, killed at a
// deadline, given the file on its standard input and nothing else: no file, no
// name in its arguments, an empty environment. A child opens no file and no
// connection. What makes a reader loop, crash or unfold without end costs that
// child and nothing else.
//
// [Run] is the parent's side and [Enter] the child's. What is said between them
// is one line of JSON, the task, before the file; and what the child writes to
// its standard output.
package confine

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/closeroll/closeroll/internal/plaintext"
)

// Limits bound one child.
type Limits struct {
	Memory  int64         // octets beyond what any Go process reserves
	Time    time.Duration // from its start to its end
	Content int64         // octets of the file that it reads
	Output  int           // octets that it may say; what is beyond is dropped
}

var (
	// ErrTooLarge says that a file is larger than Limits.Content.
	ErrTooLarge = errors.New("larger than may be read")
	// ErrContent says that the content could not be read to its end, and so
	// that what the child said is not of all of it.
	ErrContent = errors.New("the content cannot be read")
)

// Mark is the variable that marks a child's environment. A program that finds
// itself marked starts no children: were the command by mistake one that does
// not call [Enter], it could otherwise start itself without end.
const Mark = "CLOSEROLL_EXTRACT_CHILD"

// exitDeadline is the status of a child that its own clock stopped.
const exitDeadline = 3

// Run starts command, a program and its first arguments, which must call
// [Enter] with the arguments after those. It gives it the task and the content,
// and returns what the child said, which is whatever it had said by then if it
// did not come to its end. The error is then why: ErrTooLarge, ErrContent, the
// context's, or how the child ended.
func Run(ctx context.Context, command []string, l Limits, task any, content io.Reader) (string, error) {
	if _, inside := os.LookupEnv(Mark); inside {
		return "", errors.New("a child starts no children")
	}
	ctx, cancel := context.WithTimeout(ctx, l.Time)
	defer cancel()
	first, err := json.Marshal(task)
	if err != nil {
		return "", err
	}
	src := &bounded{r: content, left: l.Content}
	args := append(command[1:len(command):len(command)],
		strconv.FormatInt(l.Memory, 10), l.Time.String(), strconv.Itoa(l.Output))
	cmd := exec.CommandContext(ctx, command[0], args...)
	cmd.Env = []string{"GOTRACEBACK=none", "GOMAXPROCS=1", Mark + "=1"}
	ownGroup(cmd)
	cmd.WaitDelay = time.Second
	cmd.Stdin = io.MultiReader(bytes.NewReader(append(first, '\n')), src)
	out := plaintext.NewBuffer(l.Output)
	cmd.Stdout = out
	err = cmd.Run()
	switch {
	case errors.Is(src.err, ErrTooLarge):
		return out.String(), src.err
	case src.err != nil:
		return out.String(), fmt.Errorf("%w: %w", ErrContent, src.err)
	case ctx.Err() != nil:
		return out.String(), fmt.Errorf("child stopped: %w", ctx.Err())
	}
	return out.String(), err
}

// bounded reads at most left octets and remembers why it stopped.
type bounded struct {
	r    io.Reader
	left int64
	err  error
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		var one [1]byte
		if n, _ := io.ReadFull(b.r, one[:]); n > 0 {
			b.err = ErrTooLarge
		}
		return 0, io.EOF
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

// Enter makes this process a child: it limits itself, and ends itself at the
// deadline. args are the limits that [Run] appended to its command. It decodes
// the task and returns the content and how much the child may say. An error
// means that the process was not started by Run.
func Enter(stdin io.Reader, args []string, task any) (content []byte, output int, err error) {
	l, err := parse(args)
	if err != nil {
		return nil, 0, err
	}
	if err := limitProcess(l.Memory, l.Time); err != nil {
		return nil, 0, fmt.Errorf("limit this process: %w", err)
	}
	debug.SetMemoryLimit(l.Memory * 3 / 4)
	time.AfterFunc(l.Time, func() { os.Exit(exitDeadline) })

	in := bufio.NewReader(stdin)
	line, err := in.ReadSlice('\n')
	if err != nil {
		return nil, 0, fmt.Errorf("read the task: %w", err)
	}
	if err := json.Unmarshal(line, task); err != nil {
		return nil, 0, fmt.Errorf("read the task: %w", err)
	}
	if content, err = io.ReadAll(in); err != nil {
		return nil, 0, fmt.Errorf("read the content: %w", err)
	}
	return content, l.Output, nil
}

func parse(args []string) (l Limits, err error) {
	if len(args) != 3 {
		return l, errors.New("this verb is for closeroll itself, which gives it three limits")
	}
	var errs [3]error
	l.Memory, errs[0] = strconv.ParseInt(args[0], 10, 64)
	l.Time, errs[1] = time.ParseDuration(args[1])
	l.Output, errs[2] = strconv.Atoi(args[2])
	if err = errors.Join(errs[:]...); err == nil && (l.Memory <= 0 || l.Time <= 0 || l.Output <= 0) {
		err = errors.New("a limit is not positive")
	}
	return l, err
}
