package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/internal/api/v1"
)

func notFound(format string, args ...any) error {
	return advise(fmt.Errorf(format, args...), exitNotFound, "closeroll chat list lists them")
}

func (e *env) chatShowVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show CHAT",
		Short: "Show a chat's captures, the versions of its days, and its notices",
		Long: `Show a chat's captures, the versions of its days and how they stand to each
other, and its notices in full. CHAT is a chat's id, the beginning of it, or the
title. A version of a day extends an earlier one (it only grew), restates it
(restamped, renamed, edited or shortened), or alters it (words changed, and no
edit mark says so). Nothing is opened.`,
		Example: example(`closeroll chat show "Flood response"`),
		Args:    takes("CHAT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := e.client(d)
			if err != nil {
				return err
			}
			defer client.Close()
			c, err := oneChat(cmd.Context(), client, args[0])
			if err != nil {
				return err
			}
			var days v1.ChatDays
			if err := client.Do(cmd.Context(), http.MethodGet, "/v1/chats/"+c.ID, nil, &days); err != nil {
				return fromDaemon(err)
			}
			if asJSON {
				return e.writeJSON(days)
			}
			e.showChat(days)
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (e *env) showChat(c v1.ChatDays) {
	p := e.print()
	p.line("  %s  %s", p.bold(clip(c.Title, 100)), p.dim(c.ID))
	p.parts(c.Chat)
	p.captures(c.Chat)
	p.line("")
	rows := make([][]string, len(c.Captured))
	for i, day := range c.Captured {
		relation := day.Relation
		if day.Of != "" {
			relation += " " + day.Of.Short()
		}
		rows[i] = []string{day.Date, day.Record.Short(), thousands(day.Messages), moment(day.Captured, london()), relation}
	}
	p.table([]string{"DAY", "RECORD", "MESSAGES", "CAPTURED", "RELATION"}, rows)
	if len(c.Notes) > 0 {
		p.line("")
		p.notes(c.Notes)
	}
	if len(c.Notices) > 0 {
		p.line("")
	}
	for _, n := range c.Notices {
		confidence := ""
		if n.Finding != nil {
			confidence = " [" + n.Finding.Confidence + "]"
		}
		if n.Superseded {
			p.line("  %s", p.dim("no longer: "+clip(n.Text, 1000)))
			continue
		}
		p.line("  %s%s", p.mark(clip(e.noticeText(n), 1000)), confidence)
	}
}

// noticeText is what a notice says, and whether its time has passed.
func (e *env) noticeText(n v1.Notice) string {
	if n.Before.IsZero() || e.now().Before(n.Before) {
		return n.Text
	}
	return n.Text + " That time has passed."
}

func (p *printer) captures(c v1.Chat) {
	for i, x := range c.Exports {
		p.line("  %d  %s", i+1, exportLine(x))
	}
}

func (e *env) chatTimelineVerb() *cobra.Command {
	var d daemonFlags
	var i identityFlags
	var asJSON bool
	var date string
	cmd := &cobra.Command{
		Use:   "timeline CHAT",
		Short: "Read a chat in order, with the captures that have each message and what comparing them found",
		Long: `Read a chat in order: every message once, however many exports have it, with
the numbers of those exports in brackets and what comparing them has found. The
records are opened here with your identity, and each reading is journalled. The
order is that of the exports, which print late messages late.`,
		Example: example(`closeroll chat timeline "Flood response" -i officer.key`, `closeroll chat timeline "Flood response" --date 2026-05 --json -i officer.key`),
		Args:    takes("CHAT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := e.timeline(cmd.Context(), d, i, args[0], date)
			if err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(t)
			}
			e.showTimeline(t)
			return nil
		},
	}
	d.add(cmd)
	i.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().StringVar(&date, "date", "", "only days that begin so: 2026-05 or 2026-05-13")
	return cmd
}

// timeline asks for a chat's timeline and opens what it lists.
func (e *env) timeline(ctx context.Context, d daemonFlags, i identityFlags, name, date string) (*v1.Timeline, error) {
	r, client, err := e.reader(d, i)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	c, err := oneChat(ctx, client, name)
	if err != nil {
		return nil, err
	}
	var t v1.Timeline
	if err := client.Do(ctx, http.MethodGet, "/v1/chats/"+c.ID+"/timeline", nil, &t); err != nil {
		return nil, fromDaemon(err)
	}
	t.Messages = slices.DeleteFunc(t.Messages, func(m v1.TimelineMessage) bool { return !strings.HasPrefix(m.Date, date) })
	w := words{reader: r, purpose: "chat timeline", texts: map[record.ID][]string{}}
	for k := range t.Messages {
		m := &t.Messages[k]
		last := m.Places[len(m.Places)-1] // the newest version of its day
		if m.Text, err = w.of(ctx, last.Record, last.N); err != nil {
			return nil, opening(err)
		}
	}
	return &t, nil
}

func (e *env) showTimeline(t *v1.Timeline) {
	p := e.print()
	p.line("  %s  %s", p.bold(clip(t.Chat.Title, 100)), p.dim(t.Chat.ID))
	p.captures(t.Chat)
	for _, n := range t.Chat.Notices {
		if (n.Kind == chat.NoticeEphemeral || n.Kind == chat.NoticePrivacy) && !n.Superseded {
			p.line("  %s", p.mark(clip(e.noticeText(n), 300)))
		}
	}
	date := ""
	for _, m := range t.Messages {
		if m.Date != date {
			date = m.Date
			p.line("")
			p.line("  %s", p.bold(date))
		}
		said := clip(m.Sender, 60)
		switch {
		case m.Text != "" && said == "": // what the app itself wrote
			said = p.dim(clip(m.Text, maxQuoted))
		case m.Text != "":
			said += ": " + clip(m.Text, maxQuoted)
		}
		p.line("  %s  %s  %s", hour(m.Sent), said, p.dim(fmt.Sprint(m.Captures)))
		for _, f := range m.Findings {
			p.line("         %s", p.mark(strings.ReplaceAll(f.Class, "_", " ")+", "+f.Confidence))
		}
	}
}
