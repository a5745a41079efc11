package main

import (
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
)

// maxShown is how many messages of a record show lists unless asked for all.
const maxShown = 20

func (e *env) showVerb() *cobra.Command {
	var d daemonFlags
	var asJSON, all bool
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show what is known of a record, without opening it",
		Long: `Show what is known of a record, without opening it: its components and their
digests, its messages, who holds it under which class. ID is any unambiguous
beginning of a record's id; a message's id (RECORD/N) shows its record.`,
		Example: example("closeroll show 7qk2m"),
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var r v1.Record
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/records/"+recordPart(args[0]), nil, &r); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(r)
			}
			e.print().record(r, all)
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&all, "all", false, "list every message of a long chat-day")
	return cmd
}

// recordPart is the record's part of a record's or message's id.
func recordPart(id string) string {
	record, _, _ := strings.Cut(id, "/")
	return record
}

func (p *printer) record(r v1.Record, all bool) {
	p.line("  %s", p.bold(clip(r.Display, 200)))
	p.field("record", "%s   %s", r.ID, r.Kind)
	p.field("captured", "%s, journal entry %d", r.Captured.UTC().Format(time.RFC3339), r.Entry)
	p.field("sealed", "%s to vault %s   sha256 %s", octets(r.SealedSize), r.Epoch, r.Sealed)
	if !r.TextStatus.Searchable() {
		p.field("text", "%s", p.mark("not all of it could be searched: "+string(r.TextStatus)))
	}
	if r.Disposed != "" {
		p.field("disposed", "certificate %s", r.Disposed)
	}
	for i, c := range r.Components {
		label := ""
		if i == 0 {
			label = "files"
		}
		name := c.Path
		if c.Name != "" && !strings.HasSuffix(c.Path, c.Name) {
			name += "  (" + clip(c.Name, 60) + ")"
		}
		p.field(label, "%-9s %s…  %s", octets(c.Size), c.Digest.String()[:12], name)
	}
	for i, h := range r.Holdings {
		label := ""
		if i == 0 {
			label = "holding"
		}
		where := h.Source
		if h.Folder != "" {
			where += ", " + h.Folder
		}
		p.field(label, "%s  (%s)  class %s, chosen by %s", h.Custodian, where, h.Class, h.Rule)
	}
	if r.Relation != "" {
		p.field("relation", "%s %s", r.Relation, r.RelationOf.Short())
	}
	if r.Covering != "" {
		p.field("came in", "e-mail %s", r.Covering.Short())
	}
	if len(r.Thread) > 1 {
		p.field("thread", "%s", count(len(r.Thread), "record", "records"))
	}
	p.messages(r, all)
}

func (p *printer) messages(r v1.Record, all bool) {
	if len(r.Messages) < 2 {
		return
	}
	shown := r.Messages
	if !all && len(shown) > maxShown {
		shown = shown[:maxShown]
	}
	for i, m := range shown {
		label := ""
		if i == 0 {
			label = "messages"
		}
		p.field(label, "%4d  %s  %s", m.N, moment(m.Sent, time.UTC), clip(m.Sender, 60))
	}
	if n := len(r.Messages) - len(shown); n > 0 {
		p.field("", "and %s; --all lists them", count(n, "more", "more"))
	}
}
