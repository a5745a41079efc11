package foi

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
)

// TestSetDropsNothing: every message that was found is in exactly one item,
// unless it was certainly sent after the cut-off; copies are one item with all
// their holdings; groups stand together, in the order of time.
func TestSetDropsNothing(t *testing.T) {
	cutoff := time.Date(2026, 5, 23, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		var found []Found
		for n := range rapid.IntRange(0, 60).Draw(t, "messages") {
			f := Found{No: record.MessageNo(n + 1), ID: record.MessageID{Record: record.ID(fmt.Sprintf("r%d", n)), N: 1}, Kind: record.Email,
				Suspect: rapid.IntRange(0, 9).Draw(t, "suspect") == 0, Thread: int64(rapid.IntRange(0, 5).Draw(t, "thread")),
				Holders: []Holder{{Custodian: fmt.Sprintf("c%d", n%3)}}}
			if rapid.IntRange(0, 9).Draw(t, "dated") > 0 {
				f.Sent = cutoff.Add(time.Duration(rapid.IntRange(-50, 20).Draw(t, "hours")) * time.Hour)
			}
			if g := rapid.IntRange(0, 12).Draw(t, "group"); g > 0 {
				f.Copy = fmt.Sprintf("copy%d", g)
			}
			if rapid.IntRange(0, 4).Draw(t, "found") > 0 {
				f.Runs = []int{1 + n%2}
			}
			found = append(found, f)
		}
		shuffled := rapid.Permutation(found).Draw(t, "order")
		s := MakeSet(&Request{Runs: 2}, shuffled, 3, cutoff)
		seen, after := make(map[string]int), 0
		for _, it := range s.Items {
			for _, id := range it.IDs() {
				seen[id]++
			}
		}
		for _, f := range found {
			outside := !f.Sent.IsZero() && !f.Suspect && !f.Sent.Before(cutoff)
			if outside && len(f.Runs) > 0 {
				after++
			}
			if want := map[bool]int{true: 0, false: 1}[outside]; seen[f.ID.String()] != want {
				t.Fatalf("%s is in %d items, want %d", f.ID, seen[f.ID.String()], want)
			}
		}
		if s.AfterCutoff != after || s.Summary.Items+s.Context != len(s.Items) || s.Undecided != s.Summary.Items {
			t.Fatalf("%+v of %d", s.Summary, len(s.Items))
		}
		checkOrder(t, s)
		again := MakeSet(&Request{Runs: 2}, found, 3, cutoff)
		for i := range s.Items {
			if s.Items[i].Item != again.Items[i].Item {
				t.Fatal("the order depends on the order in which messages were found")
			}
		}
	})
}

func checkOrder(t *rapid.T, s *Set) {
	last := make(map[string]int)
	for i, it := range s.Items {
		if before, ok := last[it.Group]; ok && before != i-1 {
			t.Fatalf("group %s is apart", it.Group)
		}
		last[it.Group] = i
		if i > 0 && s.Items[i-1].Group == it.Group && !it.Sent.IsZero() && it.Sent.Before(s.Items[i-1].Sent) {
			t.Fatal("a group is out of order")
		}
	}
}

// TestSetRulings: the newest decision about any copy holds, and one that was
// taken back does not.
func TestSetRulings(t *testing.T) {
	sent := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	found := []Found{{No: 1, ID: record.MessageID{Record: "a", N: 1}, Sent: sent, Copy: "x", Runs: []int{1}},
		{No: 2, ID: record.MessageID{Record: "b", N: 1}, Sent: sent, Copy: "x", Runs: []int{2}}}
	ruling := func(entry int64, item, decision string) Ruling {
		return Ruling{RequestDecided: record.RequestDecided{Items: []string{item}, Decision: decision}, Entry: entry}
	}
	r := &Request{Rulings: []Ruling{ruling(5, "b/1", "release"), ruling(6, "a/1", "withhold"), ruling(7, "a/1+2", "part")}}
	cutoff := sent.AddDate(0, 0, 9)
	s := MakeSet(r, found, 0, cutoff)
	if len(s.Items) != 1 || s.Items[0].Decision.Decision != "withhold" || !slices.Equal(s.Items[0].Runs, []int{1, 2}) || s.Copies != 1 {
		t.Errorf("%+v", s.Items)
	}
	if d := s.Items[0].Decision; d.Entry != 6 || d.Items != nil {
		t.Errorf("an item has the ids of all that was decided with it: %+v", d)
	}
	r.Rulings[1].Undone = true
	if s = MakeSet(r, found, 0, cutoff); s.Items[0].Decision.Decision != "release" || s.Decided["release"] != 1 || s.Undecided != 0 {
		t.Errorf("%+v", s.Items)
	}
}

func TestContained(t *testing.T) {
	first := "Can we have forty pallets of sandbags at the lower quay by noon?"
	reply := "Yes.\n\nOn Thursday the field wrote:\n> Can we have forty pallets of sandbags\n> at the lower   quay by noon?\n"
	altered := "No.\n> Can we have fourteen pallets of sandbags at the lower quay by noon?\n"
	got := Contained([]string{first, reply, altered, "Thanks", "Thanks all, see below"})
	if want := []int{1, -1, -1, -1, -1}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := Contained([]string{first, reply, ">" + strings.ReplaceAll(reply, "\n", "\n>")}); !slices.Equal(got, []int{2, 2, -1}) {
		t.Errorf("%v", got)
	}
}
