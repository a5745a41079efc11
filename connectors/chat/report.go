package chat

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// report fills a comparison from the finished alignment.
func (al *aligner) report(c *Comparison) {
	c.Shift = int(al.shift)
	for i, j := range al.pairA {
		if j != none {
			al.reportPair(c, i, j)
		}
	}
	moved := al.moved()
	al.reportMoved(c, moved)
	al.reportNames(c)
	al.reportMissing(c, al.copiesAmong(moved))
	al.reportNew(c)
	slices.SortStableFunc(c.ChangedOther, func(x, y Change) int {
		return cmp.Or(cmp.Compare(place(x.A), place(y.A)), cmp.Compare(place(x.B), place(y.B)))
	})
}

func place(i *int) int {
	if i == nil {
		return none
	}
	return *i
}

func (al *aligner) reportPair(c *Comparison, i, j int) {
	o, special := al.result[i]
	if !special {
		o.matched = true
	}
	switch {
	case o.deleted:
		c.Deleted = append(c.Deleted, [2]int{i, j})
		return
	case o.edited:
		c.Edited = append(c.Edited, [2]int{i, j})
		return
	}
	c.Matches = append(c.Matches, [2]int{i, j})
	a, b := &al.a.Lines[i], &al.b.Lines[j]
	why := o.why
	switch {
	case why != "":
	case al.twoNames[naming{a.Sender, b.Sender}]:
		why = WhySender
	case a.Class != b.Class && (a.Class == classCaption || b.Class == classCaption):
		why = WhyCaption
	case a.Edited != b.Edited && (a.Edited && al.b.Platform == Web || b.Edited && al.a.Platform == Web):
		why = WhyWebEdit
	case a.Edited != b.Edited:
		why = WhyEditMark
	case a.Votes != b.Votes:
		why = WhyVotes
	}
	if why != "" {
		c.change(&i, &j, why)
	}
}

func (c *Comparison) change(i, j *int, why string) {
	c.ChangedOther = append(c.ChangedOther, Change{i, j, why})
}

// reportMoved lists the matched messages that are not in the order of the
// rest: late deliveries, as a rule.
func (al *aligner) reportMoved(c *Comparison, moved map[int]bool) {
	for i, j := range al.pairA {
		if moved[i] && !al.a.Lines[i].isSystem() {
			c.change(&i, &j, WhyReordered)
		}
	}
}

// moved are the lines that are the same on both sides and not in the order of
// the rest.
func (al *aligner) moved() map[int]bool {
	all := make([]int, len(al.pairA))
	for i, j := range al.pairA {
		all[i] = j
		if o, ok := al.result[i]; ok && o.why != "" {
			all[i] = none
		}
	}
	moved := make(map[int]bool)
	for i, j := range all {
		if j != none {
			moved[i] = true
		}
	}
	for _, i := range ascending(all) {
		delete(moved, i)
	}
	return moved
}

func (al *aligner) reportNames(c *Comparison) {
	for a, b := range al.names {
		if a != b {
			c.NameMap[al.a.name(a)] = al.b.name(b)
		}
	}
}

// reportNew lists what only b has.
func (al *aligner) reportNew(c *Comparison) {
	for j, i := range al.pairB {
		if i != none || al.unclearB[j] {
			continue
		}
		switch event, _ := al.b.Lines[j].event(); {
		case al.partsB[j]:
			c.change(nil, &j, WhyPasted)
		case event == "e2e_notice":
			c.change(nil, &j, WhyNotice)
		case al.b.Lines[j].local() && event != UnknownEvent:
			c.change(nil, &j, WhyLocal)
		default:
			c.Added = append(c.Added, j)
		}
	}
}

// reportMissing grades what only a has.
func (al *aligner) reportMissing(c *Comparison, copies map[int]bool) {
	reach := al.reachOfB(copies)
	timers := al.timers()
	excuses := al.excuses(copies, reach, timers)
	for i, j := range al.pairA {
		if j != none || al.unclearA[i] {
			continue
		}
		why, vanished := al.missing(i, reach, timers[i])
		if said := al.identityA(i); vanished && len(excuses[said]) > 0 {
			why, vanished = excuses[said][0], false
			excuses[said] = excuses[said][1:]
		}
		if al.partsA[i] {
			why, vanished = WhyPasted, false
		}
		if !vanished {
			if n := len(c.NotEvidence); n > 0 && c.NotEvidence[n-1].Why == why && c.NotEvidence[n-1].To == i-1 {
				c.NotEvidence[n-1].To = i
			} else {
				c.NotEvidence = append(c.NotEvidence, Absence{i, i, why})
			}
			continue
		}
		c.Vanished = append(c.Vanished, i)
		if why != "" {
			if c.VanishReason == nil {
				c.VanishReason = make(map[int]string)
			}
			c.VanishReason[i] = why
		}
	}
	al.reportUnclear(c, reach, timers)
	al.reportEquivalent(c)
}

// copiesAmong returns those of the moved lines of which b lacks another that
// says the same in the same minute. Which of the two b has is arbitrary.
func (al *aligner) copiesAmong(moved map[int]bool) map[int]bool {
	gone := make(map[identity]bool)
	for i, j := range al.pairA {
		if j == none && !al.unclearA[i] {
			gone[al.identityA(i)] = true
		}
	}
	copies := make(map[int]bool)
	for i := range moved {
		if gone[al.identityA(i)] {
			copies[i] = true
		}
	}
	return copies
}

// excuses are the reasons for which moved copies might as well be missing, by
// what they say: what would excuse the one excuses the other.
func (al *aligner) excuses(copies map[int]bool, r reach, timers []time.Duration) map[identity][]string {
	reasons := make(map[identity][]string)
	for _, i := range slices.Sorted(maps.Keys(copies)) {
		if why, vanished := al.missing(i, r, timers[i]); !vanished {
			said := al.identityA(i)
			reasons[said] = append(reasons[said], why)
		}
	}
	return reasons
}

// reportEquivalent lists messages that agree with a vanished one in words,
// sender and minute: it cannot be told which of them vanished.
func (al *aligner) reportEquivalent(c *Comparison) {
	gone := make(map[identity]bool)
	for _, i := range c.Vanished {
		gone[al.identityA(i)] = true
	}
	for i, j := range al.pairA {
		if j != none && gone[al.identityA(i)] {
			c.Equivalent = append(c.Equivalent, i)
		}
	}
}

// A reach says which part of a's messages b can be expected to have.
type reach struct {
	first, last int   // of a's lines that are in b in order
	spoken      int   // the first of them that a person sent
	head        int64 // the earliest minute of b before its first pair, or 0
	after       bool  // b goes on after its last pair
	latest      int64 // the last minute that b knows of
}

// reachOfB finds it. A moved copy says nothing of where b begins: the other may
// be the one that b has.
func (al *aligner) reachOfB(copies map[int]bool) reach {
	r := reach{first: len(al.pairA), spoken: len(al.pairA), last: none, latest: al.b.Exported}
	var firstB, lastB int
	for i, j := range al.pairA {
		if j == none || al.a.Lines[i].local() && al.result[i].why != "" {
			continue
		}
		// Only a message that is the same on both sides shows where b begins:
		// one that changed may be another of the same minute.
		if _, changed := al.result[i]; !changed && !copies[i] {
			if r.first == len(al.pairA) {
				r.first, firstB = i, j
			}
			if r.spoken == len(al.pairA) && !al.a.Lines[i].isSystem() {
				r.spoken = i
			}
		}
		r.last, lastB = i, j
	}
	for _, g := range al.unclear { // either side reaches as far as these
		r.last, lastB = max(r.last, g.a[len(g.a)-1]), max(lastB, g.b[len(g.b)-1])
	}
	for j := range al.b.Lines {
		l := &al.b.Lines[j]
		if l.local() {
			continue
		}
		r.latest = max(r.latest, l.Minute)
		if al.pairB[j] != none || al.unclearB[j] {
			continue
		}
		if j < firstB && l.Minute != 0 && (r.head == 0 || l.Minute < r.head) {
			r.head = l.Minute
		}
		if j > lastB {
			r.after = true
		}
	}
	return r
}

// missing grades a line of a that is not in b. why is the reason that it is no
// evidence, or the reason that it vanished.
func (al *aligner) missing(i int, r reach, timer time.Duration) (why string, vanished bool) {
	l := &al.a.Lines[i]
	at := al.minute(i)
	inHead := i < r.first && (r.head == 0 || at < r.head)
	// The app's own lines outlast what expires: where nothing says that no timer
	// was on, a head without a person's word may have expired under one.
	spent := i < r.spoken && timer == 0 && !l.isSystem() && (r.head == 0 || at < r.head)
	switch {
	case al.doubtA[i]:
		return AbsentSelected, false
	case inHead && al.b.Truncated:
		return AbsentHead, false
	case al.b.Platform == Web && al.a.Platform != Web && l.Class == classEmpty:
		return AbsentWebViewOnce, false
	case al.b.Platform == Web && al.a.Platform != Web && !l.isSystem() && timer != timerOff:
		return AbsentWebEphemeral, false
	case timer == timerUnknown && !l.isSystem() && (at == 0 || at+int64(shortestTimer/time.Minute) <= r.latest):
		return AbsentTimer, false
	case al.due[i]:
		return ExpiredByTimer, true
	case inHead, spent:
		return AbsentHead, false
	case l.local():
		return AbsentLocal, false
	case i > r.last && !r.after && (r.latest <= at || at == 0):
		return AbsentTail, false
	}
	return "", true
}

// expired reports, for every line of a, whether its timer had run out when b
// was made.
func (al *aligner) expired() []bool {
	latest := al.b.Exported
	for j := range al.b.Lines {
		if !al.b.Lines[j].local() {
			latest = max(latest, al.b.Lines[j].Minute)
		}
	}
	due := make([]bool, len(al.a.Lines))
	for i, timer := range al.timers() {
		at := al.minute(i)
		due[i] = timer > 0 && at != 0 && !al.a.Lines[i].isSystem() && at+int64(timer/time.Minute) <= latest
	}
	return due
}

// timerOff is a timer that a line of the chat has turned off, and timerUnknown
// one that was turned on without its length being printed in a form that is
// understood; zero is a timer of which nothing is known.
const (
	timerOff     = -1
	timerUnknown = -2
)

// shortestTimer is the shortest that a messenger offers for a chat.
const shortestTimer = 24 * time.Hour

// timers returns, for every line of a, the disappearing timer in effect when
// it was sent, as far as a's own lines tell.
func (al *aligner) timers() []time.Duration {
	all := make([]time.Duration, len(al.a.Lines))
	var now time.Duration
	for i := range al.a.Lines {
		all[i] = now
		switch event, timer := al.a.Lines[i].event(); event {
		case "disappearing_on", "disappearing_timer", "disappearing_default_timer":
			now = timer
		case "disappearing_off":
			now = timerOff
		}
	}
	return all
}
