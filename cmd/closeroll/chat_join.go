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
due. Each is an id, the beginning of it, or a title. It is journalled with your
name and changes no record; chat part takes it back.`,
		Example: example(`closeroll chat join chat-x7c2q "Flood response" --reason "renamed on 3 May, the members say"`),
		Args:    takes("CHAT", "INTO"),
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Into = args[1]
			var c v1.Chat
			if err := e.call(cmd.Context(), d, http.MethodPost, "/v1/chats/"+url.PathEscape(args[0])+"/join", req, &c); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(c)
			}
			p := e.print()
			p.line("  %s  %s", p.bold(clip(c.Title, 80)), p.dim(c.ID))
			p.parts(c)
			p.line("  %s on %s; closeroll chat compare tells what its exports share", count(c.Messages, "message", "messages"), count(c.Days, "day", "days"))
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
