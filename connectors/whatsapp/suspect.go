package whatsapp

// far is a leap in time that sets a message apart, in seconds.
const far = 12 * 60 * 60

// longestPaste is how many messages somebody is supposed to have typed or pasted
// into one, at most.
const longestPaste = 20

// suspects marks messages that may be lines typed inside the message before
// them, which Android's form cannot show: their stamps leave the file's time
// and the next message returns to it.
func (rd *reader) suspects(leaps []int32) {
	recs := rd.sc.recs
	done := 0
	for _, leap := range leaps {
		i := int(leap)
		if i <= done {
			continue
		}
		base, ok := rd.seconds(i - 1)
		if !ok || recs[i-1].marks&system != 0 {
			continue
		}
		at, ok := rd.seconds(i)
		away := at - base
		if !ok || away > -far && away < far {
			continue
		}
		end := i
		for end < len(recs) && end-i <= longestPaste && !rd.resumes(base, end, away) {
			end++
		}
		if end == len(recs) || end-i > longestPaste {
			continue
		}
		for k := i; k < end; k++ {
			if recs[k].marks&system == 0 {
				recs[k].marks |= suspect
			}
		}
		done = end
	}
}

// seconds is the time of record i in seconds since 1970.
func (rd *reader) seconds(i int) (int64, bool) {
	return rd.dates.seconds(rd.dates.order.Used, &rd.sc.recs[i])
}

// resumes reports whether the stamp of record i carries on from base after an
// excursion in the direction of away, both in seconds.
func (rd *reader) resumes(base int64, i int, away int64) bool {
	at, ok := rd.seconds(i)
	if !ok {
		return false
	}
	gap := at - base
	if away < 0 {
		return gap >= 0
	}
	return gap >= -60*60 && gap < away/4
}

// strangers marks messages that step back in time by less than that, with the
// next message going on where they began, if everybody who speaks in them speaks
// nowhere else. Messages that arrive late step back too, but seldom are all that
// somebody ever wrote.
func (rd *reader) strangers(backward []int32) {
	recs := rd.sc.recs
	for _, at := range backward {
		i := int(at)
		base, ok := rd.seconds(i - 1)
		if !ok || recs[i-1].marks&(system|suspect) != 0 {
			continue
		}
		spoke := make(map[int32]int)
		end := i
		for ; end < len(recs) && end-i <= longestPaste && recs[end].who != nobody; end++ {
			if t, ok := rd.seconds(end); !ok || t >= base {
				break
			}
			spoke[recs[end].who]++
		}
		if end == i || end == len(recs) || end-i > longestPaste || recs[end].who == nobody {
			continue
		}
		alone := true
		for who, n := range spoke {
			alone = alone && rd.cast.all[who].count == n
		}
		for k := i; alone && k < end; k++ {
			recs[k].marks |= suspect
		}
	}
}
