package chat

import "slices"

// sameChat decides whether the two exports are of one chat. In the stretch of
// time that both cover, at least half of the messages of the side that has
// fewer there must be in the other, word for word, by the same people, at the
// same minutes. Greetings alone do not make two chats one; nor does a message
// that somebody sent to both.
func (al *aligner) sameChat() bool {
	from, to := al.overlap()
	inside := func(m int64) bool { return m == 0 || m >= from && m <= to }
	var nA, nB, agree, allA, allB int
	for i := range al.a.Lines {
		l := &al.a.Lines[i]
		if !al.telling(l) {
			continue
		}
		allA++
		if j := al.pairA[i]; j != none {
			who := naming{l.Sender, al.b.Lines[j].Sender}
			if who.a == who.b || al.sure[who] {
				agree++
			}
		}
		if inside(al.minute(i)) {
			nA++
		}
	}
	for j := range al.b.Lines {
		l := &al.b.Lines[j]
		if !al.telling(l) {
			continue
		}
		if l.Edited && al.pairB[j] == none {
			continue // its words are new
		}
		allB++
		if inside(l.Minute) {
			nB++
		}
	}
	return agree > 0 && agree >= min(2, allA, allB) && 2*agree >= min(nA, nB)
}

// telling reports whether a line can show which chat it is of.
func (al *aligner) telling(l *Line) bool { return l.worded() || l.Class == classMedia }

// overlap is the time that both sides cover, on b's clock.
func (al *aligner) overlap() (from, to int64) {
	bounds := func(n int, minute func(int) int64, lines []Line) (lo, hi int64) {
		for i := range n {
			if m := minute(i); m != 0 && !lines[i].local() {
				if lo == 0 || m < lo {
					lo = m
				}
				hi = max(hi, m)
			}
		}
		return lo, hi
	}
	fromA, toA := bounds(len(al.a.Lines), al.minute, al.a.Lines)
	fromB, toB := bounds(len(al.b.Lines), func(j int) int64 { return al.b.Lines[j].Minute }, al.b.Lines)
	return max(fromA, fromB), min(toA, toB)
}

// matchNear pairs what differs by a minute at most: one side may have rounded.
func (al *aligner) matchNear() {
	free := make(map[identity][]int)
	for j := range al.b.Lines {
		if al.pairB[j] == none && al.b.Lines[j].Minute != 0 {
			id := al.identityB(j)
			free[id] = append(free[id], j)
		}
	}
	for i := range al.a.Lines {
		if al.pairA[i] != none || al.minute(i) == 0 {
			continue
		}
		id := al.identityA(i)
		for _, d := range []int64{-1, 1} {
			near := id
			near.minute += d
			if js := free[near]; len(js) > 0 {
				al.pair(i, js[0], outcome{matched: true})
				free[near] = js[1:]
				break
			}
		}
	}
}

// A rule pairs two unmatched lines of one slot.
type rule func(al *aligner, i, j int) (outcome, bool)

// rules are tried in order, each over the whole slot, the surest first; and all
// of them at the exact minute before any at the next.
var rules = []rule{appWords, unread, pasted, tombstone, notice, placeholder, caption, editedWords, restamped, altered, reworded}

// maxSlot bounds how many unmatched lines of one slot are compared with each
// other; beyond it only lines at the same moment are, which the rules require
// anyway save for two.
const maxSlot = 200

// matchSlots compares what is left between the same neighbours, and then what
// is left at the same minute elsewhere: among repetitions, neighbours mislead.
// Where it would be a guess which message became which, none is paired.
func (al *aligner) matchSlots() {
	al.due = al.expired()
	al.matchStrangers()
	outside := al.outsideHead()
	slotOfA := func(i int) int64 {
		if al.slotA[i] == 0 && outside[al.moment(i)] {
			return none // the other has the better claim, once all of that minute are seen
		}
		return int64(al.slotA[i])
	}
	bySlot := al.unmatched(func(j int) int64 { return int64(al.slotB[j]) })
	byMinute := al.unmatched(func(j int) int64 { return al.b.Lines[j].Minute })
	al.crowds(true)
	al.matchInTurn(al.changed)
	for _, r := range rules {
		al.apply(r, slotOfA, bySlot)
	}
	al.crowds(false)
	al.matchInTurn(al.marked)
	for _, r := range []rule{tombstone, placeholder, caption, editedWords} {
		al.apply(r, al.minute, byMinute)
	}
	al.slack = 1
	al.crowds(true)
	for _, r := range rules {
		al.apply(r, slotOfA, bySlot)
	}
	al.slack = 0
	al.crowds(false)
	for _, r := range []rule{tombstone, placeholder, caption, editedWords, reworded, alteredNearby} {
		al.apply(r, al.minute, byMinute)
	}
	al.matchNotices()
	al.takeIn()
	al.leaveUnclear()
}

// A moment is a minute of one sender.
type moment struct {
	sender string
	minute int64
}

func (al *aligner) moment(i int) moment { return moment{al.sender(i), al.minute(i)} }

// outsideHead lists the moments of unmatched lines that cannot be cut off with
// b's head.
func (al *aligner) outsideHead() map[moment]bool {
	moments := make(map[moment]bool)
	for i, j := range al.pairA {
		if j == none && al.slotA[i] != 0 {
			moments[al.moment(i)] = true
		}
	}
	return moments
}

// matchNotices pairs encryption notices wherever they stand: a phone writes
// its own anew.
func (al *aligner) matchNotices() {
	j := 0
	for i := range al.pairA {
		if event, _ := al.a.Lines[i].event(); al.pairA[i] != none || event != "e2e_notice" {
			continue
		}
		for ; j < len(al.pairB); j++ {
			if event, _ := al.b.Lines[j].event(); al.pairB[j] == none && event == "e2e_notice" {
				al.pair(i, j, outcome{matched: true, why: WhyNotice})
				break
			}
		}
	}
}

// headLast lists the unmatched lines of a: last those before the first matched
// one, from the last of them to the first. They may be cut off with b's head,
// so that whatever else may have become of them matters less.
func (al *aligner) headLast() []int {
	var head, order []int
	for i := range al.pairA {
		switch {
		case al.pairA[i] != none:
		case al.slotA[i] == 0:
			head = append(head, i)
		default:
			order = append(order, i)
		}
	}
	slices.Reverse(head)
	return append(order, head...)
}

// unmatched groups the unmatched lines of b by a key.
func (al *aligner) unmatched(key func(j int) int64) map[int64][]int {
	groups := make(map[int64][]int)
	for j := range al.pairB {
		if al.pairB[j] == none {
			groups[key(j)] = append(groups[key(j)], j)
		}
	}
	for j := range al.pairB {
		if g := groups[key(j)]; al.slotB[j] == 0 && len(g) > 1 && g[0] == j && al.slotB[g[len(g)-1]] == 0 {
			slices.Reverse(g)
		}
	}
	return groups
}

// apply tries a rule on every unmatched line of a and the lines of b that have
// its key.
func (al *aligner) apply(r rule, key func(i int) int64, groups map[int64][]int) {
	for _, i := range al.headLast() {
		if al.pairA[i] != none {
			continue
		}
		js := groups[key(i)]
		tried := 0
		for _, j := range js {
			if al.pairB[j] != none {
				continue
			}
			if o, ok := r(al, i, j); ok {
				al.pair(i, j, o)
				break
			}
			if tried++; tried > maxSlot {
				break
			}
		}
	}
}

// samePlace is what an edit or a tombstone leaves unchanged: the sender and
// the stamp.
func (al *aligner) samePlace(i, j int) bool {
	return al.sender(i) == al.senderB(j) && al.sameMinute(i, j, al.slack)
}

// marked says what the app's own marks tell of two lines that stand in one
// place; false: nothing.
func (al *aligner) marked(a, b *Line) (outcome, bool) {
	switch {
	case al.misread(a, b, al.b.Platform), al.misread(b, a, al.a.Platform):
		return outcome{matched: true, why: WhyAppWords}, true
	case b.Class == classDeleted && a.Class != classDeleted:
		return outcome{deleted: true}, true
	case a.Class == classDeleted && b.Class != classDeleted:
		return outcome{matched: true, why: WhyDeletedInA}, true
	case a.Class == classWaiting && b.Class != classWaiting:
		return outcome{matched: true, why: WhyDecrypted}, true
	case a.Class == classEmpty, b.Class == classEmpty, b.Class == classWaiting:
		return outcome{matched: true, why: WhyPlaceholder}, true
	case a.Class == classMedia && b.Class == classCaption, a.Class == classCaption && b.Class == classMedia:
		return outcome{matched: true, why: WhyCaption}, true
	case b.Edited && a.worded() && b.worded():
		return outcome{edited: true}, true
	}
	return outcome{}, false
}

// misread reports whether typed is a person's words that the other side, of
// this platform, had to take for what the app writes.
func (al *aligner) misread(typed, other *Line, platform Platform) bool {
	as := typed.readsAs()
	return as != "" && platform != IOS && (as == other.Class || as == readsEdited && other.Edited)
}

func appWords(al *aligner, i, j int) (outcome, bool) {
	o, ok := al.marked(&al.a.Lines[i], &al.b.Lines[j])
	return o, ok && o.why == WhyAppWords && al.samePlace(i, j)
}

// unread pairs words of the app that were not understood with what it wrote at
// that moment on the other side, in whatever language.
func unread(al *aligner, i, j int) (outcome, bool) {
	a, b := &al.a.Lines[i], &al.b.Lines[j]
	apps := func(l *Line) bool {
		return l.isSystem() || l.readsAs() == ReadsSystem || al.samePlace(i, j) && !l.worded()
	}
	ok := (a.readsAs() == ReadsSystem || b.readsAs() == ReadsSystem) && al.sameMinute(i, j, al.slack) && apps(a) && apps(b)
	return outcome{matched: true, why: WhySystemWording}, ok
}

// pasted pairs a message that holds lines of a chat with the first part of it,
// where the other side, of a platform that cannot tell, has messages instead of
// the lines.
func pasted(al *aligner, i, j int) (outcome, bool) {
	a, b := &al.a.Lines[i], &al.b.Lines[j]
	if a.kind() != classText || b.kind() != classText || !al.samePlace(i, j) {
		return outcome{}, false
	}
	split := func(whole, first *Line, on Platform, next int, pairs []int) bool {
		return whole.pasted() > 0 && first.pasted() == 0 && on != IOS && next < len(pairs) && pairs[next] == none
	}
	ok := split(a, b, al.b.Platform, j+1, al.pairB) || split(b, a, al.a.Platform, i+1, al.pairA)
	return outcome{matched: true, why: WhyPasted}, ok
}

// takeIn counts what follows the first part of a message that one side has in
// pieces as parts of it.
func (al *aligner) takeIn() {
	al.partsA, al.partsB = make(map[int]bool), make(map[int]bool)
	take := func(n, at int, pairs []int, parts map[int]bool) {
		for k := at + 1; k <= at+n && k < len(pairs) && pairs[k] == none; k++ {
			parts[k] = true
		}
	}
	for i, o := range al.result {
		if j := al.pairA[i]; o.why == WhyPasted {
			take(al.a.Lines[i].pasted(), j, al.pairB, al.partsB)
			take(al.b.Lines[j].pasted(), i, al.pairA, al.partsA)
		}
	}
}

// changed is marked, and beyond it what no mark confirms.
func (al *aligner) changed(a, b *Line) (outcome, bool) {
	if o, ok := al.marked(a, b); ok || !a.worded() || a.kind() != b.kind() {
		return o, ok
	}
	mention := a.Class == classMention && b.Class == classAt || a.Class == classAt && b.Class == classMention
	switch {
	case al.b.Platform == Web || al.a.Platform == Web:
		return outcome{matched: true, why: WhyWebEdit}, true
	case (a.Class == classGarbled) != (b.Class == classGarbled):
		return outcome{matched: true, why: WhyGarbled}, true
	case mention:
		return outcome{matched: true, why: WhyMention}, true
	}
	return outcome{matched: true, why: WhyAltered}, true
}

func tombstone(al *aligner, i, j int) (outcome, bool) {
	a, b := &al.a.Lines[i], &al.b.Lines[j]
	if a.isSystem() || b.isSystem() || !al.samePlace(i, j) || a.Class == b.Class || a.Class != classDeleted && b.Class != classDeleted {
		return outcome{}, false
	}
	if b.Class == classDeleted && al.oneOfSeveral(i, j, anyKind, classDeleted) {
		return outcome{}, false
	}
	return al.marked(a, b)
}

func notice(al *aligner, i, j int) (outcome, bool) {
	a, _ := al.a.Lines[i].event()
	b, _ := al.b.Lines[j].event()
	return outcome{matched: true, why: WhyNotice}, a == b && a == "e2e_notice"
}

func placeholder(al *aligner, i, j int) (outcome, bool) {
	a, b := &al.a.Lines[i], &al.b.Lines[j]
	blank := func(l *Line) bool { return l.Class == classEmpty || l.Class == classWaiting }
	if a.isSystem() || b.isSystem() || !al.samePlace(i, j) || !blank(a) && !blank(b) || a.Class == b.Class {
		return outcome{}, false
	}
	if !blank(a) && al.oneOfSeveral(i, j, anyKind, blankKind) {
		return outcome{}, false
	}
	return al.marked(a, b)
}

func caption(al *aligner, i, j int) (outcome, bool) {
	o, ok := al.marked(&al.a.Lines[i], &al.b.Lines[j])
	return o, ok && o.why == WhyCaption && al.samePlace(i, j)
}

func editedWords(al *aligner, i, j int) (outcome, bool) {
	o, ok := al.marked(&al.a.Lines[i], &al.b.Lines[j])
	return o, ok && o.edited && al.samePlace(i, j) && !al.oneOfSeveral(i, j, wordedKind, editedKind)
}

func restamped(al *aligner, i, j int) (outcome, bool) {
	a, b := &al.a.Lines[i], &al.b.Lines[j]
	return outcome{matched: true, why: WhyRestamped}, al.slack > 0 && a.Text == b.Text && a.worded() && al.sender(i) == al.senderB(j)
}

func altered(al *aligner, i, j int) (outcome, bool) {
	a, b := &al.a.Lines[i], &al.b.Lines[j]
	if !a.worded() || a.kind() != b.kind() || al.slack > 0 || !al.samePlace(i, j) || al.times(al.identityB(j)) > 0 {
		return outcome{}, false // b has a second copy of what a has too, or another message came a minute later: those are no new words
	}
	// What a timer has taken by now was not altered: another message came.
	if al.due[i] || al.oneOfSeveral(i, j, a.kind(), b.kind()) {
		return outcome{}, false
	}
	return al.changed(a, b)
}

// alteredNearby is altered beside a message that moved, or for one of several
// that say the same in one minute: which of those was paired is arbitrary, and
// so is its place.
func alteredNearby(al *aligner, i, j int) (outcome, bool) {
	if al.slotGap(i, j) > 3 && al.times(al.identityA(i)) < 2 {
		return outcome{}, false
	}
	return altered(al, i, j)
}

// times is how often a says something in a minute.
func (al *aligner) times(said identity) int {
	if al.repeats == nil {
		al.repeats = make(map[identity]int)
		for i := range al.a.Lines {
			al.repeats[al.identityA(i)]++
		}
	}
	return al.repeats[said]
}

func reworded(al *aligner, i, j int) (outcome, bool) {
	a, b := &al.a.Lines[i], &al.b.Lines[j]
	inA, _ := a.event()
	inB, _ := b.event()
	same := inA == inB || inA == UnknownEvent || inB == UnknownEvent
	if !a.isSystem() || !b.isSystem() || !same || !al.sameMinute(i, j, al.slack) || al.oneOfSeveral(i, j, a.Class, b.Class) {
		return outcome{}, false
	}
	return outcome{matched: true, why: WhySystemWording}, true
}
