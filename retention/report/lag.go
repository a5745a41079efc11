package report

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/retention/assurance"
)

// Lag says how long messages took to reach the archive after they were sent
// (R2), of what was captured in the period.
type Lag struct {
	Head  `json:"head"`
	Lines []LagLine `json:"lines"`
}

// A LagLine is the transfer lag of one custodian and channel.
type LagLine struct {
	Custodian string         `json:"custodian"`
	Channel   record.Channel `json:"channel"`
	assurance.Lag
}

// Compare orders lines by custodian and channel.
func (l LagLine) Compare(o LagLine) int {
	return cmp.Or(cmp.Compare(l.Custodian, o.Custodian), cmp.Compare(l.Channel, o.Channel))
}

// WithinTarget adds up the messages of custodians with a target, and those of
// them that came in time.
func (r *Lag) WithinTarget() (within, of int64) {
	for _, l := range r.Lines {
		if !l.Target.IsZero() {
			within, of = within+int64(l.Within), of+int64(l.Messages)
		}
	}
	return within, of
}

func (r *Lag) lay(d *page.Document) {
	t := page.Table{Name: "lags", Caption: "How long messages that were captured in this time took after they were sent", Empty: "No message was captured in this time.",
		Columns: []page.Column{{Title: "Custodian"}, {Title: "Channel"}, {Title: "Messages", Number: true}, {Title: "Median", Key: "median_seconds", Number: true}, {Title: "95 %", Key: "p95_seconds", Number: true},
			{Title: "Longest", Key: "max_seconds", Number: true}, {Title: "Target"}, {Title: "Within it", Key: "within_target", Number: true}, {Title: "Undated", Number: true}}}
	unit, name := r.unit()
	chart := page.Bars{Title: "Half of the messages were captured within so many " + name + ", by custodian and channel", Unit: name}
	for _, l := range r.Lines {
		target, within := page.Text("none"), page.Text("–")
		if !l.Target.IsZero() {
			target = page.Cell{Text: l.Target.Words(), Raw: l.Target.String()}
			within = page.Cell{Text: percent(int64(l.Within), int64(l.Messages)), Raw: page.Number(l.Within).Raw}
		}
		t.Rows = append(t.Rows, page.Row(page.Text(l.Custodian), page.Text(channelWords(l.Channel)), page.Number(l.Messages), spanCell(l.Median), spanCell(l.P95), spanCell(l.Max), target, within, page.Number(l.Undated)))
		if l.Messages > 0 {
			chart.Bars = append(chart.Bars, page.Bar{Label: l.Custodian + ", " + channelWords(l.Channel), Value: int64((l.Median.Duration() + unit - 1) / unit)})
		}
	}
	if chart.Bars != nil {
		d.Add(chart)
	}
	d.Add(t, page.Paragraph{Soft: true, Text: "The targets are the authority’s own: no law gives a number of days. Median and 95 % are exact, by nearest rank; a message is counted when it was first captured of its custodian and channel."})
}

// unit is what the chart is in: hours, or days where half of somebody's messages
// took longer than two.
func (r *Lag) unit() (time.Duration, string) {
	for _, l := range r.Lines {
		if l.Median.Duration() > 48*time.Hour {
			return 24 * time.Hour, "days"
		}
	}
	return time.Hour, "hours"
}

// spanCell writes a length of time in its largest unit.
func spanCell(s assurance.Seconds) page.Cell {
	text := fmt.Sprintf("%d s", s)
	switch d := s.Duration(); {
	case d >= 100*24*time.Hour:
		text = page.Thousands(int64(math.Round(d.Hours()/24))) + " days"
	case d >= 48*time.Hour:
		text = fmt.Sprintf("%.1f days", d.Hours()/24)
	case d >= time.Hour:
		text = fmt.Sprintf("%.1f h", d.Hours())
	case d >= time.Minute:
		text = fmt.Sprintf("%.0f min", d.Minutes())
	}
	return page.Cell{Text: text, Raw: page.Number(int64(s)).Raw}
}
