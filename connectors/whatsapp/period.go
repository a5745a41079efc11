package whatsapp

import "time"

// settlePeriods decides what words mean that the table of day periods does not
// know. One word in every header joins date and time, as "klo" does. Two words
// in a file whose hours never pass twelve are the halves of the day, and the
// assignment that keeps the file in time is the right one; if neither does,
// the words stay unknown and the stamps are not used.
func settlePeriods(d *dates) (unknown bool) {
	sc := d.sc
	var words []string
	seen := make(map[string]bool)
	for i := range sc.forms {
		if w := sc.forms[i].unknown; w != "" && !seen[w] {
			seen[w] = true
			words = append(words, w)
		}
	}
	if len(words) == 0 || sc.hoursPastTwelve() {
		return false
	}
	if len(words) == 1 {
		return sc.knownPeriods() > 0 && sc.assign(map[string]period{words[0]: unknownPeriod})
	}
	if len(words) == 2 {
		straight := map[string]period{words[0]: before, words[1]: after}
		crossed := map[string]period{words[0]: after, words[1]: before}
		sc.assign(straight)
		a := d.backward()
		sc.assign(crossed)
		switch b := d.backward(); {
		case b < a:
			return false
		case a < b:
			sc.assign(straight)
			return false
		}
	}
	return sc.assignAll(words, unknownPeriod)
}

func (sc *scanner) hoursPastTwelve() bool {
	for i := range sc.recs {
		if h := sc.recs[i].value[slotTime]; h > 12 || h == 0 {
			return true
		}
	}
	return false
}

func (sc *scanner) knownPeriods() (n int) {
	for i := range sc.forms {
		if sc.forms[i].period != noPeriod {
			n++
		}
	}
	return n
}

func (sc *scanner) assign(meaning map[string]period) bool {
	for i := range sc.forms {
		if p, ok := meaning[sc.forms[i].unknown]; ok {
			sc.forms[i].period = p
		}
	}
	return true
}

func (sc *scanner) assignAll(words []string, p period) bool {
	m := make(map[string]period, len(words))
	for _, w := range words {
		m[w] = p
	}
	return sc.assign(m)
}

// backward adds up how far the file steps back in time.
func (d *dates) backward() (total time.Duration) {
	var last time.Time
	for i := range d.sc.recs {
		t, ok := d.read(d.order.Used, &d.sc.recs[i])
		if ok && t.Before(last) {
			total += last.Sub(t)
		}
		if ok {
			last = t
		}
	}
	return total
}
