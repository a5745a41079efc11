package journal_test

import (
	"sync"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/journal"
)

func BenchmarkAppend(b *testing.B) {
	for name, writers := range map[string]int{"one": 1, "64-together": 64} {
		b.Run(name, func(b *testing.B) {
			j := open(b, newLog(b))
			var running sync.WaitGroup
			work := make(chan int)
			b.ResetTimer()
			for range writers {
				running.Go(func() {
					for n := range work {
						if _, err := j.Append(b.Context(), numbered(n)); err != nil {
							b.Error(err)
						}
					}
				})
			}
			for n := range b.N {
				work <- n
			}
			close(work)
			running.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	st := newLog(b)
	fill(b, open(b, st), 0, 100_000, 100)
	r := openReader(b, st)
	b.ResetTimer()
	for range b.N {
		report, err := r.Verify(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(report.Octets)
	}
}

func BenchmarkEntries(b *testing.B) {
	st := newLog(b)
	fill(b, open(b, st), 0, 100_000, 100)
	r := openReader(b, st)
	b.ResetTimer()
	for range b.N {
		searches(b, r)
	}
	b.ReportMetric(float64(b.N*100_000)/b.Elapsed().Seconds(), "entries/s")
}

// BenchmarkOpen opens a log of a million entries, closed and killed.
func BenchmarkOpen(b *testing.B) {
	st := newLog(b)
	j := open(b, st)
	fill(b, j, 0, 999_700, journal.MaxEntries)
	fill(b, j, 999_700, 1_000_000, 1)
	b.Run("after-kill", func(b *testing.B) {
		for range b.N {
			openReader(b, st)
		}
	})
	if err := j.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Run("after-close", func(b *testing.B) {
		for range b.N {
			openReader(b, st)
		}
	})
	b.Run("take-pen", func(b *testing.B) {
		for range b.N {
			begin := time.Now()
			j := open(b, st)
			b.ReportMetric(float64(time.Since(begin).Milliseconds()), "ms")
			closeNow(j)
		}
	})
}
