package whatsapp

import (
	"math"
	"time"
)

// zoneRules finds the hours that the assumed zone has twice or not at all. The
// transitions of a year are looked up once.
type zoneRules struct {
	zone *time.Location
	year map[int][]transition
	day  int64        // the day asked for last, counted from 1970
	near []transition // that touch that day: none, nearly always
}

// A transition is a change of the zone's offset, in wall-clock seconds since
// 1970: clocks that stood at from go on at to.
type transition struct{ from, to int64 }

func newZoneRules(zone *time.Location) *zoneRules {
	if zone == nil || zone == time.UTC {
		return nil
	}
	return &zoneRules{zone: zone, year: make(map[int][]transition), day: math.MinInt64}
}

// again returns rules of the same zone for another goroutine.
func (z *zoneRules) again() *zoneRules {
	if z == nil {
		return nil
	}
	return newZoneRules(z.zone)
}

// note returns "ambiguous" or "nonexistent" for a wall-clock time carried in
// UTC, or the empty string.
func (z *zoneRules) note(t time.Time) string {
	if z == nil || t.IsZero() {
		return ""
	}
	wall := t.Unix()
	if day := wall / daySeconds; day != z.day {
		z.day, z.near = day, z.touching(t.Year(), day)
	}
	for _, c := range z.near {
		if c.to < c.from && wall >= c.to && wall < c.from {
			return "ambiguous"
		}
		if c.to > c.from && wall >= c.from && wall < c.to {
			return "nonexistent"
		}
	}
	return ""
}

const daySeconds = 24 * 60 * 60

// touching returns the transitions of a year that touch a day: those that some
// time of it could be in.
func (z *zoneRules) touching(year int, day int64) (near []transition) {
	changes, ok := z.year[year]
	if !ok {
		changes = z.transitions(year)
		z.year[year] = changes
	}
	for _, c := range changes {
		if max(c.from, c.to) > (day-1)*daySeconds && min(c.from, c.to) < (day+2)*daySeconds {
			near = append(near, c)
		}
	}
	return near
}

// transitions finds a year's changes of offset.
func (z *zoneRules) transitions(year int) []transition {
	var all []transition
	t := time.Date(year, 1, 1, 0, 0, 0, 0, z.zone)
	for len(all) < 8 {
		_, end := t.ZoneBounds()
		if end.IsZero() || end.Year() > year {
			break
		}
		_, old := end.Add(-time.Second).Zone()
		_, now := end.Zone()
		all = append(all, transition{end.Unix() + int64(old), end.Unix() + int64(now)})
		t = end
	}
	return all
}
