package foi

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A Jurisdiction is one of those that gov.uk publishes bank holidays for.
type Jurisdiction string

// The jurisdictions.
const (
	EnglandAndWales Jurisdiction = "england-and-wales"
	Scotland        Jurisdiction = "scotland"
	NorthernIreland Jurisdiction = "northern-ireland"
)

func (j Jurisdiction) name() string {
	switch j {
	case EnglandAndWales:
		return "England and Wales"
	case Scotland:
		return "Scotland"
	}
	return "Northern Ireland"
}

// A Calendar knows the bank holidays of the three jurisdictions, as far as its
// table goes. It never changes.
type Calendar struct {
	days        map[record.Date]map[Jurisdiction]string // titles
	first, last record.Date
}

// maxCalendar bounds the table, in bytes.
const maxCalendar = 1 << 20

// ParseCalendar reads bank holidays in the form of gov.uk's
// bank-holidays.json. All three jurisdictions must be in it.
func ParseCalendar(data []byte) (*Calendar, error) {
	if len(data) > maxCalendar {
		return nil, fmt.Errorf("bank holidays: larger than %d bytes", maxCalendar)
	}
	var table map[Jurisdiction]struct {
		Events []struct {
			Title string `json:"title"`
			Date  string `json:"date"`
		} `json:"events"`
	}
	if err := json.Unmarshal(data, &table); err != nil {
		return nil, errors.New("bank holidays: not in the form of gov.uk's bank-holidays.json")
	}
	c := &Calendar{days: make(map[record.Date]map[Jurisdiction]string)}
	ends := make(map[Jurisdiction]record.Date)
	for _, j := range []Jurisdiction{EnglandAndWales, Scotland, NorthernIreland} {
		if len(table[j].Events) == 0 {
			return nil, fmt.Errorf("bank holidays: none of %s", j)
		}
		for _, e := range table[j].Events {
			day, err := record.ParseDate(e.Date)
			if err != nil {
				return nil, fmt.Errorf("bank holidays of %s: %w", j, err)
			}
			if c.days[day] == nil {
				c.days[day] = make(map[Jurisdiction]string)
			}
			c.days[day][j] = e.Title
			if c.first.IsZero() || day.Before(c.first) {
				c.first = day
			}
			if day.After(ends[j]) {
				ends[j] = day
			}
		}
	}
	// The table reaches no further than its shortest list.
	c.last = slices.MinFunc(slices.Collect(maps.Values(ends)), record.Date.Compare)
	return c, nil
}

// Last returns the last day for which the table can be relied on: the earliest
// of the three jurisdictions' last holidays in it.
func (c *Calendar) Last() record.Date { return c.last }

// dayOff says why d is no working day where these jurisdictions' holidays
// count, or "". FOIA s.10(6): not a Saturday, a Sunday, Christmas Day, Good
// Friday or a bank holiday in any part of the United Kingdom.
func (c *Calendar) dayOff(d record.Date, where []Jurisdiction) string {
	var titles []string
	var places = make(map[string][]string)
	for _, j := range where {
		if title, ok := c.days[d][j]; ok {
			if places[title] == nil {
				titles = append(titles, title)
			}
			places[title] = append(places[title], j.name())
		}
	}
	var why []string
	for _, title := range titles {
		if len(places[title]) == 3 || len(where) == 1 {
			why = append(why, title)
		} else {
			why = append(why, title+" ("+strings.Join(places[title], ", ")+")")
		}
	}
	switch wd := d.Weekday(); {
	case why != nil:
		return strings.Join(why, "; ")
	case wd == time.Saturday || wd == time.Sunday:
		return wd.String()
	case d.Month == time.December && d.Day == 25:
		return "Christmas Day"
	case d == easter(d.Year).AddDays(-2):
		return "Good Friday"
	}
	return ""
}

// easter returns Easter Sunday of a Gregorian year (Calendar (New Style) Act
// 1750), by the computus as Meeus states it.
func easter(year int) record.Date {
	a, b, c := year%19, year/100, year%100
	g := (8*b + 13) / 25
	h := (19*a + b - b/4 - g + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return record.Date{Year: year, Month: time.Month(n / 31), Day: n%31 + 1}
}
