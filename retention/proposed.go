package retention

// Proposed returns the schedule as it counts until it is adopted with a
// signature: it classifies, and nothing may be disposed of under it, whatever
// its file says of its status. A sample is returned as it is.
func (s *Schedule) Proposed() *Schedule {
	if s.Status == Sample {
		return s
	}
	p := *s
	p.Status = Sample
	p.notices = append([]string{"the schedule says that it is approved and was not adopted here: nothing may be disposed of under it until it is"}, s.notices...)
	return &p
}
