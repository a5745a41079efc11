package whatsapp

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/connectors/chat"
)

// A said is one message of a model conversation.
type said struct {
	id      int // of the message of the first export that it comes from; 0 if new
	at      time.Time
	who     string
	text    string
	kind    string // text, photo, deleted, added, timer, notice
	caption string
	edited  bool
}

// A phone renders a conversation as one phone with one locale would.
type phone struct {
	ios    bool
	media  bool
	newer  bool // of 2023 or later
	locale locale
	form   string
	shift  time.Duration
	rename map[string]string
}

func (p phone) name(who string) string {
	if n, ok := p.rename[who]; ok {
		return n
	}
	return who
}

func (p phone) render(talk []said) string {
	var b strings.Builder
	for i, s := range talk {
		head := p.locale.at(p.form, s.at.Add(p.shift))
		if p.newer {
			head = newer(head)
		}
		mark, end := "", "\n"
		if p.ios {
			mark, end = "\u200e", "\r\n"
		}
		line := ""
		switch s.kind {
		case "text":
			line = p.name(s.who) + ": " + s.text
		case "deleted":
			line = p.name(s.who) + ": " + mark + "This message was deleted"
			if p.ios {
				line += "."
			}
		case "photo":
			line = p.name(s.who) + ": " + p.photo(s, i, mark)
		default:
			line = s.text
			if s.kind == "added" {
				line = p.name(s.who) + " added " + p.name("Priya Shah")
			}
			if p.ios {
				line = "Flood response: " + mark + line
			}
		}
		if s.edited {
			line += " " + mark + "<This message was edited>"
		}
		b.WriteString(head + line + end)
	}
	return b.String()
}

func (p phone) photo(s said, i int, mark string) string {
	switch {
	case p.ios && p.media:
		return strings.TrimLeft(s.caption+" ", " ") + mark + fmt.Sprintf("<attached: %08d-PHOTO-2026-07-13-10-00-00.jpg>", i+1)
	case p.ios:
		return strings.TrimLeft(s.caption+" ", " ") + mark + "image omitted"
	case p.media:
		return strings.TrimRight(fmt.Sprintf("IMG-20260713-WA%04d.jpg (file attached)\n%s", i%9999, s.caption), "\n")
	}
	return "<Media omitted>" // this version drops captions
}

var people = []string{"Ana Field", "Tom Okafor", "Priya Shah", "+44 7700 900123", "ACME & Co."}

// drawTalk makes a conversation between 13 and 31 July, with repetitions and
// several messages a minute; in a crowd, very many.
func drawTalk(t *rapid.T, crowd bool) []said {
	gaps := []int{0, 0, 7, 20, 61, 300, 4000, 20_000}
	if crowd {
		gaps = []int{0, 0, 0, 0, 7, 61, 20_000}
	}
	at := time.Date(2026, 7, 13, 8, 0, 0, 0, time.UTC)
	talk := []said{{at: at, kind: "notice", text: "Messages and calls are end-to-end encrypted. Only people in this chat can read, listen to, or share them."}}
	if rapid.Bool().Draw(t, "timer") {
		talk = append(talk, said{at: at, kind: "timer", who: "Tom Okafor", text: "Tom Okafor turned on disappearing messages. New messages will disappear from this chat 7 days after they're sent, except when kept."})
	}
	n := rapid.IntRange(12, 60).Draw(t, "messages")
	for i := range n {
		at = at.Add(time.Duration(rapid.SampledFrom(gaps).Draw(t, "gap")) * time.Second)
		s := said{at: at, who: rapid.SampledFrom(people).Draw(t, "who"), kind: "text"}
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0:
			s.kind = "photo"
			if rapid.Bool().Draw(t, "captioned") {
				s.caption = fmt.Sprintf("caption %d", i)
			}
		case 1, 2, 3:
			s.text = rapid.SampledFrom([]string{"ok", "thanks", "yes", "👍"}).Draw(t, "short")
		case 4:
			s.text = fmt.Sprintf("see @\u2068%s\u2069 about %d\nsecond: line", "Tom Okafor", i)
		default:
			s.text = fmt.Sprintf("words about matter %d", i)
		}
		if rapid.IntRange(0, 30).Draw(t, "event") == 0 {
			s.kind = "added"
		}
		talk = append(talk, s)
	}
	// Two days, or else nothing tells 26/7/13 in Nepal from 26/7/13 in Australia.
	talk = append(talk, said{at: at.Add(24 * time.Hour), who: "Ana Field", kind: "text", text: "a day later"})
	for i := range talk {
		talk[i].id = i + 1
	}
	return talk
}

// A truth is what a mutation did, by index in the first export.
type truth struct {
	vanished, deleted, edited, altered []int
	expired                            map[int]bool // gone by the timer that the first export shows
	head                               int          // messages cut at the beginning
	added                              int
	edge                               string // the minute of which some have expired when the later export is made
}

// moment is what an edit or a deletion leaves: several messages of one person
// in one minute cannot be told apart once they changed.
func moment(s said) string { return s.who + s.at.Truncate(time.Minute).String() }

// mutate makes the later export's conversation. In a crowd several messages of
// one moment may be changed at once.
func mutate(t *rapid.T, talk []said, crowd bool) ([]said, truth) {
	most := len(talk) / 5
	if crowd {
		most = len(talk) / 3
	}
	var tr truth
	touched := make(map[string]bool)
	later := slices.Clone(talk)
	gone := make(map[int]bool)
	changed := make(map[int]bool)
	for range rapid.IntRange(0, most).Draw(t, "mutations") {
		i := rapid.IntRange(2, len(talk)-3).Draw(t, "at")
		s := &later[i]
		if s.kind != "text" || changed[i] || touched[moment(*s)] && !crowd {
			continue
		}
		touched[moment(*s)], changed[i] = true, true
		switch rapid.SampledFrom([]string{"vanish", "vanish", "delete", "edit", "alter"}).Draw(t, "what") {
		case "vanish":
			gone[i] = true
			tr.vanished = append(tr.vanished, i)
		case "delete":
			s.kind = "deleted"
			tr.deleted = append(tr.deleted, i)
		case "edit":
			s.text, s.edited = s.text+" (new)", true
			tr.edited = append(tr.edited, i)
		case "alter":
			s.text += " (other)"
			tr.altered = append(tr.altered, i)
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "truncate") == 0 {
		tr.head = rapid.IntRange(1, len(talk)/3).Draw(t, "head")
	}
	var out []said
	for i, s := range later {
		if !gone[i] && i >= tr.head {
			out = append(out, s)
		}
	}
	if rapid.Bool().Draw(t, "reorder") && len(out) > 8 {
		i := rapid.IntRange(1, len(out)-4).Draw(t, "from")
		if s := out[i]; s.kind == "text" && !touched[moment(s)] {
			out = slices.Insert(slices.Delete(out, i, i+1), i+2, s)
		}
	}
	tr.late(t, talk, &out, touched)
	last := talk[len(talk)-1].at
	if rapid.IntRange(0, 3).Draw(t, "duplicate") == 0 && len(out) > 8 && talk[1].kind != "timer" {
		i := rapid.IntRange(2, len(out)-4).Draw(t, "twice")
		// Of two people's words that are the same, one more makes up for one less.
		if s := out[i]; s.kind == "text" && strings.HasPrefix(s.text, "words") && !touched[moment(s)] {
			out = slices.Insert(out, i, s)
			tr.added++
		}
	}
	for k := range rapid.IntRange(0, 8).Draw(t, "new") {
		out = append(out, said{at: last.Add(time.Duration(k+2) * time.Minute), who: people[k%5], kind: "text", text: fmt.Sprintf("news %d", k)})
		tr.added++
	}
	if talk[1].kind == "timer" && tr.head == 0 && rapid.Bool().Draw(t, "expire") {
		out = tr.expire(t, talk, out)
	}
	return out, tr
}

// late puts messages that were delivered late among those of a minute in which
// nothing else happened.
func (tr *truth) late(t *rapid.T, talk []said, out *[]said, touched map[string]bool) {
	busy := make(map[int64]bool)
	for i := range talk {
		if touched[moment(talk[i])] || i < max(3, tr.head+1) {
			busy[talk[i].at.Unix()/60] = true
		}
	}
	for k := range rapid.IntRange(0, 2).Draw(t, "late") {
		i := rapid.IntRange(1, len(*out)-2).Draw(t, "behind")
		if s := (*out)[i]; !busy[s.at.Unix()/60] && s.kind == "text" {
			s.who, s.text, s.id, s.edited = people[(i+k)%5], fmt.Sprintf("delivered late, %d", k), 0, false
			*out = slices.Insert(*out, i+1, s)
			tr.added++
		}
	}
}

// expire makes the later export late enough for the oldest messages to have
// disappeared by the timer of seven days.
func (tr *truth) expire(t *rapid.T, talk, out []said) []said {
	const timer = 7 * 24 * time.Hour
	oldest := talk[rapid.IntRange(2, len(talk)/3).Draw(t, "oldest")]
	end := talk[len(talk)-1].at.Add(10 * time.Minute)
	if late := oldest.at.Add(timer + time.Minute); late.After(end) {
		end = late
	}
	gone := func(s said) bool {
		return (s.kind == "text" || s.kind == "photo" || s.kind == "deleted") && end.Sub(s.at) > timer
	}
	expired := make(map[int]bool)
	for i, s := range talk {
		if gone(s) {
			expired[i] = true
		}
	}
	if len(expired) > len(talk)/2 {
		return out
	}
	tr.expired, tr.edge = expired, end.Add(-timer).Truncate(time.Minute).String()
	out = slices.DeleteFunc(slices.Clone(out), func(s said) bool {
		if gone(s) && s.id == 0 { // delivered late, and expired as well
			tr.added--
		}
		return gone(s)
	})
	tr.added++
	return append(out, said{at: end, who: "Ana Field", kind: "text", text: "the day it was exported"})
}

func drawPhone(t *rapid.T, rows []locale, label string) phone {
	p := phone{ios: rapid.Bool().Draw(t, label+" ios"), media: rapid.Bool().Draw(t, label+" media"),
		newer: rapid.Bool().Draw(t, label+" newer")}
	p.locale = rapid.SampledFrom(rows).Draw(t, label+" locale")
	p.form = "ios"
	if !p.ios {
		p.form = rapid.SampledFrom([]string{"android12", "android24"}).Draw(t, label+" clock")
	}
	return p
}

// Conversations are rendered by two phones of any locales, the second after
// somebody deleted, edited, altered, cut, moved or renamed: the parse and the
// comparison are held to the model. Run once with -rapid.checks=10000.
func TestModelConversations(t *testing.T) {
	rows := locales(t)
	rapid.Check(t, func(rt *rapid.T) {
		crowd := rapid.Bool().Draw(rt, "crowd")
		talk := drawTalk(rt, crowd)
		later, tr := mutate(rt, talk, crowd)
		a, b := drawPhone(rt, rows, "a"), drawPhone(rt, rows, "b")
		b.rename = make(map[string]string)
		for _, who := range []string{"+44 7700 900123", "ACME & Co.", "Priya Shah"}[:rapid.IntRange(0, 3).Draw(rt, "renamed")] {
			b.rename[who] = map[string]string{"+44 7700 900123": "Jo Bell", "ACME & Co.": "ACME Support", "Priya Shah": "~ P. Shah"}[who]
		}
		b.shift = time.Duration(rapid.SampledFrom([]int{0, 0, 60, -300, 330}).Draw(rt, "shift")) * time.Minute
		ea, eb := parsed(rt, a, talk), parsed(rt, b, later)
		c := chat.Compare(chat.SideOf(ea, nil), chat.SideOf(eb, nil))
		if !c.SameChat && (crowd || len(b.rename) > 1 && len(talk) < 30) {
			return // too little was left of it that shows who is who
		}
		if !c.SameChat {
			rt.Fatalf("refused: %q\n%q", a.render(talk), b.render(later))
		}
		if c.Shift != int(b.shift.Minutes()) {
			rt.Fatalf("shift %d, want %v", c.Shift, b.shift)
		}
		judge(rt, talk, tr, &c)
	})
}

// parsed renders and parses, and checks the parse against the model.
func parsed(t *rapid.T, p phone, talk []said) *chat.Export {
	text := p.render(talk)
	e, err := Open(t.Context(), "x.txt", strings.NewReader(text), int64(len(text)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if e.Count() != len(talk) {
		t.Fatalf("%d messages of %d in %q", e.Count(), len(talk), text)
	}
	kinds := map[string][]chat.Kind{"text": {chat.Text}, "photo": {chat.Media, chat.MediaOmitted}, "deleted": {chat.Deleted},
		"added": {chat.System}, "timer": {chat.System}, "notice": {chat.System}}
	for i, m := range e.List() {
		s := talk[i]
		if want := s.at.Add(p.shift); m.Time.Sub(want).Abs() >= time.Minute || !slices.Contains(kinds[s.kind], m.Kind) || m.Edited != s.edited {
			t.Fatalf("message %d is %s at %v, want %s at %v: %q", i, m.Kind, m.Time, s.kind, want, text)
		}
		if m.Kind != chat.System && m.Sender != p.name(s.who) {
			t.Fatalf("message %d is by %q, want %q", i, m.Sender, p.name(s.who))
		}
	}
	return e
}

// judge holds a comparison to what was really done: nothing else is accused,
// and nothing is missed outside the limits that the report itself states (what
// lies before the later export's beginning or after its end).
func judge(t *rapid.T, talk []said, tr truth, c *chat.Comparison) {
	var altered, edited, deleted []int
	for _, ch := range c.ChangedOther {
		if ch.Why == chat.WhyAltered {
			altered = append(altered, *ch.A)
		}
	}
	for _, p := range c.Edited {
		edited = append(edited, p[0])
	}
	for _, p := range c.Deleted {
		deleted = append(deleted, p[0])
	}
	unsure := judgeUnclear(t, talk, tr, c)
	for _, who := range people {
		unsure[who+tr.edge] = true
	}
	// Of several messages of one minute, which are missing cannot be told.
	excused, unclear := make(map[int]bool), make(map[string]bool)
	for _, n := range c.NotEvidence {
		for i := n.From; i <= n.To; i++ {
			excused[i] = true
			unclear[moment(talk[i])] = i >= tr.head
		}
	}
	check := func(what string, got, want []int) {
		var a, b []string
		for _, i := range got {
			if !unclear[moment(talk[i])] && !unsure[moment(talk[i])] {
				a = append(a, moment(talk[i]))
			}
		}
		for _, i := range want {
			if i >= tr.head && !excused[i] && !tr.expired[i] && !unclear[moment(talk[i])] && !unsure[moment(talk[i])] {
				b = append(b, moment(talk[i]))
			}
		}
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Fatalf("%s %v, want %v; truth %+v; result %+v", what, got, want, tr, *c)
		}
	}
	// Of one person's equal words of one minute, which expired cannot be told
	// either: as many have to be called expired as there were.
	expired, owed := make(map[string]int), make(map[string]int)
	for i := range tr.expired {
		expired[moment(talk[i])]++
		if !excused[i] && !unclear[moment(talk[i])] && !unsure[moment(talk[i])] {
			owed[moment(talk[i])]++
		}
	}
	missing := slices.DeleteFunc(slices.Clone(c.Vanished), func(i int) bool {
		when := moment(talk[i])
		if c.VanishReason[i] != chat.ExpiredByTimer || expired[when] == 0 {
			return false
		}
		expired[when]--
		owed[when]--
		return true
	})
	for when, n := range owed {
		if n > 0 {
			t.Fatalf("%d messages of %s expired and were not called so; result %+v", n, when, *c)
		}
	}
	check("vanished", missing, tr.vanished)
	check("altered", altered, tr.altered)
	check("edited", edited, tr.edited)
	check("deleted", deleted, tr.deleted)
	for i := range excused {
		if first := min(tr.head+8, len(talk)); i >= first && slices.Contains(tr.vanished, i) && i < len(talk)-8 {
			t.Fatalf("vanished message %d was excused: %+v", i, *c)
		}
	}
	// What changed in the minute of which some have expired may be another
	// message: that reading accuses nobody.
	either := 0
	for _, i := range tr.altered {
		if strings.HasSuffix(moment(talk[i]), tr.edge) && tr.edge != "" {
			either++
		}
	}
	if len(c.Added) < tr.added || len(c.Added) > tr.added+either {
		t.Fatalf("added %v, want %d of them; truth %+v, result %+v", c.Added, tr.added, tr, *c)
	}
}

// judgeUnclear holds what a comparison leaves open to the model: how many were
// deleted, edited, altered and lost has to be right, and there must have been a
// reason to leave it open: several people or messages of one minute, or other
// words under another name. It returns the moments concerned.
func judgeUnclear(t *rapid.T, talk []said, tr truth, c *chat.Comparison) map[string]bool {
	open := make(map[string]bool)
	var deleted, edited, other, gone, excused int
	for _, u := range c.Unclear {
		people := make(map[string]bool)
		altered := false
		for _, i := range u.A {
			open[moment(talk[i])], people[talk[i].who] = true, true
			altered = altered || slices.ContainsFunc(tr.altered, func(k int) bool { return moment(talk[k]) == moment(talk[i]) })
		}
		deleted, edited, other = deleted+u.Deleted, edited+u.Edited, other+len(u.B)-u.Deleted-u.Edited
		if gone += u.Gone; u.Why != "" {
			excused += u.Gone
		}
		if len(people) == 1 && len(u.A) == 1 && len(u.B) == 1 && !altered {
			t.Fatalf("nothing is unclear about %+v; truth %+v", u, tr)
		}
	}
	count := func(all []int, of map[int]bool) (n int) {
		for _, i := range all {
			if open[moment(talk[i])] && (of == nil || of[i]) {
				n++
			}
		}
		for i := range of {
			if open[moment(talk[i])] && all == nil {
				n++
			}
		}
		return n
	}
	for _, p := range c.Deleted {
		deleted += count([]int{p[0]}, nil)
	}
	for _, p := range c.Edited {
		edited += count([]int{p[0]}, nil)
	}
	gone += count(c.Vanished, nil)
	cut := 0
	for i := range tr.head {
		cut += count([]int{i}, nil)
	}
	for _, n := range c.NotEvidence {
		for i := n.From; i <= n.To; i++ {
			gone += count([]int{i}, nil)
		}
	}
	lost := count(tr.vanished, nil) + count(nil, tr.expired)
	if cut == 0 && tr.expired == nil && (tr.head == 0 || excused == 0) && (deleted != count(tr.deleted, nil) || edited != count(tr.edited, nil) || gone != lost) {
		t.Fatalf("%d deleted, %d edited, %d gone among what is unclear; truth %+v; result %+v", deleted, edited, gone, tr, *c)
	}
	return open
}
