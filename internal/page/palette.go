package page

// A colour is written as #rrggbb.
type colour string

// The palette: the same in HTML, in charts and in PDF. Its contrasts are
// computed by a test against WCAG 2.2, criteria 1.4.3 and 1.4.11.
const (
	ink   colour = "#1b1b1b" // text
	soft  colour = "#4f4f4f" // labels and explanations
	rule  colour = "#767676" // lines that mean something
	faint colour = "#d5d2cb" // lines that only help the eye
	wash  colour = "#f4f2ee" // ground of notices
	paper colour = "#ffffff"
	deep  colour = "#1f3a5f" // what a chart shows
	pale  colour = "#c3d0e0" // a chart's third texture

	greenInk  colour = "#0b5d2f"
	greenWash colour = "#e9f4ec"
	amberInk  colour = "#6f4400"
	amberWash colour = "#fdf1da"
	redInk    colour = "#8f1414"
	redWash   colour = "#fbeaea"
)

// colours returns a tone's text and ground.
func (t Tone) colours() (text, ground colour) {
	switch t {
	case Green:
		return greenInk, greenWash
	case Amber:
		return amberInk, amberWash
	case Red:
		return redInk, redWash
	}
	return ink, wash
}

// rgb returns the three components, 0 to 255.
func (c colour) rgb() (r, g, b int) {
	digit := func(i int) int {
		switch d := c[i]; {
		case d >= 'a':
			return int(d-'a') + 10
		default:
			return int(d - '0')
		}
	}
	return digit(1)<<4 | digit(2), digit(3)<<4 | digit(4), digit(5)<<4 | digit(6)
}
