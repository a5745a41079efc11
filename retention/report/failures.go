package report

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/page"
)

// Failures says what could not be archived and is still owed, and where a
// source or an export shows itself that something is missing.
type Failures struct {
	Head   `json:"head"`
	Failed []FailedLine `json:"failed"`
	Gaps   []NoticeLine `json:"gaps"` // of the period
}

// A FailedLine counts the items of a source that failed for one reason.
type FailedLine struct {
	Source string        `json:"source"`
	Reason record.Reason `json:"reason"`
	Advice string        `json:"advice"`
	Items  int64         `json:"items"`
	Oldest time.Time     `json:"oldest"`
}

// A NoticeLine is a notice that was given. Its text names chats and people,
// and never holds what they wrote.
type NoticeLine struct {
	Entry  int64     `json:"entry"` // of the journal
	Source string    `json:"source"`
	Chat   string    `json:"chat,omitempty"` // id of the chat that it is about
	Kind   string    `json:"kind"`
	Text   string    `json:"text"`
	At     time.Time `json:"at,omitzero"`
}

// A Failure is one item that is not archived.
type Failure struct {
	Source string
	Reason record.Reason
	Advice string
	First  time.Time
}

// NewFailures groups items by source and reason, and keeps the notices of gaps
// within the head's period.
func NewFailures(head Head, failed []Failure, notices []NoticeLine) *Failures {
	r := &Failures{Head: head, Failed: []FailedLine{}, Gaps: []NoticeLine{}}
	for _, f := range failed {
		i := slices.IndexFunc(r.Failed, func(l FailedLine) bool { return l.Source == f.Source && l.Reason == f.Reason })
		if i < 0 {
			r.Failed = append(r.Failed, FailedLine{Source: f.Source, Reason: f.Reason, Advice: f.Advice, Oldest: f.First})
			i = len(r.Failed) - 1
		}
		r.Failed[i].Items++
		if f.First.Before(r.Failed[i].Oldest) {
			r.Failed[i].Oldest = f.First
		}
	}
	for _, n := range notices {
		if IsGap(n.Kind) && (n.At.IsZero() || head.Within(n.At)) {
			r.Gaps = append(r.Gaps, n)
		}
	}
	return r
}

// IsGap reports whether a notice tells that something is missing, or was there
// and is not any more.
func IsGap(kind string) bool {
	switch kind {
	case "came_and_went", "folder_gone", "folder_unreadable", "uidvalidity", "export_grade", "head_truncated", "sequence_gap", "media_missing",
		"export_gap", "export_unconnected", "vanished", "altered_without_marker", "deleted_for_everyone", "unclear", "expired_by_timer", "suspect_embedded":
		return true
	}
	return false
}

// Owed counts the items that are not archived.
func (r *Failures) Owed() (n int64) {
	for _, f := range r.Failed {
		n += f.Items
	}
	return n
}

func (r *Failures) lay(d *page.Document) {
	failed := page.Table{Name: "failed", Caption: "Items that are not archived, by source and reason", Empty: "Everything that the sources showed is archived or left out on purpose.",
		Columns: []page.Column{{Title: "Source"}, {Title: "Reason"}, {Title: "Items", Number: true}, {Title: "Oldest"}, {Title: "What to do", Key: "advice"}}}
	for _, f := range r.Failed {
		failed.Rows = append(failed.Rows, page.Row(page.Text(f.Source), page.Text(string(f.Reason)), page.Number(f.Items), timeCell(&r.Head, f.Oldest), page.Text(f.Advice)))
	}
	if n := r.Owed(); n > 0 {
		d.Add(page.Notice{Tone: page.Amber, Label: "Owed", Text: plural(n, "item is", "items are") + " not archived. Each is tried again at every run and stays listed until it is archived or settled."})
	}
	d.Add(page.Heading{Text: "What could not be archived"}, failed, page.Heading{Text: "What shows a gap"}, countKinds(r.Gaps), noticeTable(&r.Head, "gaps", "Gaps that sources and exports show, newest first", "None was noticed.", r.Gaps),
		page.Paragraph{Soft: true, Text: "A gap says that something is not here, never who removed it. Messages that came and went before a mailbox was read, and those that an app deletes by itself, show only so."})
}

// countKinds counts notices by their kind.
func countKinds(list []NoticeLine) page.Table {
	t := page.Table{Name: "kinds", Caption: "Notices by kind", Empty: "There is none.", Columns: []page.Column{{Title: "Kind"}, {Title: "Notices", Number: true}}}
	counts := map[string]int{}
	for _, n := range list {
		counts[n.Kind]++
	}
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		t.Rows = append(t.Rows, page.Row(page.Cell{Text: strings.ReplaceAll(kind, "_", " "), Raw: kind}, page.Number(counts[kind])))
	}
	return t
}

func noticeTable(h *Head, name, caption, empty string, list []NoticeLine) page.Table {
	t := page.Table{Name: name, Caption: caption, Empty: empty, Columns: []page.Column{{Title: "Journal entry", Key: "entry"}, {Title: "When", Key: "at"}, {Title: "Source"}, {Title: "Kind"}, {Title: "Notice", Key: "text"}}}
	for _, n := range list {
		t.Rows = append(t.Rows, page.Row(page.Number(n.Entry), timeCell(h, n.At), page.Text(n.Source), page.Cell{Text: strings.ReplaceAll(n.Kind, "_", " "), Raw: n.Kind}, page.Text(n.Text)))
	}
	return t
}
