package chat_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/connectors/chat"
)

// lineOf is one message of a model conversation, which occurs once.
func lineOf(i int) chat.Line {
	return chat.Line{Text: fmt.Sprintf("message number %d of the conversation", i), Sender: []string{"ann", "bob"}[i%2], Class: "text", Minute: int64(30_000_000 + i)}
}

// TestCorroborationModel lets two people keep parts of one conversation: each
// message is counted where it is, the counts agree from either side, and
// nothing is said to have vanished.
func TestCorroborationModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(12, 60).Draw(t, "messages")
		keep := func(who string) (s chat.Side, has []bool) {
			gone := rapid.SliceOfNDistinct(rapid.IntRange(1, n-2), 0, n/4, rapid.ID[int]).Draw(t, who)
			has = make([]bool, n)
			for i := range n {
				has[i] = true
			}
			for _, i := range gone {
				has[i] = false
			}
			for i := range n {
				if has[i] {
					s.Lines = append(s.Lines, lineOf(i))
				}
			}
			return s, has
		}
		a, inA := keep("a lacks")
		b, inB := keep("b lacks")
		both, onlyA, onlyB := 0, 0, 0
		for i := range n {
			switch {
			case inA[i] && inB[i]:
				both++
			case inA[i]:
				onlyA++
			case inB[i]:
				onlyB++
			}
		}
		c := chat.Corroborate(a, b, "minister", "deputy")
		back := chat.Corroborate(b, a, "deputy", "minister")
		if !c.SameChat || !back.SameChat {
			t.Fatal("it is one chat")
		}
		r, s := c.Corroboration, back.Corroboration
		if r.Both != both || len(r.OnlyA) != onlyA || len(r.OnlyB) != onlyB || r.OutsideA+r.OutsideB != 0 || len(r.Differ) != 0 {
			t.Fatalf("%+v, want %d, %d, %d", r, both, onlyA, onlyB)
		}
		if s.Both != both || len(s.OnlyA) != onlyB || len(s.OnlyB) != onlyA {
			t.Fatalf("the other way round: %+v", s)
		}
		if len(c.Vanished) != 0 {
			t.Fatal("something vanished")
		}
		for _, f := range c.Findings {
			if f.Class == "vanished" || f.Class == "late_or_inserted" || strings.Contains(f.Text, "deleted") {
				t.Fatalf("an accusation: %+v", f)
			}
		}
	})
}

func TestCorroborationOfWordsAndReach(t *testing.T) {
	side := func(from, until int, change map[int]func(*chat.Line)) (s chat.Side) {
		for i := from; i < until; i++ {
			l := lineOf(i)
			if f := change[i]; f != nil {
				f(&l)
			}
			s.Lines = append(s.Lines, l)
		}
		return s
	}
	other := func(l *chat.Line) { l.Text = "the price is ninety a head, not forty" }
	edited := func(l *chat.Line) { l.Text, l.Edited = "the gate opens at nine, not at eight", true }
	c := chat.Corroborate(side(0, 20, nil), side(5, 26, map[int]func(*chat.Line){9: other, 12: edited}), "minister", "deputy")
	r := c.Corroboration
	if r == nil || len(r.Differ) != 1 || r.Differ[0] != [2]int{9, 4} || r.OutsideB != 5 || r.OutsideA != 6 || len(r.OnlyA)+len(r.OnlyB) != 0 {
		t.Fatalf("%+v", r)
	}
	if f := c.Findings[0]; f.Class != chat.WhyAltered || f.Confidence != chat.Moderate {
		t.Errorf("the first finding: %+v", f)
	}
	none := chat.Corroborate(side(0, 20, nil), side(100, 130, nil), "minister", "deputy")
	if none.SameChat || none.Corroboration != nil {
		t.Errorf("two chats corroborate each other: %+v", none)
	}
}
