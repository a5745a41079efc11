package foi

import (
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search"
)

// A Chance is whether what is left of a record that was disposed of says that
// a query would have found it.
type Chance int

// The chances, from least to most.
const (
	Ruled   Chance = iota // ruled out: no
	Perhaps               // it cannot be ruled out: words are gone
	Surely
)

// Would answers a query of a stub, which has no words: custodian, source,
// channel, class, kind, vault and days are known, and everything else is open.
// AND, OR and NOT join as in the search itself.
func Would(n search.Node, s record.Stub) Chance {
	switch n := n.(type) {
	case search.All:
		return Surely
	case search.And:
		least := Surely
		for _, part := range n {
			least = min(least, Would(part, s))
		}
		return least
	case search.Or:
		most := Ruled
		for _, part := range n {
			most = max(most, Would(part, s))
		}
		return most
	case search.Not:
		return Surely - Would(n.Node, s)
	case search.Property:
		return property(n, s)
	case search.Dates:
		return within(n, s)
	case search.ID:
		if strings.HasPrefix(string(s.Record), strings.ToLower(n.Prefix)) {
			return Surely
		}
		return Ruled
	}
	return Perhaps
}

func property(n search.Property, s record.Stub) Chance {
	var values []string
	for _, h := range s.Holdings {
		switch n.Name {
		case "custodian":
			values = append(values, h.Custodian)
		case "source":
			values = append(values, h.Source)
		case "channel":
			values = append(values, string(h.Channel))
		case "class":
			values = append(values, h.Class)
		}
	}
	switch n.Name {
	case "kind":
		values = []string{string(s.Kind)}
	case "vault":
		values = []string{s.Vault}
	case "custodian", "source", "channel", "class":
	default:
		return Perhaps
	}
	stem, prefix := strings.CutSuffix(strings.ToLower(n.Value), "*")
	if slices.ContainsFunc(values, func(v string) bool {
		v = strings.ToLower(v)
		return v == stem || prefix && strings.HasPrefix(v, stem)
	}) {
		return Surely
	}
	return Ruled
}

// within answers a range of dates by the days of a stub's messages. A day more
// on either side is open: days are of one zone and the range of another.
func within(n search.Dates, s record.Stub) Chance {
	var from, until time.Time
	switch {
	case n.Field == "captured":
		from, until = s.Captured, s.Captured
	case n.Field == "sent" && !s.From.IsZero():
		from, until = s.From.Start(time.UTC), s.Until.AddDays(1).Start(time.UTC)
	default:
		return Perhaps
	}
	const slack = 24 * time.Hour
	switch {
	case !n.From.IsZero() && !until.Add(slack).After(n.From), !n.Until.IsZero() && !from.Add(-slack).Before(n.Until):
		return Ruled
	case (n.From.IsZero() || !from.Before(n.From)) && (n.Until.IsZero() || until.Before(n.Until)):
		return Surely
	}
	return Perhaps
}
