package chat

import (
	"fmt"
	"slices"
)

// A Corroboration is what two people's exports of one chat say of each other.
// What one of them lacks accuses nobody: people join late, phones lose messages
// and are cleared, and everyone may delete on a phone of their own. It says
// where one export completes the other.
type Corroboration struct {
	Both     int      `json:"both"`      // messages that are in both, matched
	OnlyA    []int    `json:"only_a"`    // of a, in time that b covers
	OnlyB    []int    `json:"only_b"`    // of b, in time that a covers
	OutsideA int      `json:"outside_a"` // messages of b alone, from before a begins or after it ends
	OutsideB int      `json:"outside_b"` // messages of a alone, likewise
	UnclearA int      `json:"unclear_a"` // of a, in place of which b has others, without its being clear which
	UnclearB int      `json:"unclear_b"` // of b, likewise
	Differ   [][2]int `json:"differ"`    // a's and b's words differ, and neither has an edit mark
}

// Classes of finding between two people's exports.
const (
	Corroborated = "corroborated" // in both
	OnlyInA      = "only_in_a"
	OnlyInB      = "only_in_b"
)

// Corroborate compares the exports of two people, whom nameA and nameB name.
// It is [Compare] without anything that would accuse either of a deletion:
// nothing has vanished and nothing is late, the findings say instead what one
// export has and the other lacks; where an edit mark on either side explains
// other words, one phone had not heard of the edit yet. Exports that are not of
// one chat are compared no further: SameChat is false.
func Corroborate(a, b Side, nameA, nameB string) Comparison {
	c := Compare(a, b)
	if !c.SameChat {
		return c
	}
	r := &Corroboration{Both: len(c.Matches), OnlyA: c.Vanished, OnlyB: []int{}, Differ: [][2]int{}}
	for _, n := range c.NotEvidence {
		if n.Why == AbsentHead || n.Why == AbsentTail {
			r.OutsideB += n.To - n.From + 1
		}
	}
	from, until := extent(a.Lines)
	for _, j := range c.Added {
		if m := b.Lines[j].Minute - int64(c.Shift); b.Lines[j].Minute == 0 || m < from || m > until {
			r.OutsideA++
		} else {
			r.OnlyB = append(r.OnlyB, j)
		}
	}
	for i := range c.ChangedOther {
		ch := &c.ChangedOther[i]
		if ch.Why != WhyAltered || ch.A == nil || ch.B == nil {
			continue
		}
		if a.Lines[*ch.A].Edited || b.Lines[*ch.B].Edited {
			ch.Why = WhyEditUnheard
		} else {
			r.Differ = append(r.Differ, [2]int{*ch.A, *ch.B})
		}
	}
	for _, u := range c.Unclear {
		r.UnclearA, r.UnclearB = r.UnclearA+len(u.A), r.UnclearB+len(u.B)
	}
	c.Corroboration, c.Vanished, c.VanishReason, c.Equivalent = r, []int{}, nil, nil
	c.Findings = append(r.findings(nameA, nameB), slices.DeleteFunc(c.Findings, func(f Finding) bool {
		switch f.Class {
		case WhyAltered, "vanished", "late_or_inserted", ExpiredByTimer, ClassUnclear:
			return true
		}
		return false
	})...)
	return c
}

// extent is the first and the last minute of the lines that are not a phone's
// own.
func extent(lines []Line) (from, until int64) {
	for i := range lines {
		m := lines[i].Minute
		if m == 0 || lines[i].local() {
			continue
		}
		if from == 0 || m < from {
			from = m
		}
		until = max(until, m)
	}
	return from, until
}

func (r *Corroboration) findings(nameA, nameB string) (all []Finding) {
	add := func(say bool, f Finding, format string, args ...any) {
		if say {
			f.Text = fmt.Sprintf(format, args...)
			all = append(all, f)
		}
	}
	differ := Finding{Class: WhyAltered, Confidence: Moderate}
	for _, p := range r.Differ {
		differ.A, differ.B = append(differ.A, p[0]), append(differ.B, p[1])
	}
	const alone = "%s, in time that both captures cover, only in the capture of custodian %s: that of custodian %s can be completed from it. The other phone may never have had them, or have lost them; that proves nothing against anyone."
	add(len(r.Differ) > 0, differ, "The words of %s differ between two custodians' exports, and neither has an edit mark.", count(len(r.Differ)))
	add(r.Both > 0, Finding{Class: Corroborated, Confidence: Strong}, "In both captures: %s. Two people's exports bear each other out there.", count(r.Both))
	add(r.UnclearA > 0, Finding{Class: ClassUnclear, Confidence: None}, "Not the same in both captures: %s of one and %s of the other, in the same minutes. Which belongs to which cannot be told, so nothing is said of them.",
		count(r.UnclearA), count(r.UnclearB))
	add(len(r.OnlyA) > 0, Finding{Class: OnlyInA, A: r.OnlyA, Confidence: None}, alone, count(len(r.OnlyA)), nameA, nameB)
	add(len(r.OnlyB) > 0, Finding{Class: OnlyInB, B: r.OnlyB, Confidence: None}, alone, count(len(r.OnlyB)), nameB, nameA)
	return all
}
