package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/disposer"
)

func (e *env) erasureVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:   "erasure",
		Short: "Erase records at a person's request (UK GDPR, Article 17)",
		Long: `Erase records at a person's request. What is asked for is listed, each record is
erased or refused on one of the grounds of Article 17(3), another person approves,
and the rest is that of every disposal: closeroll dispose approve, closeroll dispose
execute. A hold comes before erasure.`,
		Example: example(`closeroll erasure open SAR-2026-031 7qk2m --reason "not needed any more"`),
	}, e.erasureOpenVerb(), e.erasureRefuseVerb())
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
person: both stay when the records are gone. To erase one message of a chat the
whole chat-day is listed.`,
		Example: example(`closeroll erasure open SAR-2026-031 7qk2m --reason "not needed any more" --confirm`),
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage("REF and at least one ID are needed")
			}
			req.Request = args[0]
			var err error
			if req.Records, err = recordParts(args[1:]); err != nil {
				return err
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

func (e *env) erasureRefuseVerb() *cobra.Command {
	var d daemonFlags
	var ground string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "refuse BATCH ID…",
		Short: "Refuse to erase records of a list, on a ground of Article 17(3)",
		Long: `Refuse to erase records of a list, which keeps them. The grounds of Article 17(3)
are a (freedom of expression and information), b (a legal obligation, or a task in
the public interest), c (public health), d (archiving in the public interest,
research or statistics) and e (legal claims).`,
		Example: example("closeroll erasure refuse D-2026-004 7qk2m --ground b"),
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage("BATCH and at least one ID are needed")
			}
			words, ok := refusable()[ground]
			if !ok {
				return usage("--ground: %q is none of %s", ground, strings.Join(slices.Sorted(maps.Keys(refusable())), ", "))
			}
			req := v1.Exclude{Records: args[1:], Reason: fmt.Sprintf("erasure refused, Article 17(3)(%s): %s", ground, words)}
			return e.batchCall(cmd, d, asJSON, http.MethodPost, disposer.Path(args[0], "/exclusions"), req, func(p *printer, b v1.Batch) {
				p.line("  %s kept: %s", count(len(req.Records), "record", "records"), words)
			})
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&ground, "ground", "", "a, b, c, d or e of Article 17(3)")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "ground")
	return cmd
}
