package chat

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawSide makes lines with few words, people and minutes, so that everything
// repeats and collides.
func drawSide(t *rapid.T, label string) Side {
	s := Side{Platform: rapid.SampledFrom([]Platform{Android, IOS, Web}).Draw(t, label), Truncated: rapid.Bool().Draw(t, label+" truncated")}
	classes := []string{classText, classText, classText, classMedia, classCaption, classDeleted, classEmpty, classWaiting, "poll",
		classSystem + "e2e_notice", classSystem + "member_left", classSystem + UnknownEvent, classSystem + "disappearing_on/60", classSystem + "disappearing_off/0"}
	for range rapid.IntRange(0, 30).Draw(t, label+" lines") {
		l := Line{Class: rapid.SampledFrom(classes).Draw(t, "class"), Minute: int64(rapid.IntRange(0, 6).Draw(t, "minute"))}
		l.Text = fmt.Sprint(l.Class[0], rapid.IntRange(0, 5).Draw(t, "text"))
		if !l.isSystem() {
			l.Sender = rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "sender")
		}
		l.Edited = l.Class == classText && rapid.IntRange(0, 5).Draw(t, "edited") == 0
		s.Lines = append(s.Lines, l)
	}
	return s
}

// Every message of both sides is accounted for exactly once.
func TestEveryMessageIsAccountedFor(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b := drawSide(rt, "a"), drawSide(rt, "b")
		if rapid.Bool().Draw(rt, "related") { // b is a with some lines gone
			b.Lines = nil
			for _, l := range a.Lines {
				if rapid.IntRange(0, 4).Draw(rt, "keep") > 0 {
					b.Lines = append(b.Lines, l)
				}
			}
		}
		c := Compare(a, b)
		if !c.SameChat {
			return
		}
		inA, inB := make([]int, len(a.Lines)), make([]int, len(b.Lines))
		for _, pairs := range [][][2]int{c.Matches, c.Edited, c.Deleted} {
			for _, p := range pairs {
				inA[p[0]]++
				inB[p[1]]++
			}
		}
		for _, i := range c.Vanished {
			inA[i]++
		}
		for _, n := range c.NotEvidence {
			for i := n.From; i <= n.To; i++ {
				inA[i]++
			}
		}
		for _, j := range c.Added {
			inB[j]++
		}
		for _, u := range c.Unclear {
			for _, i := range u.A {
				inA[i]++
			}
			for _, j := range u.B {
				inB[j]++
			}
		}
		for _, ch := range c.ChangedOther {
			if ch.A == nil {
				inB[*ch.B]++
			}
		}
		for i, n := range inA {
			if n != 1 {
				rt.Fatalf("message %d of a is told of %d times: %+v", i, n, c)
			}
		}
		for j, n := range inB {
			if n != 1 {
				rt.Fatalf("message %d of b is told of %d times: %+v", j, n, c)
			}
		}
	})
}

// An export compared with itself shows nothing.
func TestCompareWithItself(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a := drawSide(rt, "a")
		c := Compare(a, a)
		if c.SameChat && (!c.Clean() || len(c.Matches) != len(a.Lines) || len(c.ChangedOther)+len(c.Added)+len(c.Findings) > 0) {
			rt.Fatalf("%+v", c)
		}
	})
}

// A message that was deleted for oneself, and a second copy of another one in
// its place: the copy's words are none that anybody altered.
func TestASecondCopyIsNoAlteration(t *testing.T) {
	a := make([]Line, 12)
	for i := range a {
		a[i] = Line{Text: fmt.Sprintf("text\x00words about matter %d", i), Sender: "Ana", Class: classText, Minute: int64(1000 + i/2)}
	}
	b := slices.Clone(a)
	b[5] = b[4]
	c := Compare(Side{Platform: Android, Lines: a}, Side{Platform: Android, Lines: b})
	if !c.SameChat || len(c.ChangedOther) != 0 || !slices.Equal(c.Vanished, []int{5}) {
		t.Errorf("%+v", c)
	}
}
