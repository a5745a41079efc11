package production

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/closeroll/closeroll/internal/page"
)

// A Line is one document of a schedule: an item, an attachment, or in a public
// schedule a stretch of a chat.
type Line struct {
	No         string   `json:"no"`
	Record     string   `json:"record_id,omitempty"`
	Parent     string   `json:"parent_no,omitempty"`
	Sent       string   `json:"date_sent"`
	Type       string   `json:"type"` // email, attachment, chat_message, chat_range or note
	From       string   `json:"from,omitempty"`
	To         string   `json:"to_summary,omitempty"`
	Title      string   `json:"subject_or_title"`
	Custodians []string `json:"custodians,omitempty"`
	Size       int      `json:"pages_or_msgs,omitempty"` // messages of a chat; else pages
	Decision   string   `json:"decision"`
	Exemptions []string `json:"exemptions,omitempty"`
	Public     string   `json:"pit_outcome,omitempty"` // of the public interest test
	Redactions int      `json:"redaction_count"`
	Duplicates []string `json:"duplicate_of,omitempty"` // other copies, of which this line is the one that is shown
	Hash       string   `json:"hash_prefix,omitempty"`
	Notes      string   `json:"notes,omitempty"`
	Contained  string   `json:"contained_in,omitempty"`  // the number of a later e-mail that has all of its words
	Copied     bool     `json:"redacted_copy,omitempty"` // what is released of it is a file that was redacted with another tool

	Group string `json:"-"` // of a message of a chat
}

// PageCharacters is how many characters of plain text count as a page.
const PageCharacters = 3000

// Pages is how many pages a plain text counts as.
func Pages(text string) int { return max(1, (len([]rune(text))+PageCharacters-1)/PageCharacters) }

// Publish makes the lines that may be sent: those of documents that are within
// the request, without anything that names a record, a custodian or a reason
// that was noted for the authority itself. Messages of a chat that follow one
// another and are decided alike are one line.
//
// That an e-mail's words stand in a later one is said only where that one is
// released too: of one that is withheld it would say what is in it.
func Publish(lines []Line) []Line {
	var out []Line
	shown := make(map[string]bool)
	for _, l := range lines {
		shown[l.No] = l.Decision == "release" || l.Decision == "part"
	}
	for _, l := range lines {
		if !shown[l.Contained] {
			l.Contained = ""
		}
		if !slices.Contains([]string{"release", "part", "withhold"}, l.Decision) {
			continue
		}
		l.Record, l.Custodians, l.Hash, l.Notes, l.Duplicates = "", nil, "", "", nil
		if l.Public != "" {
			l.Public = "weighed: maintained"
		}
		if n := len(out); n > 0 && l.ranges(out[n-1]) {
			last := &out[n-1]
			first, _, _ := strings.Cut(last.No, "–")
			last.No, last.Type, last.From, last.Title = first+"–"+l.No, "chat_range", "", "Messages of a chat"
			last.Size++
			last.Redactions += l.Redactions
			if day, _, _ := strings.Cut(last.Sent, " to "); dayOf(day) != dayOf(l.Sent) {
				last.Sent = dayOf(day) + " to " + dayOf(l.Sent)
			} else {
				last.Sent = dayOf(day)
			}
			continue
		}
		out = append(out, l)
	}
	return out
}

// ranges reports whether a line continues a stretch of a chat.
func (l *Line) ranges(last Line) bool {
	_, end, ranged := strings.Cut(last.No, "–")
	if !ranged {
		end = last.No
	}
	no, err := strconv.Atoi(end)
	return err == nil && l.Type == "chat_message" && l.Group == last.Group && strings.HasPrefix(last.Type, "chat_") &&
		l.No == strconv.Itoa(no+1) && l.Decision == last.Decision && slices.Equal(l.Exemptions, last.Exemptions)
}

// dayOf is the day of a moment that is written as 2026-05-14 09:12.
func dayOf(sent string) string { return sent[:min(len(sent), len("2006-01-02"))] }

// Schedule makes the schedule of documents: the columns that fit a sheet for
// reading, and all of them as CSV.
func Schedule(a About, lines []Line, public bool) *page.Document {
	kind := "Internal schedule of documents"
	if public {
		kind = "Schedule of documents"
	}
	d := &page.Document{Title: kind, Subtitle: a.Law, Authority: a.Authority, Reference: a.Request, Program: a.Program, Made: a.Made, Zone: a.Zone}
	counts := make(map[string]int)
	redactions := int64(0)
	for _, l := range lines {
		counts[l.Decision]++
		redactions += int64(l.Redactions)
	}
	pairs := []page.Pair{{Label: "Documents", Value: page.Thousands(int64(len(lines)))}}
	for _, c := range [][2]string{{"release", "Released"}, {"part", "Released in part"}, {"withhold", "Withheld"}, {"out_of_scope", "Out of scope"}, {"not_held", "Not held"}, {"undecided", "Undecided"}} {
		if n := counts[c[0]]; n > 0 {
			pairs = append(pairs, page.Pair{Label: c[1], Value: page.Thousands(int64(n))})
		}
	}
	d.Add(page.Facts{Pairs: append(pairs, page.Pair{Label: "Redactions", Value: page.Thousands(redactions)})})
	if !public {
		d.Add(page.Notice{Tone: page.Amber, Label: "Not to be sent", Text: "This schedule names people, records and reasons. closeroll foi schedule --public makes the one to send."})
	}
	d.Add(sheet(lines, public), full(lines))
	return d
}

// sheet is the table for reading.
func sheet(lines []Line, public bool) page.Table {
	t := page.Table{Name: "documents", Caption: "Documents", Empty: "There are none.",
		Columns: []page.Column{{Title: "No"}, {Title: "Sent"}, {Title: "Type"}, {Title: "From"}, {Title: "Subject or title"}, {Title: "Decision"}}}
	if !public {
		t.Columns = append(t.Columns, page.Column{Title: "Custodians"}, page.Column{Title: "Notes"})
	}
	for _, l := range lines {
		row := page.Row(page.Text(l.No), page.Text(inWords(l.Sent)), page.Text(strings.NewReplacer("_", " ", "email", "e-mail").Replace(l.Type)), page.Text(l.From), page.Text(l.Title),
			page.Text(l.outcome()))
		if !public {
			row = append(row, page.Text(strings.Join(l.Custodians, ", ")), page.Text(l.Notes))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// decided are decisions as a reader is told of them.
var decided = map[string]string{"release": "released", "part": "released in part", "withhold": "withheld", "out_of_scope": "out of scope", "not_held": "not held",
	"undecided": "undecided"}

var isoDate = regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}`)

// inWords is a moment, or a stretch of days, with its dates as people write them.
func inWords(sent string) string {
	return isoDate.ReplaceAllStringFunc(sent, func(day string) string {
		t, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return day
		}
		return t.Format("2 Jan 2006")
	})
}

// outcome is what was decided, in a cell.
func (l *Line) outcome() string {
	said := decided[l.Decision]
	if len(l.Exemptions) > 0 {
		said += ", " + strings.Join(l.Exemptions, ", ")
	}
	if l.Contained != "" {
		said += "; contained in " + l.Contained
	}
	if l.Copied {
		return said + "; released as a redacted copy"
	}
	if l.named() {
		said += "; named only"
	}
	switch l.Redactions {
	case 0:
	case 1:
		said += "; 1 redaction"
	default:
		said += "; " + page.Thousands(int64(l.Redactions)) + " redactions"
	}
	return said
}

// named reports whether an attachment is released and has no words that could be
// shown: it is a picture, a recording, or of another kind.
func (l *Line) named() bool {
	return l.Type == "attachment" && l.Size == 0 && (l.Decision == "release" || l.Decision == "part")
}

// form is what of a document is released.
func (l *Line) form() string {
	switch {
	case l.Decision != "release" && l.Decision != "part":
		return ""
	case l.Copied:
		return "redacted copy"
	case l.named():
		return "named only"
	}
	return "plain text"
}

// full is every column, as data.
func full(lines []Line) page.Table {
	t := page.Table{Name: "schedule", DataOnly: true}
	for _, name := range []string{"no", "record_id", "parent_no", "date_sent", "type", "from", "to_summary", "subject_or_title", "custodians", "pages_or_msgs",
		"decision", "exemptions", "pit_outcome", "redaction_count", "duplicate_of", "hash_prefix", "notes", "contained_in", "released_as"} {
		t.Columns = append(t.Columns, page.Column{Title: name})
	}
	for _, l := range lines {
		size := ""
		if l.Size > 0 {
			size = strconv.Itoa(l.Size)
		}
		t.Rows = append(t.Rows, page.Row(page.Text(l.No), page.Text(l.Record), page.Text(l.Parent), page.Text(l.Sent), page.Text(l.Type), page.Text(l.From), page.Text(l.To),
			page.Text(l.Title), page.Text(strings.Join(l.Custodians, "; ")), page.Text(size), page.Text(l.Decision), page.Text(strings.Join(l.Exemptions, "; ")), page.Text(l.Public),
			page.Text(strconv.Itoa(l.Redactions)), page.Text(strings.Join(l.Duplicates, "; ")), page.Text(l.Hash), page.Text(l.Notes), page.Text(l.Contained), page.Text(l.form())))
	}
	return t
}

// Title is what an untitled document is called in a public schedule.
func Title(kind, sent string) string {
	name := map[string]string{"email": "E-mail", "attachment": "Attachment", "chat_message": "Message of a chat", "note": "Note"}[kind]
	if sent == "" {
		return name
	}
	return fmt.Sprintf("%s of %s", name, inWords(dayOf(sent)))
}
