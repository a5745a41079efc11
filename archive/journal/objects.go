package journal

import (
	"context"
	"fmt"
	"io"
	"iter"
	"sync"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
)

// Store is what the journal needs of a [store.Store], whose contract it
// relies on: what Put and Replace report is durable, the two fence writers off
// from each other, and reads see the latest completed write.
type Store interface {
	Put(ctx context.Context, key string, body io.ReadSeeker, size int64, sum record.Digest, opts store.PutOptions) error
	Get(ctx context.Context, key string) (io.ReadCloser, store.Info, error)
	List(ctx context.Context, prefix string) iter.Seq2[store.Info, error]
	Replace(ctx context.Context, key string, body []byte, ifMatch store.Tag) (store.Tag, error)
}

// objects reads the journal's objects.
type objects struct{ st Store }

// get reads a whole object of at most limit octets.
func (o objects) get(ctx context.Context, key string, limit int64) ([]byte, store.Tag, error) {
	r, info, err := o.st.Get(ctx, key)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", key, err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", key, err)
	}
	if int64(len(b)) > limit {
		return nil, "", fmt.Errorf("%w: %s has more than %d octets", ErrCorrupt, key, limit)
	}
	return b, info.Tag, nil
}

// listBatches yields the batches that begin at or after from and before until,
// in order, and may yield some more on either side. A store lists by prefix
// only, so the range is covered by runs of 10ⁿ indexes, at least 1,000.
func (o objects) listBatches(ctx context.Context, from, until int64) iter.Seq2[batchName, error] {
	return func(yield func(batchName, error) bool) {
		for p := max(from, 0) / 1000 * 1000; p < until; {
			digits, run := 3, int64(1000)
			for digits < firstDigits-1 && p%(run*10) == 0 && p+run < until {
				digits, run = digits+1, run*10
			}
			prefix := fmt.Sprintf("%s%0*d", batchPrefix, firstDigits, p)
			for info, err := range o.st.List(ctx, prefix[:len(prefix)-digits]) {
				if err != nil {
					yield(batchName{}, fmt.Errorf("list %s: %w", batchPrefix, err))
					return
				}
				// Foreign objects are none of the log's batches.
				if name, ok := parseBatchKey(info.Key); ok && !yield(name, nil) {
					return
				}
			}
			p += run
		}
	}
}

// batchNames yields in order the batches that may hold the entries from from
// on and before until. Of those that begin no later than from these are the
// last ones: even a batch that was never signed begins where one of the log does.
func (o objects) batchNames(ctx context.Context, from, until int64) iter.Seq2[batchName, error] {
	return func(yield func(batchName, error) bool) {
		var covering []batchName
		flush := func() bool {
			for _, name := range covering {
				if !yield(name, nil) {
					return false
				}
			}
			covering = nil
			return true
		}
		for name, err := range o.listBatches(ctx, from-MaxEntries+1, until) {
			if err != nil {
				yield(name, err)
				return
			}
			if name.first >= until {
				break
			}
			if name.first > from {
				if !flush() || !yield(name, nil) {
					return
				}
				continue
			}
			if len(covering) > 0 && covering[0].first != name.first {
				covering = covering[:0]
			}
			covering = append(covering, name)
		}
		flush()
	}
}

// A fetched is a batch read from the store.
type fetched struct {
	name batchName
	*batch
	tag store.Tag
	bad error // it is there and is not of the form of a batch
}

// batch reads one batch. Only failing to read is an error: whether an object
// that is no batch matters depends on whether the log needs it.
func (o objects) batch(ctx context.Context, name batchName) (fetched, error) {
	f := fetched{name: name}
	object, tag, err := o.get(ctx, name.key(), maxBatchBytes)
	if err != nil {
		return f, err
	}
	f.tag = tag
	f.batch, f.bad = parseBatch(object)
	if f.bad == nil && f.first != name.first {
		f.bad = fmt.Errorf("says that it begins at entry %d", f.first)
	}
	return f, nil
}

// batches yields what batchNames names, reading some objects ahead.
func (o objects) batches(ctx context.Context, from, until int64) iter.Seq2[fetched, error] {
	type answer struct {
		fetched
		err error
	}
	return func(yield func(fetched, error) bool) {
		var running sync.WaitGroup
		defer running.Wait()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		queue := make(chan chan answer, readAhead)
		running.Go(func() {
			defer close(queue)
			for name, err := range o.batchNames(ctx, from, until) {
				slot := make(chan answer, 1)
				select {
				case queue <- slot:
				case <-ctx.Done():
					return
				}
				if err != nil {
					slot <- answer{err: err}
					return
				}
				running.Go(func() {
					f, err := o.batch(ctx, name)
					slot <- answer{f, err}
				})
			}
		})
		for slot := range queue {
			a := <-slot
			if !yield(a.fetched, a.err) || a.err != nil {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(fetched{}, err)
		}
	}
}

const readAhead = 8 // batches
