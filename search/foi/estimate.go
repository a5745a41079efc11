package foi

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/closeroll/closeroll/archive/record"
)

// Draw returns a random sample of so many of the items, in their order. Pure:
// the same items, whatever their order, with the same seed give the same
// sample, so that anyone can draw it again.
func Draw(items []string, size int, seed uint64) []string {
	drawn := slices.Clone(items)
	slices.Sort(drawn)
	// math/rand/v2 documents PCG and Shuffle as fixed.
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(drawn), func(i, j int) { drawn[i], drawn[j] = drawn[j], drawn[i] })
	drawn = drawn[:min(size, len(drawn))]
	slices.Sort(drawn)
	return drawn
}

// A Span is a figure with its interval of 95 % confidence.
type Span struct {
	Low  float64 `json:"low"`
	Best float64 `json:"best"`
	High float64 `json:"high"`
}

func (s Span) plus(o Span) Span { return Span{s.Low + o.Low, s.Best + o.Best, s.High + o.High} }

func (s Span) times(f float64) Span { return Span{s.Low * f, s.Best * f, s.High * f} }

// A Part is an activity's share of an estimate.
type Part struct {
	Activity  string  `json:"activity"`
	Countable bool    `json:"countable"` // towards the limit of s.12
	Spent     float64 `json:"spent_minutes"`
	Sample    int     `json:"sample,omitempty"` // extrapolated from this one
	Timed     int     `json:"timed,omitempty"`  // items of it that were timed
	PerItem   float64 `json:"minutes_per_item,omitempty"`
	Minutes   Span    `json:"minutes"` // spent and extrapolated
}

// An Estimate says what answering a request takes. Two totals: the activities
// that s.12 counts, and all, which s.14(1) may weigh as a burden.
type Estimate struct {
	Items       int      `json:"items"` // of the set, context apart
	Parts       []Part   `json:"parts"`
	Countable   Span     `json:"countable_hours"`
	Burden      Span     `json:"burden_hours"`
	Cost        Span     `json:"cost_pounds"` // of the countable hours
	LimitPounds int      `json:"limit_pounds"`
	LimitHours  float64  `json:"limit_hours"`
	Verdict     string   `json:"verdict"` // within, over, unclear, or none where there is no limit
	Related     []Shared `json:"related,omitempty"`
	Together    float64  `json:"together_hours,omitempty"` // with those within the window
	Notices     []string `json:"notices,omitempty"`
}

// Shared is a request of the same person or campaign.
type Shared struct {
	Ref         string  `json:"ref"`
	WorkingDays int     `json:"working_days"` // between the two receipts
	Within      bool    `json:"within"`       // the window in which they are added up
	Hours       float64 `json:"countable_hours"`
}

// Estimate reckons what answering r takes: the time logged, and what timed
// samples say of the whole set.
func (c *Costs) Estimate(r *Request, items int, a Authority) Estimate {
	e := Estimate{Items: items, Verdict: "none"}
	for _, activity := range Activities() {
		part := Part{Activity: activity, Countable: slices.Contains(Countable(), activity)}
		sampled := r.timed(activity, &part)
		for _, w := range r.Work {
			if w.Activity == activity && w.Sample == 0 {
				part.Spent += w.Minutes
			}
		}
		part.Minutes = Span{part.Spent, part.Spent, part.Spent}.plus(extrapolate(sampled, items, &part))
		if part.Minutes.Best == 0 {
			continue
		}
		if part.Timed == 1 {
			e.Notices = append(e.Notices, fmt.Sprintf("only one item was timed for %s: time more of the sample, or there is no interval", activity))
		}
		e.Parts = append(e.Parts, part)
		e.Burden = e.Burden.plus(part.Minutes.times(1 / 60.0))
		if part.Countable {
			e.Countable = e.Countable.plus(part.Minutes.times(1 / 60.0))
		}
	}
	if r.Kind == FOI {
		e.limit(c, r.Received, a)
	} else {
		e.Notices = append(e.Notices, noLimit(r.Kind))
	}
	return e
}

func noLimit(k Kind) string {
	if k == EIR {
		return "the Environmental Information Regulations have no cost limit: reg 12(4)(b) weighs the burden against the public interest"
	}
	return "subject access has no cost limit: only what is manifestly unfounded or excessive may be refused (Article 12(5))"
}

// timed returns the minutes of the items that were timed for an activity, of
// the newest sample that has any.
func (r *Request) timed(activity string, part *Part) []float64 {
	perItem := make(map[string]float64)
	for i := len(r.Samples); i > 0 && len(perItem) == 0; i-- {
		for _, w := range r.Work {
			if w.Sample == i && w.Activity == activity {
				perItem[w.Item] += w.Minutes
				part.Sample = i
			}
		}
	}
	var minutes []float64
	for _, m := range perItem {
		minutes = append(minutes, m)
	}
	slices.Sort(minutes)
	part.Timed = len(minutes)
	return minutes
}

// extrapolate reckons from the times of some items to all: the mean, with the
// interval of Student's distribution and the correction for a finite whole.
func extrapolate(minutes []float64, items int, part *Part) Span {
	n := float64(len(minutes))
	if n == 0 {
		return Span{}
	}
	var sum, squares float64
	for _, m := range minutes {
		sum += m
	}
	mean := sum / n
	for _, m := range minutes {
		squares += (m - mean) * (m - mean)
	}
	part.PerItem = mean
	all := float64(max(items, len(minutes)))
	half := 0.0
	if n > 1 {
		half = student(len(minutes)-1) * math.Sqrt(squares/(n-1)/n) * math.Sqrt(1-n/all)
	}
	return Span{math.Max(sum, all*(mean-half)), all * mean, all * (mean + half)}
}

// student returns the 97.5 % quantile of Student's t distribution.
func student(df int) float64 {
	table := []float64{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086}
	if df <= len(table) {
		return table[df-1]
	}
	return 1.96 + 2.4/float64(df) // within 0.2 % of the exact value from 21 degrees on
}

// limit sets the cost against the appropriate limit.
func (e *Estimate) limit(c *Costs, received record.Date, a Authority) {
	e.LimitPounds, e.LimitHours = c.Limit(a, received)
	e.Cost = e.Countable.times(float64(c.at(costRate, received).Pounds))
	switch {
	case e.Parts == nil:
		e.Verdict = "none"
	case e.Countable.Low > e.LimitHours:
		e.Verdict = "over"
	case e.Countable.High <= e.LimitHours:
		e.Verdict = "within"
	default:
		e.Verdict = "unclear"
	}
}

// Aggregate adds up requests of the same person or campaign: those received
// within the window of SI 2004/3244, regulation 5.
func (e *Estimate) Aggregate(b *Book, c *Costs, r *Request, others []*Request, hours map[string]float64) {
	rule := c.at(costAggregation, r.Received)
	e.Together = e.Countable.Best
	for _, o := range others {
		from, to := r.Received, o.Received
		if to.Before(from) {
			from, to = to, from
		}
		s := Shared{Ref: o.Ref, WorkingDays: b.WorkingDays(FOI, from, to), Hours: hours[o.Ref]}
		if s.Within = r.Kind == FOI && o.Kind == FOI && s.WorkingDays < rule.WorkingDays; s.Within {
			e.Together += s.Hours
		}
		e.Related = append(e.Related, s)
	}
	if e.LimitHours > 0 && e.Together > e.LimitHours && e.Countable.Best <= e.LimitHours {
		e.Notices = append(e.Notices, fmt.Sprintf("together with related requests within %d working days it takes %.1f hours, over the limit: they may be added up if they ask for the same or similar information (reg 5)", rule.WorkingDays, e.Together))
	}
}
