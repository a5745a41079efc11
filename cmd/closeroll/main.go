// Command closeroll captures official correspondence, seals it, makes it
// findable, and disposes of it when an approved schedule says so. One binary
// is the daemon (closeroll serve) and the verbs that people use.
//
// Exit statuses are the same for every verb: see [exitStatus].
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // legal dates need Europe/London wherever the binary runs

	"golang.org/x/term"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop() // a second signal kills
	}()
	os.Exit(run(ctx, env{
		args:    os.Args[1:],
		stdin:   os.Stdin,
		stdout:  os.Stdout,
		stderr:  os.Stderr,
		getenv:  os.Getenv,
		now:     time.Now,
		columns: terminalColumns(os.Stdout),
		exe:     executable(),
	}))
}

// An env is everything that a verb may use of the process it runs in.
type env struct {
	args    []string
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	getenv  func(string) string
	now     func() time.Time
	columns int    // width of the terminal that stdout is, 0 if it is none
	exe     string // path of this binary, to start children of it
}

func terminalColumns(f *os.File) int {
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}
