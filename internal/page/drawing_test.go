package page

import (
	"math"
	"testing"

	"codeberg.org/go-fonts/liberation/liberationmonoregular"
	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"pgregory.net/rapid"
)

func TestColumnsFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "columns")
		natural, least := make([]float64, n), make([]float64, n)
		for i := range n {
			least[i] = float64(rapid.IntRange(1, 20).Draw(t, "least"))
			natural[i] = least[i] + float64(rapid.IntRange(0, 100).Draw(t, "more"))
		}
		total := float64(rapid.IntRange(10, 400).Draw(t, "total"))
		got := fit(natural, least, total)
		if sum(got) > total+1e-6 && sum(got) > sum(natural) {
			t.Fatalf("%v is wider than %v", got, total)
		}
		if sum(least) <= total {
			for i, w := range got {
				if w < least[i]-1e-6 || w > natural[i]+1e-6 {
					t.Fatalf("column %d is %v wide, not %v to %v", i, w, least[i], natural[i])
				}
			}
		}
		if sum(natural) > total && math.Abs(sum(got)-total) > 1e-3 {
			t.Fatalf("%v leaves room of %v unused", got, total)
		}
	})
}

// TestChartsStayInTheirDrawing draws random charts at both widths.
func TestChartsStayInTheirDrawing(t *testing.T) {
	bar := rapid.Custom(func(t *rapid.T) Bar {
		return Bar{rapid.StringN(0, 30, 60).Draw(t, "label"), rapid.Int64Range(0, 1e12).Draw(t, "value")}
	})
	rapid.Check(t, func(t *rapid.T) {
		bars := rapid.SliceOfN(bar, 0, 12).Draw(t, "bars")
		v := rapid.Int64Range(0, 1e12).Draw(t, "v")
		charts := []chart{Bars{Bars: bars}, Histogram{Bins: bars}, Line{Points: bars, Forecast: []Estimate{{"f", v, v / 2, v * 2}}},
			Stack{Parts: []string{"one", "two", "three", "four"}, Rows: []StackRow{{"row", []int64{v, 0, 1, v}}}}}
		for _, c := range charts {
			for _, width := range []float64{wideChart, narrowChart} {
				d := c.draw(width)
				for _, s := range d.shapes {
					inside(t, d, s)
				}
			}
		}
	})
}

func inside(t *rapid.T, d *drawing, s shape) {
	ok := func(x, y float64) {
		if !(x >= -0.5 && x <= d.width+0.5 && y >= -0.5 && y <= d.height+0.5) {
			t.Fatalf("%#v reaches %v, %v, outside %v × %v", s, x, y, d.width, d.height)
		}
	}
	switch s := s.(type) {
	case box:
		ok(s.x, s.y)
		ok(s.x+s.w, s.y+s.h)
		for _, l := range s.hatching() {
			for _, p := range l.points {
				if p.x < s.x-0.01 || p.x > s.x+s.w+0.01 || p.y < s.y-0.01 || p.y > s.y+s.h+0.01 {
					t.Fatalf("hatching leaves its box: %v of %v", p, s)
				}
			}
		}
	case stroke:
		for _, p := range s.points {
			ok(p.x, p.y)
		}
	case area:
		for _, p := range s.points {
			ok(p.x, p.y)
		}
	case dot:
		ok(s.x, s.y)
	case label:
		ok(s.x, s.y)
	}
}

func TestScalesAreRoundAndLargeEnough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Range(1, math.MaxInt64).Draw(t, "v")
		if top := niceTop(v); top < v || v < 1e17 && (top%4 != 0 || top > 4*v && v > 3) {
			t.Fatalf("%d for %d", top, v)
		}
	})
}

func TestFacesCoverWhatDocumentsNeed(t *testing.T) {
	for name, font := range map[string][]byte{"regular": liberationsansregular.TTF, "bold": liberationsansbold.TTF, "mono": liberationmonoregular.TTF} {
		c := covers(font)
		for _, r := range "AZaz09 £€§éñŁźΩЖ–—‘’“”…·×≥●▲■□" {
			if !c.has(r) {
				t.Errorf("%s lacks %q", name, r)
			}
		}
		if c.has('記') || c.has('🌊') {
			t.Errorf("%s claims glyphs that it has not got", name)
		}
	}
}

func FuzzCovers(f *testing.F) {
	f.Add(liberationsansregular.TTF[:4096])
	f.Add([]byte("OTTO"))
	f.Fuzz(func(t *testing.T, font []byte) {
		if covers(font).has(0x10000) {
			t.Error("a format 4 map names a character beyond its plane")
		}
	})
}
