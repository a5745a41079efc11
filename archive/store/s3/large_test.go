package s3_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

// peakHeap returns the most heap in use, in octets, while f ran.
func peakHeap(f func()) uint64 {
	done, peak := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
			select {
			case <-done:
				peak <- most
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	f()
	close(done)
	return <-peak
}

// A 1 GiB object goes up and comes down in parts, in little memory.
func TestGigabyteInLittleMemory(t *testing.T) {
	const size, limit = 1 << 30, 48 << 20
	s := storetest.StartVersityGW(t).Bucket(t)
	body := storetest.Body(size)
	sum, _, err := record.SumReader(body)
	if err != nil {
		t.Fatal(err)
	}
	up := peakHeap(func() {
		if err := s.Put(t.Context(), "large", body, size, sum, store.PutOptions{}); err != nil {
			t.Error(err)
		}
	})
	down := peakHeap(func() {
		r, info, err := s.Get(t.Context(), "large")
		if err != nil {
			t.Error(err)
			return
		}
		defer r.Close()
		if got, n, err := record.SumReader(r); got != sum || n != size || info.Size != size || err != nil {
			t.Errorf("read %d octets, %v", n, err)
		}
	})
	if up > limit || down > limit {
		t.Errorf("heap in use reached %d MiB going up, %d MiB coming down", up>>20, down>>20)
	}
}
