package foi

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
)

func testCosts(t testing.TB) *Costs {
	t.Helper()
	c, err := ParseCosts(shipped(t, "costs.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLimit(t *testing.T) {
	c := testCosts(t)
	for a, want := range map[Authority][2]float64{Central: {600, 24}, Other: {450, 18}} {
		if pounds, hours := c.Limit(a, day(t, "2026-05-22")); float64(pounds) != want[0] || hours != want[1] {
			t.Errorf("%s: £%d, %g hours", a, pounds, hours)
		}
	}
}

// TestDraw: a sample is of the items, each once, and its seed gives it again
// whatever the order of the items.
func TestDraw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfDistinct(rapid.StringMatching(`[a-z]{1,6}/[1-9]`), rapid.ID[string]).Draw(t, "items")
		size, seed := rapid.IntRange(0, 30).Draw(t, "size"), rapid.Uint64().Draw(t, "seed")
		drawn := Draw(items, size, seed)
		again := Draw(rapid.Permutation(items).Draw(t, "order"), size, seed)
		if len(drawn) != min(size, len(items)) || !slices.Equal(drawn, again) || len(slices.Compact(slices.Clone(drawn))) != len(drawn) {
			t.Fatalf("%v, %v", drawn, again)
		}
		for _, d := range drawn {
			if !slices.Contains(items, d) {
				t.Fatalf("%s is not of the items", d)
			}
		}
	})
	// Fixed for good: whoever draws it again in ten years gets these.
	if got := strings.Join(Draw([]string{"a/1", "b/1", "c/1", "d/1", "e/1", "f/1"}, 3, 7), " "); got != "a/1 c/1 d/1" {
		t.Error(got)
	}
}

func sampled(minutes ...float64) *Request {
	r := &Request{Ref: "R-1", Kind: FOI, Received: record.Date{Year: 2026, Month: 5, Day: 22}, Samples: []Sample{{}}}
	for i, m := range minutes {
		r.Work = append(r.Work, Work{RequestTime: record.RequestTime{Activity: Extract, Minutes: m, Sample: 1, Item: fmt.Sprint(i)}})
	}
	return r
}

func TestEstimate(t *testing.T) {
	c := testCosts(t)
	r := sampled(2, 4, 6)
	r.Work = append(r.Work, Work{RequestTime: record.RequestTime{Activity: Locate, Minutes: 60}}, Work{RequestTime: record.RequestTime{Activity: Redact, Minutes: 120}})
	e := c.Estimate(r, 300, Central)
	// Mean 4, standard deviation 2, t(2) 4.303: 300 × (4 ± 4.303 × 2/√3 × √0.99).
	half := 300 * 4.303 * 2 / math.Sqrt(3) * math.Sqrt(0.99) / 60
	if math.Abs(e.Countable.Best-21) > 1e-9 || math.Abs(e.Countable.High-(21+half)) > 1e-9 || math.Abs(e.Burden.Best-23) > 1e-9 {
		t.Errorf("%+v", e)
	}
	if e.Countable.Low != 1+12.0/60 || e.Verdict != "unclear" || math.Abs(e.Cost.Best-525) > 1e-9 {
		t.Errorf("%+v: no less than what was spent", e)
	}
	for items, want := range map[int]string{3: "within", 30: "within"} {
		if e := c.Estimate(sampled(2, 4, 6), items, Other); e.Verdict != want {
			t.Errorf("%d items: %s", items, e.Verdict)
		}
	}
	if e := c.Estimate(sampled(10, 10, 10, 10), 300, Other); e.Verdict != "over" || e.Countable.Low != 50 {
		t.Errorf("%+v", e)
	}
	if e := c.Estimate(sampled(10), 10, Central); len(e.Notices) != 1 || !strings.Contains(e.Notices[0], "only one item") {
		t.Errorf("%v", e.Notices)
	}
	if e := c.Estimate(&Request{Kind: SAR}, 10, Central); e.Verdict != "none" || e.LimitPounds != 0 {
		t.Errorf("%+v", e)
	}
}

// TestAggregate: requests are added up within sixty working days, and not a
// day later.
func TestAggregate(t *testing.T) {
	c, b := testCosts(t), testBook(t)
	r := sampled(10, 10, 10, 10)
	near := &Request{Ref: "R-2", Kind: FOI, Received: day(t, "2026-08-19")}
	far := &Request{Ref: "R-3", Kind: FOI, Received: day(t, "2026-08-20")}
	if n := b.WorkingDays(FOI, r.Received, near.Received); n != 59 {
		t.Fatalf("%d working days", n)
	}
	e := c.Estimate(r, 100, Central) // 16.7 hours
	e.Aggregate(b, c, r, []*Request{near, far}, map[string]float64{"R-2": 10, "R-3": 100})
	if !e.Related[0].Within || e.Related[1].Within || math.Abs(e.Together-26.666) > 0.01 || len(e.Notices) != 1 {
		t.Errorf("%+v", e)
	}
}

func TestParseCostsReportsEveryFault(t *testing.T) {
	_, err := ParseCosts([]byte(`schema: cost-rules/v0
law: l
rules:
  - {id: rate, pounds: 0, effective_from: 2005-01-01, source: s, text: t}
  - {id: price, pounds: 5, effective_from: 2005-01-01, source: s}
  - {id: aggregation, working_days: 5000, effective_from: 2005-01-01, source: s, text: t}
`))
	for _, want := range []string{"schema", "rules[0].pounds", "rules[1].id", "needs source", "rules[2].working_days", "has no rule limit_central"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %s", err, want)
		}
	}
}
