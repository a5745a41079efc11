package chat

import (
	"slices"
	"strings"
	"testing"
)

// Around a minute of which two people's messages are gone: num and acme are in
// no later export under these names, jo and zed in no earlier one.
func around(minute ...string) []string {
	return slices.Concat([]string{"0 * e2e_notice", "1 ana morning", "2 tom hello there"}, minute, []string{"7 ana thanks", "8 tom the end"})
}

// Only what is certain is said: how many were deleted and how many are gone,
// and not whose they were.
func TestUnclear(t *testing.T) {
	cases := []struct {
		name string
		a, b []string
		told string
		want []Unclear
	}{
		{"one notice, two people", []string{"5 acme the bill", "5 num the plan"}, []string{"5 jo !"}, "",
			[]Unclear{{A: []int{3, 4}, B: []int{3}, Deleted: 1, Gone: 1, Whose: true}}},
		{"two notices, two people", []string{"5 acme the bill", "5 num the plan"}, []string{"5 jo !", "5 zed !"}, "",
			[]Unclear{{A: []int{3, 4}, B: []int{3, 4}, Deleted: 2, Whose: true}}},
		{"an edit, two people", []string{"5 acme the bill", "5 num the plan"}, []string{"5 jo +the new plan"}, "",
			[]Unclear{{A: []int{3, 4}, B: []int{3}, Edited: 1, Gone: 1, Whose: true}}},
		{"one person, one notice", []string{"5 num the plan"}, []string{"5 jo !"}, "deleted 3", nil},
		{"one person, one edit", []string{"5 num the plan"}, []string{"5 jo +the new plan"}, "edited 3", nil},
		{"other words under another name", []string{"5 num the plan"}, []string{"5 jo the other plan"}, "",
			[]Unclear{{A: []int{3}, B: []int{3}, Whose: true}}},
		{"the same words by both, one gone", []string{"5 acme ok", "5 num ok"}, []string{"5 jo ok"}, "",
			[]Unclear{{A: []int{3, 4}, B: []int{3}, Gone: 1, Whose: true}}},
		{"the same words by both, and nothing happened", []string{"5 acme ok", "5 num ok"}, []string{"5 zed ok", "5 jo ok"},
			"sender_differs 3 sender_differs 4", nil},
		{"a word elsewhere shows who is who", []string{"4 num yes please", "5 acme the bill", "5 num the plan"}, []string{"4 jo yes please", "5 jo !"},
			"vanished 4 deleted 5", nil},
		{"a notice a minute later", []string{"5 num the plan"}, []string{"6 jo !"}, "",
			[]Unclear{{A: []int{3}, B: []int{3}, Deleted: 1, Whose: true}}},
		{"one known person, two messages, one notice", []string{"5 tom the bill", "5 tom the plan"}, []string{"5 tom !"}, "",
			[]Unclear{{A: []int{3, 4}, B: []int{3}, Deleted: 1, Gone: 1}}},
		{"one known person, a neighbour between", []string{"5 tom the bill", "5 ana which", "5 tom the plan"}, []string{"5 ana which", "5 tom !"},
			"vanished 3 deleted 5", nil},
		{"one known person, in turn", []string{"5 tom the bill", "5 tom the plan"}, []string{"5 tom +the new bill", "5 tom !"}, "deleted 4 edited 3", nil},
		{"other words a minute later are another message", []string{"5 tom the bill"}, []string{"6 tom the plan"}, "vanished 3 added 3", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := Compare(talk(Android, around(c.a...)...), talk(Android, around(c.b...)...))
			if s := told(&got); s != c.told {
				t.Errorf("%q, want %q: %+v", s, c.told, got)
			}
			if !slices.EqualFunc(got.Unclear, c.want, func(x, y Unclear) bool {
				return slices.Equal(x.A, y.A) && slices.Equal(x.B, y.B) && x.Deleted == y.Deleted && x.Edited == y.Edited && x.Gone == y.Gone && x.Whose == y.Whose && x.Why == y.Why
			}) {
				t.Errorf("unclear %+v, want %+v", got.Unclear, c.want)
			}
			for _, f := range got.Findings {
				if len(c.want) > 0 && (f.Class != ClassUnclear || f.Confidence != Moderate) {
					t.Errorf("%+v", f)
				}
			}
		})
	}
}

func TestUnclearInWords(t *testing.T) {
	c := Compare(talk(Android, around("5 acme the bill", "5 num the plan")...), talk(Android, around("5 jo !")...))
	want := "Not in the later export as they were: 2 messages. In their minutes it has 1 deletion notice instead, and which became which cannot be told; 1 left no trace; " +
		"nor can be told whose they are, because nothing joins the names that the two exports have for those people."
	if len(c.Findings) != 1 || c.Findings[0].Text != want {
		t.Errorf("%+v", c.Findings)
	}
	if c.Clean() {
		t.Error("it is called clean")
	}
	// Between two people's phones not even that is said of anybody.
	r := Corroborate(talk(Android, around("5 acme the bill", "5 num the plan")...), talk(Android, around("5 jo !")...), "minister", "deputy")
	for _, f := range r.Findings {
		if f.Class == ClassUnclear && f.Confidence != None || strings.Contains(f.Text, "deletion") {
			t.Errorf("%+v", f)
		}
	}
	if r.Corroboration.UnclearA != 2 || r.Corroboration.UnclearB != 1 {
		t.Errorf("%+v", r.Corroboration)
	}
}

// A timer whose length is not understood may have taken what is missing; so may
// one that no line shows, if it is a whole head. A timer that is off has not.
func TestTimersOfUnknownLength(t *testing.T) {
	gone := func(event string) Comparison {
		a := []string{"0 * " + event, "1 ana one", "2 tom two", "1900 ana three", "1901 tom four", "1902 ana five"}
		return Compare(talk(Android, a...), talk(Android, slices.Delete(slices.Clone(a), 1, 3)...))
	}
	for event, want := range map[string]string{
		"disappearing_on":      AbsentTimer + " 1-2",
		"disappearing_on/3600": "vanished 1 2",
		"disappearing_off/0":   "vanished 1 2",
		"member_added":         AbsentHead + " 1-2",
	} {
		c := gone(event)
		if got := told(&c); got != want {
			t.Errorf("%s: %q, want %q", event, got, want)
		}
		for _, f := range c.Findings {
			if f.Class == AbsentTimer && f.Confidence != None {
				t.Errorf("%+v", f)
			}
		}
	}
	if c := gone("disappearing_on/3600"); c.VanishReason[1] != ExpiredByTimer {
		t.Errorf("%+v", c)
	}
}
