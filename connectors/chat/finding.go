package chat

import (
	"cmp"
	"fmt"
	"slices"
)

// A Finding is a difference in words, for the person who must act on it.
type Finding struct {
	Class      string `json:"class"`
	A          []int  `json:"a,omitempty"` // messages of the earlier export
	B          []int  `json:"b,omitempty"`
	Confidence string `json:"confidence"` // certain, strong, moderate or none
	Text       string `json:"text"`       // one sentence: what, and on what evidence
	severity   int
}

// Confidence in a finding.
const (
	Certain  = "certain"  // the export says so itself
	Strong   = "strong"   // messages on both sides of it are matched
	Moderate = "moderate" // there is an innocent explanation that cannot be excluded
	None     = "none"     // it proves nothing, and is listed so that nobody thinks otherwise
)

// explain turns a comparison into findings, the gravest first.
func (c *Comparison) explain(al *aligner) {
	byClass := make(map[string]*Finding)
	c.each(func(class string, a, b int) {
		f := byClass[class]
		if f == nil {
			f = &Finding{Class: class}
			byClass[class] = f
		}
		if a != none {
			f.A = append(f.A, a)
		}
		if b != none {
			f.B = append(f.B, b)
		}
	}, al)
	for class, f := range byClass {
		form, ok := wordings[class]
		if !ok {
			continue
		}
		f.severity, f.Confidence = form.severity, form.confidence
		f.Text = fmt.Sprintf(form.text, count(max(len(f.A), len(f.B))))
		switch class {
		case "vanished":
			f.Text += al.rowNumbers()
		case ClassUnclear:
			f.Text = c.aboutUnclear()
		}
		c.Findings = append(c.Findings, *f)
	}
	slices.SortFunc(c.Findings, func(x, y Finding) int {
		return cmp.Or(cmp.Compare(x.severity, y.severity), cmp.Compare(x.Class, y.Class))
	})
}

// each calls add for every difference with its class and the messages' indexes.
func (c *Comparison) each(add func(class string, a, b int), al *aligner) {
	for _, p := range c.Deleted {
		add("deleted_for_everyone", p[0], p[1])
	}
	for _, p := range c.Edited {
		add("edited", p[0], p[1])
	}
	for _, i := range c.Vanished {
		if c.VanishReason[i] != "" {
			add(c.VanishReason[i], i, none)
		} else {
			add("vanished", i, none)
		}
	}
	for _, ch := range c.ChangedOther {
		add(ch.Why, place(ch.A), place(ch.B))
	}
	for _, n := range c.NotEvidence {
		for i := n.From; i <= n.To; i++ {
			add(n.Why, i, none)
		}
	}
	for _, u := range c.Unclear {
		for _, i := range u.A {
			add(ClassUnclear, i, none)
		}
		for _, j := range u.B {
			add(ClassUnclear, none, j)
		}
	}
	latest := al.latestOfA()
	for _, j := range c.Added {
		if m := al.b.Lines[j].Minute; m != 0 && m < latest && !al.doubtB[j] {
			add("late_or_inserted", none, j)
		}
	}
}

func count(n int) string {
	if n == 1 {
		return "1 message"
	}
	return fmt.Sprintf("%d messages", n)
}

// latestOfA is the last minute of a, on b's clock.
func (al *aligner) latestOfA() (m int64) {
	for i := range al.a.Lines {
		if !al.a.Lines[i].local() {
			m = max(m, al.minute(i))
		}
	}
	return m
}

// rowNumbers says what the phone's own row numbers show of the rows between
// the first and the last message that has one on both sides.
func (al *aligner) rowNumbers() string {
	var drops []int
	for _, i := range al.inOrder {
		if a, b := al.a.Lines[i].Seq, al.b.Lines[al.pairA[i]].Seq; a > 0 && b > 0 {
			drops = append(drops, a-b)
		}
	}
	if len(drops) < 2 {
		return ""
	}
	if n := drops[len(drops)-1] - drops[0]; n > 0 {
		return fmt.Sprintf(" The phone's row numbers fell by %d between the first and the last attachment: rows were removed from its store.", n)
	}
	return " The phone's row numbers did not change: the rows were hidden or cut from the file, not removed from its store."
}

type wording struct {
	severity   int
	confidence string
	text       string
}

// wordings say what each class of difference means.
var wordings = map[string]wording{
	WhyAltered:             {1, Strong, "The words of %s changed without the app's edit mark: the file was changed, an app or version was used that prints no such mark, or one message was removed and another came from the same person in the same minute."},
	"vanished":             {2, Strong, "%s of the earlier export left no trace in the later one, although messages around are in both: deleted on that phone, or cut from the file."},
	"deleted_for_everyone": {3, Certain, "In the place of %s of the earlier export stands the app's deletion notice."},
	"edited":               {4, Certain, "Other words than before, with the app's edit mark: %s."},
	ExpiredByTimer:         {5, Strong, "Sent while a disappearing timer was on that has run out since: %s. That is a matter of policy, not of one person's deletion."},
	ClassUnclear:           {3, Moderate, "%s"},
	"late_or_inserted":     {6, Moderate, "Only in the later export, at a time that the earlier one covers: %s, delivered late, restored from a backup, or inserted."},
	WhySender:              {7, Moderate, "The same words and minute under another sender: %s. Two people were given one name, one of them was given another, or the file was changed."},
	WhyRestamped:           {8, Moderate, "The same words and sender at another minute: %s."},
	WhyReordered:           {9, None, "At another place among the same neighbours, as late deliveries are: %s."},
	AbsentHead:             {10, None, "%s before the later export's beginning: a limit of the app, a cleared chat, or a timer that no line shows; that proves no single deletion."},
	AbsentTimer:            {11, None, "%s sent while a disappearing timer was on whose length the export does not print: they may have expired."},
	AbsentTail:             {11, None, "%s after the later export's end: it may have been made before them."},
	AbsentSelected:         {11, None, "%s where the later export was archived without what a selection left out of it: they may be among that."},
	AbsentWebEphemeral:     {12, None, "%s missing from a browser's export, which leaves out messages with a disappearing timer."},
	AbsentWebViewOnce:      {13, None, "%s missing from a browser's export, which leaves out view-once media."},
	AbsentLocal:            {14, None, "%s that each phone writes for itself."},
	WhyDeletedInA:          {15, None, "%s deleted on the phone of the earlier export, not yet or never on the other's."},
	WhyAppWords:            {15, None, "%s with words of the app's own, such as “This message was deleted”: typed by a person, as one of the two exports shows. The other's platform does not mark which are whose."},
	WhyPasted:              {15, None, "%s of lines copied out of a chat into one message: the platform of one export cannot tell them from messages and shows them as such."},
	WhyMention:             {15, None, "%s that name somebody: one export prints how far the name reaches, and the other does not, so that their words cannot be compared."},
	WhyGarbled:             {15, None, "%s with letters that were lost in one export to a program that did not know their encoding: their words cannot be compared."},
	WhyDecrypted:           {16, None, "Waiting for decryption then, and readable now: %s."},
	WhyEditMark:            {17, None, "The same words with and without an edit mark: %s."},
}
