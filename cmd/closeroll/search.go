package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/language"
	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/internal/reader"
	"github.com/closeroll/closeroll/search"
	"github.com/closeroll/closeroll/search/index"
)

// searchFlags are what a search can be asked for besides its query.
type searchFlags struct {
	daemonFlags
	identityFlags
	purpose       string
	limit, offset int
	all           bool
	json, csv     bool
	explain       bool
	unsearchable  bool
	copies        bool
	sort          string
	facets        []string
	histogram     bool
	terms         bool
	termsFile     string
	context       int
	group         string
	saved         string
}

func (e *env) searchVerb() *cobra.Command {
	var f searchFlags
	cmd := &cobra.Command{
		Use:   "search [QUERY]",
		Short: "Find messages, with an exact total and the list of what could not be searched",
		Long: `Find messages. Totals are exact and have no cap. What could not be searched, and
what has no date that can be relied on, is never left out in silence: it is
counted apart and listed.

Words match in any form; =word matches that form only. "…" is a phrase, word*
any ending. AND, OR and NOT are written in capitals; ( ) group. Fields:
` + fieldList() + `
Dates are days, months or years, with .. for ranges: sent:2026-03..2026-05.

A message is listed once, with its copies under it: the same e-mail in two
mailboxes, a chat message that successive exports repeat. The totals count both,
messages and copies, exactly; --copies lists every copy as a hit of its own, and
copygroup:ID finds all copies of one. Of these, only what meets the query itself
is counted. --group thread or chat puts the hits of a page together that belong to
one conversation, with how many it has on all pages.

A search that is used often can be kept under a name: closeroll search save NAME
QUERY. It stands in any query as saved:NAME. To search for the words save, saved or
forget alone, write =save.

Every search is journalled with who asked, the query and the total.`,
		Example: example(`closeroll search 'sandbags AND from:field sent:2026-05' -i officer.key`,
			`closeroll search '"flood defences" OR levee*' --for FOI-2026-014 --all --json`,
			`closeroll search 'in:"Flood response" kind:chat' --explain`,
			`closeroll search 'custodian:minister sent:2026' --unsearchable`,
			`closeroll search 'flood* sent:2026' --facet custodian,class --histogram`,
			`closeroll search 'custodian:minister' --terms-file agreed-terms.txt --terms --csv`),
		Args: mayTake("QUERY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			query, err := f.query(args)
			if err != nil {
				return err
			}
			return e.search(cmd.Context(), f, query)
		},
	}
	f.daemonFlags.add(cmd)
	f.identityFlags.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.purpose, "for", "", "what the search is for, for the journal: a request's reference")
	fl.IntVar(&f.limit, "limit", 20, "hits on a page")
	fl.IntVar(&f.offset, "offset", 0, "hits to pass over")
	fl.BoolVar(&f.all, "all", false, "print every hit")
	fl.BoolVar(&f.json, "json", false, "print JSON")
	fl.BoolVar(&f.csv, "csv", false, "print a table for a spreadsheet: the hits, or with --terms the terms")
	fl.BoolVar(&f.explain, "explain", false, "say in plain English how the query was understood")
	fl.BoolVar(&f.copies, "copies", false, "list every copy of a message as a hit of its own")
	fl.BoolVar(&f.unsearchable, "unsearchable", false, "list what could not be decided instead of the hits")
	f.addReports(cmd)
	cmd.AddCommand(e.searchSaveVerb(), e.searchSavedVerb(), e.searchForgetVerb())
	return cmd
}

// misspelt shows where a query is wrong.
func misspelt(err error) error {
	var syntax *search.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	hint := syntax.Hint
	if hint == "" {
		hint = "closeroll search --help describes queries"
	}
	return advise(fmt.Errorf("%w\n  %s", err, strings.ReplaceAll(syntax.Caret(), "\n", "\n  ")), exitUsage, "%s", hint)
}

func fieldList() string {
	var b strings.Builder
	for _, f := range search.Fields() {
		fmt.Fprintf(&b, "  %-14s %s\n", f.Name+":", f.Meaning)
	}
	return b.String()
}

func (e *env) search(ctx context.Context, f searchFlags, query string) error {
	if err := f.check(); err != nil {
		return err
	}
	if _, err := e.parser().Parse(query); err != nil {
		return misspelt(err)
	}
	client, err := e.client(f.daemonFlags)
	if err != nil {
		return err
	}
	defer client.Close()
	opener, err := e.opener(f.identityFlags)
	if err != nil {
		return err
	}
	a, err := askPages(ctx, client, f, query)
	if err != nil {
		return err
	}
	if opener != nil {
		s := snippets{reader: reader.New(client, opener), purpose: f.purpose, context: f.context, texts: map[record.ID][]string{},
			langs: map[record.ID][]language.Set{}, detector: language.NewDetector()}
		if err := s.add(ctx, a, a.Parsed); err != nil {
			return fromDaemon(err)
		}
	}
	switch {
	case f.json:
		err = e.writeJSON(a)
	case f.csv:
		fmt.Fprint(e.stdout, "\ufeff") // by which Excel knows UTF-8
		err = page.WriteCSV(e.stdout, f.table(a))
	default:
		e.print().answer(a, f)
	}
	if err == nil && !a.Coverage.Complete {
		return advise(fmt.Errorf("the answer is %s", a.Coverage), exitIncomplete, "a reader runs closeroll rebuild index --missing -i IDENTITY")
	}
	return err
}

// askPages asks for one page, or for all of them. Where the archive changes
// between two pages, a hit might stand on both or on none, so it begins anew.
func askPages(ctx context.Context, client *api.Client, f searchFlags, query string) (*v1.Answer, error) {
	const attempts = 5
	for range attempts {
		a, still, err := askOnce(ctx, client, f, query)
		if err != nil || still {
			return a, err
		}
	}
	return nil, advise(errors.New("the archive changes while its hits are listed, so that no list would be whole"), exitFailure, "leave out what comes in now: captured:..DAY")
}

// askOnce says whether the archive stood still between the pages.
func askOnce(ctx context.Context, client *api.Client, f searchFlags, query string) (*v1.Answer, bool, error) {
	req := v1.Search{Query: query, For: f.purpose, Offset: f.offset, Limit: f.limit, Unsearchable: f.unsearchable, Grouped: !f.copies,
		Group: f.grouping(), Sort: f.sort, Facets: f.divided(), Terms: f.terms}
	if f.all {
		req.Limit = 1000
	}
	var a v1.Answer
	if err := client.Do(ctx, http.MethodPost, "/v1/search", req, &a); err != nil {
		return nil, false, fromDaemon(err)
	}
	req.Facets, req.Terms = nil, false // the first answer has them
	for all := f.listed(a.Answer); f.all; {
		before := len(a.Hits)
		if f.unsearchable {
			before = len(a.Unsearchable)
		}
		if f.offset+before >= all {
			break
		}
		req.Offset = f.offset + before
		var next v1.Answer
		if err := client.Do(ctx, http.MethodPost, "/v1/search", req, &next); err != nil {
			return nil, false, fromDaemon(err)
		}
		if !sameTotals(a.Answer, next.Answer) || len(next.Hits)+len(next.Unsearchable) == 0 {
			return nil, false, nil
		}
		a.Hits = append(a.Hits, next.Hits...)
		if f.unsearchable {
			a.Unsearchable = append(a.Unsearchable, next.Unsearchable...)
		}
	}
	return &a, true, nil
}

func sameTotals(a, b search.Answer) bool {
	return a.Total == b.Total && a.Messages == b.Messages && a.NotSearched == b.NotSearched && a.NotIndexed == b.NotIndexed &&
		a.DateUndecided == b.DateUndecided && a.Coverage == b.Coverage
}

// snippetWidth is how many characters of a message a hit shows.
const snippetWidth = 90

// snippets opens the hits' records here and shows where the words are.
type snippets struct {
	reader  *reader.Reader
	purpose string
	context int // messages before and after a chat message that are shown with it
	texts   map[record.ID][]string
	langs   map[record.ID][]language.Set // that those texts are read in

	detector *language.Detector
}

func (s *snippets) add(ctx context.Context, a *v1.Answer, query string) error {
	q, err := search.Parser{Zone: time.UTC}.Parse(query)
	if err != nil {
		return err
	}
	for i := range a.Hits {
		h := &a.Hits[i]
		if _, ok := s.texts[h.ID]; !ok {
			if err := s.open(ctx, h.ID); err != nil {
				return err
			}
		}
		texts := s.texts[h.ID]
		if h.N <= len(texts) {
			h.Snippet = search.Snippet(texts[h.N-1], s.langs[h.ID][h.N-1], q, snippetWidth)
		}
		if h.Kind == record.ChatDay && s.context > 0 {
			h.Before, h.After = around(texts, h.N, s.context)
		}
	}
	return nil
}

// open opens a record and keeps its texts.
func (s *snippets) open(ctx context.Context, id record.ID) error {
	docs, err := s.reader.Documents(ctx, string(id), s.purpose, reader.NoText{})
	if err != nil {
		return err
	}
	texts, langs := make([]string, len(docs)), make([]language.Set, len(docs))
	for i, d := range docs {
		texts[i], langs[i] = reader.TextOf(d), index.LanguagesOf(s.detector, &d).All()
	}
	s.texts[id], s.langs[id] = texts, langs
	return nil
}

func (p *printer) answer(a *v1.Answer, f searchFlags) {
	for _, n := range a.Notices {
		p.line("  %s", p.mark(n.Text))
	}
	if f.explain {
		for _, line := range a.Explanation {
			p.line("  %s", line)
		}
		p.line("  parsed as %s", a.Parsed)
	}
	p.reports(a, f)
	last, all := a.Offset+len(a.Hits), f.listed(a.Answer)
	if f.unsearchable {
		p.unsearchable(a, f)
		return
	}
	p.line("  %s    %s", p.bold(extent(a, all)), summary(slices.Concat(byKind(a, f.copies), copied(a), undecided(a))))
	for _, v := range a.Elsewhere {
		p.line("  %s", p.mark(fmt.Sprintf("%s in vault %s, which you may not read: ask %s", count(v.Messages, "more that may answer", "more that may answer"), v.Vault, clip(v.Ask, 80))))
	}
	for _, x := range a.Destroyed {
		p.line("  %s", p.dim(fmt.Sprintf("%s destroyed that may have answered: class %s, %s (%s), batch %s", count(x.Records, "record", "records"), x.Class, clip(x.Custodian, 40), clip(x.Source, 40), x.Batch)))
	}
	group := ""
	for i, h := range a.Hits {
		if h.Group != nil && h.Group.Key != group {
			group = h.Group.Key
			p.group(a.Hits[i:], h)
		}
		p.hit(a.Offset+i+1, h)
	}
	p.listed("not searched whole, because some of their text nobody here can read or index", a.Unsearchable, a.NotSearched+a.NotIndexed)
	p.listed("to be dated by a person, because their date cannot be relied on", a.Undated, a.DateUndecided)
	if last < all {
		p.line("  %s", p.dim(fmt.Sprintf("%s more: --offset %d, or --all", thousands(all-last), last)))
	}
}

// extent says which hits of how many are shown: 3 of 3, 21–40 of 57.
func extent(a *v1.Answer, all int) string {
	shown, total := len(a.Hits), thousands(all)
	if a.Offset == 0 || shown == 0 {
		return thousands(shown) + " of " + total
	}
	return thousands(a.Offset+1) + "–" + thousands(a.Offset+shown) + " of " + total
}

// unsearchable prints what the query could not decide, instead of the hits.
func (p *printer) unsearchable(a *v1.Answer, f searchFlags) {
	all := f.listed(a.Answer)
	parts := undecided(a)
	if all == 0 {
		parts = append(parts, "every message in scope was searched whole")
	}
	p.line("  %s    %s", p.bold(thousands(all)+" undecided"), summary(parts))
	for _, h := range a.Unsearchable {
		p.undecided(h)
	}
	if last := a.Offset + len(a.Unsearchable); last < all {
		p.line("  %s", p.dim(fmt.Sprintf("%s more: --offset %d, or --all", thousands(all-last), last)))
	}
}

// summary joins the parts of an answer's summary.
func summary(parts []string) string {
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, "; ")
}

// listed is how many all pages have: messages, or every copy, or what could not
// be decided.
func (f *searchFlags) listed(a search.Answer) int {
	if f.unsearchable {
		return a.NotSearched + a.NotIndexed + a.DateUndecided
	}
	if f.copies {
		return a.Total
	}
	return a.Messages
}

// copied says how many copies the messages of an answer are, if more.
func copied(a *v1.Answer) []string {
	if a.Total == a.Messages {
		return nil
	}
	return []string{count(a.Messages, "message", "messages") + ", " + count(a.Total, "copy", "copies")}
}

// byKind and undecided are the parts of an answer's summary.
func byKind(a *v1.Answer, copies bool) []string {
	var parts []string
	for _, k := range []struct {
		kind      record.Kind
		one, many string
	}{{record.Email, "e-mail", "e-mails"}, {record.ChatDay, "chat message", "chat messages"}, {record.Note, "note", "notes"}} {
		n := a.OfKind[k.kind]
		if copies {
			n = a.ByKind[k.kind]
		}
		if n > 0 {
			parts = append(parts, count(n, k.one, k.many))
		}
	}
	if parts == nil {
		return nil
	}
	return []string{strings.Join(parts, ", ")}
}

func undecided(a *v1.Answer) []string {
	var parts []string
	if n := a.NotSearched; n > 0 {
		parts = append(parts, count(n, "message", "messages")+" in scope could not be searched whole")
	}
	if n := a.NotIndexed; n > 0 {
		parts = append(parts, count(n, "message", "messages")+" not indexed yet")
	}
	if n := a.DateUndecided; n > 0 {
		parts = append(parts, count(n, "message", "messages")+" without a reliable date")
	}
	if n := a.InQuarantine; n > 0 {
		parts = append(parts, count(n, "message", "messages")+" in quarantine")
	}
	return parts
}

func (p *printer) hit(n int, h v1.Hit) {
	kind := "e-mail"
	switch h.Kind {
	case record.ChatDay:
		kind = "chat"
	case record.Note:
		kind = "note"
	}
	title := h.Display
	if h.Chat != "" {
		title = h.Sender + " in " + h.Chat
	}
	p.line("%4d  %s  %-6s  %s", n, when(h), kind, p.bold(clip(title, p.width-36)))
	for _, text := range h.Before {
		p.line("      %s", p.dim(clip(text, p.width-6)))
	}
	if h.Snippet != "" {
		p.line("      %s", strings.NewReplacer("«", p.markStart(), "»", p.markEnd()).Replace(clip(h.Snippet, 2*snippetWidth)))
	}
	for _, text := range h.After {
		p.line("      %s", p.dim(clip(text, p.width-6)))
	}
	due := ""
	if !h.Due.IsZero() {
		due = "   " + string(h.Action) + " " + h.Due.Long()
	}
	if h.OnHold {
		due += ", on hold"
	}
	p.line("      %s", p.dim(fmt.Sprintf("%s/%d   %s%s", h.ID.Short(), h.N, strings.Join(h.Custodians, ", "), due)))
	for i, c := range h.Copies {
		if i == shownCopies {
			p.line("      %s", p.dim(fmt.Sprintf("and %s: closeroll search copygroup:%s/%d --copies", count(len(h.Copies)-i, "copy more", "copies more"), h.ID.Short(), h.N)))
			break
		}
		p.line("      %s", p.dim(fmt.Sprintf("copy %s/%d   %s", c.Record.Short(), c.N, strings.Join(c.Custodians, ", "))))
	}
}

// shownCopies is how many copies are listed under a hit.
const shownCopies = 5

func when(h v1.Hit) string {
	s := moment(h.Sent, london())
	if h.Suspect {
		s += "?"
	}
	return fmt.Sprintf("%-17s", s)
}

// london is the zone that dates of UK records are read in. The zone table is
// compiled in, so it is always there.
func london() *time.Location {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		return time.UTC
	}
	return zone
}

// listed prints the first of so many messages.
func (p *printer) listed(what string, hits []v1.Hit, all int) {
	if len(hits) == 0 {
		return
	}
	p.line("  %s %s:", count(all, "message", "messages"), what)
	for _, h := range hits {
		p.undecided(h)
	}
	if more := all - len(hits); more > 0 {
		p.line("      %s", p.dim(thousands(more)+" more: --unsearchable --all"))
	}
}

func (p *printer) undecided(h v1.Hit) {
	p.line("      %s  %s  %s", when(h), clip(h.Display, p.width-46), p.dim(fmt.Sprintf("%s/%d", h.ID.Short(), h.N)))
}

// markStart and markEnd set off a found word: colour on a terminal, the marks
// themselves elsewhere.
func (p *printer) markStart() string {
	if p.plain {
		return "«"
	}
	return "\x1b[1;33m"
}

func (p *printer) markEnd() string {
	if p.plain {
		return "»"
	}
	return "\x1b[0m"
}
