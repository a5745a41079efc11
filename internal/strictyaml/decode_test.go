package strictyaml

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type level string

func (l *level) UnmarshalText(b []byte) error {
	if string(b) != "low" && string(b) != "high" {
		return fmt.Errorf("%q is neither low nor high", b)
	}
	*l = level(b)
	return nil
}

type inner struct {
	Name string `yaml:"name"`
	Tags List   `yaml:"tags"`
}

type sample struct {
	Version string           `yaml:"version"`
	Count   int              `yaml:"count"`
	On      bool             `yaml:"on"`
	Wait    time.Duration    `yaml:"wait"`
	Level   level            `yaml:"level"`
	Inner   *inner           `yaml:"inner"`
	Items   []inner          `yaml:"items"`
	ByName  map[string]inner `yaml:"by_name"`
	Ratio   float64          `yaml:"ratio"`
	hidden  string
}

func TestDecode(t *testing.T) {
	got := sample{Count: 7, hidden: "kept"}
	err := Decode([]byte(`
version: 2026.10
on: true
wait: 90s
level: high
ratio: 0.5
inner: {name: one, tags: alone}
items:
  - name: two # a comment
    tags: [a, "b: c"]
  - {name: "three"}
by_name:
  four: {name: |-
    4}
`), &got).Err()
	if err == nil {
		t.Fatal("a block scalar within braces was accepted")
	}
	err = Decode([]byte(`
version: 2026.10
on: true
wait: 90s
level: high
ratio: 0.5
inner: {name: one, tags: alone}
items:
  - name: two # a comment
    tags: [a, "b: c"]
  - {name: "three"}
by_name:
  four:
    name: |
      4
`), &got).Err()
	if err != nil {
		t.Fatal(err)
	}
	want := sample{
		Version: "2026.10", Count: 7, On: true, Wait: 90 * time.Second, Level: "high", Ratio: 0.5, hidden: "kept",
		Inner:  &inner{"one", List{"alone"}},
		Items:  []inner{{"two", List{"a", "b: c"}}, {"three", nil}},
		ByName: map[string]inner{"four": {Name: "4\n"}},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(sample{})); d != "" {
		t.Error(d)
	}
}

func TestDecodeReportsEveryFault(t *testing.T) {
	var s sample
	r := Decode([]byte(`verison: "1"
count: many
on: maybe
wait: 5
level: middling
inner:
  name:
  tags: []
  colour: red
items:
  - name: {a: b}
  - just text
by_name: [x]
count: 2
inner2: &a {b: c}
ratio: *a
`), &s)
	r.Add("items[1].name", "is missing")
	r.Add("nowhere", "is missing")
	want := strings.TrimSpace(`
nowhere: is missing
line 1: verison: there is no such key; did you mean version?
line 2: count: "many" is not a whole number
line 3: on: "maybe" is neither true nor false
line 4: wait: "5" is not a duration: write it as 90s, 15m or 24h
line 5: level: "middling" is neither low nor high
line 7: inner.name: has no value
line 8: inner.tags: is an empty list: leave the key out instead
line 9: inner.colour: there is no such key; known here: name, tags
line 11: items[0].name: has keys, but a single value is wanted
line 12: items[1]: is a single value, but a mapping of its keys is wanted
line 12: items[1].name: is missing
line 13: by_name: is a list, but a mapping is wanted
line 14: count: is given twice
line 15: inner2: there is no such key; did you mean inner?
line 16: ratio: anchors, aliases, tags and merge keys are not used here`)
	if d := cmp.Diff(want, r.Err().Error()); d != "" {
		t.Error(d)
	}
	if !r.Has("items[0].name") || r.Has("items[1].name") || !r.Faulty("items[0]") || r.Faulty("version") {
		t.Error("Has or Faulty is wrong about what the file holds")
	}
}

func TestDecodeRefusesTheWholeFile(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":     {"", "is empty"},
		"comment":   {"# nothing\n", "is empty"},
		"documents": {"version: a\n---\nversion: b\n", "holds more than one document (---)"},
		"deep":      {"version: " + strings.Repeat("[", 1000), "line 1: is nested too deeply"},
		"dashes":    {strings.Repeat("- ", 1000), "line 1: is nested too deeply"},
		"large":     {strings.Repeat("#", MaxSize+1), "is larger than 1048576 bytes"},
		"list":      {"- a\n", "is a list, but a mapping of its keys is wanted"},
	} {
		err := Decode([]byte(c.text), new(sample)).Err()
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestSyntaxFaultShowsNoValue(t *testing.T) {
	err := Decode([]byte("version: \"hunter2\n"), new(sample)).Err()
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the fault is %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("version: 1\nitems:\n - name: a\n"))
	f.Add([]byte("inner: {name: &x y, tags: *x}\n<<: !!str z\n? [a]\n: b\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var s sample
		err := Decode(data, &s).Err()
		if err != nil && err.Error() == "" {
			t.Error("a fault without words")
		}
	})
}
