package chat

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestSelectionsAccuseNobody leaves random messages out of two exports of one
// conversation in which nothing was deleted, edited or altered, often several of
// one minute and sender: whatever the selections were, no comparison accuses
// anybody of anything.
func TestSelectionsAccuseNobody(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var all []Line
		minute := int64(29_000_000)
		for i := range rapid.IntRange(2, 60).Draw(rt, "messages") {
			minute += rapid.SampledFrom([]int64{0, 0, 1, 3, 90, 2000}).Draw(rt, "later")
			words := rapid.SampledFrom([]string{"ok", "yes", fmt.Sprintf("number %d", i)}).Draw(rt, "words")
			all = append(all, Line{Text: words, Sender: rapid.SampledFrom([]string{"A", "B"}).Draw(rt, "sender"), Class: classText, Minute: minute})
		}
		cutOff := rapid.IntRange(1, len(all)).Draw(rt, "first export ends")
		a, b := draw(rt, all[:cutOff]), draw(rt, all)
		pairs := [][2]Side{{a, b}}
		if cutOff == len(all) { // either may be the earlier
			pairs = append(pairs, [2]Side{b, a})
		}
		for _, pair := range pairs {
			c := Compare(pair[0], pair[1])
			if !c.SameChat {
				continue
			}
			for _, f := range c.Findings {
				if f.Confidence != None && (len(a.Omitted) > 0 || len(b.Omitted) > 0) {
					rt.Errorf("%s: %s\na omits before %v, b before %v", f.Class, f.Text, a.Omitted, b.Omitted)
				}
			}
		}
	})
}

// draw is a side of these lines, but for what a random selection leaves out.
func draw(rt *rapid.T, all []Line) Side {
	keep := make([]bool, len(all))
	every := rapid.SampledFrom([]int{2, 4, 1000}).Draw(rt, "keep one in")
	for i := range keep {
		keep[i] = rapid.IntRange(1, every).Draw(rt, "keep") > 1 || every == 1000
	}
	s := Side{Platform: IOS, Omitted: Omitted(len(all), func(i int) bool { return keep[i] })}
	for i, l := range all {
		if keep[i] {
			s.Lines = append(s.Lines, l)
		}
	}
	return s
}

// TestVanishedBesideASelection finds what vanished far from what was left out.
func TestVanishedBesideASelection(t *testing.T) {
	var a Side
	for i := range 40 {
		a.Lines = append(a.Lines, Line{Text: fmt.Sprintf("number %d", i), Sender: "A", Class: classText, Minute: 29_000_000 + 100*int64(i)})
	}
	b := Side{Lines: append(append(append([]Line(nil), a.Lines[:10]...), a.Lines[13:30]...), a.Lines[31:]...), Omitted: []int{10}}
	c := Compare(a, b)
	if len(c.Vanished) != 1 || c.Vanished[0] != 30 || len(c.NotEvidence) != 1 || c.NotEvidence[0] != (Absence{10, 12, AbsentSelected}) {
		t.Errorf("vanished %v, no evidence %v", c.Vanished, c.NotEvidence)
	}
}

// TestOnly keeps some messages of an export: its text is theirs, byte for byte,
// and what only the others mention is gone.
func TestOnly(t *testing.T) {
	parts := []string{"preamble\n", "one\n", "two\n", "three\n", "four\n"}
	text := strings.Join(parts, "")
	at := time.Date(2026, 5, 14, 9, 0, 0, 0, time.UTC)
	e := &Export{Preamble: Span{0, 9}, Transcript: File{Size: int64(len(text)), Content: strings.NewReader(text)},
		Entries: []Entry{{Name: "a.jpg", Role: RoleMedia}, {Name: "b.jpg", Role: RoleMedia}, {Name: "chat.md", Role: RoleCopy}}, Missing: []string{"c.jpg", "d.jpg"}}
	var list List
	offset := int64(9)
	for i, p := range parts[1:] {
		m := Message{Offset: offset, Length: int64(len(p)), Time: at.AddDate(0, 0, i/2), Text: strings.TrimSpace(p)}
		m.Attachments = [][]Attachment{{{Name: "a.jpg", Entry: 1}}, {{Name: "b.jpg", Entry: 2}}, {{Name: "a.jpg", Entry: 1}, {Name: "c.jpg"}}, {{Name: "d.jpg"}}}[i]
		list, offset = append(list, m), offset+m.Length
	}
	e.Messages = list
	keep := func(i int) bool { return i == 0 || i == 2 }
	only, err := e.Only(keep)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if _, err := io.Copy(&got, io.NewSectionReader(only.Transcript.Content, 0, only.Transcript.Size)); err != nil || got.String() != "preamble\none\nthree\n" {
		t.Errorf("the text is %q, %v", got.String(), err)
	}
	days := map[string]*Day{}
	for _, d := range only.Days() {
		days[d.Date] = d
	}
	var again bytes.Buffer
	err = Reassemble(&again, only.Map(), func(part string) (io.ReaderAt, error) {
		if part == PreamblePart {
			return strings.NewReader("preamble\n"), nil
		}
		return days[part], nil
	})
	if err != nil || again.String() != got.String() {
		t.Errorf("put together again: %q, %v", again.String(), err)
	}
	if only.Entries[0].Role != RoleMedia || only.Entries[1].Role != RoleOmitted || only.Entries[2].Role != RoleOmitted ||
		only.Linked != 2 || len(only.Missing) != 1 || only.Missing[0] != "c.jpg" {
		t.Errorf("%+v, %d linked, missing %v", only.Entries, only.Linked, only.Missing)
	}
	if before := Omitted(4, keep); len(before) != 2 || before[0] != 1 || before[1] != 2 {
		t.Errorf("left out before %v", before)
	}
}
