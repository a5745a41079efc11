package chat

import (
	"cmp"
	"maps"
	"slices"
)

const none = -1

// An outcome is what became of a pair of lines.
type outcome struct {
	why     string // of a Change, or empty
	edited  bool
	deleted bool
	matched bool
}

// An aligner matches the lines of two exports.
type aligner struct {
	a, b               Side
	pairA              []int // index in b, or none
	pairB              []int
	result             map[int]outcome // by index in a, where there is more to say than "equal"
	shift              int64
	shifts             []int64           // by index in a: what to add to its minute
	names              map[string]string // senders of a by their name in b
	alias              map[string]string // senders of b by the other name that b has for them
	twoNames           map[naming]bool   // of people who have one name on one side and two on the other
	sure               map[naming]bool   // namings that rest on words said once, or on several moments
	strangeA, strangeB map[string]bool
	repeats            map[identity]int // how often a says the same at one moment
	slack              int64            // minutes that one moment may differ by
	slotA              []int            // matched neighbours before, in order
	slotB              []int
	doubtA, doubtB     map[int]bool // lines that the other side may have been left without on purpose
	inOrder            []int        // indexes in a of the matched lines that ascend in b

	bySlot             bool              // places are told apart by their neighbours
	crowdA, crowdB     crowd             // what is unmatched, by place
	refused            map[spot]*cluster // what was not paired because it would have been a guess
	due                []bool            // lines of a whose timer had run out when b was made
	partsA, partsB     map[int]bool      // pieces of a message that the other side has whole
	strange            []cluster         // of people whom the other side does not name
	unclear            []cluster         // what remains of both
	unclearA, unclearB map[int]bool
}

func newAligner(a, b Side) *aligner {
	if captions(a.Lines) != captions(b.Lines) {
		a.Lines, b.Lines = withoutCaptions(a.Lines), withoutCaptions(b.Lines)
	}
	al := &aligner{a: a, b: b, result: make(map[int]outcome), names: make(map[string]string), sure: make(map[naming]bool),
		alias: make(map[string]string), twoNames: make(map[naming]bool),
		refused: make(map[spot]*cluster)}
	al.pairA, al.pairB = make([]int, len(a.Lines)), make([]int, len(b.Lines))
	al.shifts = make([]int64, len(a.Lines))
	for i := range al.pairA {
		al.pairA[i] = none
	}
	for j := range al.pairB {
		al.pairB[j] = none
	}
	return al
}

// captions reports whether an export has captions. Older phones drop them all
// when they export without media.
func captions(lines []Line) bool {
	return slices.ContainsFunc(lines, func(l Line) bool { return l.Class == classCaption })
}

// withoutCaptions returns lines in which all media say the same.
func withoutCaptions(lines []Line) []Line {
	lines = slices.Clone(lines)
	for i := range lines {
		if c := lines[i].Class; c == classMedia || c == classCaption {
			lines[i].Text = ""
		}
	}
	return lines
}

// anchors returns the pairs of lines whose words occur once on either side, in
// a's order.
func (al *aligner) anchors() [][2]int {
	once := func(lines []Line) map[string]int {
		m := make(map[string]int, len(lines))
		for i := range lines {
			l := &lines[i]
			if !l.worded() && l.Class != classMedia {
				continue
			}
			if _, twice := m[l.Text]; twice {
				m[l.Text] = none
			} else {
				m[l.Text] = i
			}
		}
		return m
	}
	inA, inB := once(al.a.Lines), once(al.b.Lines)
	var pairs [][2]int
	for text, i := range inA {
		if j, ok := inB[text]; ok && i != none && j != none {
			pairs = append(pairs, [2]int{i, j})
		}
	}
	slices.SortFunc(pairs, func(x, y [2]int) int { return cmp.Compare(x[0], y[0]) })
	return pairs
}

// quarter rounds a difference of printed times to the quarter of an hour that
// clocks differ by; a minute is lost where one side prints seconds.
func quarter(d int64) (int64, bool) {
	q := (d + 7) / 15
	if d+7 < 0 && (d+7)%15 != 0 {
		q--
	}
	rest := d - 15*q
	return 15 * q, rest >= -1 && rest <= 1
}

// findShift finds the difference of the two clocks: what most anchors show.
// Where the exporting zones change to summer time on different days there are
// two; each line then takes that of the anchor before it.
func (al *aligner) findShift() {
	votes := make(map[int64]int)
	pairs := al.anchors()
	total := 0
	delta := func(p [2]int) (int64, bool) {
		a, b := &al.a.Lines[p[0]], &al.b.Lines[p[1]]
		if a.Minute == 0 || b.Minute == 0 {
			return 0, false
		}
		q, ok := quarter(b.Minute - a.Minute)
		return q, ok && q >= -26*60 && q <= 26*60
	}
	for _, p := range pairs {
		if q, ok := delta(p); ok {
			votes[q]++
			total++
		}
	}
	for _, q := range slices.Sorted(maps.Keys(votes)) {
		if n := votes[q]; n > votes[al.shift] || n == votes[al.shift] && abs(q) < abs(al.shift) {
			al.shift = q
		}
	}
	current, next := al.shift, 0
	for i := range al.shifts {
		for next < len(pairs) && pairs[next][0] <= i {
			q, ok := delta(pairs[next])
			if ok && abs(q-al.shift) <= 60 && votes[q] >= 3 && 20*votes[q] >= total {
				current = q
			}
			next++
		}
		al.shifts[i] = current
	}
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// minute is the time of a's line i on b's clock, or 0.
func (al *aligner) minute(i int) int64 {
	if m := al.a.Lines[i].Minute; m != 0 {
		return m + al.shifts[i]
	}
	return 0
}

// sameMinute reports whether a's line i and b's line j were printed at the
// same moment, give or take slack minutes. Undated lines agree with undated.
func (al *aligner) sameMinute(i, j int, slack int64) bool {
	a, b := al.minute(i), al.b.Lines[j].Minute
	if a == 0 || b == 0 {
		return a == b
	}
	return abs(a-b) <= slack
}

// A naming is a sender of a and one of b.
type naming struct{ a, b string }

// sureVotes is at how many moments two people have to say the same before they
// are taken for one, if nothing that they say occurs only once.
const sureVotes = 3

// findNames finds whom b calls differently, by a majority of the messages that
// say the same at the same moment. No two people of a become one of b.
func (al *aligner) findNames() {
	votes := al.sameMoments()
	for _, p := range al.anchors() {
		a, b := &al.a.Lines[p[0]], &al.b.Lines[p[1]]
		if al.sameMinute(p[0], p[1], 1) && a.Sender != "" && b.Sender != "" {
			votes[naming{a.Sender, b.Sender}] += 2
			al.sure[naming{a.Sender, b.Sender}] = true
		}
	}
	for who, n := range votes {
		al.sure[who] = al.sure[who] || n >= sureVotes
	}
	order := slices.SortedFunc(maps.Keys(votes), func(x, y naming) int {
		return cmp.Or(cmp.Compare(votes[y], votes[x]), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	taken := make(map[string]bool)
	for _, p := range order {
		if _, done := al.names[p.a]; !done && !taken[p.b] {
			al.names[p.a] = p.b
			taken[p.b] = true
		}
	}
	al.joinNames(order, taken)
	al.setStrangers(taken)
}

// joinNames finds who has one name on one side and two on the other: two numbers
// were saved under one name, or one of two was saved under another. Words said
// once must show it, and the further name must be one that the other side does
// not have, or has for the same words.
func (al *aligner) joinNames(order []naming, taken map[string]bool) {
	inA, inB := al.senders()
	for _, p := range order {
		_, named := al.names[p.a]
		switch {
		case !al.sure[p] || al.names[p.a] == p.b:
		case !named && (!inB[p.a] || p.a == p.b):
			al.names[p.a] = p.b
			al.twoNames[p] = true
		case named && !taken[p.b] && (!inA[p.b] || p.a == p.b):
			al.alias[p.b] = al.names[p.a]
			taken[p.b] = true
			al.twoNames[p] = true
		}
	}
}

// senders are the names on either side.
func (al *aligner) senders() (inA, inB map[string]bool) {
	inA, inB = make(map[string]bool), make(map[string]bool)
	for i := range al.a.Lines {
		inA[al.a.Lines[i].Sender] = true
	}
	for j := range al.b.Lines {
		inB[al.b.Lines[j].Sender] = true
	}
	return inA, inB
}

// senderB is b's name for the sender of its line j, one where it has two.
func (al *aligner) senderB(j int) string {
	s := al.b.Lines[j].Sender
	if to, ok := al.alias[s]; ok {
		return to
	}
	return s
}

// sameMoments votes by what is said by one person only at one minute, however
// often it is said at others.
func (al *aligner) sameMoments() map[naming]int {
	type moment struct {
		text   string
		minute int64
	}
	const several = "\x00"
	speakers := func(n int, lines []Line, minute func(int) int64) map[moment]string {
		m := make(map[moment]string, n)
		for i := range n {
			if lines[i].Sender == "" || minute(i) == 0 {
				continue
			}
			at := moment{lines[i].Text, minute(i)}
			if who, ok := m[at]; ok && who != lines[i].Sender {
				m[at] = several
			} else {
				m[at] = lines[i].Sender
			}
		}
		return m
	}
	inA := speakers(len(al.a.Lines), al.a.Lines, al.minute)
	inB := speakers(len(al.b.Lines), al.b.Lines, func(j int) int64 { return al.b.Lines[j].Minute })
	votes := make(map[naming]int)
	for at, a := range inA {
		if b, ok := inB[at]; ok && a != several && b != several {
			votes[naming{a, b}]++
		}
	}
	return votes
}

// setStrangers notes the senders of whom the other side knows nothing: a new name
// may stand for any of them.
func (al *aligner) setStrangers(taken map[string]bool) {
	al.strangeA, al.strangeB = make(map[string]bool), make(map[string]bool)
	inA, inB := al.senders()
	for s := range inA {
		_, named := al.names[s]
		al.strangeA[s] = !named && !inB[s]
	}
	for s := range inB {
		al.strangeB[s] = !taken[s] && !inA[s]
	}
}

// sender is what b calls the sender of a's line i.
func (al *aligner) sender(i int) string {
	s := al.a.Lines[i].Sender
	if to, ok := al.names[s]; ok {
		return to
	}
	return s
}

// An identity is what makes two messages the same.
type identity struct {
	text, sender string
	minute       int64
}

func (al *aligner) identityA(i int) identity {
	return identity{al.a.Lines[i].Text, al.sender(i), al.minute(i)}
}

func (al *aligner) identityB(j int) identity {
	l := &al.b.Lines[j]
	return identity{l.Text, al.senderB(j), l.Minute}
}

// matchEqual pairs the lines that agree in words, sender and minute. Those of
// which both sides have equally many are paired in order. Where one side has
// more, which of them is missing is decided by the neighbours already paired.
func (al *aligner) matchEqual() {
	type group struct{ a, b []int }
	groups := make(map[identity]*group, len(al.a.Lines))
	for i := range al.a.Lines {
		id := al.identityA(i)
		g := groups[id]
		if g == nil {
			g = new(group)
			groups[id] = g
		}
		g.a = append(g.a, i)
	}
	for j := range al.b.Lines {
		if g := groups[al.identityB(j)]; g != nil {
			g.b = append(g.b, j)
		}
	}
	var uneven []*group
	for i := range al.a.Lines {
		g := groups[al.identityA(i)]
		switch {
		case g.a[0] != i || len(g.b) == 0:
		case len(g.a) == len(g.b):
			for k := range g.a {
				al.pair(g.a[k], g.b[k], outcome{matched: true})
			}
		default:
			uneven = append(uneven, g)
		}
	}
	al.slots()
	for _, g := range uneven {
		al.pairNearest(g.a, g.b, outcome{matched: true})
	}
}

// pairNearest pairs interchangeable lines, of which one side has more: first
// those between the same neighbours, then each of b with the nearest that is
// left. Before the first neighbour the last ones are paired, because what is
// cut off with an export's head are the first.
func (al *aligner) pairNearest(as, bs []int, o outcome) {
	for _, j := range slices.Backward(bs) {
		if i, ok := al.lastFree(as, 0); ok && al.slotB[j] == 0 {
			al.pair(i, j, o)
		}
	}
	k := 0
	for _, j := range bs {
		for k < len(as) && (al.pairA[as[k]] != none || al.slotA[as[k]] < al.slotB[j]) {
			k++
		}
		if k < len(as) && al.pairB[j] == none && al.slotA[as[k]] == al.slotB[j] {
			al.pair(as[k], j, o)
		}
	}
	for _, j := range bs {
		if al.pairB[j] == none {
			al.pairWithNearest(as, j, o)
		}
	}
}

// lastFree returns the last unpaired line of a slot.
func (al *aligner) lastFree(as []int, slot int) (int, bool) {
	for n := len(as) - 1; n >= 0; n-- {
		if al.slotA[as[n]] == slot && al.pairA[as[n]] == none {
			return as[n], true
		}
	}
	return none, false
}

// pairWithNearest pairs j with the unpaired line whose slot is nearest. Very
// many repeats in one minute are nobody's conversation: the first will do.
func (al *aligner) pairWithNearest(as []int, j int, o outcome) {
	best := none
	for _, i := range as {
		if al.pairA[i] != none {
			continue
		}
		// Of those in the head it is the last, because the first may be cut off.
		if best == none || al.slotGap(i, j) < al.slotGap(best, j) || al.slotA[i] == 0 && al.slotA[best] == 0 {
			if best = i; len(as) > 200 {
				break
			}
		}
	}
	if best != none {
		al.pair(best, j, o)
	}
}

func (al *aligner) slotGap(i, j int) int {
	return max(al.slotA[i]-al.slotB[j], al.slotB[j]-al.slotA[i])
}

func (al *aligner) pair(i, j int, o outcome) {
	al.pairA[i], al.pairB[j] = j, i
	if o != (outcome{matched: true}) {
		al.result[i] = o
	}
}

// slots numbers the places between matched neighbours. Only pairs that ascend
// on both sides divide; a message that moved divides nothing.
func (al *aligner) slots() {
	al.inOrder = ascending(al.pairA)
	al.slotA, al.slotB = make([]int, len(al.pairA)), make([]int, len(al.pairB))
	n, i, j := 0, 0, 0
	for _, at := range al.inOrder {
		for ; i <= at; i++ {
			al.slotA[i] = n
		}
		for ; j <= al.pairA[at]; j++ {
			al.slotB[j] = n
		}
		n++
	}
	for ; i < len(al.slotA); i++ {
		al.slotA[i] = n
	}
	for ; j < len(al.slotB); j++ {
		al.slotB[j] = n
	}
}

// ascending returns the indexes of a longest run of ascending values, leaving
// out none: patience sorting.
func ascending(values []int) []int {
	var tops []int // index of the smallest value that ends a run of each length
	before := make([]int, len(values))
	for i, v := range values {
		if v == none {
			continue
		}
		k, _ := slices.BinarySearchFunc(tops, v, func(top, v int) int { return cmp.Compare(values[top], v) })
		before[i] = none
		if k > 0 {
			before[i] = tops[k-1]
		}
		if k == len(tops) {
			tops = append(tops, i)
		} else {
			tops[k] = i
		}
	}
	if len(tops) == 0 {
		return nil
	}
	run := make([]int, len(tops))
	for k, i := len(tops)-1, tops[len(tops)-1]; k >= 0; k, i = k-1, before[i] {
		run[k] = i
	}
	return run
}
