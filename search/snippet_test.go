package search

import (
	"strings"
	"testing"
)

func TestSnippet(t *testing.T) {
	long := strings.Repeat("padding words before ", 20) + "we have 4,000 sandbags at the Gloucester depot, nothing in Upton " + strings.Repeat("and words after ", 20)
	for _, tt := range []struct{ query, text, want string }{
		{"sandbag", "We have Sandbags.", "We have «Sandbags»."},
		{"=sandbag", "We have sandbags.", "We have sandbags."},
		{`"gloucester depot"`, "the depot at Gloucester; the Gloucester depot", "the depot at Gloucester; the «Gloucester» «depot»"},
		{"depot NEAR/2 nothing", "depot, nothing … depot and much else then nothing", "«depot», «nothing» … «depot» and much else then nothing"},
		{"sand* -depot", "sandbags at the depot", "«sandbags» at the depot"},
		{"café", "the CAFE\x1b[31m and\nthe café", "the «CAFE» [31m and the «café»"},
		{"absent", "nothing here", "nothing here"},
		{"x", "", ""},
	} {
		q, err := testParser(t).Parse(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		if got := Snippet(tt.text, 0, q, 80); got != tt.want {
			t.Errorf("%s in %q: %q, not %q", tt.query, tt.text, got, tt.want)
		}
	}
	q, err := testParser(t).Parse("sandbags depot")
	if err != nil {
		t.Fatal(err)
	}
	got := Snippet(long, 0, q, 80)
	if !strings.HasPrefix(got, "…") || !strings.HasSuffix(got, "…") || !strings.Contains(got, "«sandbags»") || len([]rune(got)) > 100 {
		t.Errorf("of a long text: %q", got)
	}
}
