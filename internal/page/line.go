package page

func (c Line) draw(width float64) *drawing {
	d := &drawing{width: width, height: plotTop + plotHeight + 24}
	all := make([]Bar, 0, len(c.Points)+len(c.Forecast))
	all = append(all, c.Points...)
	high := largest(plainBars(c.Points))
	for _, f := range c.Forecast {
		all = append(all, Bar{Label: f.Label, Value: f.Value})
		high = max(high, f.High, f.Value)
	}
	if len(all) == 0 {
		return d
	}
	top := niceTop(high)
	p := plot{drawing: d, left: measure(Thousands(top)) + labelGap, top: top, n: len(all)}
	p.grid()
	p.axis(all)
	p.forecast(c)
	p.series(c.Points)
	return d
}

// A plot maps points and values onto a drawing.
type plot struct {
	*drawing
	left float64
	top  int64 // the value at the upper edge
	n    int   // points on the axis
}

func (p plot) right() float64 { return p.width - 16 }

func (p plot) at(i int, v int64) point {
	x := p.left + 10
	if p.n > 1 {
		x += (p.right() - x) * float64(i) / float64(p.n-1)
	}
	return point{x, plotTop + plotHeight*(1-float64(v)/float64(p.top))}
}

// grid draws a line for each quarter of the scale, with its value.
func (p plot) grid() {
	for q := range int64(5) {
		v := p.top * q / 4
		y := p.at(0, v).y
		c := faint
		if q == 0 {
			c = rule
		}
		p.add(stroke{points: []point{{p.left, y}, {p.width, y}}, width: 1, colour: c},
			label{x: p.left - labelGap, y: y + 5, text: Thousands(v), anchor: end, colour: soft})
	}
}

func (p plot) axis(all []Bar) {
	step := p.width
	if p.n > 1 {
		step = p.at(1, 0).x - p.at(0, 0).x
	}
	every := axisStep(all, step)
	for i := 0; i < p.n; i += every {
		l := label{x: p.at(i, 0).x, y: plotTop + plotHeight + 18, text: all[i].Label, anchor: middle, colour: soft}
		switch half := measure(l.text) / 2; {
		case l.x+half > p.width:
			l.x, l.anchor = p.width, end
		case l.x-half < p.left:
			l.x, l.anchor = p.left, start
		}
		p.add(l)
	}
}

// series draws what was, and writes the last number beside its point.
func (p plot) series(points []Bar) {
	if len(points) == 0 {
		return
	}
	line := stroke{width: 2, colour: deep}
	for i, b := range points {
		line.points = append(line.points, p.at(i, b.Value))
	}
	p.add(line)
	for _, at := range line.points {
		p.add(dot{x: at.x, y: at.y, r: 3})
	}
	p.value(len(points)-1, points[len(points)-1].Value, "")
}

// forecast draws what is expected, dashed, in its range.
func (p plot) forecast(c Line) {
	if len(c.Forecast) == 0 || len(c.Points) == 0 {
		return
	}
	from := len(c.Points) - 1
	last := p.at(from, c.Points[from].Value)
	line := stroke{points: []point{last}, width: 2, colour: deep, dashed: true}
	upper, lower := []point{last}, []point{}
	for i, f := range c.Forecast {
		line.points = append(line.points, p.at(from+1+i, f.Value))
		upper = append(upper, p.at(from+1+i, f.High))
		lower = append([]point{p.at(from+1+i, f.Low)}, lower...)
	}
	p.add(area{points: append(upper, lower...), fill: pale}, line)
	for _, at := range line.points[1:] {
		p.add(dot{x: at.x, y: at.y, r: 3, hollow: true})
	}
	n := len(c.Forecast) - 1
	p.value(from+1+n, c.Forecast[n].Value, "forecast ")
}

// value writes a number above its point, kept inside the drawing.
func (p plot) value(i int, v int64, before string) {
	at := p.at(i, v)
	l := label{x: at.x, y: max(at.y-10, 12), text: before + Thousands(v), anchor: middle, strong: true, colour: ink, backed: true}
	if half := measure(l.text) * 1.08 / 2; l.x+half > p.width {
		l.x, l.anchor = p.width, end
	}
	p.add(l)
}

// niceTop is the least round number that is not below v and has four equal
// parts.
func niceTop(v int64) int64 {
	for unit := int64(1); ; unit *= 10 {
		for _, n := range []int64{4, 8, 12, 20, 28} {
			if n*unit >= v {
				return n * unit
			}
		}
		if unit > 1<<58/10 {
			return v
		}
	}
}
