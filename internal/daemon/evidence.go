package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention/report"
	"github.com/closeroll/closeroll/search"
	"github.com/closeroll/closeroll/search/foi"
	"github.com/closeroll/closeroll/search/foi/certificate"
	"github.com/closeroll/closeroll/search/index"
)

// An evidence is a certificate of the search in both forms.
type evidence struct {
	closed, open *certificate.Certificate
	concealed    []string
}

func certificateOf(octets []byte) (*certificate.Certificate, error) {
	c := &certificate.Certificate{}
	return c, json.Unmarshal(octets, c)
}

// An evidencing gathers what a certificate of the search says.
type evidencing struct {
	*Daemon
	caller api.Caller
	r      *foi.Request
	c      *certificate.Certificate
	roots  []search.Node // of the runs, and of the scope
}

// gatherEvidence makes the certificate of a request as it stands.
func (d *Daemon) gatherEvidence(ctx context.Context, caller api.Caller, r *foi.Request, req v1.Certify) (evidence, error) {
	g := &evidencing{Daemon: d, caller: caller, r: r}
	if err := g.begin(ctx, req); err != nil {
		return evidence{}, err
	}
	for _, part := range []func(context.Context) error{g.runs, g.sources, g.unread, g.gone, g.work, g.holds, g.manifest} {
		if err := part(ctx); err != nil {
			return evidence{}, err
		}
	}
	g.c.Answer()
	open, concealed, err := g.opened(ctx, req.Show)
	return evidence{g.c, open, concealed}, err
}

func (g *evidencing) begin(ctx context.Context, req v1.Certify) error {
	standing, err := g.law.Standing(g.r, record.DateOf(g.now(), g.zone))
	if err != nil {
		return err
	}
	analysis, err := g.analysis(ctx)
	if err != nil {
		return err
	}
	newest, _ := g.r.NewestCertificate()
	head := g.journal.Checkpoint()
	g.c = &certificate.Certificate{Format: certificate.Format, Form: certificate.Closed, Number: newest + 1,
		Archive: certificate.Archive{ID: g.keyring.Format.Archive, Authority: g.cfg.Archive.Name}, Program: g.env.Version, Request: g.r.Ref, Kind: g.r.Kind,
		Received: g.r.Received, Deadline: standing.Reckoning.Deadline, Cutoff: g.r.Cutoff(g.zone).Format("2006-01-02T15:04:05Z07:00"), Zone: g.cfg.Archive.Zone,
		Made: g.now().UTC(), Asked: g.r.Text, Statement: req.Statement, Scope: g.r.Scope, Index: g.engineState(), Language: analysis,
		DateField: "the message's own date (sent), in days of " + g.cfg.Archive.Zone + "; what has none to rely on is never cut by a range, but listed",
		Sources:   []certificate.Source{}, Missed: []certificate.Missed{}, Gaps: []certificate.Gap{}, Runs: []certificate.Run{}, Asks: []certificate.Ask{},
		Gone: []certificate.Gone{}, Work: []certificate.Work{}, Holds: []certificate.Hold{}, Backups: "the archive does not know when others' copies of its storage expire",
		Unread: certificate.Unread{Reasons: map[string]int{}, Results: map[string]int{}},
		By:     certificate.Person{ID: g.caller.ID, Name: g.caller.Name, Role: string(api.Officer)},
		Head:   certificate.Head{Entries: head.Size, Root: fmt.Sprintf("%x", head.Root[:])}}
	if p := g.cfg.Disposal.Backups; !p.IsZero() {
		g.c.Backups = "copies of what is destroyed expire by " + p.String() + " after its disposal"
	}
	return nil
}

// engineState names the index and how documents become terms.
func (d *Daemon) engineState() string { return d.index.Generation() + " " + index.Mapping }

// runs adds each search, and how far what it found has been decided.
func (g *evidencing) runs(ctx context.Context) error {
	adopted, err := g.catalog.Schedule(ctx)
	if err != nil {
		return err
	}
	g.c.Schedule = certificate.Schedule{Version: g.governor.schedule().Version, Digest: adopted.Digest}
	set, err := g.requestSet(ctx, g.caller, g.r, -1)
	if err != nil {
		return err
	}
	g.c.Set = set.Summary
	for _, it := range set.Items {
		if it.Dating && it.Decision == nil && !it.Context {
			g.c.Dating++
		}
	}
	for _, f := range g.r.Frozen {
		run := certificate.Run{Name: fmt.Sprintf("S%d", f.Run), At: f.At, By: f.By, Role: string(api.Officer), Query: f.Query, Parsed: f.Parsed, Note: f.Note,
			Program: f.Language, Index: f.Index, Coverage: f.Coverage, Position: f.Position, Total: f.Total, AfterCutoff: f.AfterCutoff, Late: f.Captured,
			Undated: len(f.Undated), Unread: len(f.Unsearchable), Withheld: f.Withheld + f.WithheldOpen, Digest: f.Digest}
		for _, it := range set.Items {
			if it.Decision == nil || !slices.Contains(it.Runs, f.Run) {
				continue
			}
			run.Reviewed++
			if slices.Contains([]string{"release", "part", "withhold"}, it.Decision.Decision) {
				run.Relevant++
			}
		}
		q, err := g.parse(f.Parsed)
		if err != nil {
			return fmt.Errorf("the query of %s: %w", run.Name, err)
		}
		run.Explained = q.Explain()
		g.roots = append(g.roots, q.Root)
		g.c.Unread.Quarantine = max(g.c.Unread.Quarantine, f.Quarantine)
		g.c.Runs = append(g.c.Runs, run)
	}
	return nil
}

// sources adds what was searched, as the newest run found it, and what was not.
func (g *evidencing) sources(ctx context.Context) error {
	places := make(map[string]record.Place)
	if n := len(g.r.Frozen); n > 0 {
		for _, p := range g.r.Frozen[n-1].Sources {
			places[p.Source] = p
		}
	}
	names, err := g.catalog.Values(ctx, "source")
	if err != nil {
		return err
	}
	known := make(map[string]bool)
	for _, s := range g.Daemon.sources {
		p, ok := places[s.Name]
		known[s.Name] = true
		if err := g.source(ctx, certificate.Source{Name: s.Name, Kind: s.kind, Channel: string(s.Channel), Custodian: s.Custodian, Role: s.Role,
			Read: p.Read, Seen: p.Seen, Failed: p.Failed, Known: ok}); err != nil {
			return err
		}
	}
	for _, name := range names {
		if !known[name] {
			if err := g.source(ctx, certificate.Source{Name: name, Kind: certificate.Former}); err != nil {
				return err
			}
		}
	}
	g.c.Account(g.r.Asks)
	g.asks()
	return g.gaps(ctx)
}

func (g *evidencing) source(ctx context.Context, s certificate.Source) (err error) {
	s.Messages, s.From, s.Until, err = g.catalog.Extent(ctx, s.Name)
	g.c.Sources = append(g.c.Sources, s)
	return err
}

// asks adds who was asked for what is not in the archive. What was asked for and
// not searched, or refused, was not searched.
func (g *evidencing) asks() {
	for _, a := range g.r.Asks {
		ask := certificate.Ask{No: fmt.Sprintf("A%d", a.RequestAsked.Ask), Of: a.Of, What: a.What, On: a.On}
		if a.Reply != nil {
			ask.Result, ask.Reply, ask.Note = a.Reply.Result, a.Reply.On, a.Reply.Note
		}
		g.c.Asks = append(g.c.Asks, ask)
		if ask.Result == "not_searched" || ask.Result == "refused" {
			g.c.Missed = append(g.c.Missed, certificate.Missed{What: ask.No + ", " + a.Of + ": " + a.What, Why: strings.ReplaceAll(ask.Result, "_", " ") + ": " + ask.Note})
		}
	}
	if n := g.c.Unread.Quarantine; n > 0 {
		g.c.Missed = append(g.c.Missed, certificate.Missed{What: fmt.Sprintf("the quarantine vault, %d messages", n), Why: "nobody may search it before a person has released what is in it"})
	}
}

// gaps counts by source and kind what shows that something is missing.
func (g *evidencing) gaps(ctx context.Context) error {
	rows, err := g.catalog.Notices(ctx, math.MaxInt32)
	for _, n := range rows {
		if !report.IsGap(n.Kind) {
			continue
		}
		i := slices.IndexFunc(g.c.Gaps, func(x certificate.Gap) bool { return x.Source == n.Source && x.Kind == n.Kind })
		if i < 0 {
			i = len(g.c.Gaps)
			g.c.Gaps = append(g.c.Gaps, certificate.Gap{Source: n.Source, Kind: n.Kind})
		}
		g.c.Gaps[i].Notices++
	}
	slices.SortFunc(g.c.Gaps, func(a, b certificate.Gap) int {
		return strings.Compare(a.Source+"\x00"+a.Kind, b.Source+"\x00"+b.Kind)
	})
	return err
}

func (g *evidencing) unread(ctx context.Context) error {
	list, err := g.unsearched(ctx, g.caller, g.r)
	for _, it := range list.Items {
		g.c.Unread.Messages++
		g.c.Unread.Reasons[it.Reason]++
		result := ""
		if it.Looked != nil {
			result = it.Looked.Result
		}
		g.c.Unread.Results[result]++
	}
	return err
}

// gone adds what was destroyed at any time and may have met any of the searches.
func (g *evidencing) gone(ctx context.Context) error {
	if len(g.roots) == 0 {
		return nil
	}
	records, looked, err := g.destroyedSince(ctx, search.Or(g.roots), record.Date{})
	g.c.Looked = looked
	for _, r := range records {
		i := slices.IndexFunc(g.c.Gone, func(x certificate.Gone) bool { return x.Batch == r.Batch })
		if i < 0 {
			i = len(g.c.Gone)
			g.c.Gone = append(g.c.Gone, certificate.Gone{Batch: r.Batch, Certificate: r.Certificate, Ground: string(r.Ground), Class: r.Class, Schedule: r.Schedule,
				On: record.DateOf(r.At, g.zone)})
		}
		if r.Certain {
			g.c.Gone[i].Certain++
		} else {
			g.c.Gone[i].Perhaps++
		}
	}
	return err
}

func (g *evidencing) work(context.Context) error {
	for _, activity := range foi.Activities() {
		w := certificate.Work{Activity: activity, Countable: slices.Contains(foi.Countable(), activity)}
		for _, logged := range g.r.Work {
			if logged.Activity == activity {
				w.Minutes += logged.Minutes
			}
		}
		if w.Minutes == 0 {
			continue
		}
		g.c.Work = append(g.c.Work, w)
		g.c.Totals.Burden += w.Minutes / 60
		if w.Countable {
			g.c.Totals.Countable += w.Minutes / 60
		}
	}
	return nil
}

func (g *evidencing) holds(ctx context.Context) error {
	rows, err := g.catalog.Holds(ctx, true)
	for _, name := range g.r.Holds {
		placed, scope := since(rows, name)
		g.c.Holds = append(g.c.Holds, certificate.Hold{Name: name, Placed: placed, Scope: scope})
	}
	return err
}

func (g *evidencing) manifest(ctx context.Context) error {
	text, err := g.listed(ctx, g.r)
	g.c.Manifest = record.Sum([]byte(text))
	return err
}

// opened makes the open form: queries are written without names and addresses.
func (g *evidencing) opened(ctx context.Context, show []string) (*certificate.Certificate, []string, error) {
	conceal := certificate.NewConcealer(func(p index.Pattern) (bool, error) { return g.isName(ctx, p) }, show)
	for _, s := range g.c.Sources {
		conceal.Roles[strings.ToLower(s.Custodian)] = s.Role
		conceal.Number[strings.ToLower(s.Name)] = s.No
	}
	queries := map[string]string{"": g.r.Scope}
	for i, run := range g.c.Runs {
		text, err := conceal.Conceal(g.roots[i])
		if err != nil {
			return nil, nil, err
		}
		queries[run.Name] = text
	}
	for _, h := range g.c.Holds {
		queries["hold "+h.Name] = h.Scope
	}
	for name, query := range queries {
		if query == "" || strings.HasPrefix(name, "S") {
			continue
		}
		q, err := g.parse(query)
		if err != nil {
			return nil, nil, fmt.Errorf("the scope: %w", err)
		}
		if queries[name], err = conceal.Conceal(q.Root); err != nil {
			return nil, nil, err
		}
	}
	return g.c.Opened(queries), conceal.Concealed(), nil
}

// isName reports whether a pattern is found among the names and addresses of
// any message that is kept.
func (d *Daemon) isName(ctx context.Context, p index.Pattern) (bool, error) {
	q := &search.Query{Root: search.Text{Field: "participant", Pattern: p}}
	a, err := d.engine.Search(ctx, q, search.Options{})
	if err != nil {
		return false, err
	}
	return a.Total > 0, nil
}
