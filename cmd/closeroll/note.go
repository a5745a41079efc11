package main

import (
	"net/http"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) noteVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:     "note",
		Short:   "Notes of substance: what was agreed where nothing can be captured",
		Example: example(`closeroll note list "Flood response"`),
	}, e.noteAddVerb(), e.noteListVerb())
}

func (e *env) noteAddVerb() *cobra.Command {
	var d daemonFlags
	var req v1.AddNote
	var file string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "add",
		Short: "Capture a note of what was said or agreed in a call, a meeting or a chat",
		Long: `Capture a note of substance: what was said or agreed in a call, a meeting, or a
chat that cannot be exported. It is sealed, journalled under your name, classed and
searched (kind:note) like any other record of the custodian. Its date is that of
what it is about; when it was written is kept beside it, and is its date of receipt.

The text comes from --text-file, from standard input, or, on a terminal, from your
editor (VISUAL or EDITOR), which is given a file in memory. It is sent to the daemon
and kept as it is; nothing of it is left on this machine. A note cannot be changed:
add another that says what was wrong, with --record naming the first.`,
		Example: example(`closeroll note add --custodian minister --when 2026-05-27T14:00 --channel phone --with "Tom Marsh" --text-file call.txt`,
			`closeroll note add --custodian minister --when 2026-05-27 --channel whatsapp --chat "Flood response" --request FOI-2026-014 <agreed.txt`),
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := e.client(d)
			if err != nil {
				return err
			}
			defer client.Close()
			if req.Text, err = e.noteText(cmd.Context(), file); err != nil {
				return err
			}
			var n v1.Note
			if err := client.Do(cmd.Context(), http.MethodPost, "/v1/notes", req, &n); err != nil {
				return fromDaemon(err)
			}
			if asJSON {
				return e.writeJSON(n)
			}
			p := e.print()
			p.field("captured", "record %s for %s (%s)", p.bold(n.Record.Short()), n.Custodian, n.Source)
			p.field("", "%s, %s", clip(n.Display, 200), day(n.Happened, london()))
			return nil
		},
	}
	d.add(cmd)
	f := cmd.Flags()
	f.StringVar(&req.Custodian, "custodian", "", "whose correspondence it belongs to, by the id in the configuration")
	f.StringVar(&req.Source, "source", "", "the source that it is captured for, where the custodian has several")
	f.StringVar(&req.Happened, "when", "", "when it happened: 2026-05-27, or 2026-05-27T14:00")
	f.StringVar(&req.Channel, "channel", "", "what it happened on: phone, whatsapp, signal, in-person, …")
	f.BoolVar(&req.Corporate, "corporate", false, "that was the authority's own telephone, room or system; otherwise it counts as nccc")
	f.StringArrayVar(&req.Participants, "with", nil, "with whom, besides you; may be given again")
	f.StringVar(&req.Subject, "subject", "", "what it is about (the text's first line)")
	f.StringVar(&req.Chat, "chat", "", "the archived chat that it belongs to, by id or title")
	f.StringVar(&req.Record, "record", "", "the record that it is about, by the beginning of its id")
	f.StringVar(&req.Request, "request", "", "the request that it is about, by its reference")
	f.StringVar(&file, "text-file", "", "read the text from this file; - is standard input")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "custodian", "when", "channel")
	return cmd
}

func (e *env) noteListVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [ABOUT]",
		Short: "List notes: all, or those about a chat, a record or a request",
		Example: example("closeroll note list", `closeroll note list "Flood response" --json`,
			"closeroll note list FOI-2026-014"),
		Args: mayTake("ABOUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			about := ""
			if len(args) > 0 {
				about = args[0]
			}
			var list []v1.Note
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/notes?about="+query(about), nil, &list); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(list)
			}
			p := e.print()
			if len(list) == 0 {
				p.line("  there are no notes; closeroll note add captures one")
				return nil
			}
			p.notes(list)
			return nil
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (p *printer) notes(list []v1.Note) {
	rows := make([][]string, len(list))
	for i, n := range list {
		rows[i] = []string{n.Record.Short(), day(n.Happened, london()), clip(n.Custodian, 24), clip(n.About.Author, 24), clip(n.Display, 80)}
	}
	p.table([]string{"NOTE", "HAPPENED", "CUSTODIAN", "BY", "ABOUT"}, rows)
}
