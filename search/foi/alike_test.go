package foi

import (
	"slices"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
)

func TestAlike(t *testing.T) {
	b, c := testBook(t), testCosts(t)
	base := Request{Ref: "A", Kind: FOI, Received: day(t, "2026-05-22"), Text: "All correspondence about the sandbags at Upton depot in May 2026", Scope: "sandbags"}
	for name, x := range map[string]struct {
		change func(o *Request)
		want   bool
	}{
		"the same":           {func(*Request) {}, true},
		"other words":        {func(o *Request) { o.Text, o.Scope = "Ministers' travel expenses for last year", "travel" }, false},
		"scope alone":        {func(o *Request) { o.Text = "Ministers' travel expenses" }, true},
		"words alone":        {func(o *Request) { o.Scope = "upton" }, true},
		"long before":        {func(o *Request) { o.Received = day(t, "2026-01-05") }, false},
		"soon after":         {func(o *Request) { o.Received = day(t, "2026-06-30") }, true},
		"of another law":     {func(o *Request) { o.Kind = EIR }, false},
		"related":            {func(o *Request) { o.Related = []string{"A"} }, false},
		"no scopes, no text": {func(o *Request) { o.Text, o.Scope = "", "" }, false},
	} {
		o := base
		o.Ref = "B"
		x.change(&o)
		r := base
		if got := c.Alike(b, &r, []*Request{&r, &o}); len(got) != map[bool]int{true: 1}[x.want] {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestRelate(t *testing.T) {
	entries := []Entry{opened(t, FOI)}
	for i, c := range []struct {
		body record.RequestRelated
		want []string // nil: refused
	}{
		{record.RequestRelated{Related: []string{"R-2", "R-3"}}, []string{"R-2", "R-3"}},
		{record.RequestRelated{Related: []string{"R-2"}}, []string{"R-2", "R-3"}},
		{record.RequestRelated{Related: []string{"R-1"}}, nil},
		{record.RequestRelated{}, nil},
		{record.RequestRelated{Related: []string{"R-9"}, Removed: true}, nil},
		{record.RequestRelated{Related: []string{"R-2"}, Removed: true}, []string{"R-3"}},
	} {
		next := append(slices.Clone(entries), entry(t, int64(i+2), record.EntryRequestRelated, c.body))
		r, err := Fold(next)
		if (err == nil) != (c.want != nil) || err == nil && !slices.Equal(r.Related, c.want) {
			t.Errorf("%+v: %v", c.body, err)
		}
		if err == nil {
			entries = next
		}
	}
}
