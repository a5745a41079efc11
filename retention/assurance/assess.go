package assurance

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// How long what is expected may take, in days. The authority sets the rhythms;
// these only say when a reminder begins and when it becomes overdue.
const (
	attestWithin = 14 // after the end of the period
	notice       = 28 // before a last day, an approval's end or a review
	aroundChange = 7  // before and after a change of phones
	trainedFor   = 12 // months
)

// Assess lists everything that is expected of a custodian as of a day: what
// waits for someone, what will, and what is done and by what evidence. The
// list is sorted by the day on which a task falls due.
//
//   - Every chat is exported again within ExportsEvery of its newest export,
//     and sooner if its messages disappear sooner. A nil return counts as an
//     export of every chat on its period's last day. A custodian of whom no
//     chat was ever exported owes a first one.
//   - Every period of Attests is attested for within 14 days of its end, and
//     not before it, but by a leaver. An attestation for a longer period covers
//     it.
//   - A leaver owes an export of each chat made on the last day in office or
//     after it, an attestation, and the end of each nccc channel.
//   - A change of phones asks for an export of each chat in the week before it
//     and in the week after, and for an attestation: a chat that was not moved
//     shows as messages that the second export lacks.
//   - An nccc channel's approval that ends, or that is to be looked at again,
//     is renewed, or the channel is closed, by that day; and an app that is in
//     use is in the register, if there is one.
//   - Training is repeated within a year.
//
// A task that no evidence closes is closed by a person with a reason
// ([Evidence.Closed]), for that cause and date only. Closing the export of a
// chat says that the chat has ended, until another export of it comes.
func Assess(c Custodian, e Evidence, today record.Date) []Task {
	a := assessment{Custodian: c, Evidence: e, today: today, start: later(c.Joined, e.Opened)}
	for i := range e.Chats {
		a.export(&e.Chats[i])
	}
	a.firstExport()
	a.attestations()
	a.leaver()
	for _, day := range c.DeviceChanges {
		a.deviceChange(day)
	}
	a.approvals()
	a.register()
	a.training()
	slices.SortStableFunc(a.tasks, func(x, y Task) int {
		return cmp.Or(x.Due.Compare(y.Due), cmp.Compare(x.ID, y.ID))
	})
	return a.tasks
}

// An assessment is one run of Assess.
type assessment struct {
	Custodian
	Evidence
	today, start record.Date
	tasks        []Task
}

func later(a, b record.Date) record.Date {
	if a.After(b) {
		return a
	}
	return b
}

// add finishes a task: evidence shows that it is done, or a person has closed
// it, or its days say how it stands.
func (a *assessment) add(t Task, evidence string) {
	t.Custodian, t.Evidence = a.ID, evidence
	switch t.Done = a.closed(t.ID); {
	case t.Evidence != "" || t.Done != nil:
		t.State = Done
	case a.today.Before(t.Opens):
		t.State = Upcoming
	case a.today.After(t.Due):
		t.State = Overdue
	default:
		t.State = Due
	}
	a.tasks = append(a.tasks, t)
}

func (a *assessment) closed(task string) *Closed {
	for i := range a.Closed {
		if a.Closed[i].Task == task {
			return &a.Closed[i]
		}
	}
	return nil
}

// exportTask names the next export of a chat by the newest one, so that a
// reason why none comes stands until one does.
func exportTask(c *Chat) string { return "export/" + c.ID + "/" + c.newest().String() }

// export asks for the next export of a chat.
func (a *assessment) export(c *Chat) {
	base := later(c.newest(), a.lastNil())
	var due record.Date
	why := ""
	if !a.ExportsEvery.IsZero() {
		due, why = a.ExportsEvery.After(base), "it is exported every "+a.ExportsEvery.Words()
	}
	if c.Timer > 0 {
		if lost := base.AddDays(max(1, int(c.Timer/(24*time.Hour)))); due.IsZero() || lost.Before(due) {
			due, why = lost, "its messages disappear"
		}
	}
	if due.IsZero() || !a.Leaving.IsZero() && due.After(a.Leaving) {
		return // nothing is expected, or the leaver's final export is
	}
	a.add(Task{ID: exportTask(c), Kind: KindExport, Chat: c.ID, Opens: due, Due: due,
		Text: fmt.Sprintf("The next export of a chat last exported on %s: %s.", c.newest().Long(), why)}, "")
}

// lastNil is the last day that a nil return speaks of: that of its period, or
// the day on which it was made if that was before.
func (a *assessment) lastNil() (last record.Date) {
	for _, at := range a.Attestations {
		if !at.Nil {
			continue
		}
		if end := at.Period.Last(); end.Before(at.On) {
			last = later(last, end)
		} else {
			last = later(last, at.On)
		}
	}
	return last
}

func (a *assessment) firstExport() {
	if len(a.Chats) > 0 || a.ExportsEvery.IsZero() || a.start.IsZero() {
		return
	}
	due := a.ExportsEvery.After(later(a.start, a.lastNil()))
	if !a.Leaving.IsZero() && due.After(a.Leaving) {
		return
	}
	a.add(Task{ID: "export/first/" + a.start.String(), Kind: KindExport, Opens: due, Due: due,
		Text: "A first export: no chat of this custodian was ever exported, and no nil return says that there is none."}, "")
}

// attestations asks for one for each period from the first day on.
func (a *assessment) attestations() {
	if a.Attests.months() == 0 || a.start.IsZero() {
		return
	}
	until := a.today
	if !a.Leaving.IsZero() && a.Leaving.Before(until) {
		until = a.Leaving
	}
	for s := SpanOf(a.start, a.Attests); !s.First().After(until); s = s.Next() {
		last := s.Last()
		a.add(Task{ID: "attestation/" + s.String(), Kind: KindAttestation, Opens: last.AddDays(1), Due: last.AddDays(attestWithin),
			Text: "The attestation for " + s.String() + "."}, a.attested(func(at Attestation) bool {
			return at.Period.Covers(s) && (at.On.After(last) || s.Has(a.Leaving) && !at.On.Before(a.Leaving.AddDays(-aroundChange)))
		}))
	}
}

// attested describes the first attestation that a task accepts.
func (a *assessment) attested(accepts func(Attestation) bool) string {
	for _, at := range a.Attestations {
		if accepts(at) {
			what := "attested for "
			if at.Nil {
				what = "nil return for "
			}
			return what + at.Period.String() + " on " + at.On.Long()
		}
	}
	return ""
}

// exports asks for an export of each chat that has not ended and that was known
// by a day, between two days. A zero by or until is no end.
func (a *assessment) exports(id, text string, opens, due, by, from, until record.Date) {
	for i := range a.Chats {
		c := &a.Chats[i]
		if a.closed(exportTask(c)) != nil || !by.IsZero() && c.Exports[0].After(by) {
			continue // it has ended, or was not known then
		}
		evidence := ""
		for _, day := range c.Exports {
			if !day.Before(from) && (until.IsZero() || !day.After(until)) {
				evidence = "exported on " + day.Long()
				break
			}
		}
		a.add(Task{ID: id + "/" + c.ID, Kind: KindExport, Chat: c.ID, Opens: opens, Due: due, Text: text}, evidence)
	}
}

func (a *assessment) leaver() {
	if a.Leaving.IsZero() {
		return
	}
	id, opens := "leaver/"+a.Leaving.String(), a.Leaving.AddDays(-notice)
	a.exports(id+"/export", "The final export of a chat, on the last day in office or after it.", opens, a.Leaving, record.Date{}, a.Leaving, record.Date{})
	a.add(Task{ID: id + "/attestation", Kind: KindAttestation, Opens: opens, Due: a.Leaving, Text: "The attestation on leaving."},
		a.attested(func(at Attestation) bool {
			return at.Period.Has(a.Leaving) && !at.On.Before(a.Leaving.AddDays(-aroundChange))
		}))
	for i := range a.Channels {
		c := &a.Channels[i]
		if c.Channel == record.NonCorporate {
			a.add(Task{ID: id + "/close/" + c.name(), Kind: KindClosure, Opens: opens, Due: a.Leaving,
				Text: "The end of the leaver's use of " + c.App + " for business."}, a.ended(c))
		}
	}
}

// ended says since when a channel is closed, if it is by today.
func (a *assessment) ended(c *Channel) string {
	if c.Closed.IsZero() || c.Closed.After(a.today) {
		return ""
	}
	return "closed on " + c.Closed.Long()
}

// name tells a channel from the custodian's others.
func (c *Channel) name() string {
	if c.Device == "" {
		return c.App
	}
	return c.App + "/" + c.Device
}

func (a *assessment) deviceChange(day record.Date) {
	id := "device/" + day.String()
	before, after := day.AddDays(-aroundChange), day.AddDays(aroundChange)
	a.exports(id+"/before", "The last export from the old device, in the week before the change.", before, day, day, before, day)
	a.exports(id+"/after", "The first export from the new device: a chat that was not moved shows in it.", day.AddDays(1), after, day, day.AddDays(1), record.Date{})
	a.add(Task{ID: id + "/attestation", Kind: KindAttestation, Opens: day, Due: day.AddDays(attestWithin),
		Text: "The attestation that the old device's chats were exported or moved."},
		a.attested(func(at Attestation) bool { return at.Period.Has(day) && !at.On.Before(day) }))
}

// approvals asks for what runs out of the register's open nccc channels.
func (a *assessment) approvals() {
	for i := range a.Channels {
		c := &a.Channels[i]
		if c.Channel != record.NonCorporate || !c.Closed.IsZero() {
			continue
		}
		for _, end := range []struct {
			what, text string
			day        record.Date
		}{{"until", "The approval to use %s ends: it is renewed, or the channel closed.", c.Until},
			{"review", "The approval to use %s is looked at again.", c.Review}} {
			left := !a.Leaving.IsZero() && end.day.After(a.Leaving) // the channel ends before
			if !end.day.IsZero() && !left {
				a.add(Task{ID: "approval/" + c.name() + "/" + end.what + "/" + end.day.String(), Kind: KindApproval,
					Opens: end.day.AddDays(-notice), Due: end.day, Text: fmt.Sprintf(end.text, c.App)}, "")
			}
		}
	}
}

// register asks for the apps that are in use and not in the register. Where
// the authority keeps no register for a custodian, none is asked for.
func (a *assessment) register() {
	if len(a.Channels) == 0 {
		return
	}
	asked := make(map[string]bool)
	for i := range a.Chats {
		c := &a.Chats[i]
		known := slices.ContainsFunc(a.Channels, func(ch Channel) bool { return ch.App == c.App })
		if c.App == "" || known || asked[c.App] {
			continue
		}
		asked[c.App] = true
		a.add(Task{ID: "register/" + c.App, Kind: KindRegister, Opens: c.Exports[0], Due: c.Exports[0],
			Text: "Chats of " + c.App + " are captured, and the register of channels has none."}, "")
	}
}

func (a *assessment) training() {
	if a.Trained.IsZero() || !a.Leaving.IsZero() && a.Leaving.Before(a.today) {
		return
	}
	due := a.Trained.AddMonths(trainedFor)
	a.add(Task{ID: "training/" + due.String(), Kind: KindTraining, Opens: due.AddDays(-notice), Due: due, Text: "Training in record-keeping."}, "")
}
