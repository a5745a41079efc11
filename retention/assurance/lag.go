package assurance

import (
	"math"
	"slices"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
)

// Lags measures the transfer lag: how long after they were sent messages were
// captured. It keeps every lag, to the second and in four octets, so that what
// it says is exact. [NewLags] makes one; it is for one goroutine.
type Lags struct {
	target  retention.Period
	zone    *time.Location
	seconds []uint32
	within  int
	undated int

	from, until, deadline time.Time // of the day that the last message was sent on
}

// NewLags returns an empty measure. A message is within the target if it was
// captured by the end of the day on which the target ends when it runs from
// the day of sending, in the zone; a zero target is none.
func NewLags(target retention.Period, zone *time.Location) *Lags {
	return &Lags{target: target, zone: zone}
}

// Add adds a message. One whose time of sending is unknown is only counted. A
// message whose phone's clock was ahead has no lag, not a negative one.
func (l *Lags) Add(sent, captured time.Time) {
	if sent.IsZero() {
		l.undated++
		return
	}
	lag := max(0, captured.Sub(sent)/time.Second)
	l.seconds = append(l.seconds, uint32(min(lag, math.MaxUint32)))
	if !l.target.IsZero() && captured.Before(l.limit(sent)) {
		l.within++
	}
}

// limit is the end of the last day in time. Messages come in the order of
// their capture, and so mostly by the day: the last one's answer is kept.
func (l *Lags) limit(sent time.Time) time.Time {
	if sent.Before(l.from) || !sent.Before(l.until) {
		day := record.DateOf(sent, l.zone)
		l.from, l.until = day.Start(l.zone), day.AddDays(1).Start(l.zone)
		l.deadline = l.target.After(day).AddDays(1).Start(l.zone)
	}
	return l.deadline
}

// A Lag sums up how long messages took to reach the archive. Median and P95 are
// by nearest rank: the least lag that at least half, or 95 in 100, of the
// messages do not exceed. All are exact to the second.
type Lag struct {
	Messages int              `json:"messages"` // with a time of sending
	Undated  int              `json:"undated"`  // without one that can be relied on: in nothing below
	Median   Seconds          `json:"median_seconds"`
	P95      Seconds          `json:"p95_seconds"`
	Max      Seconds          `json:"max_seconds"`
	Target   retention.Period `json:"target,omitzero"`
	Within   int              `json:"within_target"` // of Messages; 0 without a target
}

// Seconds is a whole number of seconds.
type Seconds int64

// Duration returns s as a duration.
func (s Seconds) Duration() time.Duration { return time.Duration(s) * time.Second }

// Share is the part of the messages that is within the target, from 0 to 1,
// and 1 of none.
func (l Lag) Share() float64 {
	if l.Messages == 0 {
		return 1
	}
	return float64(l.Within) / float64(l.Messages)
}

// Lag sums up what was added.
func (l *Lags) Lag() Lag {
	slices.Sort(l.seconds)
	out := Lag{Messages: len(l.seconds), Undated: l.undated, Target: l.target, Within: l.within}
	if n := len(l.seconds); n > 0 {
		rank := func(of100 int) Seconds { return Seconds(l.seconds[(n*of100+99)/100-1]) }
		out.Median, out.P95, out.Max = rank(50), rank(95), rank(100)
	}
	return out
}
