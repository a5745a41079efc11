package page

import (
	"bytes"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func makeHTML(t testing.TB, d *Document) (string, *html.Node) {
	t.Helper()
	var b bytes.Buffer
	if err := WriteHTML(&b, d); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), root
}

// elements returns all elements of these names, in order.
func elements(root *html.Node, names ...string) []*html.Node {
	var all []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && slices.Contains(names, n.Data) {
			all = append(all, n)
		}
	}
	return all
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if strings.EqualFold(a.Key, name) {
			return a.Val
		}
	}
	return ""
}

func TestHTMLIsStructured(t *testing.T) {
	text, root := makeHTML(t, sample())
	for name, want := range map[string]int{"h1": 1, "main": 1, "header": 1, "nav": 1, "figure": 4, "figcaption": 4, "caption": 1} {
		if got := len(elements(root, name)); got != want {
			t.Errorf("%d %s, want %d", got, name, want)
		}
	}
	if lang := attribute(elements(root, "html")[0], "lang"); lang != "en-GB" {
		t.Errorf("lang %q", lang)
	}
	last := 0
	for _, h := range elements(root, "h1", "h2", "h3") {
		level := int(h.Data[1] - '0')
		if level > last+1 {
			t.Errorf("a heading of level %d follows one of level %d", level, last)
		}
		last = level
	}
	for _, th := range elements(root, "th") {
		if scope := attribute(th, "scope"); scope != "col" && scope != "row" {
			t.Errorf("a th has scope %q", scope)
		}
	}
	ids := map[string]bool{}
	for n := range root.Descendants() {
		if id := attribute(n, "id"); id != "" {
			if ids[id] {
				t.Errorf("id %s is there twice", id)
			}
			ids[id] = true
		}
	}
	for _, svg := range elements(root, "svg") {
		for _, id := range strings.Fields(attribute(svg, "aria-labelledby")) {
			if !ids[id] || attribute(svg, "role") != "img" {
				t.Errorf("a picture is labelled by %s, which is not there", id)
			}
		}
	}
	if !strings.Contains(text, "In records: MIN-01 Ministerial papers: 12,033;") {
		t.Error("a chart does not say its numbers in words")
	}
	rows := elements(root, "tr")
	for _, r := range rows {
		if n := len(elements(r, "td", "th")); n != 5 {
			t.Errorf("a row has %d cells", n)
		}
	}
}

func TestHTMLNeedsNothingElse(t *testing.T) {
	text, root := makeHTML(t, sample())
	checkContained(t, root)
	policy := ""
	for _, m := range elements(root, "meta") {
		if attribute(m, "http-equiv") == "Content-Security-Policy" {
			policy = attribute(m, "content")
		}
	}
	style := elements(root, "style")
	if len(style) != 1 || !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "'"+styleDigest(style[0].FirstChild.Data)+"'") {
		t.Errorf("the policy %q does not name the style sheet", policy)
	}
	if strings.Contains(text, "url(") || strings.Contains(text, "@import") {
		t.Error("the style sheet refers elsewhere")
	}
}

// checkContained looks for anything that loads, runs or leads elsewhere.
func checkContained(t testing.TB, root *html.Node) {
	t.Helper()
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if slices.Contains([]string{"script", "link", "img", "image", "iframe", "object", "embed", "form", "base", "use", "foreignobject"}, strings.ToLower(n.Data)) {
			t.Errorf("there is a %s", n.Data)
		}
		for _, a := range n.Attr {
			switch key := strings.ToLower(a.Key); {
			case strings.HasPrefix(key, "on"), key == "src", key == "style", key == "srcset", key == "action":
				t.Errorf("%s has %s=%q", n.Data, a.Key, a.Val)
			case key == "href" && !strings.HasPrefix(a.Val, "#"):
				t.Errorf("%s leads to %q", n.Data, a.Val)
			}
		}
	}
}

func FuzzHTML(f *testing.F) {
	for _, s := range []string{"plain", "</style><script>x</script>", `"><svg onload=x>`, "\u202e\x00\xff", `\"; } * { background: url(http://x)`, "{{.}}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := &Document{Title: s, Subtitle: s, Authority: s, Reference: s, Marking: s, Program: s, Contents: true}
		d.Add(Heading{Text: s}, Paragraph{Text: s}, List{Items: []string{s}}, Facts{Caption: s, Pairs: []Pair{{Label: s, Value: s}}},
			Notice{Label: s, Text: s}, Table{Caption: s, Columns: []Column{{Title: s}}, Rows: [][]Cell{Row(Text(s))}},
			Signatures{Statement: s, People: []string{s}}, Bars{Title: s, Unit: s, Bars: []Bar{{s, 1}}},
			Stack{Title: s, Parts: []string{s}, Rows: []StackRow{{s, []int64{1, 2}}}}, Line{Title: s, Points: []Bar{{s, 1}}}, Histogram{Title: s, Bins: []Bar{{s, 0}}})
		_, root := makeHTML(t, d)
		checkContained(t, root)
		if n := len(elements(root, "style")); n != 1 {
			t.Errorf("%d style sheets", n)
		}
		if err := WritePDF(&bytes.Buffer{}, d); err != nil {
			t.Error(err)
		}
	})
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(c colour) float64 {
	r, g, b := c.rgb()
	part := func(v int) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*part(r) + 0.7152*part(g) + 0.0722*part(b)
}

func contrast(a, b colour) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrast(t *testing.T) {
	for _, c := range []struct {
		text, ground colour
		least        float64
		where        string
	}{
		{ink, paper, 7, "text"}, {soft, paper, 7, "labels"}, {ink, wash, 7, "notices"}, {deep, paper, 7, "links"},
		{greenInk, greenWash, 4.5, "green"}, {amberInk, amberWash, 4.5, "amber"}, {redInk, redWash, 4.5, "red"},
		{greenInk, paper, 4.5, "green on paper"}, {amberInk, paper, 4.5, "amber on paper"}, {redInk, paper, 4.5, "red on paper"},
		{ink, greenWash, 4.5, "text of a green notice"}, {ink, amberWash, 4.5, "of an amber one"}, {ink, redWash, 4.5, "of a red one"},
		{paper, deep, 4.5, "numbers on a solid bar"}, {ink, pale, 4.5, "numbers on a light bar"},
		{deep, paper, 3, "bars"}, {deep, pale, 3, "edges of light bars"}, {rule, paper, 3, "lines that mean something"},
	} {
		if got := contrast(c.text, c.ground); got < c.least {
			t.Errorf("%s: %s on %s is %.2f, less than %.1f", c.where, c.text, c.ground, got, c.least)
		}
	}
}

// TestEveryColourOfTheStyleSheetCanBeRead goes through the style sheet: every
// colour of text in it is held against every ground that text can stand on, and
// every line that means something against the paper.
func TestEveryColourOfTheStyleSheetCanBeRead(t *testing.T) {
	named := map[string]colour{"ink": ink, "soft": soft, "rule": rule, "faint": faint, "wash": wash, "paper": paper, "deep": deep, "green-ink": greenInk,
		"green-wash": greenWash, "amber-ink": amberInk, "amber-wash": amberWash, "red-ink": redInk, "red-wash": redWash}
	of := func(value string) colour {
		if name, ok := strings.CutPrefix(value, "var(--"); ok {
			if c := named[strings.TrimSuffix(name, ")")]; c != "" {
				return c
			}
			t.Fatalf("the palette has no %s", value)
		}
		return colour(value)
	}
	texts, grounds := map[colour]string{}, map[colour]string{}
	for _, m := range regexp.MustCompile(`([^{}]+)\{([^{}]*)\}`).FindAllStringSubmatch(styleText, -1) {
		selector := strings.TrimSpace(m[1])
		for _, line := range strings.Split(m[2], ";") {
			property, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			switch {
			case property == "color" && value != "inherit":
				texts[of(value)] = selector
			case property == "background":
				grounds[of(value)] = selector
			case strings.HasPrefix(property, "border") || property == "outline":
				if c := regexp.MustCompile(`var\(--[a-z-]+\)`).FindString(value); c != "" && of(c) != faint && contrast(of(c), paper) < 3 {
					t.Errorf("%s: a line of %s is hardly seen", selector, value)
				}
			}
		}
	}
	if len(texts) < 6 || len(grounds) < 5 {
		t.Fatalf("%d colours of text on %d grounds", len(texts), len(grounds))
	}
	toned := map[colour]colour{greenInk: greenWash, amberInk: amberWash, redInk: redWash}
	for text, where := range texts {
		for ground, on := range grounds {
			if own := toned[text]; own != "" && ground != own && ground != paper {
				continue // a tone stands on its own wash or on paper
			}
			if got := contrast(text, ground); got < 4.5 {
				t.Errorf("%s (%s) on that of %s (%s): %.2f", where, text, on, ground, got)
			}
		}
	}
}

func TestTonesAreNeverColourAlone(t *testing.T) {
	seen := map[string]bool{}
	for _, tone := range []Tone{Green, Amber, Red} {
		if tone.sign() == "" || tone.Word() == "" || seen[tone.sign()] {
			t.Errorf("tone %d has no sign of its own", tone)
		}
		seen[tone.sign()] = true
	}
}
