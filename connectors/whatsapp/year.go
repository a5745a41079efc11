package whatsapp

// A yearPlace is what the numbers of a file's dates say of where the year is.
type yearPlace byte

const (
	yearLast       yearPlace = iota
	yearFirst                // it can be nowhere else
	yearSeemsFirst           // more days than years stand last, but too few to prove it
	yearMaybeFirst           // the digits are of languages of which one prints it first
)

// yearPlace finds the year among three numbers. It is where four digits are, or
// what no day can be, or the era. Of two-digit years, the number that takes more
// values is the day: over several days they prove the order. Within a day or two
// only the form can tell: a time in parentheses is Basque, and a stop after the
// last number of two digits Korean, both of which begin with the year; stops
// without a space end with it.
func (d *dates) yearPlace() yearPlace {
	c := d.countYears()
	form := &d.sc.shape.stamp
	switch n := len(d.sc.recs); {
	case 2*(c.wide+c.large) > n:
		return yearFirst
	case 2*c.wideLast > n: // Hicri 18.01.1448: the era stands first, and the year last
		return yearLast
	case form.eraPrinted: // beside the year
		if form.eraFirst {
			return yearFirst
		}
		return yearLast
	case !d.possible(YMD):
		return yearLast
	case form.paren, d.korean(), c.last >= c.first+2, !d.possible(DMY) && !d.possible(MDY):
		return yearFirst
	case form.dateSep == sepDot || form.dateSep == sepDotSp:
		return yearLast
	case c.last > c.first:
		return yearSeemsFirst
	case c.last == c.first && form.zero == '\u0966' && form.dateSep == sepSlash: // Nepali or Marathi
		return yearMaybeFirst
	}
	return yearLast
}

// korean reports whether a stop and a space follow the last number of a date
// whose numbers have stops and spaces between them: 26. 7. 13.
func (d *dates) korean() bool {
	f := &d.sc.forms[0]
	return d.sc.shape.stamp.dateSep == sepDotSp && !d.sc.shape.stamp.timeFirst && len(f.literals) > 3 && f.literals[3] != "" && f.literals[3][0] == '.'
}

// A yearCount is how the first and the last number of a file's dates look.
type yearCount struct {
	wide, large, wideLast int // records whose first number has four digits, or is no day; whose last has four
	first, last           int // how many values of two digits they have
}

func (d *dates) countYears() (c yearCount) {
	var first, last [100]bool
	for i := range d.sc.recs {
		r := &d.sc.recs[i]
		switch {
		case r.wide&1 != 0:
			c.wide++
		case r.value[0] > 31:
			c.large++
		}
		if r.wide&4 != 0 {
			c.wideLast++
		}
		if a, z := r.value[0], r.value[2]; a < 100 && z >= 0 && z < 100 {
			first[a], last[z] = true, true
		}
	}
	for k := range first {
		if first[k] {
			c.first++
		}
		if last[k] {
			c.last++
		}
	}
	return c
}
