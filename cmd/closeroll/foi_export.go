package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/durable"
	"github.com/closeroll/closeroll/internal/reader"
	"github.com/closeroll/closeroll/search/foi"
	"github.com/closeroll/closeroll/search/foi/production"
)

// exportFlags say what is produced and where.
type exportFlags struct {
	daemonFlags
	identityFlags
	out, concordance string
	formats          []string
	leaveOut, strict bool
	native, because  string
	acknowledged     []string
	json             bool
}

func (e *env) foiExportVerb() *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export REF --out DIR|FILE.zip",
		Short: "Produce what is disclosed: new plain renderings, redacted, checked, in one bundle",
		Long: `Produce the items that are decided release or part: new plain renderings with
[REDACTED s.40(2)] where words are struck out, as text, HTML and PDF, in volumes,
with lists for machines (items.csv, items.json), as a BagIt folder or a zip file.
Nothing of the originals is in it but what the redactions leave. Items have the
numbers of foi set and foi schedule; an e-mail has its attachments with it.

The records are opened here with your identity, each opening journalled. What was
written is read again: no redacted word may stand in its item or in any octet of
the bundle, unless you left it visible somewhere; where you did you are told, and
--strict refuses. A bundle that does not pass is removed. The production is
journalled with its digest before it has its name.

It is refused while items are undecided (--leave-out-undecided produces the rest),
while an item decided part has nothing redacted or withheld, or one decided
release has, and where an item is rendered otherwise than when it was redacted.
Attachments go with an item that is released; of one released in part each is to
be decided or redacted.

With --native eml or mbox the e-mails that are released whole, with all their
attachments, come as they were received too, with all that their headers and files
hold. That is for those entitled to it: for subject access, or with --because WHY,
which is journalled. Each goes through the disclosure linter (closeroll foi lint)
and is refused unless its findings are accepted with --acknowledge.`,
		Example: example("closeroll foi export FOI-2026-014 --out disclosure -i officer.key",
			"closeroll foi export FOI-2026-014 --out disclosure.zip --format pdf,html --concordance numbers.csv -i officer.key"),
		Args: takes("REF"),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, format := range f.formats {
				if !slices.Contains(production.Formats(), format) {
					return usage("%q is no format: %s", format, strings.Join(production.Formats(), ", "))
				}
			}
			if f.native != "" && f.native != production.NativeEML && f.native != production.NativeMbox {
				return usage("--native is eml or mbox")
			}
			for _, name := range []string{f.out, f.concordance} {
				if _, err := os.Lstat(name); err == nil && name != "" {
					return advise(fmt.Errorf("%s is there already", name), exitUsage, "name another with --out or --concordance")
				}
			}
			r, client, err := e.reader(f.daemonFlags, f.identityFlags)
			if err != nil {
				return err
			}
			defer client.Close()
			return e.export(cmd.Context(), r, client, &f, args[0])
		},
	}
	f.daemonFlags.add(cmd)
	f.identityFlags.add(cmd)
	fl := cmd.Flags()
	fl.StringVarP(&f.out, "out", "o", "", "folder to make, or zip file if it ends in .zip")
	fl.StringSliceVar(&f.formats, "format", production.Formats(), strings.Join(production.Formats(), ", "))
	fl.BoolVar(&f.leaveOut, "leave-out-undecided", false, "produce what is decided and leave the rest out")
	fl.BoolVar(&f.strict, "strict", false, "refuse if redacted words can be read in another place")
	fl.StringVar(&f.native, "native", "", "produce e-mails released whole as they were received too: eml or mbox")
	fl.StringVar(&f.because, "because", "", "why originals are produced, where it is no subject access request")
	acknowledgeFlag(cmd, &f.acknowledged)
	fl.StringVar(&f.concordance, "concordance", "", "file to write: which record each number is; keep it, it is not to be sent")
	jsonFlag(cmd, &f.json)
	completes(cmd, "format", production.Formats()...)
	completes(cmd, "native", production.NativeEML, production.NativeMbox)
	needs(cmd, "out")
	e.completeRefs(cmd, &f.daemonFlags)
	return cmd
}

// An exported production is what export prints for machines.
type exported struct {
	Production int    `json:"production"`
	Path       string `json:"path"`
	LeftOut    int    `json:"left_out,omitempty"`
	production.Result
	Notices []string `json:"notices,omitempty"`
}

// export produces a request: everything is prepared and checked under another
// name, then journalled, then given its name.
func (e *env) export(ctx context.Context, r *reader.Reader, client *api.Client, f *exportFlags, ref string) error {
	var basis v1.ProductionBasis
	if err := client.Do(ctx, http.MethodGet, requestPath(ref, "/production"), nil, &basis); err != nil {
		return fromDaemon(err)
	}
	if f.native != "" && basis.Kind != foi.SAR && f.because == "" {
		return advise(fmt.Errorf("%s is no subject access request: original e-mails hold what nobody sees", ref), exitUsage, "leave --native out, or say why with --because")
	}
	plan, err := e.planned(ctx, r, client, f, ref)
	if err != nil {
		return err
	}
	terms, err := plan.prepare(ctx, e.progress("items with redactions"))
	if err != nil {
		return err
	}
	a := production.About{Request: ref, Number: basis.Next, Law: basis.Law, Authority: basis.Authority, Program: "closeroll " + version,
		Made: e.now(), Zone: london(), Formats: f.formats, Native: f.native}
	parent, err := os.MkdirTemp(filepath.Dir(filepath.Clean(f.out)), durable.TempPrefix)
	if err != nil {
		return advise(err, exitUsage, "name a folder that you may write to with --out")
	}
	defer os.RemoveAll(parent)
	staged := filepath.Join(parent, "bundle")
	b := e.progress("items")
	result, err := production.Produce(ctx, staged, a, terms, plan.items(ctx, filepath.Join(parent, "concordance")), func() {
		plan.done++
		b.set(int64(plan.done), int64(len(plan.chosen)))
	})
	b.end()
	out := exported{Production: basis.Next, Path: f.out, LeftOut: plan.leftOut, Result: result, Notices: plan.notices()}
	switch {
	case errors.Is(err, production.ErrLeak):
		return e.refused(f, out, advise(err, exitUnverified, "nothing was produced; this should not happen: tell the archive's owner, with the lines above"))
	case err != nil:
		return err
	case f.strict && len(result.Check.Visible) > 0:
		return e.refused(f, out, advise(errors.New("redacted words can be read in another place, and --strict refuses that"), exitFailure,
			"nothing was produced; redact them there too, or leave --strict out"))
	}
	staged, err = pack(f, staged, a)
	if err != nil {
		return err
	}
	made := record.RequestProduced{Production: basis.Next, Known: basis.Version, Digest: result.Digest, Formats: f.formats, Items: result.Items,
		Files: result.Rendered, Redactions: result.Redactions, LeftOut: plan.leftOut}
	if result.Native > 0 {
		made.Natively, made.Note = []string{f.native}, f.because
	}
	if err := client.Do(ctx, http.MethodPost, requestPath(ref, "/productions"), v1.Produce{Changing: v1.Changing{Ref: ref}, RequestProduced: made}, nil); err != nil {
		return fromDaemon(err)
	}
	if f.concordance != "" {
		if err := durable.Rename(filepath.Join(parent, "concordance"), f.concordance); err != nil {
			return err
		}
	}
	if err := durable.Rename(staged, f.out); err != nil {
		return advise(err, exitFailure, "production P%d is journalled, but has not got its name; export it again", basis.Next)
	}
	if f.json {
		return e.writeJSON(out)
	}
	e.print().produced(ref, out)
	return nil
}

// pack makes a zip file of a bundle, if that is wanted.
func pack(f *exportFlags, staged string, a production.About) (string, error) {
	if !strings.HasSuffix(strings.ToLower(f.out), ".zip") {
		return staged, nil
	}
	return staged + ".zip", production.Zip(staged, staged+".zip", production.Folder(a))
}

// refused prints what was found in a production of which nothing comes, and
// returns why.
func (e *env) refused(f *exportFlags, out exported, why error) error {
	if f.json {
		return errors.Join(why, e.writeJSON(out))
	}
	p := e.print()
	for _, l := range out.Check.Leaks {
		where := ""
		if l.Item != "" {
			where = fmt.Sprintf(" (redaction %d of %s)", l.Redaction, l.Item)
		}
		p.line("  %s: %s%s", p.mark(l.File), l.Why, where)
	}
	p.visible(out.Check.Visible)
	return why
}

// produced says what was produced.
func (p *printer) produced(ref string, out exported) {
	pages := ""
	if out.Pages > 0 {
		pages = ", " + count(out.Pages, "page", "pages")
	}
	p.line("  %s  %s: %s in %s%s, %s", p.bold(fmt.Sprintf("P%d", out.Production)), out.Path, p.bold(count(out.Items, "item", "items")),
		count(out.Volumes, "volume", "volumes"), pages, count(out.Redactions, "redaction", "redactions"))
	for _, c := range []struct {
		n         int
		one, many string
	}{
		{out.Rendered, "attachment rendered with them", "attachments rendered with them"},
		{out.Withheld, "attachment withheld", "attachments withheld"},
		{out.Unrendered, "attachment without words, such as a picture: it is named, and not in it", "attachments without words, such as pictures: they are named, and not in it"},
		{out.Copies, "file that was redacted with another tool", "files that were redacted with another tool"},
		{out.Native, "e-mail as it was received too", "e-mails as they were received too"},
		{out.LeftOut, "item undecided and left out", "items undecided and left out"},
	} {
		if c.n > 0 {
			p.line("      %s", count(c.n, c.one, c.many))
		}
	}
	p.line("      checked: %s read again; %s looked for", count(out.Check.Files, "file was", "files were"), count(out.Check.Words, "redacted text", "redacted texts"))
	for _, n := range out.Notices {
		p.line("  %s", p.mark(n))
	}
	p.visible(out.Check.Visible)
	p.line("      manifest-sha256.txt has the digest %s, which is journalled", out.Digest)
	p.line("  closeroll foi schedule %s lists the documents", ref)
}

func (p *printer) visible(list []production.Visible) {
	if len(list) == 0 {
		return
	}
	p.line("  %s", p.mark(fmt.Sprintf("%s can still be read elsewhere, because nobody redacted them there:", count(len(list), "redacted text", "redacted texts"))))
	for i, v := range list {
		if i == maxPreview {
			p.line("      and %s", count(len(list)-i, "more", "more"))
			break
		}
		more := ""
		if v.Items > len(v.In) {
			more = fmt.Sprintf(" and %s more", thousands(v.Items-len(v.In)))
		}
		p.line("      %s%s%s  redacted in %s, readable in %s%s", p.markStart(), clip(v.Words, 60), p.markEnd(), v.Item, strings.Join(v.In, ", "), more)
	}
}

// lectern opens items of a request; attachments are read in children of this
// binary.
func (e *env) lectern(r *reader.Reader, ref string) *lectern {
	return &lectern{reader: r, ref: ref, extract: e.extractor(configs.Extract{})}
}
