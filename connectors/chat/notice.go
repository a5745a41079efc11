package chat

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// A Notice is something about an export, or about two successive ones, that a
// records manager should know and that is no failure. Its text holds names and
// times, never what people wrote.
type Notice struct {
	Kind    string    `json:"kind"`
	Text    string    `json:"text"`            // one sentence
	At      time.Time `json:"at,omitzero"`     // printed wall clock
	Message int       `json:"message"`         // index, or -1
	Before  time.Time `json:"before,omitzero"` // when the next export must have come, on the same clock
}

// Kinds of notice. Those of single messages have the event's name.
const (
	NoticeGrade       = "export_grade"
	NoticeTruncated   = "head_truncated"
	NoticeRowGap      = "sequence_gap"
	NoticeMissing     = "media_missing"
	NoticeOrphans     = "media_orphaned"
	NoticeOrder       = "date_order_ambiguous"
	NoticeCalendar    = "calendar_converted"
	NoticeEmbedded    = "embedded_header"
	NoticeSuspect     = "suspect_embedded"
	NoticeEphemeral   = "disappearing_in_effect"
	NoticePrivacy     = "advanced_privacy_in_effect"
	NoticeExportGap   = "export_gap"
	NoticeUnconnected = "export_unconnected"
)

const noMessage = -1

// Notices returns what a single export shows, in the order of the file, and
// last what is in effect at its end.
func Notices(e *Export) []Notice {
	var all []Notice
	add := func(kind string, message int, format string, args ...any) *Notice {
		n := Notice{Kind: kind, Message: message, Text: fmt.Sprintf(format, args...)}
		all = append(all, n)
		return &all[len(all)-1]
	}
	wholeFile(e, add)
	for _, g := range e.Gaps {
		add(NoticeRowGap, g.AfterIndex, "The phone's row numbers show that %s missing at or before message %d.", some(g.Missing, "row", "is", "are"), g.AfterIndex+2)
	}
	var timer time.Duration
	timed := false // messages disappear, after timer if that is not 0
	since, private := noMessage, noMessage
	for i, m := range e.All() {
		ev := m.Event
		if ev == nil {
			continue
		}
		who := "Someone"
		if ev.Actor != "" {
			who = ev.Actor
		}
		switch ev.Name {
		case "disappearing_on", "disappearing_timer", "disappearing_default_timer":
			timer, since, timed = ev.Timer, i, ev.Timer > 0 || !ev.HasTime
			add(ev.Name, i, "%s set messages to disappear after %s.", who, days(timer))
		case "disappearing_off":
			timer, since, timed = 0, noMessage, false
			add(ev.Name, i, "%s turned disappearing messages off.", who)
		case "advanced_privacy_on":
			private = i
			add(ev.Name, i, "%s turned on advanced chat privacy, which keeps everyone from exporting the chat.", who)
		case "advanced_privacy_off":
			private = noMessage
			add(ev.Name, i, "%s turned advanced chat privacy off.", who)
		}
	}
	if e.Timer > 0 {
		timer, timed = e.Timer, true // the export says by itself what holds at its end
	}
	if timed {
		n := add(NoticeEphemeral, since, "Messages disappear after %s: what is sent after this export is lost unless the next one comes within that time.", days(timer))
		if last := latest(e); !last.IsZero() {
			n.Before = last.Add(cmp.Or(timer, shortestTimer))
		}
	}
	if private != noMessage {
		add(NoticePrivacy, private, "Advanced chat privacy is the last known state: an export could only be made because it was off for a while, or by copying.")
	}
	e.date(all)
	return all
}

// date sets the times of the messages that notices are about.
func (e *Export) date(notices []Notice) {
	for i := range notices {
		n := &notices[i]
		if n.Message < 0 || n.Message >= e.Count() {
			continue
		}
		for _, m := range e.Messages.Range(n.Message, n.Message+1) {
			n.At = m.Time
		}
	}
}

// wholeFile adds what concerns the file and not one of its messages.
func wholeFile(e *Export, add func(string, int, string, ...any) *Notice) {
	switch e.Grade {
	case GradePasted:
		add(NoticeGrade, noMessage, "The text was copied by hand and is no export: anything may be missing or altered.")
	case GradePartial:
		add(NoticeGrade, noMessage, "A browser's export leaves out disappearing and view-once messages and has no edit marks: ask for the phone's.")
	case GradeMixed:
		add(NoticeGrade, noMessage, "Two exports were joined into one file at message %d.", e.ShapeChangeAt+1)
	}
	for _, f := range e.Flags {
		switch f {
		case FlagHeadTruncated:
			if e.HeadMissing > 0 {
				add(NoticeTruncated, noMessage, "%s before the export's first message.", some(e.HeadMissing, "row", "came", "came"))
			} else if e.Grade == GradePartial {
				add(NoticeTruncated, noMessage, "The export says that its oldest messages may be missing.")
			} else {
				add(NoticeTruncated, noMessage, "The oldest messages are not in the export, which has %d: the apps export no more.", e.Count())
			}
		case FlagOrderContradictory:
			add(NoticeOrder, noMessage, "The export's dates prove two orders of day and month, so that its text was changed or put together: it was read as %s.", e.DateOrder.Used)
		case FlagOrderAmbiguous:
			add(NoticeOrder, noMessage, "Nothing in the export settles which number of a date is the day: it was read as %s.", e.DateOrder.Used)
		case FlagEmbeddedHeader:
			add(NoticeEmbedded, noMessage, "A message holds a line that imitates the beginning of another person's message.")
		}
	}
	if e.Calendar != "" {
		add(NoticeCalendar, noMessage, "%s", aboutCalendar(e))
	}
	suspects := 0
	for _, m := range e.All() {
		for _, f := range m.Flags {
			if f == FlagSuspectEmbedded {
				suspects++
			}
		}
	}
	if suspects > 0 {
		add(NoticeSuspect, noMessage, "%s the file's time and the next returns to it: such a message may have been typed inside another.", some(suspects, "message", "leaves", "leave"))
	}
	if n := len(e.Missing); n > 0 {
		add(NoticeMissing, noMessage, "%s by a message and did not come with the export.", some(n, "media file", "is named", "are named"))
	}
	if n := len(e.Orphans); n > 0 {
		add(NoticeOrphans, noMessage, "%s with the export that no message names: lines may have been removed from the text.", some(n, "file", "came", "came"))
	}
}

// some says how many things did something.
func some(n int, noun, one, many string) string {
	if n == 1 {
		return "1 " + noun + " " + one
	}
	return fmt.Sprintf("%d %ss %s", n, noun, many)
}

// aboutCalendar says how the dates of another calendar were read.
func aboutCalendar(e *Export) string {
	switch {
	case slices.Contains(e.Flags, FlagCalendarUnknown):
		return "Its dates are of the Islamic calendar, in a reckoning or in years that cannot be converted: its messages have no date."
	case slices.Contains(e.Flags, FlagCalendarAssumed):
		return "Its dates are of the Islamic calendar and were converted by the table of Umm al-Qura. Nothing in the export proves that it is that reckoning: each may be a day or two off."
	case e.Calendar == "islamic-umalqura":
		return "Its dates are of the Islamic calendar and were converted by the table of Umm al-Qura; the dates in its files' names agree."
	}
	return "Its dates are of the " + e.Calendar + " calendar and were converted."
}

// Between returns what two successive exports of a chat show about the time
// between them.
func Between(earlier, later *Export, c *Comparison) []Notice {
	if !c.SameChat {
		return []Notice{{Kind: NoticeUnconnected, Message: noMessage,
			Text: "The two exports share too little to show that they are of one chat: whatever was sent between them is unproved."}}
	}
	end, begin := latest(earlier), earliest(later)
	if len(c.Matches) > 0 || !begin.After(end) || begin.IsZero() || end.IsZero() {
		return nil
	}
	return []Notice{{Kind: NoticeExportGap, Message: noMessage, At: end,
		Text: fmt.Sprintf("Nothing shows what was sent between %s and %s.", end.Format("2 January 2006 15:04"), begin.Format("2 January 2006 15:04"))}}
}

// latest is the last printed time that is not the phone's own notice.
func latest(e *Export) (t time.Time) {
	for _, m := range e.All() {
		if m.Kind != System && m.Time.After(t) {
			t = m.Time
		}
	}
	return t
}

// earliest is the first printed time that is not the phone's own notice.
func earliest(e *Export) (t time.Time) {
	for _, m := range e.All() {
		if m.Kind != System && !m.Time.IsZero() && (t.IsZero() || m.Time.Before(t)) {
			t = m.Time
		}
	}
	return t
}

func days(d time.Duration) string {
	switch n := int(d / (24 * time.Hour)); {
	case d == 0:
		return "a time that is not printed, 24 hours at the least"
	case n > 1:
		return fmt.Sprintf("%d days", n)
	}
	return fmt.Sprintf("%d hours", int(d.Hours()))
}
