package ingest

import (
	"fmt"
	"mime"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
)

// chatNotices words what an export shows that a records manager should know.
func chatNotices(e *chat.Export, zone *time.Location) []record.Notice {
	var all []record.Notice
	add := func(kind string, at time.Time, format string, args ...any) {
		all = append(all, record.Notice{Kind: kind, At: at, Text: fmt.Sprintf("chat “"+or(e.Title, "untitled")+"”: "+format, args...)})
	}
	for i := range e.Messages {
		if m := &e.Messages[i]; m.Event != nil {
			if text := eventNotice(m); text != "" {
				add(m.Event.Name, wallTime(m.Time, zone), "%s", text)
			}
		}
	}
	for _, flag := range []struct{ name, text string }{
		{chat.FlagHeadTruncated, "its oldest messages are not in the export"},
		{chat.FlagSequenceGap, "the phone's row numbers show rows that are not in the export"},
		{chat.FlagOrderAmbiguous, "nothing in the export proves which number of a date is the day; its dates are listed as suspect"},
		{chat.FlagOrderContradictory, "its dates contradict one another; it may be several exports joined"},
		{chat.FlagShapeChange, "the form of its stamps changes; it may be two exports joined"},
		{chat.FlagEmbeddedHeader, "a line inside a message imitates the beginning of one"},
		{chat.FlagUnsafeNames, "file names in it try to leave their folder; they were neutralised"},
	} {
		if slices.Contains(e.Flags, flag.name) {
			add(flag.name, time.Time{}, "%s", flag.text)
		}
	}
	if n := len(e.Missing); n > 0 {
		add("media_missing", time.Time{}, "%d media files that its messages name are not in the export", n)
	}
	if e.Grade != chat.GradeFull {
		add("grade", time.Time{}, "not a phone's own export (%s), so it is weaker evidence", e.Grade)
	}
	return all
}

// eventNotice words an event that decides whether messages survive or can be
// exported, and nothing for any other.
func eventNotice(m *chat.Message) string {
	on := ""
	if !m.Time.IsZero() {
		on = " " + m.Time.Format("2 January 2006")
	}
	switch m.Event.Name {
	case "disappearing_on", "disappearing_default_timer", "disappearing_timer":
		return "disappearing messages turned on" + on + " (" + timerWords(m.Event.Timer) + ")"
	case "disappearing_off":
		return "disappearing messages turned off" + on
	case "advanced_privacy_on":
		return "advanced chat privacy turned on" + on + ": while it is on, no phone can export the chat"
	case "advanced_privacy_off":
		return "advanced chat privacy turned off" + on
	}
	return ""
}

func timerWords(d time.Duration) string {
	switch days := int(d.Hours()) / 24; {
	case d <= 0:
		return "for a time that is not printed"
	case days <= 1:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", days)
	}
}

// ephemeral reports, for each message, whether it was sent while a timer was
// on that would remove it from the phones.
func ephemeral(e *chat.Export) []bool {
	marks := make([]bool, len(e.Messages))
	on := false
	for i := range e.Messages {
		m := &e.Messages[i]
		if m.Event == nil {
			marks[i] = on
			continue
		}
		switch m.Event.Name {
		case "disappearing_on", "disappearing_default_timer", "disappearing_timer":
			on = true
		case "disappearing_off":
			on = false
		}
	}
	return marks
}

// mediaType is a media file's type by its name, or by what the app called it.
func mediaType(name, kind string) string {
	if t := mime.TypeByExtension(strings.ToLower(path.Ext(name))); t != "" {
		t, _, _ = strings.Cut(t, ";")
		return t
	}
	switch kind {
	case "image", "sticker", "gif", "album":
		return "image/*"
	case "video", "video_note":
		return "video/*"
	case "voice", "audio":
		return "audio/*"
	}
	return "application/octet-stream"
}
