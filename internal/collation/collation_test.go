package collation

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/connectors/chat"
)

// export makes an export of one minute a text, said by two people in turn.
func export(texts ...string) *chat.Export {
	e := &chat.Export{App: "whatsapp", Platform: chat.Android, Grade: chat.GradeFull, Title: "Flood \u202eesnopser"}
	var messages chat.List
	for i, text := range texts {
		m := chat.Message{Kind: chat.Text, Text: text, Sender: []string{"Ann", "Bob"}[i%2], Precision: chat.Minute,
			Time: time.Date(2026, 5, 3, 9, i, 0, 0, time.UTC)}
		if text == "" {
			m.Kind = chat.Deleted
		}
		messages = append(messages, m)
	}
	e.Messages = messages
	return e
}

func collate(a, b *chat.Export) *Collation {
	return New(chat.Compare(chat.SideOf(a, nil), chat.SideOf(b, nil)), FromExport("A", "a.txt", a), FromExport("B", "b.txt", b))
}

func TestSameExportsHaveNoFindings(t *testing.T) {
	x := export("the gate is open", "who has the key", "Ann has it")
	l := collate(x, x)
	if !l.Same || len(l.Findings)+len(l.Harmless) != 0 || l.Verdict != "B holds everything that A holds, unchanged." {
		t.Errorf("%+v", l)
	}
}

func TestFindingsQuoteBothSides(t *testing.T) {
	a := export("the gate is open", "who has the key", "Ann has it", "then lock it", "done at nine")
	b := export("the gate is open", "", "Bob has it", "then lock it", "done at nine")
	l := collate(a, b)
	if len(l.Findings) != 2 || l.Findings[0].Class != chat.WhyAltered || l.Findings[1].Class != "deleted_for_everyone" {
		t.Fatalf("%+v", l.Findings)
	}
	q := l.Findings[0].Quotes
	if len(q) != 1 || q[0].A.Text != "Ann has it" || q[0].B.Text != "Bob has it" {
		t.Errorf("%+v", q)
	}
	if text := l.Findings[1].Quotes[0].B.Text; text != "[the app's deletion notice]" {
		t.Error(text)
	}
}

func TestEveryHarmlessChangeSaysWhy(t *testing.T) {
	for why, reason := range harmless {
		i := 0
		l := New(chat.Comparison{SameChat: true, ChangedOther: []chat.Change{{A: &i, B: &i, Why: why}}}, Side{}, Side{})
		if len(l.Harmless) != 1 || l.Harmless[0].Evidence != reason || l.Harmless[0].Title == "" || len(l.Findings) != 0 {
			t.Errorf("%s: %+v", why, l)
		}
	}
}

func TestOtherChatsAreRefused(t *testing.T) {
	a, b := export("the gate is open", "who has the key", "Ann has it"), export("lunch at one", "not for me", "a pity then")
	l := collate(a, b)
	var text strings.Builder
	if err := l.WriteText(&text, 80, 0); err != nil {
		t.Fatal(err)
	}
	if l.Same || len(l.Counts) != 0 || !strings.Contains(text.String(), "not two exports of one chat") {
		t.Errorf("%+v", l)
	}
}

func TestTextFitsItsWidth(t *testing.T) {
	long := strings.Repeat("all the words of a long message ", 20)
	a := export(long, "b one", "c two", "d three", "e four")
	b := export(long+"and more", "b one", "c two", "d three", "e four")
	var text strings.Builder
	if err := collate(a, b).WriteText(&text, 60, 1); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String(), "\u202e") {
		t.Error("an override of direction reaches the terminal")
	}
	for line := range strings.Lines(text.String()) {
		if strings.HasPrefix(line, "       ") {
			continue // a quote: cut to the width, with its place beside it
		}
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > 60 {
			t.Errorf("%d characters: %s", n, line)
		}
	}
}

func TestNotesSayHowTheSidesWereRead(t *testing.T) {
	c := chat.Comparison{SameChat: true, Shift: -90, NameMap: map[string]string{"Ann": "Ann Reed"}, Equivalent: []int{1}}
	a, b := Side{Messages: []Message{{Time: "2026-05-04 09:00"}}}, Side{Messages: []Message{{Time: "2026-05-03 09:00"}}}
	all := strings.Join(New(c, a, b).Notes, "\n")
	for _, want := range []string{"1 h 30 min behind", "“Ann” in A is “Ann Reed” in B", "which of them is not", "the other way round"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in %s", want, all)
		}
	}
}

func TestPageOfAnEmptySide(t *testing.T) {
	var page strings.Builder
	if err := New(chat.Comparison{}, Side{Name: "<a>"}, Side{}).WritePage(&page, "closeroll", time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	if s := page.String(); !strings.Contains(s, "&lt;a&gt;") || strings.Contains(s, "Findings, gravest first") {
		t.Error(s)
	}
}

// What cannot be paired is listed and not laid side by side.
func TestWhatCannotBePaired(t *testing.T) {
	a := export("the gate is open", "who has the key", "Ann has it", "then lock it", "done at nine")
	b := export("the gate is open", "who has the key", "Ann has it", "", "done at nine")
	list := a.Messages.(chat.List)
	other := list[3]
	other.Text = "and the lights"
	a.Messages = slices.Insert(list, 4, other)
	l := collate(a, b)
	if len(l.Findings) != 1 || l.Findings[0].Class != chat.ClassUnclear || l.Findings[0].N != 2 || len(l.Findings[0].Quotes) != 3 {
		t.Fatalf("%+v", l.Findings)
	}
	var text, page strings.Builder
	if err := errors.Join(l.WriteText(&text, 80, 0), l.WritePage(&page, "closeroll", time.Unix(0, 0))); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String(), "not there") || !strings.Contains(text.String(), "and the lights") || strings.Count(page.String(), ">cannot be told<") != 3 {
		t.Error(text.String(), page.String())
	}
}
