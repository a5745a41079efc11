package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/imap"
	"github.com/closeroll/closeroll/internal/spool"
)

// A mailServer is where the mailbox is: a Dovecot on this machine.
type mailServer struct{ addr, user, password string }

func (s *mailServer) flags(set *flag.FlagSet) {
	set.StringVar(&s.addr, "imap", "", "host:port of the mail server")
	set.StringVar(&s.user, "user", "bench", "login")
	set.StringVar(&s.password, "password", "secret", "its password")
}

// items yields every message of the mailbox, as the daemon's connector does
// with its defaults.
func (s *mailServer) items(ctx context.Context, spoolDir string) (iter.Seq2[*connectors.Item, error], error) {
	host, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	spooler, err := spool.New(spoolDir, spool.Limits{})
	if err != nil {
		return nil, err
	}
	mailbox, err := imap.New(slog.New(slog.DiscardHandler), imap.Config{
		Name: "bench", Host: host, Port: number, Security: imap.Plain, Username: s.user,
		Password: func() ([]byte, error) { return []byte(s.password), nil },
	}, spooler, time.Now)
	if err != nil {
		return nil, err
	}
	return mailbox.Items(ctx, ""), nil
}

// fetchVerb reads the mailbox to its end. It is both the floor under every
// figure and what warms the server's own index before anything is timed.
func fetchVerb(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("fetch", flag.ContinueOnError)
	var server mailServer
	server.flags(flags)
	want := flags.Int("n", 0, "how many messages there must be")
	spoolDir := flags.String("spool", "", "directory for what is too large for memory")
	if err := flags.Parse(args); err != nil {
		return err
	}
	items, err := server.items(ctx, *spoolDir)
	if err != nil {
		return err
	}
	count := 0
	for item, err := range items {
		if err != nil {
			return err
		}
		if item.Err != nil {
			return item.Err
		}
		if _, err := io.Copy(io.Discard, io.NewSectionReader(item.Content, 0, item.Content.Size())); err != nil {
			return err
		}
		item.Release()
		count++
	}
	if count != *want {
		return fmt.Errorf("the mailbox gave %d messages, not %d", count, *want)
	}
	return nil
}
