package page

// fit shares total among columns that would like to be as wide as natural and
// can be as narrow as least. Who needs little gets it; what is short is taken
// from the widest. If even the least widths are too much, all shrink alike.
func fit(natural, least []float64, total float64) []float64 {
	widths := make([]float64, len(natural))
	if sum(natural) <= total {
		copy(widths, natural)
		return widths
	}
	if need := sum(least); need >= total {
		for i := range widths {
			widths[i] = least[i] * total / need
		}
		return widths
	}
	// The bound below which every column keeps its natural width: found by
	// halving, since the sum grows with it.
	low, high := 0.0, total
	for range 40 {
		bound := (low + high) / 2
		for i := range widths {
			widths[i] = max(least[i], min(natural[i], bound))
		}
		if sum(widths) > total {
			high = bound
		} else {
			low = bound
		}
	}
	for i := range widths {
		widths[i] = max(least[i], min(natural[i], low))
	}
	return widths
}

func sum(all []float64) float64 {
	total := 0.0
	for _, v := range all {
		total += v
	}
	return total
}
