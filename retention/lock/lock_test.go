package lock_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/retention/lock"
)

func day(y int, m time.Month, d int) record.Date { return record.Date{Year: y, Month: m, Day: d} }

func TestWant(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	p := lock.Policy{Default: lock.Rule{Mode: store.Governance, Floor: retention.Period{Days: 90}},
		Classes: map[string]lock.Rule{"MIN": {Mode: store.Compliance, Floor: retention.Period{Months: 12}}, "EPH": {}}}
	of := func(class string, due record.Date) retention.Standing {
		return retention.Standing{Class: class, Due: due}
	}
	for name, c := range map[string]struct {
		standings []retention.Standing
		want      record.StorageLock
	}{
		"due in summer time": {[]retention.Standing{of("ADM", day(2028, 7, 1))},
			record.StorageLock{Mode: "GOVERNANCE", Until: time.Date(2028, 7, 1, 23, 0, 0, 0, time.UTC)}},
		"due in winter": {[]retention.Standing{of("ADM", day(2028, 12, 31))},
			record.StorageLock{Mode: "GOVERNANCE", Until: time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)}},
		"trigger unknown": {[]retention.Standing{of("MIN", record.Date{})},
			record.StorageLock{Mode: "COMPLIANCE", Until: time.Date(2027, 6, 1, 23, 0, 0, 0, time.UTC)}},
		"due already":        {[]retention.Standing{of("ADM", day(2020, 1, 1))}, record.StorageLock{}},
		"a class of no lock": {[]retention.Standing{of("EPH", day(2030, 1, 1))}, record.StorageLock{}},
		"the later of one mode": {[]retention.Standing{of("ADM", day(2030, 1, 1)), of("ADM", day(2029, 1, 1))},
			record.StorageLock{Mode: "GOVERNANCE", Until: time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC)}},
		"compliance no longer than its class asks": {[]retention.Standing{of("ADM", day(2040, 1, 1)), of("MIN", day(2029, 1, 1))},
			record.StorageLock{Mode: "COMPLIANCE", Until: time.Date(2029, 1, 2, 0, 0, 0, 0, time.UTC)}},
		"on hold, and of no lock": {[]retention.Standing{{Class: "EPH", OnHold: true}}, record.StorageLock{Legal: true}},
		"longer than a store takes": {[]retention.Standing{of("MIN", day(2199, 1, 1))},
			record.StorageLock{Mode: "COMPLIANCE", Until: time.Date(2126, 5, 31, 9, 0, 0, 0, time.UTC)}},
	} {
		if got := p.Want(c.standings, now, now, london); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// However often and in whatever order records are looked at, under whatever
// policies, a lock that binds is never asked to be shorter or weaker, and what
// is wanted is never asked for twice.
func TestLocksOnlyGrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
		captured := now
		modes := rapid.SampledFrom([]store.LockMode{"", store.Governance, store.Compliance})
		var have record.StorageLock
		for range rapid.IntRange(1, 12).Draw(t, "looks") {
			now = now.AddDate(0, 0, rapid.IntRange(0, 400).Draw(t, "days pass"))
			p := lock.Policy{Default: lock.Rule{Mode: modes.Draw(t, "mode"), Floor: retention.Period{Days: rapid.IntRange(1, 400).Draw(t, "floor")}},
				Classes: map[string]lock.Rule{"B": {Mode: modes.Draw(t, "mode of B"), Floor: retention.Period{Days: 1}}}}
			var standings []retention.Standing
			for range rapid.IntRange(1, 3).Draw(t, "holdings") {
				d := retention.Standing{Class: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "class")}
				if rapid.Bool().Draw(t, "due is known") {
					d.Due = day(2026+rapid.IntRange(0, 10).Draw(t, "due"), 3, 31)
				}
				standings = append(standings, d)
			}
			want := p.Want(standings, captured, now, time.UTC)
			if want.Mode != "" && !want.Until.After(now) || want.Mode == "" && !want.Until.IsZero() {
				t.Fatalf("no storage takes %+v at %s", want, now)
			}
			next, more := lock.Extend(want, have, now)
			if !more {
				continue
			}
			binds := have.Mode != "" && have.Until.After(now)
			if binds && (next.Mode != have.Mode || !next.Until.After(have.Until)) {
				t.Fatalf("what binds is changed from %+v to %+v", have, next)
			}
			if next.Mode == "COMPLIANCE" && (want.Mode != "COMPLIANCE" || next.Until.After(want.Until)) {
				t.Fatalf("nobody asked for %+v: wanted is %+v", next, want)
			}
			have = next
			if next, more := lock.Extend(want, have, now); more {
				t.Fatalf("%+v is asked for after %+v", next, have)
			}
		}
	})
}
