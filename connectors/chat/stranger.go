package chat

import "slices"

// matchStrangers pairs the messages of people of whom the other side knows
// nothing: somebody under a new name, if no word of theirs is left that shows
// which name is whose. Words that are the same at the same minute are one
// message. What is left is paired only where one person on either side is all
// there is at that minute, and only with a mark of the app; a change that no
// mark confirms, laid upon a change of name that nothing confirms, is a guess,
// and so is a choice among several people.
func (al *aligner) matchStrangers() {
	minutes, words := al.strangers()
	for _, g := range words {
		if g := g.unmatched(al); len(g.a) == len(g.b) || al.twoPeople(g) {
			al.pairNearest(g.a, g.b, outcome{matched: true, why: WhySender})
		}
	}
	for minute, g := range minutes {
		left := g.unmatched(al)
		if left.pairs() == 0 {
			al.nextMinute(minute, left, minutes)
			continue
		}
		if al.twoPeople(left) && al.inTurn(left, al.marked) {
			left = g.unmatched(al)
		}
		al.strange = append(al.strange, left)
	}
}

// strangers gathers the messages of strangers by their minute, and by their
// minute and words.
func (al *aligner) strangers() (minutes map[int64]*cluster, words map[identity]*cluster) {
	minutes, words = make(map[int64]*cluster), make(map[identity]*cluster)
	add := func(minute int64, text string, put func(*cluster)) {
		said := identity{text: text, minute: minute}
		if minutes[minute] == nil {
			minutes[minute] = new(cluster)
		}
		if words[said] == nil {
			words[said] = new(cluster)
		}
		put(minutes[minute])
		put(words[said])
	}
	for i := range al.a.Lines {
		if l := &al.a.Lines[i]; al.pairA[i] == none && !l.isSystem() && al.strangeA[l.Sender] {
			add(al.minute(i), l.Text, func(g *cluster) { g.a = append(g.a, i) })
		}
	}
	for j := range al.b.Lines {
		if l := &al.b.Lines[j]; al.pairB[j] == none && !l.isSystem() && al.strangeB[l.Sender] {
			add(l.Minute, l.Text, func(g *cluster) { g.b = append(g.b, j) })
		}
	}
	return minutes, words
}

// twoPeople reports whether a cluster is of one person on either side.
func (al *aligner) twoPeople(g cluster) bool {
	one := func(all []int, lines []Line) bool {
		return !slices.ContainsFunc(all, func(k int) bool { return lines[k].Sender != lines[all[0]].Sender })
	}
	return one(g.a, al.a.Lines) && one(g.b, al.b.Lines)
}

// nextMinute leaves unclear what strangers lost beside a mark of the app in the
// next minute: one of the phones may have rounded.
func (al *aligner) nextMinute(minute int64, g cluster, minutes map[int64]*cluster) {
	if minute == 0 || len(g.a) == 0 {
		return
	}
	for _, d := range []int64{-1, 1} {
		near := minutes[minute+d]
		if near == nil || len(near.a) > 0 {
			continue // its marks are of its own messages
		}
		for _, j := range near.b {
			if l := &al.b.Lines[j]; l.Class == classDeleted || l.Edited {
				g.b = append(g.b, j)
			}
		}
	}
	g.off = 1
	al.strange = append(al.strange, g)
}
