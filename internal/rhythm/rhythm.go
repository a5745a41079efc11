// Package rhythm tells a source that has fallen silent from one that is merely
// quiet: by its own history, hour of the week against the same hour of the weeks
// before, so that nights, weekends and a part-timer's Fridays are no alarm.
//
// The rule, for the time since the last new item: of the last twelve weeks, at
// least four must be known from their beginning; in each of them the same hours
// of the week brought at least three new items, and on average at least ten. A
// source that keeps to its rhythm breaks this rule by chance less than once in
// twenty thousand times if its items come independently, and seldom otherwise; a
// bank holiday can.
package rhythm

import (
	"fmt"
	"time"
)

// The rule's figures.
const (
	Weeks      = 12 // looked back at
	LeastWeeks = 4  // that must be known
	LeastItems = 3  // in the same hours of every week
	MeanItems  = 10 // in the same hours on average
)

const week = 7 * 24 * time.Hour

// An Hour is an hour that brought new items.
type Hour struct {
	Began time.Time // the beginning of a clock hour
	Items int64
}

// History is how far back hours must be known to judge a silence since last.
func History(last time.Time) time.Time { return last.Add(-Weeks * week) }

// A Silence is what is unusual about the time since the last item.
type Silence struct {
	Since time.Time
	Weeks int   // that were compared
	Least int64 // items in the same hours of the quietest week
	Mean  int64 // items in the same hours on average
}

// String says it in a sentence.
func (s Silence) String() string {
	return fmt.Sprintf("nothing new since %s; the same hours brought %d on average in the last %d weeks, and never fewer than %d",
		s.Since.UTC().Format("2006-01-02 15:04 MST"), s.Mean, s.Weeks, s.Least)
}

// Silent judges the time from the last item to now. hours are those that
// brought new items, oldest first, since History(last) at least. Only whole
// clock hours count.
func Silent(hours []Hour, last, now time.Time) (Silence, bool) {
	if len(hours) == 0 || !last.Before(now) {
		return Silence{}, false
	}
	s := Silence{Since: last}
	var total int64
	for k := 1; k <= Weeks; k++ {
		from, to := last.Add(-time.Duration(k)*week), now.Add(-time.Duration(k)*week)
		if from.Before(hours[0].Began) {
			break
		}
		n := within(hours, from, to)
		if s.Weeks++; s.Weeks == 1 || n < s.Least {
			s.Least = n
		}
		total += n
	}
	if s.Weeks < LeastWeeks {
		return s, false
	}
	s.Mean = total / int64(s.Weeks)
	return s, s.Least >= LeastItems && s.Mean >= MeanItems
}

// within adds up the items of the clock hours that lie wholly within a time.
func within(hours []Hour, from, to time.Time) (n int64) {
	for _, h := range hours {
		if !h.Began.Before(from) && !h.Began.Add(time.Hour).After(to) {
			n += h.Items
		}
	}
	return n
}
