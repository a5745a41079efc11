package report

import (
	"fmt"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/retention/assurance"
)

// Channels says which channels are used for official business, with whose
// approval, and how much of what is kept came by each (R1).
type Channels struct {
	Head     `json:"head"`
	Volumes  []VolumeLine   `json:"volumes"`
	Register []RegisterLine `json:"register"`
}

// A VolumeLine is how many messages of one custodian are kept that came by one
// channel.
type VolumeLine struct {
	Custodian string         `json:"custodian"`
	Channel   record.Channel `json:"channel"`
	Messages  int64          `json:"messages"`
}

// A RegisterLine is one entry of the register of channels.
type RegisterLine struct {
	Custodian string `json:"custodian"`
	assurance.Channel
}

// Lapsed reports whether the channel is in use and its approval has ended, or
// was to be looked at again, before a day.
func (l RegisterLine) Lapsed(today record.Date) bool {
	past := func(d record.Date) bool { return !d.IsZero() && d.Before(today) }
	return !past(l.Closed) && l.Channel.Channel == record.NonCorporate && (past(l.Until) || past(l.Review))
}

// Lapsed counts the entries whose approval has run out.
func (r *Channels) Lapsed() (n int64) {
	for _, l := range r.Register {
		if l.Lapsed(r.today()) {
			n++
		}
	}
	return n
}

// Total counts the messages that came by a channel.
func (r *Channels) Total(channel record.Channel) (n int64) {
	for _, v := range r.Volumes {
		if v.Channel == channel {
			n += v.Messages
		}
	}
	return n
}

func (r *Channels) lay(d *page.Document) {
	corporate, other := r.Total(record.Corporate), r.Total(record.NonCorporate)
	d.Add(page.Paragraph{Text: fmt.Sprintf("Of the messages that are kept, %s (%s) came by departmental systems and %s (%s) by other channels.",
		page.Thousands(corporate), percent(corporate, corporate+other), page.Thousands(other), percent(other, corporate+other))})
	chart := page.Stack{Title: "Messages kept, by custodian and channel", Unit: "messages", Parts: []string{"departmental", "other channels"}}
	volumes := page.Table{Name: "volumes", Caption: "Messages kept, by custodian and channel", Empty: "Nothing is kept.",
		Columns: []page.Column{{Title: "Custodian"}, {Title: "Channel"}, {Title: "Messages", Number: true}}}
	for _, v := range r.Volumes {
		volumes.Rows = append(volumes.Rows, page.Row(page.Text(v.Custodian), page.Text(channelWords(v.Channel)), page.Number(v.Messages)))
		if n := len(chart.Rows); n == 0 || chart.Rows[n-1].Label != v.Custodian {
			chart.Rows = append(chart.Rows, page.StackRow{Label: v.Custodian, Values: []int64{0, 0}})
		}
		part := 0
		if v.Channel == record.NonCorporate {
			part = 1
		}
		chart.Rows[len(chart.Rows)-1].Values[part] += v.Messages
	}
	if len(chart.Rows) > 0 {
		d.Add(chart)
	}
	d.Add(volumes, page.Heading{Text: "The register"}, r.register())
	if n := r.Lapsed(); n > 0 {
		d.Add(page.Notice{Tone: page.Red, Label: "Approval has run out", Text: plural(n, "channel is", "channels are") + " in the register as in use, and past the day until which it was approved or by which it was to be looked at again."})
	}
}

func (r *Channels) register() page.Table {
	t := page.Table{Name: "register", Caption: "Channels that custodians use for business, as the authority has registered them", Empty: "The configuration registers no channel of any custodian.",
		Columns: []page.Column{{Title: "Custodian"}, {Title: "App"}, {Title: "Channel"}, {Title: "Device"}, {Title: "Reason"}, {Title: "Approved by", Key: "approver"}, {Title: "Until"}, {Title: "Review"}, {Title: "State"}}}
	today := r.today()
	for _, l := range r.Register {
		state := page.Rated(page.Green, "In use")
		switch {
		case !l.Closed.IsZero() && !l.Closed.After(today):
			state = page.Text("Closed " + l.Closed.Long())
		case l.Lapsed(today):
			state = page.Rated(page.Red, "Approval run out")
		}
		t.Rows = append(t.Rows, page.Row(page.Text(l.Custodian), page.Text(l.App), page.Text(channelWords(l.Channel.Channel)), page.Text(l.Device), page.Text(l.Reason),
			page.Text(l.Approver), dateCell(l.Until), dateCell(l.Review), state))
	}
	return t
}

func channelWords(c record.Channel) string {
	switch c {
	case record.Corporate:
		return "departmental"
	case record.NonCorporate:
		return "non-corporate"
	}
	return string(c)
}
