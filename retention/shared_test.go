package retention

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/strictyaml"
)

// drawMatch draws a match of shared facts and words, with all, any and not.
func drawMatch(t *rapid.T, depth int) Match {
	list := func(key string, of ...string) strictyaml.List {
		if rapid.IntRange(0, 3).Draw(t, key+" is asked") > 0 {
			return nil
		}
		return rapid.SliceOfN(rapid.SampledFrom(of), 1, 2).Draw(t, key)
	}
	m := Match{Custodian: list("custodian", "coo", "minister"), Role: list("role", "official", "MINISTER"), Folder: list("folder", "in*", "sent"),
		From: list("from", "a@*", "*@y"), To: list("to", "a@x"), Chat: list("chat", "ops*"), Subject: list("subject", "flood", "flood def*", "urgent")}
	if depth == 0 {
		return m
	}
	for range rapid.IntRange(0, 2).Draw(t, "all") {
		m.All = append(m.All, drawMatch(t, depth-1))
	}
	for range rapid.IntRange(0, 3).Draw(t, "any") {
		m.Any = append(m.Any, drawMatch(t, depth-1))
	}
	if rapid.Bool().Draw(t, "not") {
		n := drawMatch(t, depth-1)
		m.Not = &n
	}
	return m
}

func drawTested(t *rapid.T) record.Facts {
	f := record.Facts{Custodian: pick(t, "is custodian", "", "COO", "minister"), Role: pick(t, "is role", "", "official", "minister"), Folder: pick(t, "is folder", "", "INBOX", "Sent"),
		Chat: pick(t, "is chat", "", "Ops room"), Subject: pick(t, "is subject", "", "Flood defences", "urgent", "On flooding: defend")}
	f.From = rapid.SliceOfN(rapid.SampledFrom([]string{"a@x", "b@y"}), 0, 2).Draw(t, "is from")
	f.To = rapid.SliceOfN(rapid.SampledFrom([]string{"a@x", "b@y"}), 0, 2).Draw(t, "is to")
	return f
}

// TestWhatIsLeftOfATestSaysWhatTheTestSays: a test is tried on facts that are
// shared, and what is left of it on those of others who share them.
func TestWhatIsLeftOfATestSaysWhatTheTestSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, one := drawMatch(t, 2), drawTested(t)
		whole := m.compile()
		says, rest := whole.shared(&one)
		other := drawTested(t)
		other.Custodian, other.Role, other.Folder = one.Custodian, one.Role, one.Folder
		for _, f := range []record.Facts{one, other} {
			got := says == always || says == perhaps && rest.holds(&f)
			if got != whole.holds(&f) {
				t.Fatalf("%s\nof %+v: answer %d and what is left say %v", m, f, says, got)
			}
		}
	})
}

// TestDecisiveIsWhatARecordTakes: with reasons or without.
func TestDecisiveIsWhatARecordTakes(t *testing.T) {
	s := testSchedule(t)
	rapid.Check(t, func(t *rapid.T) {
		holds, now := rapid.SliceOfN(rapid.Custom(drawHold), 0, 2).Draw(t, "holds"), drawTime(t)
		var decisions []Decision
		var standings []Standing
		j := s.Judge(holds, now)
		for range rapid.IntRange(0, 4).Draw(t, "holdings") {
			c := drawCandidate(t)
			decisions, standings = append(decisions, s.DecideCandidate(&c, holds, now)), append(standings, j.Judge(&c))
		}
		if got, want := Decisive(standings), Combine(decisions...).Decisive; got != want {
			t.Fatalf("holding %d decides, and %d does with reasons", got, want)
		}
	})
}
