package selection

import (
	"bufio"
	"cmp"
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

// WriteTicks writes the list of the messages of a file's exports, a line each,
// with the day before them, and the chat where there are several, for a person to
// mark.
func WriteTicks(w io.Writer, name string, of record.Digest, exports []*chat.Export) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, `# What is left out of: %s
%s%s
#
# Put a letter between the brackets of a message, or of a day for all of it:
#   [p] personal   [y] party political   [c] constituency   [o] out of scope
# [ ] is kept; [k] keeps a message of a day that is marked. Change nothing else
# and remove no line. closeroll inspect FILE --select then writes the selection.
`, oneLine(name, 200), digestLine, of)
	var errs []error
	for n, e := range exports {
		if len(exports) > 1 {
			if n == 0 {
				b.WriteString("# A letter in the brackets of a chat is for all of it.\n")
			}
			fmt.Fprintf(b, "\n\n[ ] %s\n", chatLine(n+1, e))
		}
		days := dayCounts(e)
		last := ""
		for i, m := range e.All() {
			if day := m.Date(); day != last {
				fmt.Fprintf(b, "\n[ ] %s\n", dayLine(day, days[day]))
				last = day
			}
			fmt.Fprintf(b, "[ ] %s\n", messageLine(i+1, m))
		}
		errs = append(errs, e.Err())
	}
	return errors.Join(append(errs, b.Flush())...)
}

// chatLine is the heading of the nth chat of a file.
func chatLine(n int, e *chat.Export) string {
	return strings.TrimRight(fmt.Sprintf("chat %d (messages: %d): %s", n, e.Count(), oneLine(e.Title, 100)), " ")
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

// ParseTicks reads a tick-list of these exports back. Whatever an editor or a slip
// may have done to it is a fault that names its line: a mark that is none, a line
// that is missing, twice there, changed or added. Only line ends, trailing spaces
// and empty lines may differ.
func ParseTicks(data []byte, of record.Digest, exports []*chat.Export) (*Selection, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("the list is not UTF-8: save it as UTF-8 text")
	}
	l := list{headings: make(map[string]int)}
	for n, e := range exports {
		l.chats = append(l.chats, expect(e))
		if err := e.Err(); err != nil {
			return nil, err
		}
		if len(exports) > 1 {
			l.headings[chatLine(n+1, e)] = n
		}
	}
	l.read(strings.TrimPrefix(string(data), "\ufeff"), of)
	l.complete()
	if l.faults > maxFaults {
		l.errs = append(l.errs, fmt.Errorf("and %d more", l.faults-maxFaults))
	}
	if l.errs != nil {
		return nil, errors.Join(l.errs...)
	}
	s := &Selection{Export: of}
	for n, t := range l.chats {
		rules := t.rules()
		for i := range rules {
			if len(exports) > 1 {
				rules[i].Chat = n + 1
			}
		}
		s.Exclude = append(s.Exclude, rules...)
	}
	return s, nil
}

// list is a tick-list being read.
type list struct {
	chats    []*ticks
	headings map[string]int // of several chats: the index by the heading
	at       int            // the chat that is being read
	begun    bool           // the heading of a chat was met
	errs     []error
	faults   int
	digest   bool
}

// ticks is the part of a list that is about one chat.
type ticks struct {
	lines  map[string]int    // what follows the brackets: a message's index, or -1 of a day
	dated  map[string]string // days by their lines
	days   []string          // of each message
	marks  []string
	seen   []bool
	day    string   // that is being read
	marked string   // the mark of that day
	all    string   // the mark of the chat
	headed bool     // its heading was met
	under  []string // the mark of each message's day
}

func expect(e *chat.Export) *ticks {
	t := &ticks{lines: make(map[string]int), dated: make(map[string]string), marks: make([]string, e.Count()),
		seen: make([]bool, e.Count()), under: make([]string, e.Count())}
	counts := dayCounts(e)
	for i, m := range e.All() {
		t.lines[messageLine(i+1, m)] = i
		heading := dayLine(m.Date(), counts[m.Date()])
		t.lines[heading], t.dated[heading] = -1, m.Date()
		t.days = append(t.days, m.Date())
	}
	return t
}

func (l *list) fault(line int, format string, args ...any) {
	if l.faults++; l.faults > maxFaults {
		return
	}
	err := fmt.Errorf(format, args...)
	if line > 0 {
		err = fmt.Errorf("line %d: %w", line, err)
	}
	l.errs = append(l.errs, err)
}

// complete wants every message of every chat to be in the list.
func (l *list) complete() {
	for n, t := range l.chats {
		for i, seen := range t.seen {
			switch {
			case seen:
			case len(l.chats) > 1:
				l.fault(0, "message %d of chat %d is missing from the list", i+1, n+1)
			default:
				l.fault(0, "message %d is missing from the list", i+1)
			}
		}
	}
	if !l.digest {
		l.fault(0, "the line that begins %q is missing: it says which file the list is of", strings.TrimSpace(digestLine))
	}
}

func (l *list) read(text string, of record.Digest) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, " \t\r\n")
		switch digest, is := strings.CutPrefix(line, digestLine); {
		case is && digest != of.String():
			l.fault(n, "the list is of another file: its digest is %s", clip(digest))
			l.digest = true
		case is:
			l.digest = true
		case line == "" || line[0] == '#':
		default:
			l.line(n, line)
		}
	}
}

func (l *list) line(n int, line string) {
	rest, bracketed := strings.CutPrefix(line, "[")
	given, rest, closed := strings.Cut(rest, "]")
	rest = strings.TrimPrefix(rest, " ")
	mark, ok := readMark(given)
	heading, headed := l.headings[rest]
	t := l.chats[l.at]
	at, known := t.lines[rest]
	switch {
	case !bracketed || !closed || !headed && (!known || len(l.chats) > 1 && !l.begun):
		l.fault(n, "this is not a line of the list: change only what is between the brackets")
		return
	case !ok:
		l.fault(n, "[%s] is no mark: there are [p] [y] [c] [o], [k] and [ ]", clip(given))
	case headed && mark == keep, !headed && at < 0 && mark == keep:
		l.fault(n, "[k] keeps a message, not a day or a chat: leave the brackets empty")
	}
	if headed {
		l.chat(n, heading, mark)
		return
	}
	switch {
	case at < 0:
		t.day, t.marked = t.dated[rest], mark
		return
	case t.day != t.days[at]:
		l.fault(n, "message %d does not stand under its day, %s", at+1, t.days[at])
	case t.seen[at]:
		l.fault(n, "message %d is in the list twice", at+1)
	}
	t.seen[at], t.marks[at], t.under[at] = true, mark, t.marked
}

// chat begins the part of the list that is about a chat.
func (l *list) chat(n, heading int, mark string) {
	t := l.chats[heading]
	if t.headed {
		l.fault(n, "chat %d is in the list twice", heading+1)
	}
	t.headed, t.all, t.day, t.marked = true, mark, "", ""
	l.at, l.begun = heading, true
}

// readMark reads what stands between the brackets: a letter or a whole reason.
func readMark(given string) (string, bool) {
	word := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(given), " ", "_"))
	if r, ok := letters()[word]; ok {
		return string(r), true
	}
	return word, word == "" || word == keep || slices.Contains(Reasons(), record.Reason(word))
}

// rules gathers the marks into ranges, by reason in the order of Reasons. A
// message's own mark goes before its day's, and that before its chat's.
func (t *ticks) rules() []Rule {
	var rules []Rule
	for _, reason := range Reasons() {
		r := Rule{Reason: reason}
		for i := range t.marks {
			if cmp.Or(t.marks[i], t.under[i], t.all) != string(reason) {
				continue
			}
			if n := len(r.Messages); n > 0 && r.Messages[n-1].Last == i {
				r.Messages[n-1].Last++
			} else {
				r.Messages = append(r.Messages, Range{i + 1, i + 1})
			}
		}
		if r.Messages != nil {
			rules = append(rules, r)
		}
	}
	return rules
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
