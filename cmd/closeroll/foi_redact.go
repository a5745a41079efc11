package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/reader"
	"github.com/closeroll/closeroll/search/foi"
	"github.com/closeroll/closeroll/search/foi/redaction"
)

// redactFlags say what is to be redacted, in one of the ways.
type redactFlags struct {
	daemonFlags
	identityFlags
	versionFlag
	from, file, accept, note string
	words, lines, exemptions []string
	nth                      int
	remove                   []int
	personal, clear          bool
	inside, all, yes, json   bool
}

func (e *env) foiRedactVerb() *cobra.Command {
	var f redactFlags
	cmd := &cobra.Command{
		Use:   "redact REF [ITEM…]",
		Short: "Strike words out of items before they are released, after a preview",
		Long: `Redact items of a request's set, or their attachments (ITEM+1). Say what in one
way:

  --words 'Jane Smith'   these words wherever they are, however broken into lines;
                         --nth 2 only there, --inside within longer words too
  --lines 12-14          these lines, as foi redactions --preview numbers them
  --personal             what looks like an address, a telephone number, an e-mail
                         address or a National Insurance number: these are
                         proposals, and --accept 1,3-5 or --accept all takes them
  --from ITEM            what is redacted in another item, such as another copy
  --file marked.txt      a file that foi redactions -o wrote and you marked up
  --remove 2             not redaction 2 any more; --clear: none at all

Each redaction relies on an exemption. What was redacted already stays as it is.
With --all instead of ITEM every item of the set is looked through that is not
withheld. The records are opened here with your identity; the daemon is told of
places and exemptions, never of words. Nothing is redacted until you confirm it,
at the terminal or with --yes; closeroll foi undo takes it back.`,
		Example: example("closeroll foi redact FOI-2026-014 7qk2m/1 --words 'Jane Smith' --exemption 's.40(2)' -i officer.key",
			"closeroll foi redact FOI-2026-014 --all --personal --exemption 's.40(2)' --accept all -i officer.key",
			"closeroll foi redact FOI-2026-014 --file marked.txt -i officer.key"),
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return operands(cmd, args, []string{"REF"}, 1)
			}
			if err := f.check(args[1:]); err != nil {
				return err
			}
			r, client, err := e.reader(f.daemonFlags, f.identityFlags)
			if err != nil {
				return err
			}
			defer client.Close()
			return e.redact(cmd.Context(), r, client, &f, args[0], args[1:])
		},
	}
	f.daemonFlags.add(cmd)
	f.identityFlags.add(cmd)
	f.versionFlag.add(cmd)
	fl := cmd.Flags()
	fl.StringArrayVar(&f.words, "words", nil, "redact these words; may be repeated")
	fl.IntVar(&f.nth, "nth", 0, "of the places where the words are, only this one")
	fl.BoolVar(&f.inside, "inside", false, "find the words within longer words too")
	fl.StringArrayVar(&f.lines, "lines", nil, "redact these lines, 12 or 12-14; may be repeated")
	fl.BoolVar(&f.personal, "personal", false, "propose what looks like personal data")
	fl.StringVar(&f.accept, "accept", "", "of the proposals, take these: 1,3-5 or all")
	fl.StringVar(&f.from, "from", "", "redact what is redacted in this item")
	fl.StringVar(&f.file, "file", "", "marked-up file that closeroll foi redactions wrote")
	fl.IntSliceVar(&f.remove, "remove", nil, "take redactions of these numbers away")
	fl.BoolVar(&f.clear, "clear", false, "take all redactions of the items away")
	fl.StringArrayVar(&f.exemptions, "exemption", nil, "the exemption that it relies on; may be repeated")
	fl.StringVar(&f.note, "note", "", "why, for the internal schedule; for a qualified exemption, how the public interest was weighed")
	fl.BoolVar(&f.all, "all", false, "in every item of the set that is not withheld")
	fl.BoolVar(&f.yes, "yes", false, "do it without asking")
	jsonFlag(cmd, &f.json)
	e.completeRefs(cmd, &f.daemonFlags)
	return cmd
}

// check says what is wrong with the flags before anything is opened.
func (f *redactFlags) check(items []string) error {
	ways := 0
	for _, given := range []bool{len(f.words) > 0, len(f.lines) > 0, f.personal, f.from != "", f.file != "", len(f.remove) > 0, f.clear} {
		if given {
			ways++
		}
	}
	adds := len(f.words) > 0 || len(f.lines) > 0 || f.personal && f.accept != ""
	switch {
	case ways != 1:
		return usage("say what is redacted in one way: --words, --lines, --personal, --from, --file, --remove or --clear")
	case f.file != "" && (len(items) > 0 || f.all):
		return usage("--file says which items it is about: give none besides")
	case f.file == "" && (len(items) > 0) == f.all:
		return usage("name the items, or give --all")
	case adds && len(f.exemptions) == 0:
		return usage("--exemption is missing: what is not released relies on one")
	case f.nth != 0 && len(f.words) == 0 || f.inside && len(f.words) == 0 || f.accept != "" && !f.personal:
		return usage("--nth and --inside go with --words, --accept with --personal")
	case (len(f.lines) > 0 || len(f.remove) > 0) && (f.all || len(items) > 1):
		return usage("lines and numbers are those of one item: name one")
	}
	return nil
}

// A striking is one person redacting.
type striking struct {
	*redactFlags
	*lectern
	set    *requestSet
	in     map[string]v1.RedactionLine
	finder *foi.Finder
	shown  *printer // nil: nothing is printed
	number int      // of the proposals so far

	made []record.RedactedItem
	out  []struckItem
	lost int
}

// A struckItem is what is redacted in one item, as it is shown.
type struckItem struct {
	Item  string       `json:"item"`
	Known int64        `json:"known"`
	Spans []struckSpan `json:"spans"`
}

// A struckSpan is a redaction with its words, for the person who opened them.
type struckSpan struct {
	record.RedactedSpan
	Line  int    `json:"line"`
	Words string `json:"words"`
	New   bool   `json:"new,omitempty"`
}

func (e *env) redact(ctx context.Context, r *reader.Reader, client *api.Client, f *redactFlags, ref string, items []string) error {
	k := &striking{redactFlags: f, lectern: e.lectern(r, ref), finder: foi.NewFinder(), out: []struckItem{}}
	if !f.json {
		k.shown = e.print()
	}
	var err error
	if k.set, err = fetchSet(ctx, client, ref, 0); err != nil {
		return fromDaemon(err)
	}
	if k.in, err = fetchRedactions(ctx, client, ref); err != nil {
		return fromDaemon(err)
	}
	if f.file != "" {
		err = k.fromFile(ctx)
	} else {
		err = k.each(ctx, e.progress("items"), items)
	}
	if err != nil {
		return err
	}
	return e.settle(ctx, client, k)
}

// settle shows what would be redacted, and has it journalled if a person says so.
func (e *env) settle(ctx context.Context, client *api.Client, k *striking) error {
	if k.lost > 0 {
		fmt.Fprintf(e.stderr, "closeroll: notice: %s of the other item found no place here: look for them by hand\n", count(k.lost, "redaction", "redactions"))
	}
	if len(k.made) == 0 {
		if k.personal && k.accept == "" && k.number > 0 {
			return e.notDone(k.json, k.out, "these are proposals; --accept 1,3-5 or --accept all redacts them")
		}
		return e.notDone(k.json, k.out, "nothing is to be redacted that is not already")
	}
	req := v1.RedactItems{Changing: v1.Changing{Ref: k.ref, Version: k.version}, Items: k.made, DryRun: true}
	var seen v1.Redacted
	if err := client.Do(ctx, http.MethodPost, requestPath(k.ref, "/redactions"), req, &seen); err != nil {
		return fromDaemon(err)
	}
	if !k.json {
		for _, n := range seen.Notices {
			k.shown.line("  %s", k.shown.mark(n))
		}
	}
	sure, err := e.confirm(k.yes, "Redact this?")
	if err != nil {
		return err
	}
	if !sure {
		return e.notDone(k.json, k.out, "nothing was redacted; --yes redacts it")
	}
	req.DryRun = false
	if err := client.Do(ctx, http.MethodPost, requestPath(k.ref, "/redactions"), req, &seen); err != nil {
		return fromDaemon(err)
	}
	if k.json {
		return e.writeJSON(k.out)
	}
	k.shown.line("  %s", k.tally())
	return nil
}

func (k *striking) tally() string {
	total := 0
	for _, it := range k.made {
		total += len(it.Spans)
	}
	return fmt.Sprintf("%s in %s now; closeroll foi redactions %s --preview shows the text", count(total, "redaction", "redactions"), count(len(k.made), "item", "items"), k.ref)
}

// chosen is what the items given, or --all, name.
func (k *striking) chosen(items []string) ([]foi.Target, error) {
	if !k.all {
		return targetsIn(k.set, k.ref, items)
	}
	var all []foi.Target
	for i := range k.set.Items {
		it := &k.set.Items[i].Item
		if it.Disposed == "" && (it.Decision == nil && !it.Context || it.Decision != nil && slices.Contains([]string{"release", "part"}, it.Decision.Decision)) {
			all = append(all, foi.Target{Item: it, ID: it.Item})
		}
	}
	return all, nil
}

// each redacts one item after another.
func (k *striking) each(ctx context.Context, b *bar, items []string) error {
	targets, err := k.chosen(items)
	if err != nil {
		return err
	}
	defer b.end()
	for n, t := range targets {
		b.set(int64(n), int64(len(targets)))
		r, err := k.render(ctx, t)
		if err != nil {
			return err
		}
		was := k.in[t.ID]
		if len(was.Spans) > 0 && !k.clear {
			if err := fits(&r, was); err != nil {
				return err
			}
		}
		spans, err := k.change(ctx, t, &r, was.Spans)
		if err != nil {
			return advise(fmt.Errorf("%s: %w", shortItem(t.ID), err), exitUsage, "closeroll foi redactions %s %s --preview numbers its lines and redactions", k.ref, shortItem(t.ID))
		}
		k.take(t, &r, was, spans)
	}
	return nil
}

// fits is Fit with a hint.
func fits(r *redaction.Rendering, by v1.RedactionLine) error {
	if err := r.Fit(by.RedactedItem); err != nil {
		return advise(err, exitUnverified, "take its redactions away with closeroll foi redact REF ITEM --clear, and redact it again")
	}
	return nil
}

// change returns what is redacted in an item from now on.
func (k *striking) change(ctx context.Context, t foi.Target, r *redaction.Rendering, was []record.RedactedSpan) ([]record.RedactedSpan, error) {
	switch {
	case k.clear:
		return []record.RedactedSpan{}, nil
	case len(k.remove) > 0:
		return redaction.Remove(was, k.remove)
	case k.from != "":
		carried, err := k.carry(ctx, r)
		all, _ := redaction.Add(was, carried)
		return all, err
	}
	places, err := k.places(r)
	if err != nil {
		return nil, err
	}
	if k.personal {
		places = k.accepted(t, r, was, places)
	}
	all, _ := redaction.Add(was, redaction.Under(places, k.exemptions, k.note))
	return all, nil
}

// places finds what is meant in a rendering.
func (k *striking) places(r *redaction.Rendering) ([]redaction.Place, error) {
	var all []redaction.Place
	for _, words := range k.words {
		found, err := r.Words(words, k.inside)
		if err != nil {
			return nil, err
		}
		if k.nth != 0 {
			if k.nth < 0 || k.nth > len(found) {
				return nil, fmt.Errorf("these words are there %s", count(len(found), "time", "times"))
			}
			found = found[k.nth-1 : k.nth]
		}
		if len(found) == 0 && !k.all {
			return nil, errors.New("these words are not in it")
		}
		all = append(all, found...)
	}
	for _, l := range k.lines {
		first, last, ranged := strings.Cut(l, "-")
		if !ranged {
			last = first
		}
		from, err1 := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err1 != nil || err2 != nil {
			return nil, fmt.Errorf("%q is no line, nor lines as 12-14", l)
		}
		p, err := r.Lines(from, to)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	if k.personal {
		for _, m := range k.finder.Find(r.Text) {
			all = append(all, redaction.Place{From: m.From, To: m.To})
		}
	}
	return all, nil
}

// accepted numbers the proposals, shows them, and returns those that are taken.
func (k *striking) accepted(t foi.Target, r *redaction.Rendering, was []record.RedactedSpan, places []redaction.Place) []redaction.Place {
	_, fresh := redaction.Add(was, redaction.Under(places, []string{""}, ""))
	var taken []redaction.Place
	for n, s := range fresh {
		k.number++
		if k.accept == "" {
			if k.shown != nil {
				if n == 0 {
					k.shown.line("  %s  %s", k.shown.bold(shortItem(t.ID)), clip(t.Item.Display, 60))
				}
				k.shown.struck(r, s, strconv.Itoa(k.number))
			}
			if n == 0 {
				k.out = append(k.out, struckItem{Item: t.ID, Known: k.in[t.ID].Entry})
			}
			last := &k.out[len(k.out)-1]
			last.Spans = append(last.Spans, spelt(r, s, true))
		} else if numbered(k.accept, k.number) {
			taken = append(taken, redaction.Place{From: s.From, To: s.To})
		}
	}
	return taken
}

// numbered reports whether 1,3-5 or all names a number.
func numbered(list string, n int) bool {
	if list == "all" {
		return true
	}
	for part := range strings.SplitSeq(list, ",") {
		first, last, ranged := strings.Cut(strings.TrimSpace(part), "-")
		if !ranged {
			last = first
		}
		from, err1 := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err1 == nil && err2 == nil && from <= n && n <= to {
			return true
		}
	}
	return false
}

// carry proposes what is redacted in another item, which may be a copy that is
// no item of its own.
func (k *striking) carry(ctx context.Context, r *redaction.Rendering) ([]record.RedactedSpan, error) {
	targets, err := targetsIn(k.set, k.ref, []string{k.from})
	if err != nil {
		return nil, err
	}
	id := targets[0].ID
	for _, own := range targets[0].Item.IDs() {
		if strings.HasPrefix(own, k.from) && len(k.in[own].Spans) > 0 {
			id = own
		}
	}
	from := k.in[id]
	if len(from.Spans) == 0 {
		return nil, fmt.Errorf("nothing is redacted in %s", shortItem(id))
	}
	copied := *targets[0].Item
	copied.Item, _, _ = strings.Cut(id, "+")
	other, err := k.render(ctx, foi.Target{Item: &copied, ID: id})
	if err != nil {
		return nil, err
	}
	if err := fits(&other, from); err != nil {
		return nil, err
	}
	carried, lost := r.Carry(&other, from.Spans)
	k.lost += lost
	return carried, nil
}

// take notes what is redacted in an item from now on, if that is anything new.
func (k *striking) take(t foi.Target, r *redaction.Rendering, was v1.RedactionLine, spans []record.RedactedSpan) {
	same := func(a, b record.RedactedSpan) bool {
		return a.From == b.From && a.To == b.To && a.Note == b.Note && slices.Equal(a.Exemptions, b.Exemptions)
	}
	if slices.EqualFunc(was.Spans, spans, same) {
		return
	}
	k.made = append(k.made, r.Redacted(was.Entry, spans))
	shown := struckItem{Item: t.ID, Known: was.Entry, Spans: []struckSpan{}}
	for _, s := range spans {
		fresh := !slices.ContainsFunc(was.Spans, func(old record.RedactedSpan) bool { return same(old, s) })
		shown.Spans = append(shown.Spans, spelt(r, s, fresh))
	}
	k.out = append(k.out, shown)
	if k.shown == nil {
		return
	}
	k.shown.line("  %s  %s", k.shown.bold(shortItem(t.ID)), clip(t.Item.Display, 60))
	for i, s := range shown.Spans {
		if s.New {
			k.shown.struck(r, s.RedactedSpan, strconv.Itoa(i+1))
		}
	}
	for i, s := range was.Spans {
		if !slices.ContainsFunc(spans, func(now record.RedactedSpan) bool { return now.From <= s.From && s.To <= now.To }) {
			k.shown.line("    %s", k.shown.mark(fmt.Sprintf("redaction %d, line %d, is taken away: %s", i+1, r.Line(min(s.From, len(r.Text))), clip(strings.Join(s.Exemptions, ", "), 40))))
		}
	}
}

func spelt(r *redaction.Rendering, s record.RedactedSpan, fresh bool) struckSpan {
	return struckSpan{RedactedSpan: s, Line: r.Line(s.From), Words: r.Text[s.From:s.To], New: fresh}
}

// struck prints one redaction with the words around it.
func (p *printer) struck(r *redaction.Rendering, s record.RedactedSpan, number string) {
	const around = 24
	from := max(strings.LastIndexByte(r.Text[:s.From], '\n')+1, s.From-around)
	to := s.To + around
	if end := strings.IndexByte(r.Text[s.To:], '\n'); end >= 0 {
		to = min(to, s.To+end)
	}
	to = min(to, len(r.Text))
	words := strings.Join(strings.Fields(clip(r.Text[s.From:s.To], 200)), " ")
	line := strings.ToValidUTF8(r.Text[from:s.From], "") + "\x00" + words + "\x01" + strings.ToValidUTF8(r.Text[s.To:to], "")
	line = strings.NewReplacer("\x00", p.markStart(), "\x01", p.markEnd()).Replace(line)
	p.line("    %3s  line %-4d %s  %s", number, r.Line(s.From), line, p.dim(strings.Join(s.Exemptions, ", ")))
}

// fromFile redacts what a person marked up.
func (k *striking) fromFile(ctx context.Context) error {
	wrong := func(err error) error {
		return advise(fmt.Errorf("%s: %w", k.file, err), exitUsage, "nothing was redacted; mend the line, or write the file again with closeroll foi redactions %s -o FILE", k.ref)
	}
	file, err := os.Open(k.file)
	if err != nil {
		return advise(err, exitUsage, "name the file that closeroll foi redactions wrote")
	}
	defer file.Close()
	marked, err := redaction.ParseMarkup(file)
	if err != nil {
		return wrong(err)
	}
	for _, m := range marked {
		targets, err := targetsIn(k.set, k.ref, []string{m.Item})
		if err != nil {
			return err
		}
		was := k.in[m.Item]
		if was.Entry != m.Known {
			return advise(fmt.Errorf("%s: somebody has redacted %s since the file was written", k.file, shortItem(m.Item)), exitFailure,
				"nothing was redacted; write the file again with closeroll foi redactions %s -o FILE", k.ref)
		}
		r, err := k.render(ctx, targets[0])
		if err != nil {
			return err
		}
		spans, err := m.Spans(&r, was.Spans, k.note)
		if err != nil {
			return wrong(err)
		}
		k.take(targets[0], &r, was, spans)
	}
	return nil
}
