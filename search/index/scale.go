package index

import (
	"encoding/binary"
	"time"
)

// Numbers that are searched by range (dates, sizes) are written as a few
// terms of increasing coarseness, so that any range is a union of few terms:
// at level l the term is the value divided by 2^(5·l). A range of any width
// then touches at most 62 terms at each level but the last.

const (
	scaleShift  = 5 // bits that a level is coarser than the one below it
	scaleLevels = 5 // the coarsest is value >> 20
)

// A termRange is the terms t with start ≤ t < end, byte-wise.
type termRange struct{ start, end []byte }

// scaleTerms returns the terms under which a value of this property is written.
func scaleTerms(property byte, value uint64) []string {
	terms := make([]string, scaleLevels)
	for l := range terms {
		terms[l] = string(scaleTerm(property, l, value>>(scaleShift*l)))
	}
	return terms
}

func scaleTerm(property byte, level int, value uint64) []byte {
	term := []byte{property, byte('0' + level), 0, 0, 0, 0, 0, 0, 0, 0}
	binary.BigEndian.PutUint64(term[2:], value)
	return term
}

// scaleRanges returns ranges of terms whose union is the values v with
// from ≤ v < until.
func scaleRanges(property byte, from, until uint64) []termRange {
	var ranges []termRange
	add := func(level int, a, b uint64) {
		if a < b {
			ranges = append(ranges, termRange{scaleTerm(property, level, a), scaleTerm(property, level, b)})
		}
	}
	const width = 1 << scaleShift
	for level := 0; from < until; level++ {
		inner := (from + width - 1) &^ (width - 1)
		outer := until &^ (width - 1)
		if level == scaleLevels-1 || inner >= outer {
			add(level, from, until)
			break
		}
		add(level, from, inner)
		add(level, outer, until)
		from, until = inner>>scaleShift, outer>>scaleShift
	}
	return ranges
}

// minutes returns the whole minutes since the year 1 in UTC. Times before it
// count as its beginning, times after the year 9999 as its end.
func minutes(t time.Time) uint64 {
	const year1, year10000 = -62135596800, 253402300800
	s := min(max(t.Unix(), year1), year10000)
	return uint64(s-year1) / 60
}
