package catalog

import (
	"cmp"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
)

// The first of a set in an order are those that sorting all of it puts first.
func TestFirstIsTheHeadOfTheSortedSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := rapid.SliceOfN(rapid.OneOf(rapid.Just(int64(undated)), rapid.Int64Range(-3, 3)), 1, 60).Draw(t, "times")
		set := roaring64.New()
		var all []moment
		for _, no := range rapid.SliceOfDistinct(rapid.Uint64Range(0, 70), func(n uint64) uint64 { return n }).Draw(t, "set") {
			set.Add(no)
			m := moment{undated, int64(no)}
			if no < uint64(len(times)) {
				m.sent = times[no]
			}
			all = append(all, m)
		}
		order := func(a, b moment) int { return cmp.Or(cmp.Compare(b.sent, a.sent), cmp.Compare(b.no, a.no)) }
		by := moment.newer
		if rapid.Bool().Draw(t, "oldest") {
			by = moment.older
			order = func(a, b moment) int {
				last := func(m moment) int { return map[bool]int{true: 1}[m.sent == undated] }
				return cmp.Or(cmp.Compare(last(a), last(b)), cmp.Compare(a.sent, b.sent), cmp.Compare(a.no, b.no))
			}
		}
		slices.SortFunc(all, order)
		n := rapid.IntRange(0, 80).Draw(t, "n")
		var want []record.MessageNo
		for _, m := range all[:min(n, len(all))] {
			want = append(want, record.MessageNo(m.no))
		}
		if got := first(set, known{sent: times}, n, by); !slices.Equal(got, want) {
			t.Fatalf("the first %d are %v, want %v", n, got, want)
		}
	})
}

func BenchmarkNewest(b *testing.B) {
	const messages = 1_000_000
	times := make([]int64, messages+1)
	set := roaring64.New()
	for no := range times {
		times[no] = int64(no) * 7919 % messages
		set.Add(uint64(no))
	}
	b.ResetTimer()
	for b.Loop() {
		first(set, known{sent: times}, 20, moment.newer)
	}
}

// BenchmarkGroup counts a million messages of which every second is a copy of
// the one before: the worst case, since only repetitions take work.
func BenchmarkGroup(b *testing.B) {
	const messages = 1_000_000
	k := known{sent: make([]int64, messages+1), back: make([]uint32, messages+1)}
	set := roaring64.New()
	for no := range messages {
		k.sent[no], k.back[no] = int64(no), uint32(no%2)
		set.Add(uint64(no))
	}
	b.ResetTimer()
	for b.Loop() {
		if k.group(set).GetCardinality() != messages/2 {
			b.Fatal("wrong")
		}
	}
}
