package retention

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
)

func drawDate(t *rapid.T) record.Date {
	return record.Date{Year: 1995, Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 20_000).Draw(t, "day"))
}

func drawTime(t *rapid.T) time.Time {
	if rapid.IntRange(0, 4).Draw(t, "known") == 0 {
		return time.Time{}
	}
	return drawDate(t).Start(time.UTC).Add(time.Duration(rapid.IntRange(0, 86399).Draw(t, "second")) * time.Second)
}

func pick(t *rapid.T, label string, values ...string) string {
	return rapid.SampledFrom(values).Draw(t, label)
}

func drawCandidate(t *rapid.T) Candidate {
	c := Candidate{
		Record: record.ID(pick(t, "record", "", "aa", "bb")),
		Facts: record.Facts{
			Kind:   record.Kind(pick(t, "kind", "email", "chat-day", "export")),
			Source: pick(t, "source", "", "helpdesk", "office"), Custodian: pick(t, "custodian", "", "coo", "cto"),
			Role: pick(t, "role", "", "minister", "special_adviser"), Grade: pick(t, "grade", "", "SCS2", "G7"),
			Folder: pick(t, "folder", "", "Drafts", "Policy/x"), Chat: pick(t, "chat", "", "ops north"),
			Significance: pick(t, "significance", "", "logistical"),
			Sent:         drawTime(t), Received: drawTime(t), Captured: drawTime(t), LastModified: drawTime(t), LastActivity: drawTime(t), Closed: drawTime(t),
			DateSuspect: rapid.Bool().Draw(t, "suspect"),
			Events:      map[string]time.Time{"tenure_end": drawTime(t)},
		},
		Manual:       Manual{Class: pick(t, "manual", "", "", "POL-02", "ADM-00", "gone")},
		Unsearchable: rapid.Bool().Draw(t, "unsearchable"),
	}
	if rapid.Bool().Draw(t, "reviewed") {
		c.Review = &Reviewed{Outcome: rapid.SampledFrom(ReviewOutcomes()).Draw(t, "outcome"), On: drawDate(t), Until: drawDate(t),
			Classes: []string{pick(t, "reviewed class", "SEN-01", "UNC-00", "POL-02")}, Count: 1}
	}
	if found := rapid.IntRange(0, 2).Draw(t, "caught"); found > 0 {
		c.Caught = func(string) bool { return found == 1 }
	}
	return c
}

func drawHold(t *rapid.T) Hold {
	var s record.Scope
	if rapid.Bool().Draw(t, "by id") {
		s.Records = []record.ID{"aa"}
	}
	if rapid.Bool().Draw(t, "by custodian") {
		s.Custodians = []string{"COO"}
	}
	if rapid.Bool().Draw(t, "by class") {
		s.Classes = []string{"POL-02", "MIN-01"}
	}
	if rapid.Bool().Draw(t, "by date") {
		s.From, s.Until = drawTime(t), drawTime(t)
	}
	s.Query = pick(t, "query", "", "sandbags")
	return Hold{Hold: pick(t, "hold", "h1", "h2"), Scope: s}
}

func TestNothingOnHoldOrUnknownIsDisposable(t *testing.T) {
	s := testSchedule(t)
	rapid.Check(t, func(t *rapid.T) {
		c, now := drawCandidate(t), drawTime(t)
		holds := rapid.SliceOfN(rapid.Custom(drawHold), 0, 3).Draw(t, "holds")
		d := s.DecideCandidate(&c, holds, now)
		covered := 0
		for _, h := range holds {
			if covers, why := h.Covers(&c, d.Class); covers {
				covered++
			} else if why == "" {
				t.Fatal("no reason for not covering")
			}
		}
		switch {
		case len(d.Reasons) < 2+len(holds):
			t.Fatalf("too few reasons: %q", d.Reasons)
		case covered > 0 && (d.Disposable || !d.OnHold || len(d.Holds) < covered):
			t.Fatalf("%d holds cover it, and it is %+v", covered, d)
		case d.State == UnknownTrigger && (d.Disposable || !d.Due.IsZero()):
			t.Fatalf("an unknown trigger, and it is %+v", d)
		case d.State != UnknownTrigger && d.Due.IsZero():
			t.Fatalf("a known trigger, but no due date: %+v", d)
		case d.Disposable && (d.State != Due || d.Action == ""):
			t.Fatalf("disposable, but %+v", d)
		case s.Class(d.Class) == nil:
			t.Fatalf("class %q is not in the schedule", d.Class)
		}
		// One more hold never frees anything, and facts alone never free what
		// the whole candidate does not.
		if more := s.DecideCandidate(&c, append(holds, drawHold(t)), now); more.Disposable && !d.Disposable {
			t.Fatal("another hold made it disposable")
		}
		c.Manual, c.Was = Manual{}, nil
		if full, bare := s.DecideCandidate(&c, holds, now), s.Decide(c.Facts, holds, now); full.OnHold && !bare.OnHold {
			t.Fatal("facts alone escape a hold that the whole candidate does not")
		}
	})
}

func TestTimeOnlyBringsDisposalNearer(t *testing.T) {
	s := testSchedule(t)
	rapid.Check(t, func(t *rapid.T) {
		c, now := drawCandidate(t), drawDate(t).Start(time.UTC)
		d := s.DecideCandidate(&c, nil, now)
		later := s.DecideCandidate(&c, nil, now.AddDate(0, 0, rapid.IntRange(0, 9000).Draw(t, "later")))
		if d.Due != later.Due || (d.Disposable && !later.Disposable) {
			t.Fatalf("%+v became %+v", d, later)
		}
	})
}

func TestAnotherHoldingNeverProtectsLess(t *testing.T) {
	s := testSchedule(t)
	rapid.Check(t, func(t *rapid.T) {
		now := drawTime(t)
		holds := rapid.SliceOfN(rapid.Custom(drawHold), 0, 1).Draw(t, "holds")
		var ds []Decision
		for range rapid.IntRange(1, 5).Draw(t, "holdings") {
			c := drawCandidate(t)
			ds = append(ds, s.DecideCandidate(&c, holds, now))
		}
		fewer, all := Combine(ds[:len(ds)-1]...), Combine(ds...)
		if len(all.Reasons) == 0 || len(fewer.Reasons) == 0 {
			t.Fatal("no reasons")
		}
		for _, d := range ds {
			if Compare(d, ds[all.Decisive]) > 0 {
				t.Fatalf("%s protects more than the outcome, %s", d.Words(), ds[all.Decisive].Words())
			}
			if (d.OnHold || !d.Disposable) && all.Disposable {
				t.Fatalf("disposable in spite of %s", d.Words())
			}
			if d.OnHold && !all.OnHold {
				t.Fatal("a holding is on hold and the record is not")
			}
		}
		if len(ds) > 1 && !fewer.Disposable && all.Disposable {
			t.Fatal("one more holding made the record disposable")
		}
	})
}

// TestRulesThatCoverAreNeverWrong checks the loader's claim that a rule cannot
// match against what the rules do.
func TestRulesThatCoverAreNeverWrong(t *testing.T) {
	drawMatch := func(t *rapid.T) Match { return drawMatchOf(t, 2) }
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Custom(drawMatch).Draw(t, "a"), rapid.Custom(drawMatch).Draw(t, "b")
		c := drawCandidate(t)
		c.Facts.Subject = pick(t, "subject", "urgent orders", "orders urgently", "x")
		x, y := a.compile(), b.compile()
		if y.holds(&c.Facts) && x.covers(y) && !x.holds(&c.Facts) {
			t.Fatalf("%s is said to cover %s, but not %+v", a, b, c.Facts)
		}
		if x.impossible() && x.holds(&c.Facts) {
			t.Fatalf("%s is said to match nothing, but it matches %+v", a, c.Facts)
		}
	})
}

func drawMatchOf(t *rapid.T, depth int) Match {
	list := func(label string, values ...string) []string {
		return rapid.SliceOfN(rapid.SampledFrom(values), 0, 2).Draw(t, label)
	}
	m := Match{Kind: list("kinds", "email", "chat-day"), Custodian: list("custodians", "coo", "CTO"),
		Folder:  list("folders", "Drafts", "draft*", "*", "Pol?cy/*", "policy/*"),
		Subject: list("subjects", "urgent", "urgent*", "urgent orders", "orders urg*")}
	for _, l := range []*[]string{(*[]string)(&m.Kind), (*[]string)(&m.Custodian), (*[]string)(&m.Folder), (*[]string)(&m.Subject)} {
		if len(*l) == 0 || rapid.Bool().Draw(t, "drop") {
			*l = nil
		}
	}
	if depth == 0 {
		return m
	}
	if rapid.Bool().Draw(t, "has any") {
		m.Any = []Match{drawMatchOf(t, depth-1), drawMatchOf(t, depth-1)}
	}
	if rapid.Bool().Draw(t, "has not") {
		n := drawMatchOf(t, depth-1)
		m.Not = &n
	}
	return m
}

// TestAReviewFreesNothingThatWasNotAskedAbout: whatever a review decided, a
// holding is less protected by it only where it was due for review, in a class
// that was reviewed, and the outcome was destroy.
func TestAReviewFreesNothingThatWasNotAskedAbout(t *testing.T) {
	s := testSchedule(t)
	rapid.Check(t, func(t *rapid.T) {
		c, now := drawCandidate(t), drawTime(t)
		holds := rapid.SliceOfN(rapid.Custom(drawHold), 0, 2).Draw(t, "holds")
		with := s.DecideCandidate(&c, holds, now)
		bare := c
		bare.Review = nil
		without := s.DecideCandidate(&bare, holds, now)
		if c.Review == nil || Compare(with, without) >= 0 {
			if with.Disposable && !without.Disposable {
				t.Fatalf("a review made it disposable: %q", with.Reasons)
			}
			return
		}
		asked := without.Action == Review || without.Action == RetainUntilEvent
		if !asked || with.Action != Destroy || c.Review.Outcome != ReviewDestroy || !c.Review.On.After(without.Due) || !slices.Contains(c.Review.Classes, with.Class) {
			t.Fatalf("%s became %s by review %+v", without.Words(), with.Words(), c.Review)
		}
	})
}

// TestNothingStartsAClockBeforeItsTime: whatever happened to its custodian or
// thread, a holding's clock starts no earlier than its own date.
func TestNothingStartsAClockBeforeItsTime(t *testing.T) {
	s := testSchedule(t)
	rapid.Check(t, func(t *rapid.T) {
		c := drawCandidate(t)
		d := s.DecideCandidate(&c, nil, drawTime(t))
		own := record.DateOf(c.Facts.ClockTime(), s.zone)
		if d.Trigger != OnCaptured && !d.TriggerDate.IsZero() && d.TriggerDate.Before(own) {
			t.Fatalf("the clock of something of %s starts on %s: %q", own, d.TriggerDate, d.Reasons)
		}
	})
}
