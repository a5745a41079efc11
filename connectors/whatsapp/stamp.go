package whatsapp

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A stamp is the date and time of a header as they are printed, before anyone
// has decided which number is the day.
type stamp struct {
	n      int       // numbers printed
	value  [6]int    // in printed order
	digits [6]int    // how many digits each has
	at     [6]span   // where each stands in the text
	slot   [6]int    // what each is: dateSlot 0–2 or timeSlot 3–5
	word   string    // letters between date and time, or before a leading time
	tail   string    // letters after the last number
	era    string    // letters that belong to the year
	month  int       // 1–12 where the month is a name; else 0
	shape  stampForm // everything else
}

type span struct{ from, to int }

// The slots of a stamp's numbers. A stamp without a year or without seconds
// leaves slots empty. Date slots are in printed order, except that in a stamp
// with a named month slot 0 is the day and slot 2 the year.
const (
	slotDate = 0
	slotTime = 3
	slots    = 6
)

// A stampForm is what two stamps of one file have in common: the locale is
// applied once, at export time, so it is the same in every header. It leaves
// out digit values and counts, spaces, and the words for halves of the day.
type stampForm struct {
	zero       rune
	dates      int8 // date numbers printed, 1–3
	times      int8 // 2, or 3 with seconds
	timeFirst  bool
	named      bool // the month is a name
	dateSep    sepKind
	timeSep    sepKind
	comma      rune // between date and time: , or ، or 0
	paren      bool // the time stands in parentheses (Basque)
	twelve     bool // a known part of the day is printed
	eraPrinted bool
	eraFirst   bool // before the first number: that is the year
}

// A sepKind classifies what stands between two numbers.
type sepKind byte

const (
	sepNone  sepKind = 0
	sepSlash sepKind = '/'
	sepDash  sepKind = '-'
	sepDot   sepKind = '.'
	sepDotSp sepKind = 'D' // dot and space
	sepColon sepKind = ':'
	sepUnit  sepKind = 'h' // words: 14 h 05 min
	sepCJK   sepKind = '年'&0x7f | 0x80
	sepOther sepKind = '?'
)

const maxStamp = 96 // bytes; the longest observed is under 60

// parseStamp reads text as a stamp and nothing else. Slow and thorough; the
// scanner calls it for one header of each literal form.
func parseStamp(text string) (stamp, bool) {
	var st stamp
	var gaps [slots + 1]string
	if len(text) > maxStamp || !st.tokenise(text, &gaps) {
		return st, false
	}
	if !st.numeric(&gaps) && !st.namedMonth(&gaps) {
		return st, false
	}
	p, _ := wordsOf(&st)
	st.shape.twelve = p != noPeriod
	return st, true
}

// tokenise finds the numbers and the text between them.
func (st *stamp) tokenise(text string, gaps *[slots + 1]string) bool {
	from := 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		_, zero, ok := digit(r)
		if !ok {
			i += size
			continue
		}
		if st.n == slots || st.n > 0 && zero != st.shape.zero {
			return false
		}
		st.shape.zero = zero
		value, digits, end := number(text, i, zero)
		if digits > 4 {
			return false
		}
		gaps[st.n] = text[from:i]
		st.value[st.n], st.digits[st.n], st.at[st.n] = value, digits, span{i, end}
		st.n++
		i, from = end, end
	}
	gaps[st.n] = text[from:]
	return st.n >= 3
}

// numeric reads the stamps whose month is a number.
func (st *stamp) numeric(gaps *[slots + 1]string) bool {
	if st.n < 4 {
		return false
	}
	f := &st.shape
	k := kindOf(gaps[1])
	if f.timeFirst = k == sepColon || k == sepUnit; f.timeFirst {
		f.timeSep, f.times = k, 2
		if st.n > 4 && timeJoin(gaps[2], k) {
			f.times = 3
		}
		return st.dateGroup(gaps, int(f.times)) && st.words(gaps[0], gaps[f.times], gaps[st.n])
	}
	if !st.dateGroup(gaps, 0) || !st.timeGroup(gaps, int(f.dates)) {
		return false
	}
	if era := letters(gaps[0]); era != "" {
		if f.eraFirst = true; !f.setEra(st, era) {
			return false
		}
	} else if strip(gaps[0]) != "" {
		return false
	}
	return st.words("", gaps[f.dates], gaps[st.n])
}

// dateGroup takes two or three numbers from the first on as the date.
func (st *stamp) dateGroup(gaps *[slots + 1]string, first int) bool {
	f := &st.shape
	rest := st.n - first
	if f.dateSep = dateJoin(gaps[first+1]); f.dateSep == sepNone {
		return false
	}
	f.dates = 2
	if third := gaps[first+2]; rest >= 3 && (f.timeFirst || rest >= 5) {
		if k := dateJoin(third); k == f.dateSep {
			f.dates = 3
		} else if era := letters(third); era != "" && f.dateSep == dateJoin(strings.Replace(third, era, "", 1)) && f.setEra(st, era) {
			f.dates = 3
		}
	}
	for i := range int(f.dates) {
		st.slot[first+i] = slotDate + i
	}
	if f.timeFirst {
		for i := range first {
			st.slot[i] = slotTime + i
		}
		return rest == int(f.dates)
	}
	return true
}

// timeGroup takes the numbers from the first on as the time.
func (st *stamp) timeGroup(gaps *[slots + 1]string, first int) bool {
	f := &st.shape
	f.times = int8(st.n - first)
	if f.times != 2 && f.times != 3 {
		return false
	}
	if f.timeSep = kindOf(gaps[first+1]); f.timeSep != sepColon && f.timeSep != sepDot && f.timeSep != sepUnit {
		return false
	}
	if f.times == 3 && !timeJoin(gaps[first+2], f.timeSep) {
		return false
	}
	for i := range int(f.times) {
		st.slot[first+i] = slotTime + i
	}
	return true
}

func timeJoin(gap string, k sepKind) bool { return kindOf(gap) == k }

// dateJoin returns the kind of a separator inside a date, or sepNone.
func dateJoin(gap string) sepKind {
	switch k := kindOf(gap); k {
	case sepSlash, sepDash, sepDot, sepDotSp, sepCJK:
		return k
	}
	return sepNone
}

// kindOf classifies a gap, whatever marks and spaces it holds.
func kindOf(gap string) sepKind {
	switch gap {
	case "/":
		return sepSlash
	case ":":
		return sepColon
	case ".":
		return sepDot
	case "-":
		return sepDash
	}
	g := strip(gap)
	switch g {
	case "/", "-", ":":
		return sepKind(g[0])
	case ".":
		if strings.TrimFunc(gap, isMark) == g {
			return sepDot
		}
		return sepDotSp
	case "年", "月", "년", "월":
		return sepCJK
	case "h", "min", "時", "时", "分", "點", "点", "시", "분", "ч", "u":
		return sepUnit
	case "h:", "h.":
		return sepUnit
	}
	return sepOther
}

// words reads the text around the numbers: an era, a word that joins date and
// time, a half of the day. Anything but letters, dots and a comma there means
// that this is no stamp.
func (st *stamp) words(lead, glue, tail string) bool {
	f := &st.shape
	if i, j := strings.IndexByte(glue, '('), strings.LastIndexByte(tail, ')'); i >= 0 && j >= 0 {
		f.paren, glue, tail = true, glue[:i]+glue[i+1:], tail[:j]+tail[j+1:]
	}
	left, right, comma := cutComma(glue)
	f.comma = comma
	for _, part := range []string{lead, left, right, tail} {
		if !wordy(part) {
			return false
		}
	}
	before := letters(left)
	_, isPeriod := periods[fold(before)]
	if !f.timeFirst && isEra(before) && (comma != 0 || !isPeriod || st.ofAnotherEra()) {
		f.setEra(st, before)
		before = ""
	}
	st.word, st.tail = letters(lead)+before+letters(right), letters(tail)
	return true
}

// ofAnotherEra reports whether the year is one that the Gregorian calendar has
// not had since WhatsApp began: then a word that may name an era or a half of
// the day, such as AP, names the era.
func (st *stamp) ofAnotherEra() bool {
	for i := range st.n {
		if y := st.value[i]; st.digits[i] == 4 && (y < 1900 || y > 2200) {
			return true
		}
	}
	return false
}

func (f *stampForm) setEra(st *stamp, era string) bool {
	st.era, f.eraPrinted = era, true
	return len(era) <= 24
}

// cutComma divides the text between date and time at its comma.
func cutComma(glue string) (left, right string, comma rune) {
	for i, r := range glue {
		if r == ',' || r == '،' {
			return glue[:i], glue[i+utf8.RuneLen(r):], r
		}
	}
	return glue, "", 0
}

// namedMonth reads the stamps of 2013: Mar 5, 8:11 PM; 19:23, 28 Aug 2013.
func (st *stamp) namedMonth(gaps *[slots + 1]string) bool {
	st.shape = stampForm{zero: st.shape.zero, named: true}
	f := &st.shape
	first := 0
	for first+1 < st.n && kindOf(gaps[first+1]) != sepColon {
		first++
	}
	if first+1 >= st.n {
		return false
	}
	f.timeSep, f.times = sepColon, 2
	if first+2 < st.n && kindOf(gaps[first+2]) == sepColon {
		f.times = 3
	}
	if f.timeFirst = first == 0; !f.timeFirst && first+int(f.times) != st.n {
		return false
	}
	for i := range st.n {
		switch {
		case i >= first && i < first+int(f.times):
			st.slot[i] = slotTime + i - first
			continue
		case st.digits[i] == 4:
			st.slot[i] = slotDate + 2
		default:
			st.slot[i] = slotDate
		}
		f.dates++
	}
	return f.dates >= 1 && f.dates <= 2 && st.monthWords(gaps)
}

// monthWords finds the month's name among the words of a stamp.
func (st *stamp) monthWords(gaps *[slots + 1]string) bool {
	for i, gap := range gaps[:st.n+1] {
		for w := range strings.FieldsFuncSeq(gap, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
			if m := monthOf(w); m != 0 && st.month == 0 {
				st.month = m
			} else if i == st.n {
				st.tail += w
			} else if _, known := periods[fold(w)]; known {
				st.word += w
			} else if len(w) > 3 {
				return false
			}
		}
		if !wordy(strings.NewReplacer(",", "", "،", "", ":", "").Replace(gap)) {
			return false
		}
	}
	return st.month != 0
}

// wordy reports whether s could be a word of a stamp, with its spaces and dots.
func wordy(s string) bool {
	for _, r := range s {
		switch {
		case isMark(r), isSpace(r), unicode.IsLetter(r), unicode.IsMark(r):
		case strings.ContainsRune(".'’׳״\"ʼ\u200c\u200d", r):
		default:
			return false
		}
	}
	return len(s) <= 48
}

// letters returns s without marks, outer spaces and outer dots.
func letters(s string) string {
	return strings.TrimFunc(s, func(r rune) bool {
		return isMark(r) || isSpace(r) || r == '.' || r == '/' || r == '-'
	})
}

// strip returns s without marks and spaces.
func strip(s string) string {
	return strings.Map(func(r rune) rune {
		if isMark(r) || isSpace(r) {
			return -1
		}
		return r
	}, s)
}

// fold reduces a word of a stamp to what the tables are keyed by: lower case,
// and nothing but letters.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
