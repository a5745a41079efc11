package daemon

import (
	"container/list"
	"slices"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// A timeline puts the messages of all captures of a chat into one order. It is
// a view: nothing is merged in what is kept.
type timeline struct {
	exports  []catalog.ChatExport
	days     []catalog.ChatDay
	messages map[record.ID][]catalog.ChatMessage

	order   *list.List // of *v1.TimelineMessage
	byCopy  map[string]*list.Element
	byPlace map[v1.Place]*v1.TimelineMessage
	group   map[*list.Element]string // the reverse of byCopy
}

// merge returns the messages in the order of the first export, with what each
// later one adds put after the message that it follows there. Messages that
// comparing has matched are one.
func (t *timeline) merge(notices []v1.Notice) []v1.TimelineMessage {
	t.order, t.byCopy, t.byPlace = list.New(), make(map[string]*list.Element), make(map[v1.Place]*v1.TimelineMessage)
	t.group = make(map[*list.Element]string)
	dates := make(map[record.ID]string)
	for _, d := range t.days {
		dates[d.Record] = d.Date
	}
	for i, x := range t.exports {
		t.add(i+1, x, dates)
	}
	for _, n := range notices {
		if n.Finding != nil {
			t.mark(n)
		}
	}
	all := make([]v1.TimelineMessage, 0, t.order.Len())
	for e := t.order.Front(); e != nil; e = e.Next() {
		all = append(all, *e.Value.(*v1.TimelineMessage))
	}
	return all
}

// add puts one capture's messages into the order.
func (t *timeline) add(capture int, x catalog.ChatExport, dates map[record.ID]string) {
	var after *list.Element     // the last message that is placed
	var waiting []*list.Element // those before the first that an earlier capture has
	begun := false
	own := t.groupsOf(x)
	for _, run := range x.Runs {
		messages := t.messages[run.Record]
		for n := max(run.From, 1); n <= min(run.To, len(messages)); n++ {
			m := messages[n-1]
			e, known := t.byCopy[string(m.Group)]
			switch {
			case known && !begun:
				for _, w := range waiting {
					t.order.MoveBefore(w, e)
				}
				begun = true
			case !known:
				e = t.insert(after, own, &v1.TimelineMessage{Date: dates[run.Record], Sent: m.Sent, Sender: m.Sender})
				t.byCopy[string(m.Group)], t.group[e] = e, string(m.Group)
				if !begun {
					waiting = append(waiting, e)
				}
			}
			t.seen(e.Value.(*v1.TimelineMessage), capture, v1.Place{Record: run.Record, N: n})
			after = e
		}
	}
}

// seen notes where one capture has a message.
func (t *timeline) seen(m *v1.TimelineMessage, capture int, place v1.Place) {
	m.Captures = append(m.Captures, capture)
	if !slices.Contains(m.Places, place) {
		m.Places = append(m.Places, place)
		t.byPlace[place] = m
	}
}

// groupsOf is the copy groups of which a capture has a message.
func (t *timeline) groupsOf(x catalog.ChatExport) map[string]bool {
	own := make(map[string]bool)
	for _, run := range x.Runs {
		messages := t.messages[run.Record]
		for n := max(run.From, 1); n <= min(run.To, len(messages)); n++ {
			own[string(messages[n-1].Group)] = true
		}
	}
	return own
}

// insert puts a message after another, and after what stands there that its own
// capture has not got and that was sent no later: a changed message follows what
// it was, and both follow what vanished before them.
func (t *timeline) insert(after *list.Element, own map[string]bool, m *v1.TimelineMessage) *list.Element {
	if after == nil {
		return t.order.PushBack(m)
	}
	for next := after.Next(); next != nil && !own[t.group[next]]; next = next.Next() {
		if at := next.Value.(*v1.TimelineMessage).Sent; at.IsZero() || m.Sent.IsZero() || at.After(m.Sent) {
			break
		}
		after = next
	}
	return t.order.InsertAfter(m, after)
}

// mark notes a finding at its messages.
func (t *timeline) mark(n v1.Notice) {
	f := v1.TimelineFinding{Class: n.Kind, Confidence: n.Finding.Confidence, Entry: n.Entry}
	for _, run := range slices.Concat(n.Finding.A, n.Finding.B) {
		for i := run.From; i <= run.To; i++ {
			m := t.byPlace[v1.Place{Record: run.Record, N: i}]
			if m != nil && !slices.Contains(m.Findings, f) {
				m.Findings = append(m.Findings, f)
			}
		}
	}
}
