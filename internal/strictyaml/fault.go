package strictyaml

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Fault is one thing wrong with a file.
type Fault struct {
	Path string // of the key, as classes[3].period; empty: the file as a whole
	Line int    // from 1; 0 if unknown
	Text string // what is wrong, and what would be right
}

// String returns "line 12: classes[3].period: …".
func (f Fault) String() string {
	var b strings.Builder
	if f.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", f.Line)
	}
	if f.Path != "" {
		b.WriteString(f.Path + ": ")
	}
	b.WriteString(f.Text)
	return b.String()
}

// Faults is everything wrong with a file, in the order of its lines. As an
// error it prints one line per fault.
type Faults []Fault

// Error implements error.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// A Report gathers the faults of one file while it is decoded and validated.
type Report struct {
	faults Faults
	lines  map[string]int
	unread bool
}

// Unread reports whether the file could not be read as YAML at all, so that
// there is nothing to validate.
func (r *Report) Unread() bool { return r.unread }

// Has reports whether the file has a key with this path.
func (r *Report) Has(path string) bool { _, ok := r.lines[path]; return ok }

// Add notes a fault at the key with this path; its line is the key's or that
// of the nearest key above it that the file has.
func (r *Report) Add(path, format string, args ...any) {
	r.faults = append(r.faults, Fault{path, r.line(path), fmt.Sprintf(format, args...)})
}

func (r *Report) line(path string) int {
	for p := path; p != ""; p = p[:max(strings.LastIndexAny(p, ".["), 0)] {
		if n, ok := r.lines[p]; ok {
			return n
		}
	}
	return 0
}

// Faulty reports whether a fault is already noted at the path or below it, so
// that validation need not complain a second time.
func (r *Report) Faulty(path string) bool {
	return slices.ContainsFunc(r.faults, func(f Fault) bool {
		rest, ok := strings.CutPrefix(f.Path, path)
		return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// Err returns all faults as [Faults], or nil if there are none.
func (r *Report) Err() error {
	if len(r.faults) == 0 {
		return nil
	}
	sorted := slices.Clone(r.faults)
	slices.SortStableFunc(sorted, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return sorted
}

// Nearest returns the word of known that s was probably meant to be, or "".
func Nearest(s string, known []string) string {
	best, at := "", 1+min((len(s)+2)/3, 3)
	for _, k := range known {
		if d := distance(s, k); d < at {
			best, at = k, d
		}
	}
	return best
}

// distance is the Levenshtein distance in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			next := min(row[j], row[j+1]) + 1
			if a[i] == b[j] {
				next = min(next, diagonal)
			} else {
				next = min(next, diagonal+1)
			}
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
