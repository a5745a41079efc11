package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/page"
)

// Coverage says whether everything is accounted for: of what the sources
// showed, what became of it; of what is kept, how much is searchable.
type Coverage struct {
	Head     `json:"head"`
	Sources  []SourceLine                `json:"sources"`
	Messages int64                       `json:"messages"`    // kept
	Indexed  int64                       `json:"indexed"`     // whose words are in the index
	Undated  int64                       `json:"undated"`     // never cut by a date range
	ByText   map[record.TextStatus]int64 `json:"text_status"` // records by how much of their text could be read
}

// A SourceLine accounts for one source. LastRead is when it was last read to
// its end; Configured is false of one that is read no more.
type SourceLine struct {
	Source     string         `json:"source"`
	Kind       string         `json:"kind"`
	Custodian  string         `json:"custodian"`
	Channel    record.Channel `json:"channel"`
	Counts     record.Counts  `json:"counts"`
	LastRead   time.Time      `json:"last_read,omitzero"`
	LastError  string         `json:"last_error,omitempty"`
	Configured bool           `json:"configured"`
}

// Counts adds the sources up.
func (r *Coverage) Counts() record.Counts {
	var t record.Counts
	for _, s := range r.Sources {
		t.Add(record.CapturedNew, "", s.Counts.Captured)
		t.Add(record.AlreadyArchived, "", s.Counts.AlreadyArchived)
		for reason, n := range s.Counts.Excluded {
			t.Add(record.Excluded, reason, n)
		}
		for reason, n := range s.Counts.Failed {
			t.Add(record.Failed, reason, n)
		}
	}
	return t
}

// Balanced reports whether every item that a source showed has an outcome.
func (r *Coverage) Balanced() bool {
	for _, s := range r.Sources {
		if !s.Counts.Balanced() {
			return false
		}
	}
	return true
}

// Unsearchable counts the records some of whose text nobody here can read.
func (r *Coverage) Unsearchable() (n int64) {
	for status, k := range r.ByText {
		if !status.Searchable() {
			n += k
		}
	}
	return n
}

func (r *Coverage) lay(d *page.Document) {
	t := r.Counts()
	if r.Balanced() {
		d.Add(page.Notice{Tone: page.Green, Label: "Accounted for", Text: fmt.Sprintf("%s shown by the sources = %s captured + %s already archived + %s excluded + %s failed.",
			plural(t.Seen, "item", "items"), page.Thousands(t.Captured), page.Thousands(t.AlreadyArchived), page.Thousands(t.ExcludedTotal()), page.Thousands(t.FailedTotal()))})
	} else {
		d.Add(page.Notice{Tone: page.Red, Label: "Not accounted for", Text: "The items of a source do not add up. The journal is right; rebuild the catalog from it and tell the archive’s operator."})
	}
	if t.FailedTotal() > 0 {
		d.Add(page.Notice{Tone: page.Amber, Label: "Owed", Text: plural(t.FailedTotal(), "item is", "items are") + " not archived yet. Each is tried again and is listed in the report on failures and gaps."})
	}
	table := page.Table{Name: "sources", Caption: "Items that each source showed, and what became of them", Empty: "There is no source.",
		Columns: []page.Column{{Title: "Source"}, {Title: "Custodian"}, {Title: "Channel"}, {Title: "Seen", Number: true}, {Title: "Captured", Number: true},
			{Title: "Already archived", Number: true}, {Title: "Excluded", Number: true}, {Title: "Failed", Number: true}, {Title: "Read to its end", Key: "last_read"}}}
	for _, s := range r.Sources {
		last := timeCell(&r.Head, s.LastRead)
		if !s.Configured {
			last = page.Text("read no more")
		}
		table.Rows = append(table.Rows, page.Row(page.Text(s.Source), page.Text(s.Custodian), page.Text(channelWords(s.Channel)), page.Number(s.Counts.Seen), page.Number(s.Counts.Captured),
			page.Number(s.Counts.AlreadyArchived), page.Number(s.Counts.ExcludedTotal()), page.Number(s.Counts.FailedTotal()), last))
	}
	table.Total = page.Row(page.Text("All"), page.Text(""), page.Text(""), page.Number(t.Seen), page.Number(t.Captured), page.Number(t.AlreadyArchived),
		page.Number(t.ExcludedTotal()), page.Number(t.FailedTotal()))
	d.Add(page.Heading{Text: "What became of what the sources showed"}, table, reasonsTable(t))
	r.laySearch(d)
}

// reasonsTable lists why items were excluded or failed.
func reasonsTable(t record.Counts) page.Table {
	out := page.Table{Name: "reasons", Caption: "Why items are not records", Empty: "Every item is a record.",
		Columns: []page.Column{{Title: "Outcome"}, {Title: "Reason"}, {Title: "Meaning"}, {Title: "Items", Number: true}}}
	for _, o := range []struct {
		outcome string
		by      map[record.Reason]int64
	}{{"excluded", t.Excluded}, {"failed", t.Failed}} {
		for _, reason := range slices.Sorted(maps.Keys(o.by)) {
			if o.by[reason] > 0 {
				out.Rows = append(out.Rows, page.Row(page.Text(o.outcome), page.Text(strings.ReplaceAll(string(reason), "_", " ")), page.Text(reasonWords(reason)), page.Number(o.by[reason])))
			}
		}
	}
	return out
}

// reasonWords says what a reason means to whoever reads the report.
func reasonWords(r record.Reason) string {
	switch r {
	case record.ReasonFolder:
		return "its folder is left out by the source’s configuration"
	case record.ReasonDisposed:
		return "it was disposed of before, under a certificate"
	case record.ReasonMarking:
		return "its protective marking is above what this archive may keep"
	case record.ReasonUnreadable:
		return "the source could not give its content, or it could not be read"
	case record.ReasonNotAChat:
		return "no chat’s text was found in it"
	case record.ReasonNotAMail:
		return "it is no message"
	case record.ReasonEncrypted:
		return "it is protected by a password"
	case record.ReasonBomb:
		return "it is beyond the limits on size and depth"
	case record.ReasonUnknown:
		return "it is of a type that this archive does not take"
	case "personal", "party_political", "constituency", "out_of_scope":
		return "a selection left it out, for this reason"
	}
	return "–"
}

func (r *Coverage) laySearch(d *page.Document) {
	d.Add(page.Heading{Text: "What can be searched"})
	if r.Indexed < r.Messages {
		d.Add(page.Notice{Tone: page.Red, Label: "Incomplete", Text: fmt.Sprintf("The words of %s not in the index: searches say INCOMPLETE and cannot be certified until a reader runs closeroll rebuild index --missing.",
			plural(r.Messages-r.Indexed, "message are", "messages are"))})
	}
	text := page.Table{Name: "text", Caption: "Records by how much of their text is searchable", Empty: "Nothing is kept.", Columns: []page.Column{{Title: "Text status"}, {Title: "Meaning"}, {Title: "Records", Number: true}}}
	for _, status := range slices.Sorted(maps.Keys(r.ByText)) {
		text.Rows = append(text.Rows, page.Row(page.Text(string(status)), page.Text(textWords(status)), page.Number(r.ByText[status])))
	}
	d.Add(page.Facts{Pairs: []page.Pair{
		{Label: "Messages kept", Value: page.Thousands(r.Messages)},
		{Label: "Words in the index", Value: fmt.Sprintf("those of %s (%s)", plural(r.Indexed, "message", "messages"), percent(r.Indexed, r.Messages))},
		{Label: "Undated, or of a suspect date", Value: page.Thousands(r.Undated) + "; they are never cut by a range of dates"},
	}}, text)
}

func textWords(s record.TextStatus) string {
	switch s {
	case record.TextOK, "":
		return "all of it"
	case record.TextPartial:
		return "some of it"
	case record.TextNone:
		return "a part has no text, such as a photograph, or is of a type that cannot be read"
	case record.TextEncrypted:
		return "a part is encrypted by its sender"
	case record.TextError:
		return "reading a part failed"
	case record.TextTooLarge:
		return "a part is too large to be read"
	}
	return "not known to this version"
}
