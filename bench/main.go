// Command bench measures closeroll against what people use today and against
// its own parts. The script bench/run prepares the machine and calls it; the
// figures and what they mean are in bench/README.md.
//
//	bench fill     writes a mailbox of real and generated mail as a Maildir
//	bench measure  runs a command and notes its time, CPU and memory
//	bench fetch    reads the mailbox over IMAP and throws it away
//	bench floor    captures it with closeroll's parts, bare and overlapped
//	bench table    prints what was measured
//	bench search   fills a sealed index and asks it queries of every kind
//	bench chats    writes or reads a chat export, for the script bench/chats
//	bench retention  measures the retention report over a catalog that it makes
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
)

// verbs are the benchmark's parts, each with its own flags.
var verbs = map[string]func(ctx context.Context, args []string) error{
	"fill":      fillVerb,
	"measure":   measureVerb,
	"fetch":     fetchVerb,
	"floor":     floorVerb,
	"table":     tableVerb,
	"search":    searchVerb,
	"chats":     chatsVerb,
	"retention": retentionVerb,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench: error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("name a part: fill, measure, fetch, floor, table, search, chats or retention")
	}
	verb, ok := verbs[args[0]]
	if !ok {
		return fmt.Errorf("there is no part %q", args[0])
	}
	return verb(ctx, args[1:])
}
