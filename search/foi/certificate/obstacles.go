package certificate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/search/foi"
)

// An Obstacle is one reason why a request cannot be certified yet, with what to
// do about it.
type Obstacle struct {
	What string `json:"what"`
	Next string `json:"next"`
}

// Obstacles lists what leaves the answer incomplete. It is asked of the closed
// form. Pure.
func (c *Certificate) Obstacles(zone *time.Location) []Obstacle {
	var all []Obstacle
	add := func(next, what string, args ...any) {
		all = append(all, Obstacle{fmt.Sprintf(what, args...), strings.ReplaceAll(next, "REF", c.Request)})
	}
	if len(c.Runs) == 0 {
		add("closeroll foi search REF QUERY", "no search was made for it")
	}
	c.incompleteRuns(add)
	c.unaccountedSources(add, zone)
	if n := c.Unread.Results[""]; n > 0 {
		add("look at them by hand, and say what you found: closeroll foi unsearched REF", "%s could not be searched and may be within the request",
			plural(n, "message"))
	}
	if c.Dating > 0 {
		add("decide about them: closeroll foi set REF --undecided", "%s without a date to rely on: nobody has decided whether it is within the request", plural(c.Dating, "item"))
	}
	for _, a := range c.Asks {
		if a.Result == "" {
			add("closeroll foi answer REF "+a.No+" found|nothing|refused|not_searched", "%s, put to %s on %s, has no reply", a.No, a.Of, a.On.Long())
		}
	}
	return all
}

// incompleteRuns looks for each query at its best run: one that the whole
// archive was searched in, by somebody who may see all that it found.
func (c *Certificate) incompleteRuns(add func(next, what string, args ...any)) {
	whole := make(map[string]bool)
	for _, r := range c.Runs {
		if r.Coverage == "complete" && r.Withheld == 0 {
			whole[r.Parsed] = true
		}
	}
	for i, r := range c.Runs {
		again := slices.ContainsFunc(c.Runs[i+1:], func(later Run) bool { return later.Parsed == r.Parsed })
		switch {
		case whole[r.Parsed] || again:
		case r.Coverage != "complete":
			add("a reader runs closeroll rebuild index --missing -i IDENTITY; then search again: closeroll foi search REF '"+r.Query+"'", "%s is %s", r.Name, r.Coverage)
		default:
			add("somebody who may read those vaults runs closeroll foi search REF '"+r.Query+"'",
				"%s found %s in vaults that whoever searched may not read", r.Name, plural(r.Withheld, "message"))
		}
	}
}

// unaccountedSources looks at every source, once there was a search.
func (c *Certificate) unaccountedSources(add func(next, what string, args ...any), zone *time.Location) {
	if len(c.Runs) == 0 {
		return
	}
	for _, s := range c.Sources {
		if why := c.unaccounted(s, zone); why != "" {
			next := fmt.Sprintf("closeroll capture %s, and search again; or closeroll foi ask REF %[1]s WHAT, and the answer", s.Name)
			switch {
			case !s.Known:
				next = "search again: closeroll foi search REF QUERY"
			case s.Failed > 0:
				next = fmt.Sprintf("closeroll failures --source %s says why; then closeroll retry, or account for them: closeroll foi ask REF %[1]s WHAT, and the answer", s.Name)
			}
			add(next, "source %s %s", s.Name, why)
		}
	}
}

// unaccounted says what is wrong with a source, nothing if it was read since
// the request came and owes nothing, or if an ask accounts for it.
func (c *Certificate) unaccounted(s Source, zone *time.Location) string {
	if s.Kind == Former || s.Accounted != "" {
		return ""
	}
	read, err := time.Parse(time.RFC3339, s.Read)
	switch {
	case !s.Known:
		return "was added after the newest search"
	case err != nil:
		return "was never read to its end"
	case read.Before(c.Received.Start(zone)):
		return "was last read on " + read.In(zone).Format("2 January 2006") + ", before the request came"
	case s.Failed > 0:
		return "showed " + plural(int(s.Failed), "item") + " that are not archived"
	}
	return ""
}

// Former is the kind of a source that is not configured any more.
const Former = "former"

// accounts returns the ask that accounts for a source: one that names it and
// was answered.
func accounts(asks []foi.Ask, source string) string {
	for _, a := range asks {
		if !a.Open() && strings.EqualFold(a.Of, source) {
			return fmt.Sprintf("A%d", a.RequestAsked.Ask)
		}
	}
	return ""
}

// Account notes for each source the ask that accounts for it, and numbers them
// by their names.
func (c *Certificate) Account(asks []foi.Ask) {
	slices.SortFunc(c.Sources, func(a, b Source) int { return cmp.Compare(a.Name, b.Name) })
	for i := range c.Sources {
		c.Sources[i].No, c.Sources[i].Accounted = i+1, accounts(asks, c.Sources[i].Name)
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
