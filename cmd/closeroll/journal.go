package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) journalVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:     "journal",
		Short:   "Show and verify the journal",
		Example: example("closeroll journal verify"),
	}, e.journalShowVerb(), e.journalVerifyVerb())
}

func (e *env) journalShowVerb() *cobra.Command {
	var d daemonFlags
	var from, limit int64
	var asJSON, bodies bool
	cmd := &cobra.Command{
		Use:     "show",
		Short:   "Print verified entries of the journal",
		Example: example("closeroll journal show --from 120 --limit 20", "closeroll journal show --json > journal.ndjson"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if from < 0 || limit < 0 {
				return usage("--from and --limit are not negative")
			}
			client, err := e.client(d)
			if err != nil {
				return err
			}
			defer client.Close()
			stream, err := client.Stream(cmd.Context(), http.MethodGet, fmt.Sprintf("/v1/journal?from=%d&limit=%d", from, limit), nil)
			if err != nil {
				return fromDaemon(err)
			}
			defer stream.Close()
			p := e.print()
			for entry, err := range api.Lines[v1.Entry](stream) {
				if err != nil {
					return fromDaemon(err)
				}
				if asJSON {
					if err := json.NewEncoder(e.stdout).Encode(entry); err != nil {
						return err
					}
					continue
				}
				if err := p.entry(entry, bodies); err != nil {
					return err
				}
			}
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().Int64Var(&from, "from", 0, "first entry")
	cmd.Flags().Int64Var(&limit, "limit", 0, "entries at most (all)")
	cmd.Flags().BoolVar(&bodies, "bodies", false, "print what the entries say")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object a line, with what the entry says")
	return cmd
}

func (p *printer) entry(e v1.Entry, bodies bool) error {
	about := ""
	if len(e.Subjects) > 0 {
		about = "  " + e.Subjects[0][:min(10, len(e.Subjects[0]))]
	}
	line := fmt.Sprintf("%6d  %s  %-14s %-10s%s", e.Index, e.Time.UTC().Format(time.DateTime), e.Type, clip(e.Actor, 24), about)
	p.line("%s", strings.TrimRight(line, " "))
	if !bodies || e.Body == nil {
		return nil
	}
	b, err := json.Marshal(e.Body)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b, "        ", "  "); err != nil {
		return err
	}
	p.line("        %s", out.String())
	return nil
}

func (e *env) journalVerifyVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Verify every entry of the journal against its signed head",
		Long: `Verify every entry of the journal against its signed head: each entry's hash, the
Merkle tree over all of them, the signature, and that a body is missing only
where a later disposal names it. The tree head can be kept elsewhere, to prove
later that nothing before it was changed.`,
		Example: example("closeroll journal verify"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var v v1.Verification
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/journal/verification", nil, &v); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(v)
			}
			e.print().verification(v)
			return nil
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (p *printer) verification(v v1.Verification) {
	p.field("journal", "%s, tree head %s, signed and verified", count(v.Entries, "entry", "entries"), v.Head.Root)
	if v.Stripped > 0 {
		p.field("", "%s without their bodies, each named by a disposal", count(v.Stripped, "entry", "entries"))
	}
	p.field("key", "%s", v.Key)
	for _, problem := range v.Problems {
		p.field("notice", "%s", problem)
	}
}
