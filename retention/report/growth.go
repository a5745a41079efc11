package report

import (
	"fmt"
	"maps"
	"slices"
)

// A GrowthLine is how many of the records that are kept were captured in a
// quarter, and how many in all by its end.
type GrowthLine struct {
	Quarter  string `json:"quarter"`
	Captured int64  `json:"captured"`
	Total    int64  `json:"total"`
}

// A ForecastLine is how many records are expected by the end of a quarter if
// capture goes on as in the last four whole quarters and nothing is disposed
// of: at their mean, between the least and the most of them.
type ForecastLine struct {
	Quarter string `json:"quarter"`
	Total   int64  `json:"total"`
	Low     int64  `json:"low"`
	High    int64  `json:"high"`
}

// Quarters that growth looks back and forward.
const (
	growthBack = 12
	growthOn   = 4
	growthOf   = 4 // whole quarters that a forecast needs
)

// growth adds up the quarters up to the present one, which is not over, and
// looks ahead where there is enough to look back on.
func growth(captured map[quarter]int64, now quarter) ([]GrowthLine, []ForecastLine) {
	if len(captured) == 0 {
		return nil, nil
	}
	first := slices.Min(slices.Collect(maps.Keys(captured)))
	var lines []GrowthLine
	var total int64
	for q := first; q <= now; q++ {
		total += captured[q]
		lines = append(lines, GrowthLine{Quarter: q.String(), Captured: captured[q], Total: total})
	}
	var ahead []ForecastLine
	if whole := lines[:max(len(lines)-1, 0)]; len(whole) >= growthOf {
		ahead = forecast(whole[len(whole)-growthOf:], now)
	}
	return lines[max(0, len(lines)-growthBack-1):], ahead
}

// forecast goes on from the end of the last whole quarter.
func forecast(last []GrowthLine, now quarter) []ForecastLine {
	low, high, sum := last[0].Captured, last[0].Captured, int64(0)
	for _, l := range last {
		low, high, sum = min(low, l.Captured), max(high, l.Captured), sum+l.Captured
	}
	base, n := last[len(last)-1].Total, int64(len(last))
	var ahead []ForecastLine
	for i := int64(1); i <= growthOn; i++ {
		q := now + quarter(i) - 1
		ahead = append(ahead, ForecastLine{Quarter: q.String(), Total: base + sum*i/n, Low: base + low*i, High: base + high*i})
	}
	return ahead
}

func (q quarter) String() string { return fmt.Sprintf("%04d-Q%d", int(q)/4, int(q)%4+1) }
