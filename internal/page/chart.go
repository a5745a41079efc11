package page

import (
	"fmt"
	"strings"
)

// Bars is a chart of one number for each of several things, as horizontal
// bars, longest name first if the caller orders them so. Unit follows each
// number in the description: records.
type Bars struct {
	Title string
	Unit  string
	Bars  []Bar
}

// A Bar is one thing and its number, which is not negative.
type Bar struct {
	Label string
	Value int64
}

// Stack is a chart of horizontal bars that are made up of the same parts, at
// most four. Each row has a value for every part.
type Stack struct {
	Title string
	Unit  string
	Parts []string
	Rows  []StackRow
}

// A StackRow is one bar of a stack.
type StackRow struct {
	Label  string
	Values []int64
}

// Line is a chart of a number over time, with what it is expected to become:
// the forecast continues after the last point and is drawn dashed, between its
// low and high estimate.
type Line struct {
	Title    string
	Unit     string
	Points   []Bar
	Forecast []Estimate
}

// An Estimate is a forecast number with the range that it is expected in.
type Estimate struct {
	Label            string
	Value, Low, High int64
}

// Histogram is a chart of how many there are in each of several ranges that
// follow one another, as columns.
type Histogram struct {
	Title string
	Unit  string
	Bins  []Bar
}

func (Bars) block()      {}
func (Stack) block()     {}
func (Line) block()      {}
func (Histogram) block() {}

// A chart is a block that is drawn.
type chart interface {
	Block
	title() string
	describe() string            // everything that it shows, in words
	draw(width float64) *drawing // in units of which a line of text is 14 high
	lines() []textBar            // for a terminal
}

// A textBar is a line of a chart on a terminal.
type textBar struct {
	label string
	value int64
	note  string // after the number
}

func (c Bars) title() string      { return c.Title }
func (c Stack) title() string     { return c.Title }
func (c Line) title() string      { return c.Title }
func (c Histogram) title() string { return c.Title }

func (c Bars) describe() string { return "Bar chart. " + enumerate(c.Bars, c.Unit) }

func (c Histogram) describe() string { return "Histogram. " + enumerate(c.Bins, c.Unit) }

func (c Stack) describe() string {
	var rows []string
	for _, r := range c.Rows {
		var parts []string
		for i, v := range r.Values {
			parts = append(parts, c.part(i)+" "+Thousands(v))
		}
		rows = append(rows, r.Label+": "+strings.Join(parts, ", "))
	}
	return "Stacked bar chart, in " + c.Unit + ". " + strings.Join(rows, "; ") + "."
}

func (c Stack) part(i int) string {
	if i < len(c.Parts) {
		return c.Parts[i]
	}
	return "other"
}

func (c Line) describe() string {
	text := "Line chart. " + enumerate(c.Points, c.Unit)
	for i, f := range c.Forecast {
		lead := ""
		if i == 0 {
			lead = " Forecast: "
		}
		text += fmt.Sprintf("%s%s: %s (%s to %s). ", lead, f.Label, Thousands(f.Value), Thousands(f.Low), Thousands(f.High))
	}
	return strings.TrimSpace(text)
}

func enumerate(bars []Bar, unit string) string {
	if len(bars) == 0 {
		return "There is nothing to show."
	}
	var parts []string
	for _, b := range bars {
		parts = append(parts, b.Label+": "+Thousands(b.Value))
	}
	return strings.TrimSpace("In "+unit) + ": " + strings.Join(parts, "; ") + "."
}

func (c Bars) lines() []textBar      { return plainBars(c.Bars) }
func (c Histogram) lines() []textBar { return plainBars(c.Bins) }

func plainBars(bars []Bar) []textBar {
	lines := make([]textBar, len(bars))
	for i, b := range bars {
		lines[i] = textBar{label: b.Label, value: b.Value}
	}
	return lines
}

func (c Stack) lines() []textBar {
	var lines []textBar
	for _, r := range c.Rows {
		var sum int64
		var parts []string
		for i, v := range r.Values {
			sum += v
			if v > 0 {
				parts = append(parts, c.part(i)+" "+Thousands(v))
			}
		}
		lines = append(lines, textBar{label: r.Label, value: sum, note: strings.Join(parts, " · ")})
	}
	return lines
}

func (c Line) lines() []textBar {
	lines := plainBars(c.Points)
	for _, f := range c.Forecast {
		lines = append(lines, textBar{label: f.Label, value: f.Value, note: fmt.Sprintf("forecast, %s to %s", Thousands(f.Low), Thousands(f.High))})
	}
	return lines
}

// largest returns the greatest value, at least 1.
func largest(bars []textBar) int64 {
	var most int64 = 1
	for _, b := range bars {
		most = max(most, b.value)
	}
	return most
}
