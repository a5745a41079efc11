package main

import (
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) chatJoinVerb() *cobra.Command {
	var d daemonFlags
	var req v1.JoinChat
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "join CHAT INTO",
		Short: "Say that two chats are one: retitled, or without a message in common",
		Long: `Say that a chat is a part of another: one that got a new title, or whose exports
share too little to be known as the same. From then on the two are listed, shown,
read and compared as one, and an export of either counts as the next one that is
due. Their exports are compared at once, and every later one is compared with both:
messages that are word for word the same count once in a search, and what became of
others is found and marked. Each chat is an id, the beginning of it, or a title. It
is journalled with your name and changes no record; chat part takes all of it back.`,
		Example: example(`closeroll chat join chat-x7c2q "Flood response" --reason "renamed on 3 May, the members say"`),
		Args:    takes("CHAT", "INTO"),
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Into = args[1]
			var c v1.JoinedChat
			if err := e.call(cmd.Context(), d, http.MethodPost, "/v1/chats/"+url.PathEscape(args[0])+"/join", req, &c); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(c)
			}
			p := e.print()
			p.line("  %s  %s", p.bold(clip(c.Title, 80)), p.dim(c.ID))
			p.parts(c.Chat)
			p.line("      %s on %s", count(c.Messages, "message", "messages"), count(c.Days, "day", "days"))
			switch {
			case c.Compared == 0:
				p.line("      no export of the one shows enough of the other to be compared with it")
			case c.Findings > 0:
				p.line("      %s the same in both; %s: closeroll chat show %s", count(c.Same, "message is", "messages are"), p.mark(count(c.Findings, "finding", "findings")), c.ID)
			default:
				p.line("      %s the same in both; comparing them found nothing that needs a person", count(c.Same, "message is", "messages are"))
			}
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&req.Reason, "reason", "", "why they are one chat")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "reason")
	return cmd
}

func (e *env) chatPartVerb() *cobra.Command {
	var d daemonFlags
	var reason string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "part CHAT",
		Short:   "Take back that a chat is a part of another",
		Example: example(`closeroll chat part chat-x7c2q --reason "another group of the same members"`),
		Args:    takes("CHAT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var c v1.Chat
			if err := e.call(cmd.Context(), d, http.MethodPost, "/v1/chats/"+url.PathEscape(args[0])+"/part", v1.Release{Reason: reason}, &c); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(c)
			}
			p := e.print()
			p.line("  %s  %s  is a chat by itself", p.bold(clip(c.Title, 80)), p.dim(c.ID))
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "why it is not a part of the other")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "reason")
	return cmd
}

// parts lists what people have joined to a chat.
func (p *printer) parts(c v1.Chat) {
	for _, part := range c.Parts {
		p.line("      with %s  %s  joined %s by %s: %s", clip(part.Title, 60), p.dim(part.Chat), day(part.At, london()), clip(part.Actor, 40), clip(part.Reason, 200))
	}
}
