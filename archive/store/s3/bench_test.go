package s3_test

import (
	"bytes"
	"sync/atomic"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

// BenchmarkPut50KiB puts sealed e-mails of the usual size from several
// goroutines, as a capture does.
func BenchmarkPut50KiB(b *testing.B) {
	s := storetest.StartVersityGW(b).Bucket(b)
	var n atomic.Int64
	b.SetBytes(50 << 10)
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		data := make([]byte, 50<<10)
		for pb.Next() {
			i := n.Add(1)
			data[0], data[1], data[2] = byte(i), byte(i>>8), byte(i>>16)
			sum := record.Sum(data)
			key := record.NewID([]byte("bench"), "v", record.Email, sum, 0).Key("main-1")
			if err := s.Put(b.Context(), key, bytes.NewReader(data), int64(len(data)), sum, store.PutOptions{}); err != nil {
				b.Error(err)
			}
		}
	})
}
