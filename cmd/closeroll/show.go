package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/language"
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
		Args:    takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := e.getRecord(cmd.Context(), d, args[0])
			if err != nil {
				return err
			}
			if _, n, found := strings.Cut(args[0], "/"); found && !hasMessage(r, n) {
				return advise(fmt.Errorf("record %s has no message %s", r.ID.Short(), n), exitNotFound, "its messages are 1 to %d", len(r.Messages))
			}
			if asJSON {
				return e.writeJSON(r)
			}
			e.print().record(r, all)
			return nil
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	cmd.Flags().BoolVar(&all, "all", false, "list every message of a long chat-day")
	return cmd
}

// recordPart is the record's part of a record's or message's id. What can be
// the beginning of no id is refused here.
func recordPart(id string) (string, error) {
	part, _, _ := strings.Cut(id, "/")
	if part == "" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz234567") != "" {
		return "", advise(fmt.Errorf("%q is no record id", id), exitUsage, "an id, or its beginning, is made of a–z and 2–7; closeroll search shows them")
	}
	return part, nil
}

// recordParts is recordPart of several ids; the first that is none is refused.
func recordParts(ids []string) ([]string, error) {
	parts := make([]string, len(ids))
	for i, id := range ids {
		var err error
		if parts[i], err = recordPart(id); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// getRecord asks the daemon what it knows of a record.
func (e *env) getRecord(ctx context.Context, d daemonFlags, id string) (r v1.Record, err error) {
	part, err := recordPart(id)
	if err != nil {
		return r, err
	}
	return r, e.call(ctx, d, http.MethodGet, "/v1/records/"+part, nil, &r)
}

func hasMessage(r v1.Record, n string) bool {
	i, err := strconv.Atoi(n)
	return err == nil && i >= 1 && i <= max(len(r.Messages), 1)
}

func languageNames(codes []string) []string {
	names := make([]string, len(codes))
	for i, code := range codes {
		names[i] = language.Name(code)
	}
	return names
}

func (p *printer) record(r v1.Record, all bool) {
	if r.Disposed != "" {
		p.line("  %s", p.bold("destroyed: closeroll explain "+r.ID.Short()+" cites the certificate of batch "+r.Disposed))
		p.field("record", "%s   %s", r.ID, r.Kind)
		return
	}
	p.line("  %s", p.bold(clip(r.Display, 200)))
	p.field("record", "%s   %s", r.ID, r.Kind)
	p.field("captured", "%s, journal entry %d", r.Captured.UTC().Format(time.RFC3339), r.Entry)
	p.field("sealed", "%s to vault %s   sha256 %s", octets(r.SealedSize), r.Epoch, r.Sealed)
	if !r.TextStatus.Searchable() {
		p.field("text", "%s", p.mark("not all of it could be searched: "+string(r.TextStatus)))
	}
	if len(r.Languages) > 0 {
		p.field("language", "%s", strings.Join(languageNames(r.Languages), ", "))
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
		p.field("came in", "record %s", r.Covering.Short())
	}
	p.authenticity(r.Authenticity)
	if len(r.Thread) > 1 {
		p.field("thread", "%s", count(len(r.Thread), "record", "records"))
	}
	p.messages(r, all)
}

// authenticity says what the signatures of an e-mail were worth at capture.
func (p *printer) authenticity(a *record.Authenticity) {
	if a == nil {
		return
	}
	words := map[record.Verdict]string{record.SignaturePass: "valid at capture", record.SignatureFail: "NOT valid: the message is not what was signed",
		record.SignatureUnreadable: "not readable, or its key is not", record.SignatureUnanswered: "not checked: the key could not be had"}
	for _, s := range a.Signatures {
		p.field("signature", "%s, %s", clip(cmp.Or(s.Domain, "an unnamed domain"), 80), words[s.Verdict])
	}
	for _, r := range a.Results {
		p.field("server", "%s", clip(r, 200))
	}
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
