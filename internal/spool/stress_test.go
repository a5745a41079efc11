package spool

import (
	"bytes"
	"io"
	"sync"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
)

// Many sources at once, more than there is room for: everything gets through,
// nothing is mixed up, and what was announced truly never exceeds the caps.
func TestManySourcesShareTheRoom(t *testing.T) {
	const memory, disk = 64 << 10, 512 << 10
	s := newSpooler(t, Limits{Small: 8 << 10, Memory: memory, Disk: disk})
	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			for i := range 12 {
				want := bytes.Repeat([]byte{byte(worker), byte(i)}, 500+(worker*i*977)%60_000)
				r, err := s.Reserve(t.Context(), int64(len(want)))
				if err != nil {
					t.Error(err)
					return
				}
				if m, d := s.InFlight(); m > memory || d > disk {
					t.Errorf("%d in memory, %d on disk", m, d)
				}
				c, err := r.Fill(bytes.NewReader(want))
				if err != nil {
					t.Error(err)
					return
				}
				sum, n, err := record.SumReader(io.NewSectionReader(c, 0, c.Size()))
				if err != nil || n != int64(len(want)) || sum != record.Sum(want) || sum != c.Digest() {
					t.Errorf("worker %d, item %d: %d octets, %v", worker, i, n, err)
				}
				c.Close()
			}
		})
	}
	group.Wait()
}
