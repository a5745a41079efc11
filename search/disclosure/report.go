package disclosure

import (
	"fmt"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
)

// A Report is what was found in one file.
type Report struct {
	File     string        `json:"file"`
	Format   string        `json:"format"` // in words: spreadsheet, PDF, …
	Size     int64         `json:"size"`   // octets
	Digest   record.Digest `json:"sha256"` // of the file that was checked
	Findings []Finding     `json:"findings"`
}

// A Finding is one thing that a file holds and does not show.
type Finding struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"severity"`
	Place    string   `json:"place,omitempty"` // sheet and cells, page, part; of files inside, "outer > inner"
	Count    int      `json:"count,omitempty"` // of rows, cells, notes, … where they were counted
	What     string   `json:"what"`
	Do       string   `json:"do"`
}

// Codes returns the codes of the findings, each once, in the order of [Codes].
func (r Report) Codes() []Code {
	var found []Code
	for _, c := range Codes() {
		if r.has(c) {
			found = append(found, c)
		}
	}
	return found
}

func (r Report) has(c Code) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Code == c })
}

// Counts returns how many findings there are of each code. It is what may be
// journalled of a report.
func (r Report) Counts() map[string]int {
	n := make(map[string]int)
	for _, f := range r.Findings {
		n[string(f.Code)]++
	}
	return n
}

// A RefusedError says that a file has findings that nobody acknowledged.
type RefusedError struct {
	Report Report
	Codes  []Code // that were not acknowledged; not empty
}

// Error says how much was found. It names the file and no place in it.
func (e *RefusedError) Error() string {
	names := make([]string, len(e.Codes))
	for i, c := range e.Codes {
		names[i] = string(c)
	}
	return fmt.Sprintf("%s holds what is not seen: %s", e.Report.File, strings.Join(names, ", "))
}

// Refusal returns nil if every finding of the report is acknowledged by its
// code, and a *[RefusedError] otherwise. Nothing is released in native form
// before it is nil.
func (r Report) Refusal(acknowledged []Code) error {
	var open []Code
	for _, c := range r.Codes() {
		if !slices.Contains(acknowledged, c) {
			open = append(open, c)
		}
	}
	if open == nil {
		return nil
	}
	return &RefusedError{Report: r, Codes: open}
}

// maxFindings bounds a report: a hostile file may have any number of notes.
const maxFindings = 2000

// maxPlace bounds a place, in octets.
const maxPlace = 300

// list collects findings. Those of one code at one place are one.
type list struct {
	findings []Finding
	index    map[[2]string]int
	full     bool
}

// add notes a finding at a place. n is how many there are, 0 if that says
// nothing.
func (l *list) add(c Code, place string, n int) { l.say(c, place, n, "") }

// say notes a finding with something more to say than its rule does.
func (l *list) say(c Code, place string, n int, detail string) {
	place = clean(place)
	key := [2]string{string(c) + detail, place}
	if i, ok := l.index[key]; ok {
		l.findings[i].Count += n
		return
	}
	if len(l.findings) >= maxFindings-1 {
		if !l.full {
			l.full = true
			r := ruleOf(CannotBeChecked)
			l.findings = append(l.findings, Finding{r.code, r.severity, "", 0, "there are more findings than are listed", r.do})
		}
		return
	}
	r := ruleOf(c)
	if detail != "" {
		detail = ": " + clean(detail)
	}
	if l.index == nil {
		l.index = make(map[[2]string]int)
	}
	l.index[key] = len(l.findings)
	l.findings = append(l.findings, Finding{c, r.severity, place, n, r.what + detail, r.do})
}

// sorted returns the findings by their codes, in the order of [Codes].
func (l *list) sorted() []Finding {
	order := make(map[Code]int)
	for i, c := range Codes() {
		order[c] = i
	}
	slices.SortStableFunc(l.findings, func(a, b Finding) int { return order[a.Code] - order[b.Code] })
	if l.findings == nil {
		return []Finding{}
	}
	return l.findings
}

// clean makes what a file calls something fit to be printed.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0xfffd || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
	if len(s) <= maxPlace {
		return s
	}
	return strings.ToValidUTF8(s[:maxPlace], "") + "…"
}
