package ingest

import (
	"context"
	"mime"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
)

// chatNotices is what an export shows by itself that a records manager should
// know.
func chatNotices(e *chat.Export, zone *time.Location) []record.Notice {
	var all []record.Notice
	for _, n := range chat.Notices(e) {
		out := record.Notice{Kind: n.Kind, Text: aboutChat(e.Title, n.Text), At: wallTime(n.At, zone)}
		if !n.Before.IsZero() {
			out.Before = wallTime(n.Before, zone)
			out.Text += " The next export must come by " + n.Before.Format("2 January 2006 15:04") + "."
		}
		all = append(all, out)
	}
	if len(e.UnsafeNames) > 0 {
		all = append(all, record.Notice{Kind: chat.FlagUnsafeNames,
			Text: aboutChat(e.Title, "File names in it try to leave their folder; they were neutralised.")})
	}
	return all
}

func aboutChat(title, text string) string { return "chat “" + or(title, "untitled") + "”: " + text }

// noticeEntries are an export's own notices and what comparing it has found,
// as far as the journal has not got them: a timer that was turned on in March
// is in every export since.
func (c *committer) noticeEntries(ctx context.Context, made *chatDrafts, chatID string, found []record.Notice) ([]journal.Entry, error) {
	old, err := c.Archive.Catalog.ChatNoticesEver(ctx, chatID)
	if err != nil {
		return nil, err
	}
	type key struct {
		kind, text string
		at         int64
	}
	known := make(map[key]bool)
	for _, n := range old {
		known[key{n.Kind, n.Text, n.At.UnixMilli()}] = true
	}
	export := made.record()
	var entries []journal.Entry
	if made.left != nil {
		found = append(found, record.Notice{Kind: "selection", Text: aboutChat(made.export.Title, made.left.words())})
	}
	for _, n := range slices.Concat(made.notices, found) {
		k := key{n.Kind, n.Text, n.At.UnixMilli()}
		if known[k] {
			continue
		}
		known[k] = true
		n.Source, n.Chat, n.Record = c.src.Name, chatID, export
		e, err := journal.NewEntry(record.EntryNotice, actor, n)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// ephemeral reports, for each message, whether it was sent while a timer was
// on that would remove it from the phones.
func ephemeral(e *chat.Export) []bool {
	marks := make([]bool, e.Count())
	on := false
	for i, m := range e.All() {
		if m.Event == nil {
			marks[i] = on || m.Expires > 0
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

// gaps says what is missing from an export or makes it weaker evidence, in
// sentences without a name or a word of the chat: they are for a receipt.
func gaps(e *chat.Export) (all []string) {
	for _, n := range chat.Notices(e) {
		switch n.Kind {
		case chat.NoticeGrade, chat.NoticeTruncated, chat.NoticeRowGap, chat.NoticeMissing, chat.NoticeOrphans, chat.NoticeOrder, chat.NoticeCalendar, chat.NoticePrivacy:
			all = append(all, n.Text)
		}
	}
	return all
}

// timer is how long after being sent messages disappear by the last word on it
// in an export; 0 if they do not.
func timer(e *chat.Export) (after time.Duration) {
	if e.Timer > 0 {
		return e.Timer
	}
	for _, m := range e.All() {
		if m.Event == nil {
			continue
		}
		switch m.Event.Name {
		case "disappearing_on", "disappearing_default_timer", "disappearing_timer":
			after = m.Event.Timer
		case "disappearing_off":
			after = 0
		}
	}
	return after
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
