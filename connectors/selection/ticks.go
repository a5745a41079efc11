package selection

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
)

// TicksSuffix is what a tick-list's file name has after the export's.
const TicksSuffix = ".select.txt"

// digestLine begins the line of a tick-list that says which file it is of.
const digestLine = "# sha256 "

// width is how many characters of a message a tick-list shows.
const width = 160

// letters are the marks of a tick-list, besides the reasons in full.
func letters() map[string]record.Reason {
	return map[string]record.Reason{"p": "personal", "y": "party_political", "c": "constituency", "o": "out_of_scope"}
}

// keep is the mark of a message that stays although its day is marked.
const keep = "k"

// WriteTicks writes the list of an export's messages, a line each, with the day
// before them, for a person to mark.
func WriteTicks(w io.Writer, name string, of record.Digest, e *chat.Export) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, `# What is left out of: %s
%s%s
#
# Put a letter between the brackets of a message, or of a day for all of it:
#   [p] personal   [y] party political   [c] constituency   [o] out of scope
# [ ] is kept; [k] keeps a message of a day that is marked. Change nothing else
# and remove no line. closeroll inspect FILE --select then writes the selection.
`, oneLine(name, 200), digestLine, of)
	days := dayCounts(e)
	last := ""
	for i, m := range e.All() {
		if day := m.Date(); day != last {
			fmt.Fprintf(b, "\n[ ] %s\n", dayLine(day, days[day]))
			last = day
		}
		fmt.Fprintf(b, "[ ] %s\n", messageLine(i+1, m))
	}
	return errors.Join(e.Err(), b.Flush())
}

// dayCounts is how many messages were printed under each day. A day that comes
// again later in the file has a line again.
func dayCounts(e *chat.Export) map[string]int {
	days := make(map[string]int)
	for _, m := range e.All() {
		days[m.Date()]++
	}
	return days
}

func dayLine(day string, n int) string { return fmt.Sprintf("day %s (messages: %d)", day, n) }

// messageLine is a message in one line, as a tick-list shows it.
func messageLine(n int, m *chat.Message) string {
	at := m.Stamp
	if !m.Time.IsZero() {
		at = m.Time.Format("15:04")
	}
	text := m.Text
	for _, a := range m.Attachments {
		text = strings.TrimSpace(text + " <" + a.Name + ">")
	}
	who := m.Sender
	if who == "" {
		who = "-"
	}
	return strings.TrimRight(fmt.Sprintf("%6d  %s  %s: %s", n, oneLine(at, 40), oneLine(who, 60), oneLine(text, width)), " ")
}

// oneLine makes text fit on a line that any editor leaves alone.
func oneLine(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, r < ' ', r >= 0x7f && r < 0xa0, r == 0xa0, r == '\ufeff',
			r >= 0x2000 && r <= 0x200f, r >= 0x2028 && r <= 0x202f, r >= 0x2066 && r <= 0x2069:
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > n {
		s = string([]rune(s)[:n-1]) + "…"
	}
	return s
}

// maxFaults is how many faults of a tick-list are listed.
const maxFaults = 20

// ParseTicks reads a tick-list of this export back. Whatever an editor or a slip
// may have done to it is a fault that names its line: a mark that is none, a line
// that is missing, twice there, changed or added. Only line ends, trailing spaces
// and empty lines may differ.
func ParseTicks(data []byte, of record.Digest, e *chat.Export) (*Selection, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("the list is not UTF-8: save it as UTF-8 text")
	}
	t := ticks{lines: make(map[string]int), dated: make(map[string]string), marks: make([]string, e.Count()), seen: make([]bool, e.Count())}
	t.expect(e)
	if err := e.Err(); err != nil {
		return nil, err
	}
	t.read(strings.TrimPrefix(string(data), "\ufeff"), of)
	for i, seen := range t.seen {
		if !seen {
			t.fault(0, "message %d is missing from the list", i+1)
		}
	}
	if t.faults > maxFaults {
		t.errs = append(t.errs, fmt.Errorf("and %d more", t.faults-maxFaults))
	}
	if t.errs != nil {
		return nil, errors.Join(t.errs...)
	}
	return t.selection(of), nil
}

// ticks is a tick-list being read.
type ticks struct {
	lines  map[string]int    // what follows the brackets: a message's index, or -1 of a day
	dated  map[string]string // days by their lines
	days   []string          // of each message
	marks  []string
	seen   []bool
	day    string   // that is being read
	marked string   // the mark of that day
	under  []string // the mark of each message's day
	errs   []error
	faults int
	digest bool
}

func (t *ticks) expect(e *chat.Export) {
	counts := dayCounts(e)
	t.under = make([]string, e.Count())
	for i, m := range e.All() {
		t.lines[messageLine(i+1, m)] = i
		heading := dayLine(m.Date(), counts[m.Date()])
		t.lines[heading], t.dated[heading] = -1, m.Date()
		t.days = append(t.days, m.Date())
	}
}

func (t *ticks) fault(line int, format string, args ...any) {
	if t.faults++; t.faults > maxFaults {
		return
	}
	err := fmt.Errorf(format, args...)
	if line > 0 {
		err = fmt.Errorf("line %d: %w", line, err)
	}
	t.errs = append(t.errs, err)
}

func (t *ticks) read(text string, of record.Digest) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, " \t\r\n")
		switch digest, is := strings.CutPrefix(line, digestLine); {
		case is && digest != of.String():
			t.fault(n, "the list is of another file: its digest is %s", clip(digest))
			t.digest = true
		case is:
			t.digest = true
		case line == "" || line[0] == '#':
		default:
			t.line(n, line)
		}
	}
	if !t.digest {
		t.fault(0, "the line that begins %q is missing: it says which file the list is of", strings.TrimSpace(digestLine))
	}
}

func (t *ticks) line(n int, line string) {
	rest, bracketed := strings.CutPrefix(line, "[")
	given, rest, closed := strings.Cut(rest, "]")
	rest = strings.TrimPrefix(rest, " ")
	at, known := t.lines[rest]
	if !bracketed || !closed || !known {
		t.fault(n, "this is not a line of the list: change only what is between the brackets")
		return
	}
	mark, ok := readMark(given)
	switch {
	case !ok:
		t.fault(n, "[%s] is no mark: there are [p] [y] [c] [o], [k] and [ ]", clip(given))
	case at < 0 && mark == keep:
		t.fault(n, "[k] keeps a message, not a day: leave the day's brackets empty")
	case at < 0:
		t.day, t.marked = t.dated[rest], mark
	case t.day != t.days[at]:
		t.fault(n, "message %d does not stand under its day, %s", at+1, t.days[at])
	case t.seen[at]:
		t.fault(n, "message %d is in the list twice", at+1)
	}
	if at >= 0 && ok {
		t.seen[at], t.marks[at], t.under[at] = true, mark, t.marked
	} else if at >= 0 {
		t.seen[at] = true
	}
}

// readMark reads what stands between the brackets: a letter or a whole reason.
func readMark(given string) (string, bool) {
	word := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(given), " ", "_"))
	if r, ok := letters()[word]; ok {
		return string(r), true
	}
	return word, word == "" || word == keep || slices.Contains(Reasons(), record.Reason(word))
}

// selection gathers the marks into ranges, by reason in the order of Reasons.
func (t *ticks) selection(of record.Digest) *Selection {
	s := &Selection{Export: of}
	for _, reason := range Reasons() {
		r := Rule{Reason: reason}
		for i := range t.marks {
			mark := t.marks[i]
			if mark == "" {
				mark = t.under[i]
			}
			if mark != string(reason) {
				continue
			}
			if n := len(r.Messages); n > 0 && r.Messages[n-1].Last == i {
				r.Messages[n-1].Last++
			} else {
				r.Messages = append(r.Messages, Range{i + 1, i + 1})
			}
		}
		if r.Messages != nil {
			s.Exclude = append(s.Exclude, r)
		}
	}
	return s
}

// Count is how many messages the selection names by number, by reason.
func (s *Selection) Count() map[record.Reason]int {
	counts := make(map[record.Reason]int)
	for _, r := range s.Exclude {
		for _, m := range r.Messages {
			counts[r.Reason] += m.Last - m.First + 1
		}
	}
	return counts
}
