package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/closeroll/closeroll/internal/page"
)

// Ephemeral says which chats delete their own messages, or keep people from
// exporting them, by what their newest export says (R15; Cabinet Office
// guidance on non-corporate communication channels, 2023).
type Ephemeral struct {
	Head   `json:"head"`
	Chats  []EphemeralChat `json:"chats"`  // with either in effect
	Events []NoticeLine    `json:"events"` // turned on, changed or off, within the period
}

// An EphemeralChat is a chat with disappearing messages or advanced privacy.
type EphemeralChat struct {
	ChatExport
	Disappearing bool   `json:"disappearing"`
	Private      bool   `json:"advanced_privacy"`
	Text         string `json:"text"` // the notice that says so
}

// A ChatExport is a chat with its newest export.
type ChatExport struct {
	Chat     string    `json:"chat"` // its id
	Title    string    `json:"title"`
	Source   string    `json:"source"`
	Exported time.Time `json:"exported"`
}

// NewEphemeral works out from all notices, the newest first, what is in effect
// in each chat, and keeps those of the head's period.
func NewEphemeral(head Head, chats []ChatExport, notices []NoticeLine) *Ephemeral {
	r := &Ephemeral{Head: head, Chats: []EphemeralChat{}, Events: []NoticeLine{}}
	told := slices.Clone(notices)
	slices.SortStableFunc(told, func(a, b NoticeLine) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Entry, b.Entry)) })
	for _, c := range chats {
		x := EphemeralChat{ChatExport: c}
		for _, n := range told {
			if n.Chat == c.Chat {
				x.hear(n)
			}
		}
		if x.Disappearing || x.Private {
			r.Chats = append(r.Chats, x)
		}
	}
	for _, n := range notices {
		if isEphemeral(n.Kind) && (n.At.IsZero() || head.Within(n.At)) {
			r.Events = append(r.Events, n)
		}
	}
	return r
}

// TimersOn counts how often messages were set to disappear within the period.
func (r *Ephemeral) TimersOn() (n int) {
	for _, e := range r.Events {
		switch e.Kind {
		case "disappearing_in_effect", "disappearing_on", "disappearing_timer", "disappearing_default_timer":
			n++
		}
	}
	return n
}

// hear changes what is known to be in effect by the next notice.
func (c *EphemeralChat) hear(n NoticeLine) {
	switch n.Kind {
	case "disappearing_in_effect", "disappearing_on", "disappearing_timer", "disappearing_default_timer":
		c.Disappearing, c.Text = true, n.Text
	case "disappearing_off":
		c.Disappearing = false
	case "advanced_privacy_in_effect", "advanced_privacy_on":
		c.Private = true
		if !c.Disappearing {
			c.Text = n.Text
		}
	case "advanced_privacy_off":
		c.Private = false
	}
}

// isEphemeral reports whether a notice tells of timers or privacy.
func isEphemeral(kind string) bool {
	switch kind {
	case "disappearing_in_effect", "advanced_privacy_in_effect", "disappearing_on", "disappearing_timer", "disappearing_default_timer", "disappearing_off",
		"advanced_privacy_on", "advanced_privacy_off":
		return true
	}
	return false
}

func (r *Ephemeral) lay(d *page.Document) {
	t := page.Table{Name: "chats", Caption: "Chats in which messages disappear, or whose export is blocked, by their newest export", Empty: "No chat’s newest export shows either.",
		Columns: []page.Column{{Title: "Chat", Key: "title"}, {Title: "Source"}, {Title: "Last exported", Key: "exported"}, {Title: "In effect", Key: "state"}, {Title: "What shows it", Key: "text"}}}
	for _, c := range r.Chats {
		state := page.Rated(page.Red, "Disappearing")
		switch {
		case c.Disappearing && c.Private:
			state = page.Rated(page.Red, "Disappearing, private")
		case c.Private:
			state = page.Rated(page.Amber, "Private")
		}
		t.Rows = append(t.Rows, page.Row(page.Text(c.Title), page.Text(c.Source), timeCell(&r.Head, c.Exported), state, page.Text(c.Text)))
	}
	if len(r.Chats) > 0 {
		d.Add(page.Notice{Tone: page.Red, Label: "Messages may be lost", Text: plural(len(r.Chats), "chat needs", "chats need") + " attention: what disappears before the next export cannot be recovered."})
	}
	d.Add(t, noticeTable(&r.Head, "events", "Timers and privacy turned on, changed or off, newest first", "None was noticed.", r.Events))
}
