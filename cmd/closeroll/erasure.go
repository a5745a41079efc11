package main

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/disposer"
)

func (e *env) erasureVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:   "erasure",
		Short: "Erase records at a person's request (UK GDPR, Article 17)",
		Long: `Erase records at a person's request, or single messages of a chat. What is asked for
is listed, each record is erased or refused on one of the grounds of Article 17(3),
another person approves, and the rest is that of every disposal: closeroll dispose
approve, closeroll dispose execute. A hold comes before erasure.

Where only messages of a chat-day are to go, closeroll erasure execute makes the
record that keeps the rest, before the day itself is destroyed.`,
		Example: example(`closeroll erasure open SAR-2026-031 7qk2m/4 --reason "not needed any more"`),
	}, e.erasureOpenVerb(), e.erasureDecideVerb(), e.erasureExecuteVerb())
}

func (e *env) erasureOpenVerb() *cobra.Command {
	var d daemonFlags
	var req v1.Erasure
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "open REF ID…",
		Short: "List the records that a request for erasure is about",
		Long: `List the records that a request for erasure is about. With --confirm the list is
journalled under the request's reference. Neither reference nor reason may name the
person: both stay when the records are gone.

ID/N, as search prints it, names one message of a chat-day: the rest of the day
goes on, in a record that marks the place. Of an e-mail only all can be erased, its
attachments included.`,
		Example: example(`closeroll erasure open SAR-2026-031 7qk2m 9xy4p/12 9xy4p/13 --reason "not needed any more" --confirm`),
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage("REF and at least one ID are needed")
			}
			req.Request, req.Records = args[0], args[1:]
			for _, id := range req.Records {
				if _, err := recordPart(id); err != nil {
					return err
				}
			}
			return e.batchCall(cmd, d, asJSON, http.MethodPost, "/v1/erasures", req, func(p *printer, b v1.Batch) { p.proposal(b) })
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&req.Reason, "reason", "", "why they are to be erased; name nobody")
	cmd.Flags().BoolVar(&req.Confirm, "confirm", false, "journal the list")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "reason")
	return cmd
}

// refusable are the grounds on which erasure may be refused (UK GDPR, Article
// 17(3)).
func refusable() map[string]string {
	return map[string]string{
		"a": "freedom of expression and information",
		"b": "a legal obligation, or a task in the public interest",
		"c": "public health",
		"d": "archiving in the public interest, research or statistics",
		"e": "legal claims",
	}
}

func (e *env) erasureDecideVerb() *cobra.Command {
	var d daemonFlags
	var ground string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "decide BATCH ID…",
		Short: "Decide that records of a list are not erased, on a ground of Article 17(3)",
		Long: `Decide that records of a list are not erased, which keeps them. What stays on the
list is erased once another person has approved it. The grounds of Article 17(3)
are a (freedom of expression and information), b (a legal obligation, or a task in
the public interest), c (public health), d (archiving in the public interest,
research or statistics) and e (legal claims).`,
		Example: example("closeroll erasure decide D-2026-004 7qk2m --refuse b"),
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage("BATCH and at least one ID are needed")
			}
			words, ok := refusable()[ground]
			if !ok {
				return usage("--refuse: %q is none of %s", ground, strings.Join(slices.Sorted(maps.Keys(refusable())), ", "))
			}
			req := v1.Exclude{Records: args[1:], Reason: fmt.Sprintf("erasure refused, Article 17(3)(%s): %s", ground, words)}
			return e.batchCall(cmd, d, asJSON, http.MethodPost, disposer.Path(args[0], "/exclusions"), req, func(p *printer, b v1.Batch) {
				p.line("  %s kept: %s", count(len(req.Records), "record", "records"), words)
			})
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&ground, "refuse", "", "the ground: a, b, c, d or e of Article 17(3)")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "refuse")
	return cmd
}

func (e *env) erasureExecuteVerb() *cobra.Command {
	var d daemonFlags
	var i identityFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "execute BATCH",
		Short: "Make the records that keep what is not erased of a chat-day",
		Long: `Make, for every chat-day of an approved batch of which only messages are erased, the
record that takes its place: all of it but those messages and their media, with the
place marked. The days are opened on this machine with your identity. The days
themselves are then destroyed by closeroll dispose execute.

It can be broken off and run again.`,
		Example: example("closeroll erasure execute D-2026-004 -i officer.key"),
		Args:    takes("BATCH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, client, err := e.reader(d, i)
			if err != nil {
				return err
			}
			defer client.Close()
			var b v1.Batch
			if err := client.Do(cmd.Context(), http.MethodGet, disposer.Path(args[0], ""), nil, &b); err != nil {
				return fromDaemon(err)
			}
			made := make([]succeeded, 0, len(b.Wanting))
			for _, part := range b.Wanting {
				id, err := r.Succeed(cmd.Context(), e.extractor(configs.Extract{}), b.Batch, part)
				if errors.Is(err, ingest.ErrIndivisible) {
					return advise(err, exitFailure, "take it off the list with closeroll dispose exclude, or open another request for all of it")
				}
				if err != nil {
					return opening(err)
				}
				made = append(made, succeeded{part.Record, id, len(part.Messages)})
			}
			if asJSON {
				return e.writeJSON(made)
			}
			p := e.print()
			for _, s := range made {
				p.line("  %s of %s erased in %s", count(s.Erased, "message", "messages"), s.Record.Short(), p.bold(s.Successor.Short()))
			}
			if len(b.Parts) == 0 {
				p.line("  batch %s erases whole records only", b.Batch)
			}
			p.line("  next: closeroll dispose execute %s --confirm destroys the records themselves", b.Batch)
			return nil
		},
	}
	d.add(cmd)
	i.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

// succeeded is what erasure execute prints of one record for machines.
type succeeded struct {
	Record    record.ID `json:"record"`
	Successor record.ID `json:"successor"`
	Erased    int       `json:"messages_erased"`
}
