package page

// Measures of bar charts, in the plane's units.
const (
	barHeight = 20.0
	barGap    = 10.0
	labelGap  = 8.0
	narrow    = 480.0 // below this width, labels stand above their bars
)

func (c Bars) draw(width float64) *drawing {
	rows := make([]StackRow, len(c.Bars))
	for i, b := range c.Bars {
		rows[i] = StackRow{Label: b.Label, Values: []int64{b.Value}}
	}
	return Stack{Rows: rows}.draw(width)
}

func (c Stack) draw(width float64) *drawing {
	d := &drawing{width: width}
	s := stackLayout{drawing: d, above: width < narrow, most: 1}
	for _, r := range c.Rows {
		s.most = max(s.most, r.sum())
	}
	s.legend(c.Parts)
	s.columns(c)
	for _, r := range c.Rows {
		s.row(r)
	}
	d.height = s.y
	return d
}

func (r StackRow) sum() int64 {
	var sum int64
	for _, v := range r.Values {
		sum += v
	}
	return sum
}

// A stackLayout lays bars out downwards.
type stackLayout struct {
	*drawing
	above bool    // labels stand above the bars
	most  int64   // what the whole width means
	left  float64 // where bars begin
	room  float64 // the length of the longest bar
	y     float64
}

// legend shows each part's texture with its name, in as many lines as needed.
func (s *stackLayout) legend(parts []string) {
	if len(parts) == 0 {
		return
	}
	x := 0.0
	for i, p := range parts {
		need := 20 + measure(p) + 16
		if x > 0 && x+need > s.width {
			x, s.y = 0, s.y+textSize+8
		}
		s.add(box{x: x, y: s.y, w: 14, h: 14, texture: texture(i)}, label{x: x + 20, y: s.y + 12, text: fitText(p, s.width-20), colour: ink})
		x += need
	}
	s.y += textSize + 16
}

// columns decides where labels end and how long bars may be.
func (s *stackLayout) columns(c Stack) {
	names, numbers := 0.0, 0.0
	for _, r := range c.Rows {
		names, numbers = max(names, measure(r.Label)), max(numbers, measure(Thousands(r.sum())))
	}
	if !s.above {
		s.left = min(names, 0.4*s.width) + labelGap
	}
	s.room = s.width - s.left - labelGap - numbers*1.08
}

func (s *stackLayout) row(r StackRow) {
	if s.above {
		s.add(label{x: 0, y: s.y + 13, text: fitText(r.Label, s.width), colour: ink})
		s.y += 18
	} else {
		s.add(label{x: s.left - labelGap, y: s.y + barHeight/2 + 5, text: fitText(r.Label, s.left-labelGap), anchor: end, colour: ink})
	}
	x := s.left
	for i, v := range r.Values {
		w := s.room * float64(v) / float64(s.most)
		if v > 0 {
			w = max(w, 1)
			s.add(box{x: x, y: s.y, w: w, h: barHeight, texture: texture(i)})
			s.inside(x, w, v, texture(i), len(r.Values))
		}
		x += w
	}
	s.add(label{x: x + labelGap, y: s.y + barHeight/2 + 5, text: Thousands(r.sum()), strong: true, colour: ink})
	s.y += barHeight + barGap
}

// inside writes a part's number on it, where it fits and is not the whole.
func (s *stackLayout) inside(x, w float64, v int64, t texture, parts int) {
	text := Thousands(v)
	if parts < 2 || measure(text)+8 > w {
		return
	}
	l := label{x: x + w/2, y: s.y + barHeight/2 + 5, text: text, anchor: middle, colour: ink, backed: t == hatched || t == crossed}
	if t == solid {
		l.colour = paper
	}
	s.add(l)
}

// Measures of charts with a time axis.
const (
	plotHeight = 180.0
	plotTop    = 24.0
)

// draw lays out columns, or on a narrow page bars, where labels have room.
func (c Histogram) draw(width float64) *drawing {
	if width < narrow {
		return Bars{Bars: c.Bins}.draw(width)
	}
	d := &drawing{width: width, height: plotTop + plotHeight + 24}
	if len(c.Bins) == 0 {
		return d
	}
	most, step := largest(c.lines()), width/float64(len(c.Bins))
	floor := plotTop + plotHeight
	every := axisStep(c.Bins, step+8)
	for i, b := range c.Bins {
		h := plotHeight * float64(b.Value) / float64(most)
		x := float64(i) * step
		if b.Value > 0 {
			h = max(h, 1)
			d.add(box{x: x + step*0.1, y: floor - h, w: step * 0.8, h: h, texture: solid})
		}
		if text := Thousands(b.Value); measure(text) <= step {
			d.add(label{x: x + step/2, y: floor - h - 6, text: text, anchor: middle, strong: true, colour: ink})
		}
		if i%every == 0 {
			d.add(label{x: x + step/2, y: floor + 18, text: fitText(b.Label, step*float64(every)), anchor: middle, colour: soft})
		}
	}
	d.add(stroke{points: []point{{0, floor}, {width, floor}}, width: 1, colour: rule})
	return d
}

// axisStep returns how many points one label of the axis stands for, so that
// labels do not run into each other.
func axisStep(points []Bar, step float64) int {
	widest := 0.0
	for _, p := range points {
		widest = max(widest, measure(p.Label))
	}
	every := 1
	for every < len(points) && widest+10 > step*float64(every) && every < 64 {
		every++
	}
	return every
}
