package chat

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// An Unclear is messages of one moment that changed together, so that their
// number is certain and which of them became which is not. It arises where one
// person lost several messages of a minute and the later export has fewer in
// their place, and where people are called by names that nothing else joins:
// then a deletion notice may stand for the words of any of them. Nobody is
// named, because naming one would as often as not accuse the wrong one.
type Unclear struct {
	A       []int  `json:"a"`             // messages of the earlier export that are not in the later one
	B       []int  `json:"b"`             // messages of the later one in their place
	Deleted int    `json:"deleted"`       // how many of b are deletion notices
	Edited  int    `json:"edited"`        // how many of b carry the app's edit mark
	Gone    int    `json:"gone"`          // how many of a have nothing in their place
	Whose   bool   `json:"whose"`         // nor can be told whose they are
	Why     string `json:"why,omitempty"` // why those may be missing and prove nothing, or a vanish reason; empty: no trace
}

// ClassUnclear is the class of finding that [Unclear] makes.
const ClassUnclear = "unclear"

// A spot is what an edit or a deletion leaves as it was: the sender, on b's
// names, and the minute, on b's clock; and, where slots are told apart, the
// matched neighbours.
type spot struct {
	sender string
	minute int64
	slot   int
}

// A crowd counts the unmatched messages of places by what could have become of
// them: a kind is one of the below, or a class.
type crowd map[spot]map[string]int

const (
	anyKind    = "*"      // whatever a person sent and did not delete
	wordedKind = "worded" // what a person can edit
	editedKind = "edited" // what has an edit mark
	blankKind  = "blank"  // of which nothing is printed
)

func (c crowd) add(at spot, l *Line) {
	if c[at] == nil {
		c[at] = make(map[string]int)
	}
	kinds := c[at]
	kinds[l.kind()]++
	if l.isSystem() {
		return
	}
	if l.Class != classDeleted {
		kinds[anyKind]++
	}
	if l.worded() {
		kinds[wordedKind]++
	}
	if l.worded() && l.Edited {
		kinds[editedKind]++
	}
	if l.Class == classEmpty || l.Class == classWaiting {
		kinds[blankKind]++
	}
}

// count counts a kind at a place, give or take slack minutes.
func (c crowd) count(at spot, kind string, slack int64) (n int) {
	for d := -slack; d <= slack; d++ {
		near := at
		near.minute += d
		n += c[near][kind]
	}
	return n
}

// crowds counts what is unmatched, by slot or all over the exports.
func (al *aligner) crowds(bySlot bool) {
	al.bySlot, al.crowdA, al.crowdB = bySlot, make(crowd), make(crowd)
	for i, j := range al.pairA {
		if j == none {
			al.crowdA.add(al.spotA(i), &al.a.Lines[i])
		}
	}
	for j, i := range al.pairB {
		if i == none {
			al.crowdB.add(al.spotB(j), &al.b.Lines[j])
		}
	}
}

func (al *aligner) spotA(i int) spot {
	at := spot{sender: al.sender(i), minute: al.minute(i)}
	if al.bySlot {
		at.slot = al.slotA[i]
	}
	return at
}

func (al *aligner) spotB(j int) spot {
	at := spot{sender: al.senderB(j), minute: al.b.Lines[j].Minute}
	if al.bySlot {
		at.slot = al.slotB[j]
	}
	return at
}

// oneOfSeveral reports whether more messages of a could have become what b has
// in this place than there are of those: to choose one would be a guess. The
// pair is then noted as unclear, unless what is left can still be told apart.
func (al *aligner) oneOfSeveral(i, j int, kindA, kindB string) bool {
	if al.crowdA.count(al.spotB(j), kindA, al.slack) <= al.crowdB.count(al.spotA(i), kindB, al.slack) {
		return false
	}
	at := al.spotB(j)
	at.slot = int(al.slack) // what is a minute off is looked at last
	g := al.refused[at]
	if g == nil {
		g = &cluster{off: int(al.slack)}
		al.refused[at] = g
	}
	g.a, g.b = append(g.a, i), append(g.b, j)
	return true
}

// A cluster is unmatched messages of either side that belong together.
type cluster struct {
	a, b []int
	off  int // minutes
}

// unmatched returns the cluster without what is matched, each message once and
// in order.
func (g *cluster) unmatched(al *aligner) cluster {
	free := func(all []int, pairs []int, parts map[int]bool) []int {
		all = slices.DeleteFunc(slices.Clone(all), func(k int) bool { return pairs[k] != none || parts[k] })
		slices.Sort(all)
		return slices.Compact(all)
	}
	return cluster{free(g.a, al.pairA, al.partsA), free(g.b, al.pairB, al.partsB), g.off}
}

// pairs is how many messages of a have one of b in their place.
func (g *cluster) pairs() int { return min(len(g.a), len(g.b)) }

// matchInTurn pairs what is left in the places where both sides have equally
// many messages, in their order, if decide explains every pair of a place.
func (al *aligner) matchInTurn(decide func(a, b *Line) (outcome, bool)) {
	groups := make(map[spot]*cluster)
	for j, i := range al.pairB {
		if i != none || al.b.Lines[j].isSystem() {
			continue
		}
		at := al.spotB(j)
		if groups[at] == nil {
			groups[at] = new(cluster)
		}
		groups[at].b = append(groups[at].b, j)
	}
	for i, j := range al.pairA {
		if g := groups[al.spotA(i)]; g != nil && j == none && !al.a.Lines[i].isSystem() {
			g.a = append(g.a, i)
		}
	}
	for _, g := range groups {
		if len(g.a) > 1 {
			al.inTurn(*g, decide)
		}
	}
}

// inTurn pairs equally many messages in their order, if decide explains every
// pair of them.
func (al *aligner) inTurn(g cluster, decide func(a, b *Line) (outcome, bool)) bool {
	if len(g.a) != len(g.b) {
		return false
	}
	outcomes := make([]outcome, len(g.a))
	for k := range g.a {
		var ok bool
		if outcomes[k], ok = decide(&al.a.Lines[g.a[k]], &al.b.Lines[g.b[k]]); !ok {
			return false
		}
		if outcomes[k].why == WhyAltered && (al.due[g.a[k]] || al.times(al.identityB(g.b[k])) > 0) {
			return false
		}
	}
	for k, o := range outcomes {
		al.pair(g.a[k], g.b[k], o)
	}
	return true
}

// leaveUnclear keeps the clusters whose pairing would be a guess.
func (al *aligner) leaveUnclear() {
	var all []cluster
	for _, g := range al.refused {
		all = append(all, g.unmatched(al))
	}
	for _, g := range al.strange {
		all = append(all, g.unmatched(al))
	}
	all = slices.DeleteFunc(all, func(g cluster) bool { return g.pairs() == 0 })
	slices.SortFunc(all, func(x, y cluster) int {
		return cmp.Or(cmp.Compare(x.off, y.off), cmp.Compare(x.a[0], y.a[0]), cmp.Compare(x.b[0], y.b[0]))
	})
	al.unclearA, al.unclearB = make(map[int]bool), make(map[int]bool)
	for _, g := range all {
		g.a = slices.DeleteFunc(g.a, func(i int) bool { return al.unclearA[i] })
		g.b = slices.DeleteFunc(g.b, func(j int) bool { return al.unclearB[j] })
		if g.pairs() > 0 {
			al.unclear = append(al.unclear, g)
			al.setUnclear(g, true)
		}
	}
}

func (al *aligner) setUnclear(g cluster, unclear bool) {
	for _, i := range g.a {
		al.unclearA[i] = unclear
	}
	for _, j := range g.b {
		al.unclearB[j] = unclear
	}
}

// reportUnclear lists what changed together. A message of it that may be
// missing for an innocent reason excuses all the missing ones, because it may
// be any of them.
func (al *aligner) reportUnclear(c *Comparison, r reach, timers []time.Duration) {
	for _, g := range al.unclear {
		u := Unclear{A: g.a, B: g.b, Gone: len(g.a) - g.pairs(), Whose: al.strangeB[al.b.Lines[g.b[0]].Sender]}
		for _, j := range g.b {
			switch l := &al.b.Lines[j]; {
			case l.Class == classDeleted:
				u.Deleted++
			case l.Edited:
				u.Edited++
			}
		}
		for _, i := range g.a {
			if u.Gone > 0 && u.Why == "" {
				u.Why, _ = al.missing(i, r, timers[i])
			}
		}
		c.Unclear = append(c.Unclear, u)
	}
}

// aboutUnclear says how many messages changed together, and into what.
func (c *Comparison) aboutUnclear() string {
	var n, deleted, edited, other, gone, excused int
	whose := false
	for _, u := range c.Unclear {
		whose = whose || u.Whose
		n, deleted, edited, other = n+len(u.A), deleted+u.Deleted, edited+u.Edited, other+len(u.B)-u.Deleted-u.Edited
		if u.Why == "" {
			gone += u.Gone
		} else {
			excused += u.Gone
		}
	}
	var parts []string
	part := func(n int, one, several string) {
		if n == 1 {
			parts = append(parts, one)
		} else if n > 1 {
			parts = append(parts, fmt.Sprintf(several, n))
		}
	}
	part(deleted, "1 deletion notice", "%d deletion notices")
	part(edited, "1 message with the app's edit mark", "%d messages with the app's edit mark")
	part(other, "1 message with no mark", "%d messages with no mark")
	text := fmt.Sprintf("Not in the later export as they were: %s. In their minutes it has %s instead, and which became which cannot be told",
		count(n), listed(parts))
	if gone > 0 {
		text += fmt.Sprintf("; %d left no trace", gone)
	}
	if excused > 0 {
		text += fmt.Sprintf("; %d may be missing for a reason that proves nothing", excused)
	}
	if whose {
		text += "; nor can be told whose they are, because nothing joins the names that the two exports have for those people"
	}
	return text + "."
}

// listed joins words as a sentence does.
func listed(parts []string) string {
	if n := len(parts); n > 1 {
		return strings.Join(parts[:n-1], ", ") + " and " + parts[n-1]
	}
	return strings.Join(parts, "")
}
