package daemon

import (
	"slices"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
)

func joined(pairs ...string) unions {
	u := make(unions)
	for i := 0; i < len(pairs); i += 2 {
		u[pairs[i]] = catalog.ChatJoin{ChatJoined: record.ChatJoined{Chat: pairs[i], Into: pairs[i+1]}}
	}
	return u
}

func TestUnionsEndAtTheirRoot(t *testing.T) {
	u := joined("b", "a", "c", "b", "e", "d")
	if u.root("c") != "a" || u.root("a") != "a" || u.root("e") != "d" || u.root("unknown") != "unknown" {
		t.Error("a chat is shown with the wrong one")
	}
	if got := u.members("a"); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("parts of a: %v", got)
	}
	circle := joined("a", "b", "b", "a") // which a daemon refuses, and a journal could hold all the same
	if got := circle.members("a"); len(got) != 2 {
		t.Errorf("a circle: %v", got)
	}
	circle.root("a") // ends
}

func TestUniteShowsOnlyWhatIsSeen(t *testing.T) {
	u := joined("b", "a", "c", "a")
	a := catalog.Chat{ID: "a", From: "2026-05-02", Until: "2026-05-03"}
	b := catalog.Chat{ID: "b", From: "2026-05-01", Until: "2026-05-09"}
	got := u.unite([]catalog.Chat{b}, []catalog.Chat{a, b}) // c is in a vault that the caller may not read
	if len(got) != 1 || got[0].ID != "a" || got[0].From != "2026-05-01" || got[0].Until != "2026-05-09" {
		t.Errorf("%+v", got)
	}
	if got = u.unite([]catalog.Chat{b}, []catalog.Chat{b}); len(got) != 1 || got[0].ID != "b" {
		t.Errorf("without its root: %+v", got)
	}
}

func TestExportsUnderTwoTitlesAreOneChats(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 5, day, 9, 0, 0, 0, time.UTC) }
	got := joined("b", "a").uniteExported([]catalog.ExportedChat{
		{Chat: "a", Title: "Weir", Arrivals: []time.Time{at(1), at(8)}},
		{Chat: "b", Title: "Weir and sluice", Timer: time.Hour, Arrivals: []time.Time{at(4), at(15)}},
		{Chat: "z", Title: "Other", Arrivals: []time.Time{at(2)}}})
	if len(got) != 2 || got[0].Chat != "a" || got[0].Title != "Weir and sluice" || got[0].Timer != time.Hour || len(got[0].Arrivals) != 4 || !got[0].Arrivals[2].Equal(at(8)) {
		t.Errorf("%+v", got)
	}
}
