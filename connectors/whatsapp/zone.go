package whatsapp

import (
	"time"

	"github.com/closeroll/closeroll/connectors/chat"
)

// zoneRules finds the hours that the assumed zone has twice or not at all. The
// transitions of a year are looked up once.
type zoneRules struct {
	zone *time.Location
	year map[int][]transition
}

// A transition is a change of the zone's offset, in wall-clock seconds since
// 1970: clocks that stood at from go on at to.
type transition struct{ from, to int64 }

func newZoneRules(zone *time.Location) *zoneRules {
	if zone == nil || zone == time.UTC {
		return nil
	}
	return &zoneRules{zone: zone, year: make(map[int][]transition)}
}

// note returns "ambiguous" or "nonexistent" for a wall-clock time carried in
// UTC, or the empty string.
func (z *zoneRules) note(t time.Time) string {
	if z == nil || t.IsZero() {
		return ""
	}
	y := t.Year()
	changes, ok := z.year[y]
	if !ok {
		changes = z.transitions(y)
		z.year[y] = changes
	}
	wall := t.Unix()
	for _, c := range changes {
		if c.to < c.from && wall >= c.to && wall < c.from {
			return "ambiguous"
		}
		if c.to > c.from && wall >= c.from && wall < c.to {
			return "nonexistent"
		}
	}
	return ""
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

// noteZone flags a message whose stamp the assumed zone has twice or never. A
// stamp that cannot be proves that the phone was in another zone.
func (rd *reader) noteZone(m *chat.Message) {
	m.ZoneNote = rd.zone.note(m.Time)
}
