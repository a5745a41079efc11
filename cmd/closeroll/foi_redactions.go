package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/durable"
	"github.com/closeroll/closeroll/search/foi"
	"github.com/closeroll/closeroll/search/foi/redaction"
)

// A listedRedaction is the redactions of one item as redactions prints them.
type listedRedaction struct {
	v1.RedactionLine
	Text string `json:"text,omitempty"` // as it would be released
}

func (e *env) foiRedactionsVerb() *cobra.Command {
	var d daemonFlags
	var i identityFlags
	var out string
	var preview, asJSON bool
	cmd := &cobra.Command{
		Use:   "redactions REF [ITEM…]",
		Short: "List what is redacted, show items as they would be released, or write them out to mark up",
		Long: `List the redactions of a request's items, or of those named. With --preview the
text of each item is shown as it would be released, its lines numbered for
foi redact --lines; items without redactions too, if you name them.

With -o the items named, or all that are decided part or have redactions, are
written to one text file. Put [[s.40(2): and ]] around words with any editor, or
take pairs away, and give the file back:

  closeroll foi redact REF --file marked.txt -i officer.key

The file holds what is to be redacted: keep it as you keep the request.`,
		Example: example("closeroll foi redactions FOI-2026-014", "closeroll foi redactions FOI-2026-014 7qk2m/1 --preview -i officer.key",
			"closeroll foi redactions FOI-2026-014 -o marked.txt -i officer.key"),
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return operands(cmd, args, []string{"REF"}, 1)
			case preview && out != "":
				return usage("--preview shows the text here, -o writes it to a file: choose one")
			case preview || out != "":
				return e.redactedTexts(cmd.Context(), d, i, args[0], args[1:], out, asJSON)
			}
			client, err := e.client(d)
			if err != nil {
				return err
			}
			defer client.Close()
			in, err := fetchRedactions(cmd.Context(), client, args[0])
			if err != nil {
				return fromDaemon(err)
			}
			list := listedRedactions(in, args[1:])
			if asJSON {
				return e.writeJSON(list)
			}
			e.print().redactions(args[0], list)
			return nil
		},
	}
	d.add(cmd)
	i.add(cmd)
	cmd.Flags().BoolVar(&preview, "preview", false, "show the text as it would be released, with line numbers")
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write, to be marked up")
	jsonFlag(cmd, &asJSON)
	e.completeRefs(cmd, &d)
	return cmd
}

// listedRedactions are those in force, of the items that begin so or of all.
func listedRedactions(in map[string]v1.RedactionLine, items []string) []listedRedaction {
	list := []listedRedaction{}
	for id, r := range in {
		named := slices.ContainsFunc(items, func(begin string) bool {
			return strings.HasPrefix(id, strings.ToLower(begin)) || strings.HasPrefix(shortItem(id), begin)
		})
		if len(r.Spans) > 0 && (len(items) == 0 || named) {
			list = append(list, listedRedaction{RedactionLine: r})
		}
	}
	slices.SortFunc(list, func(a, b listedRedaction) int { return strings.Compare(a.Item, b.Item) })
	return list
}

func (p *printer) redactions(ref string, list []listedRedaction) {
	total := 0
	for _, r := range list {
		total += len(r.Spans)
		p.line("  %s  %s", p.bold(shortItem(r.Item)), p.dim(fmt.Sprintf("%s by %s on %s, entry %d", count(len(r.Spans), "redaction", "redactions"), r.By, moment(r.At, london()), r.Entry)))
		for i, s := range r.Spans {
			note := ""
			if s.Note != "" {
				note = ": " + clip(s.Note, 80)
			}
			p.line("    %3d  %s  %s%s", i+1, count(s.To-s.From, "octet", "octets"), strings.Join(s.Exemptions, ", "), note)
		}
	}
	p.line("  %s in %s of %s", p.bold(count(total, "redaction", "redactions")), count(len(list), "item", "items"), ref)
}

// redactedTexts opens items, and shows them or writes them to be marked up.
func (e *env) redactedTexts(ctx context.Context, d daemonFlags, i identityFlags, ref string, items []string, out string, asJSON bool) error {
	r, client, err := e.reader(d, i)
	if err != nil {
		return err
	}
	defer client.Close()
	set, err := fetchSet(ctx, client, ref, 0)
	if err != nil {
		return fromDaemon(err)
	}
	in, err := fetchRedactions(ctx, client, ref)
	if err != nil {
		return fromDaemon(err)
	}
	targets, err := toMarkUp(set, in, ref, items)
	if err != nil {
		return err
	}
	l := e.lectern(r, ref)
	var file bytes.Buffer
	list := []listedRedaction{}
	b := e.progress("items")
	defer b.end()
	for n, t := range targets {
		b.set(int64(n), int64(len(targets)))
		text, err := l.render(ctx, t)
		if err != nil {
			return err
		}
		was := in[t.ID]
		if len(was.Spans) > 0 {
			if err := fits(&text, was); err != nil {
				return err
			}
		}
		switch {
		case out != "":
			if err := text.WriteMarkup(&file, was.Entry, was.Spans); err != nil {
				return err
			}
		case asJSON:
			was.RedactedItem = text.Redacted(was.Entry, append([]record.RedactedSpan{}, was.Spans...))
			list = append(list, listedRedaction{was, redaction.Join(redaction.Apply(text.Text, was.Spans))})
		default:
			e.print().numbered(&text, t, was)
		}
	}
	b.end()
	switch {
	case out != "":
		return e.writeMarkup(out, ref, &file, len(targets))
	case asJSON:
		return e.writeJSON(list)
	}
	return nil
}

// toMarkUp is the items named, or all that are decided part or have redactions.
func toMarkUp(set *requestSet, in map[string]v1.RedactionLine, ref string, items []string) ([]foi.Target, error) {
	if len(items) > 0 {
		return targetsIn(set, ref, items)
	}
	var all []foi.Target
	for k := range set.Items {
		it := &set.Items[k].Item
		if len(in[it.Item].Spans) > 0 || it.Decision != nil && it.Decision.Decision == "part" {
			all = append(all, foi.Target{Item: it, ID: it.Item})
		}
	}
	for id, r := range in {
		if strings.Contains(id, "+") && len(r.Spans) > 0 {
			part, err := targetsIn(set, ref, []string{id})
			if err != nil {
				return nil, err
			}
			all = append(all, part...)
		}
	}
	slices.SortStableFunc(all, func(a, b foi.Target) int {
		if a.Item.No != b.Item.No {
			return a.Item.No - b.Item.No
		}
		return strings.Compare(a.ID, b.ID)
	})
	if len(all) == 0 {
		return nil, advise(fmt.Errorf("nothing in %s is decided part or has redactions", ref), exitNotFound, "name items, or decide first: closeroll foi decide %s ITEM --decision part", ref)
	}
	return all, nil
}

func (e *env) writeMarkup(out, ref string, items *bytes.Buffer, n int) error {
	var all bytes.Buffer
	if err := redaction.WriteMarkup(&all, ref); err != nil {
		return err
	}
	all.Write(items.Bytes())
	if err := durable.Create(out, all.Bytes(), 0o600); errors.Is(err, fs.ErrExist) {
		return advise(fmt.Errorf("%s is there already", out), exitUsage, "name another file with -o")
	} else if err != nil {
		return err
	}
	e.print().line("  %s: %s; put [[s.40(2): and ]] around words, then closeroll foi redact %s --file %s", out, count(n, "item", "items"), ref, out)
	return nil
}

// numbered prints an item as it would be released, its lines numbered as they
// are before.
func (p *printer) numbered(r *redaction.Rendering, t foi.Target, by v1.RedactionLine) {
	p.line("  %s  %s", p.bold(shortItem(t.ID)), p.dim(count(len(by.Spans), "redaction", "redactions")))
	start := func(n int) { fmt.Fprintf(p.w, "  %s  ", p.dim(fmt.Sprintf("%4d", n))) }
	start(1)
	for _, piece := range redaction.Apply(r.Text, by.Spans) {
		if piece.Redacted {
			fmt.Fprint(p.w, p.mark(piece.Text))
			continue
		}
		at := piece.From
		for line := range strings.Lines(piece.Text) {
			text, ended := strings.CutSuffix(line, "\n")
			fmt.Fprint(p.w, text)
			if at += len(line); ended {
				fmt.Fprintln(p.w)
				if at < len(r.Text) {
					start(r.Line(at))
				}
			}
		}
	}
	p.line("")
}
