package daemon

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search"
)

// An answer about what is no more can only be: it may have been. A guess says
// whether a stub's record met a part of a query.
type guess int

const (
	no guess = iota
	maybe
	yes
)

// wouldMatch says whether a record that was destroyed may have met a query. Its
// words are gone, so every word may have been in it; its custodians, sources,
// classes, kind and days are known.
func (d *Daemon) wouldMatch(n search.Node, s record.Stub) guess {
	switch n := n.(type) {
	case search.And:
		g := yes
		for _, part := range n {
			g = min(g, d.wouldMatch(part, s))
		}
		return g
	case search.Or:
		g := no
		for _, part := range n {
			g = max(g, d.wouldMatch(part, s))
		}
		return g
	case search.Not:
		return yes - d.wouldMatch(n.Node, s)
	case search.Property:
		return hadProperty(n, s)
	case search.Dates:
		return d.wasSent(n, s)
	case search.ID:
		return sure(strings.HasPrefix(string(s.Record), n.Prefix))
	case search.All:
		return yes
	}
	return maybe
}

func sure(is bool) guess {
	if is {
		return yes
	}
	return no
}

func hadProperty(p search.Property, s record.Stub) guess {
	has := func(value string) bool {
		want, prefix := strings.CutSuffix(strings.ToLower(p.Value), "*")
		value = strings.ToLower(value)
		return value == want || prefix && strings.HasPrefix(value, want)
	}
	of := func(value func(record.StubHolding) string) guess {
		return sure(slices.ContainsFunc(s.Holdings, func(h record.StubHolding) bool { return has(value(h)) }))
	}
	switch p.Name {
	case catalog.PropCustodian:
		return of(func(h record.StubHolding) string { return h.Custodian })
	case catalog.PropSource:
		return of(func(h record.StubHolding) string { return h.Source })
	case catalog.PropClass:
		return of(func(h record.StubHolding) string { return h.Class })
	case catalog.PropChannel:
		return of(func(h record.StubHolding) string { return string(h.Channel) })
	case catalog.PropKind:
		return sure(has(string(s.Kind)))
	case catalog.PropVault:
		return sure(has(s.Vault))
	case catalog.PropChat:
		return sure(has(s.Chat))
	}
	return maybe
}

// wasSent compares whole days, generously: a stub has no times.
func (d *Daemon) wasSent(r search.Dates, s record.Stub) guess {
	if r.Field != "sent" || s.From.IsZero() {
		return maybe
	}
	if !r.From.IsZero() && s.Until.Before(record.DateOf(r.From, d.zone)) ||
		!r.Until.IsZero() && s.From.After(record.DateOf(r.Until, d.zone)) {
		return no
	}
	return maybe
}

// destroyed counts the records that a query might have found if they had not
// been destroyed, by class, source and custodian: never by their words.
func (d *Daemon) destroyed(ctx context.Context, root search.Node) ([]v1.DestroyedCount, error) {
	type key struct{ batch, class, source, custodian string }
	counts := make(map[key]*v1.DestroyedCount)
	err := d.catalog.EachStub(ctx, func(s catalog.StubRow) error {
		if d.wouldMatch(root, s.Stub) == no {
			return nil
		}
		for _, h := range s.Holdings {
			k := key{s.Batch, h.Class, h.Source, h.Custodian}
			c := counts[k]
			if c == nil {
				c = &v1.DestroyedCount{Batch: s.Batch, Class: h.Class, Source: h.Source, Custodian: h.Custodian, From: s.From, Until: s.Until}
				counts[k] = c
			}
			c.Records++
			if c.From.IsZero() || !s.From.IsZero() && s.From.Before(c.From) {
				c.From = s.From
			}
			if s.Until.After(c.Until) {
				c.Until = s.Until
			}
		}
		return nil
	})
	var list []v1.DestroyedCount
	for _, c := range counts {
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b v1.DestroyedCount) int {
		return cmp.Or(cmp.Compare(a.Batch, b.Batch), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Custodian, b.Custodian))
	})
	return list, err
}
