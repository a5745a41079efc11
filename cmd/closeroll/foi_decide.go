package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/foi"
)

// decideFlags are a decision as the command line gives it.
type decideFlags struct {
	daemonFlags
	versionFlag
	req       v1.DecideItems
	file      string
	yes, json bool
}

func (e *env) foiDecideVerb() *cobra.Command {
	var f decideFlags
	cmd := &cobra.Command{
		Use:   "decide REF [ITEM…]",
		Short: "Decide what is released and what is withheld, after a preview",
		Long: `Decide about items of a request's set: those named, what --query finds among
them, all of a --thread or chat, or the copies of one message (--copy-group). ITEM is
an id as closeroll foi set prints it; +1 at its end is its first attachment alone.

Decisions are release, part (released with redactions), withhold, out_of_scope and
not_held. Withholding takes an exemption: of FOIA as s.40(2), an exception of the
EIR as reg 12(4)(b), of the Data Protection Act as Sch 2 para 16. Where it is
qualified, --public-interest says how the public interest was weighed.

What would be decided is shown first; nothing is decided until you confirm it, at
the terminal or with --yes. closeroll foi undo takes it back.

With --file decisions come from a table that closeroll foi decisions wrote. Only
the rows that you changed are taken, and all are refused if somebody has decided
about one of them meanwhile.`,
		Example: example("closeroll foi decide FOI-2026-014 7qk2m/1 --decision release --yes",
			"closeroll foi decide FOI-2026-014 --query 'legal advice' --decision withhold --exemption 42 --public-interest 'advice is live; …'",
			"closeroll foi decide FOI-2026-014 --file decisions.csv"),
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return operands(cmd, args, []string{"REF"}, 1)
			}
			f.req.Ref, f.req.Items, f.req.Version = args[0], args[1:], f.version
			client, err := e.client(f.daemonFlags)
			if err != nil {
				return err
			}
			defer client.Close()
			if f.file != "" {
				return e.decideFile(cmd.Context(), client, &f)
			}
			return e.decideItems(cmd.Context(), client, &f)
		},
	}
	f.daemonFlags.add(cmd)
	f.versionFlag.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.req.Query, "query", "", "what this query finds in the set")
	fl.StringVar(&f.req.Thread, "thread", "", "all of the thread or chat of this record")
	fl.StringVar(&f.req.CopyGroup, "copy-group", "", "all copies of this message")
	fl.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "copygroup" { // as the query language writes it
			name = "copy-group"
		}
		return pflag.NormalizedName(name)
	})
	fl.BoolVar(&f.req.Context, "context", false, "of chats, the messages around too")
	fl.BoolVar(&f.req.Undecided, "undecided", false, "only what is not decided yet")
	fl.StringVar(&f.req.Decision, "decision", "", strings.Join(foi.Decisions(), ", "))
	fl.StringArrayVar(&f.req.Exemptions, "exemption", nil, "an exemption that it relies on; may be repeated")
	fl.StringVar(&f.req.Note, "note", "", "why, for the internal schedule")
	fl.StringVar(&f.req.PublicInterest, "public-interest", "", "how the public interest was weighed")
	fl.StringVar(&f.file, "file", "", "table of decisions that closeroll foi decisions wrote")
	fl.BoolVar(&f.yes, "yes", false, "do it without asking")
	jsonFlag(cmd, &f.json)
	completes(cmd, "decision", foi.Decisions()...)
	e.completeRefs(cmd, &f.daemonFlags)
	return cmd
}

// decideItems shows a decision and then makes it, if a person says so.
func (e *env) decideItems(ctx context.Context, client *api.Client, f *decideFlags) error {
	path := requestPath(f.req.Ref, "/decisions")
	preview := f.req
	preview.DryRun = true
	var seen v1.Ruled
	if err := client.Do(ctx, http.MethodPost, path, preview, &seen); err != nil {
		return fromDaemon(err)
	}
	if !f.json {
		e.print().ruled(seen)
	}
	sure, err := e.confirm(f.yes, "Decide this?")
	if err != nil {
		return err
	}
	if !sure {
		return e.notDone(f.json, seen, "nothing was decided; --yes decides it")
	}
	f.req.Expect = seen.Expect
	var done v1.Ruled
	if err := client.Do(ctx, http.MethodPost, path, f.req, &done); err != nil {
		return fromDaemon(err)
	}
	if f.json {
		return e.writeJSON(done)
	}
	e.print().line("  decided; %s undecided", count(done.Left, "item is", "items are"))
	return nil
}

// notDone says that a preview was all.
func (e *env) notDone(asJSON bool, preview any, text string) error {
	if asJSON {
		return e.writeJSON(preview)
	}
	e.print().line("  %s", text)
	return nil
}

// confirm asks at the terminal; without one only yes is an answer.
func (e *env) confirm(yes bool, question string) (bool, error) {
	if yes || !e.interactive() {
		return yes, nil
	}
	fmt.Fprintf(e.stderr, "  %s [y/N] ", question)
	line, err := bufio.NewReader(e.stdin).ReadString('\n')
	if err != nil && line == "" {
		return false, err
	}
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "y" || answer == "yes", nil
}

// interactive reports whether a person sits at standard input and output.
func (e *env) interactive() bool {
	in, ok := e.stdin.(*os.File)
	return ok && term.IsTerminal(int(in.Fd())) && e.columns > 0
}

// maxPreview is how many items a preview lists.
const maxPreview = 40

func (p *printer) ruled(r v1.Ruled) {
	what := strings.ReplaceAll(r.Decision, "_", " ")
	if len(r.Exemptions) > 0 {
		what += " under " + strings.Join(r.Exemptions, ", ")
	}
	if what != "" {
		p.line("  %s: %s", p.bold(what), count(len(r.Items), "item", "items"))
	}
	for i, it := range r.Items {
		if i == maxPreview {
			p.line("      and %s", count(len(r.Items)-i, "more", "more"))
			break
		}
		was := ""
		if it.Was != nil {
			was = "   " + p.mark("was "+rulingWords(it.Was))
		}
		title := it.Display
		if it.Chat != "" {
			title = it.Sender + " in " + it.Chat
		}
		p.line("      %-12s  %-17s  %s%s", shortItem(it.Item), moment(it.Sent, london()), clip(title, max(p.width-60, 30)), was)
	}
	for _, n := range r.Notices {
		p.line("  %s", p.mark(n))
	}
}

// shortItem shortens the record's id in an item's.
func shortItem(item string) string {
	id, rest, _ := strings.Cut(item, "/")
	return id[:min(len(id), 10)] + "/" + rest
}

func (e *env) foiUndoVerb() *cobra.Command {
	var d daemonFlags
	var yes, asJSON bool
	cmd := &cobra.Command{
		Use:   "undo REF [ENTRY]",
		Short: "Take back your newest decision or redaction, or that of this journal entry",
		Long: `Take a decision or redactions back. The items have what was before it again, or
none. Both stay in the journal. Nothing is taken back until you confirm it.`,
		Example: example("closeroll foi undo FOI-2026-014", "closeroll foi undo FOI-2026-014 1412 --yes"),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return operands(cmd, args, []string{"REF"}, 1)
			}
			return operands(cmd, args, []string{"REF", "ENTRY"}, 0)
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			req := v1.Undo{Changing: v1.Changing{Ref: args[0]}, DryRun: true}
			if len(args) > 1 {
				if req.Entry, err = strconv.ParseInt(args[1], 10, 64); err != nil || req.Entry < 1 {
					return usage("%q is no journal entry", args[1])
				}
			}
			var seen v1.Undone
			if err := e.call(cmd.Context(), d, http.MethodPost, requestPath(args[0], "/undo"), req, &seen); err != nil {
				return err
			}
			if !asJSON {
				e.print().undone(seen)
			}
			sure, err := e.confirm(yes, "Take it back?")
			if err != nil {
				return err
			}
			if !sure {
				return e.notDone(asJSON, seen, "nothing was taken back; --yes does it")
			}
			req.Entry, req.DryRun = seen.Entry, false
			if err := e.call(cmd.Context(), d, http.MethodPost, requestPath(args[0], "/undo"), req, &seen); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(seen)
			}
			e.print().line("  taken back")
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().BoolVar(&yes, "yes", false, "do it without asking")
	jsonFlag(cmd, &asJSON)
	e.completeRefs(cmd, &d)
	return cmd
}

func (p *printer) undone(u v1.Undone) {
	for i, it := range u.Restored {
		if i == maxPreview {
			break
		}
		p.line("      %-12s  %s, and then again %d", shortItem(it.Item), count(it.Was, "redaction", "redactions"), it.Now)
	}
	if len(u.Restored) > 0 {
		return
	}
	p.line("  decision %d, about %s now in force by it", u.Entry, count(len(u.Items), "item", "items"))
	for i, it := range u.Items {
		if i == maxPreview {
			break
		}
		now := "undecided"
		if it.Now != nil {
			now = rulingWords(it.Now)
		}
		p.line("      %-12s  %s, and then again: %s", shortItem(it.Item), rulingWords(it.Was), now)
	}
}
