package index

import (
	"fmt"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
)

// BenchmarkAdd shows what the number of documents given to Add at a time costs:
// durability once a call, and segments that have to be merged.
func BenchmarkAdd(b *testing.B) {
	const documents = 2048
	docs := make([]*Document, documents)
	for i := range docs {
		var body strings.Builder
		for w := range 250 {
			fmt.Fprintf(&body, "word%d ", (i*i+w*w*31)%5003)
		}
		docs[i] = &Document{No: record.MessageNo(i + 1), Kind: record.Email, Subject: "weekly report", Body: body.String()}
	}
	for _, batch := range []int{64, 256, 1024} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			for b.Loop() {
				ix := openTest(b, b.TempDir())
				for at := 0; at < documents; at += batch {
					if err := ix.Add(b.Context(), docs[at:at+batch]); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(documents*b.N)/b.Elapsed().Seconds(), "documents/s")
		})
	}
}
