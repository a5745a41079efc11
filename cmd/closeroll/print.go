package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// A printer writes what people read: plain text with two spaces of margin,
// bold only on a terminal that wants colour.
type printer struct {
	w     io.Writer
	plain bool
	width int
}

// print returns a printer on stdout. Colour is for terminals only, and for
// those without NO_COLOR (no-color.org).
func (e *env) print() *printer {
	width := e.columns
	if width == 0 {
		width = 100
	}
	return &printer{w: e.stdout, plain: e.columns == 0 || e.getenv("NO_COLOR") != "" || e.getenv("TERM") == "dumb", width: width}
}

func (p *printer) line(format string, args ...any) { fmt.Fprintf(p.w, format+"\n", args...) }

// field prints a labelled line, "  label     text", in the manner of the demo.
func (p *printer) field(label, format string, args ...any) {
	fmt.Fprintf(p.w, "  %s %s\n", p.dim(fmt.Sprintf("%-9s", label)), fmt.Sprintf(format, args...))
}

// fields prints labelled lines whose labels are as long as they need to be.
func (p *printer) fields(lines [][2]string) {
	width := 9
	for _, l := range lines {
		width = max(width, utf8.RuneCountInString(l[0]))
	}
	for _, l := range lines {
		p.line("  %s %s", p.dim(fmt.Sprintf("%-*s", width, l[0])), l[1])
	}
}

// wrap breaks text into lines of no more than width characters, at spaces.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimLeft(line+" "+word, " ")
	}
	return append(lines, line)
}

func (p *printer) bold(s string) string { return p.style("1", s) }
func (p *printer) dim(s string) string  { return p.style("2", s) }
func (p *printer) mark(s string) string { return p.style("1;33", s) }

func (p *printer) style(code, s string) string {
	if p.plain || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// table prints rows in aligned columns under a heading.
func (p *printer) table(heading []string, rows [][]string) {
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, r := range append([][]string{heading}, rows...) {
		fmt.Fprintf(tw, "  %s\n", strings.Join(r, "\t"))
	}
	tw.Flush()
	for line := range strings.Lines(b.String()) {
		p.line("%s", strings.TrimRight(line, " \n"))
	}
}

// jsonFlag is the flag of the verbs that print data.
func jsonFlag(cmd *cobra.Command, asJSON *bool) {
	cmd.Flags().BoolVar(asJSON, "json", false, "print JSON")
}

// writeJSON prints v for machines: one indented document.
func (e *env) writeJSON(v any) error {
	enc := json.NewEncoder(e.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// day and moment print a time as a person in the archive's zone writes it.
func day(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "undated"
	}
	return t.In(zone).Format("2 Jan 2006")
}

func moment(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "undated"
	}
	return t.In(zone).Format("2 Jan 2006 15:04")
}

// count writes a number with its noun: 1 record, 2 records, 4,000 records.
func count[N int | int64 | uint64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// thousands writes a number with commas.
func thousands[N int | int64 | uint64](n N) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// octets writes a size as people do.
func octets(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000*1000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1000*1000*1000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// clip shortens s to n characters, and keeps control characters, which a
// hostile subject may hold, from the terminal.
func clip(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:n-1]), " ") + "…"
}
