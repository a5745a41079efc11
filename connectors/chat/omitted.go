package chat

import (
	"cmp"
	"math"
	"slices"
)

// AbsentSelected is why a missing message proves nothing: the other export was
// archived without what somebody left out of it on purpose, and which messages
// those were nobody can tell any more.
const AbsentSelected = "left_out_by_selection"

// omissions are the places of a side where messages were left out: each is
// between two of its lines, and between the minutes that those were printed at.
type omissions struct {
	before []int      // indexes of the lines after them, ascending
	spans  [][2]int64 // minutes, ascending, none touching the next

	anywhere bool // their minutes tell nothing
}

// omissionSlack is how many minutes an omission may reach beyond the lines on
// either side of it: late deliveries stand a little out of order.
const omissionSlack = 5

// omissions returns where a side's messages were left out.
func (s *Side) omissions() omissions {
	o := omissions{before: s.Omitted}
	earlier, later := s.nearest()
	for _, before := range s.Omitted {
		from, to := earlier[before], later[before]
		if to < from {
			from, to = to, from
		}
		o.spans = append(o.spans, [2]int64{from - omissionSlack, to + omissionSlack})
	}
	slices.SortFunc(o.spans, func(x, y [2]int64) int { return cmp.Compare(x[0], y[0]) })
	merged := o.spans[:0]
	for _, s := range o.spans {
		if n := len(merged); n > 0 && s[0] <= merged[n-1][1] {
			merged[n-1][1] = max(merged[n-1][1], s[1])
			continue
		}
		merged = append(merged, s)
	}
	o.spans = merged
	return o
}

// nearest returns, for the place before each line and the one after the last,
// the minute of the nearest dated line before it and after it.
func (s *Side) nearest() (earlier, later []int64) {
	const farBack, farOff = math.MinInt64 / 2, math.MaxInt64 / 2
	n := len(s.Lines)
	earlier, later = make([]int64, n+1), make([]int64, n+1)
	last := int64(farBack)
	for j := 0; j <= n; j++ {
		earlier[j] = last
		if j < n && s.Lines[j].Minute != 0 {
			last = s.Lines[j].Minute
		}
	}
	next := int64(farOff)
	for j := n; j >= 0; j-- {
		if j < n && s.Lines[j].Minute != 0 {
			next = s.Lines[j].Minute
		}
		later[j] = next
	}
	return earlier, later
}

// hold reports whether a line of this minute, or one that stands between the
// lines after and until of the side, may be among what was left out.
func (o omissions) hold(minute int64, after, until int) bool {
	if o.anywhere || len(o.before) == 0 {
		return o.anywhere
	}
	if k, _ := slices.BinarySearch(o.before, after+1); k < len(o.before) && o.before[k] <= until {
		return true
	}
	k, found := slices.BinarySearchFunc(o.spans, minute, func(s [2]int64, m int64) int { return cmp.Compare(s[0], m) })
	return minute == 0 || found || k > 0 && minute <= o.spans[k-1][1]
}

// doubts finds the lines of either side that the other may have had before a
// selection: of them nothing is said. A pair of such lines that is not word for
// word the same is no pair.
func (al *aligner) doubts() {
	al.doubtA, al.doubtB = make(map[int]bool), make(map[int]bool)
	if len(al.a.Omitted)+len(al.b.Omitted) == 0 {
		return
	}
	same := func(i int) bool {
		o, special := al.result[i]
		return al.pairA[i] != none && (!special || o.why == "" && !o.edited && !o.deleted)
	}
	sameB := func(j int) bool { return al.pairB[j] != none && same(al.pairB[j]) }
	inB, inA := al.b.omissions(), al.a.omissions()
	// Where the clocks seem to differ, what was left out may be what would have
	// shown that they do not.
	if slices.ContainsFunc(al.shifts, func(s int64) bool { return s != 0 }) {
		inB.anywhere, inA.anywhere = true, true
	}
	between(al.pairA, len(al.pairB), same, func(i, after, until int) {
		al.doubtA[i] = inB.hold(al.minute(i), after, until)
	})
	between(al.pairB, len(al.pairA), sameB, func(j, after, until int) {
		minute := al.b.Lines[j].Minute
		if minute != 0 {
			minute -= al.shift
		}
		al.doubtB[j] = inA.hold(minute, after, until)
	})
	for i, j := range al.pairA {
		if j != none && !same(i) && (al.doubtA[i] || al.doubtB[j]) {
			al.doubtA[i], al.doubtB[j] = true, true
			al.pairA[i], al.pairB[j] = none, none
			delete(al.result, i)
		}
	}
	al.unclear = slices.DeleteFunc(al.unclear, func(g cluster) bool {
		if !slices.ContainsFunc(g.a, func(i int) bool { return al.doubtA[i] }) && !slices.ContainsFunc(g.b, func(j int) bool { return al.doubtB[j] }) {
			return false
		}
		al.setUnclear(g, false)
		for _, i := range g.a {
			al.doubtA[i] = true
		}
		for _, j := range g.b {
			al.doubtB[j] = true
		}
		return true
	})
}

// between calls f for each line that is not the same on both sides, with the
// lines of the other side that its nearest neighbours are paired with.
func between(pairs []int, others int, same func(int) bool, f func(at, after, until int)) {
	until := make([]int, len(pairs))
	next := others
	for i := len(pairs) - 1; i >= 0; i-- {
		if until[i] = next; same(i) {
			next = pairs[i]
		}
	}
	after := none
	for i := range pairs {
		if same(i) {
			after = pairs[i]
			continue
		}
		f(i, after, until[i])
	}
}
