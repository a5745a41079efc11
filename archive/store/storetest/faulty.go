package storetest

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
)

// An Op is a method of the store contract.
type Op string

// The operations that can fail to plan.
const (
	OpPut     Op = "put"
	OpGet     Op = "get"
	OpStat    Op = "stat"
	OpList    Op = "list"
	OpReplace Op = "replace"
)

// A Fault is what happens to one operation.
type Fault int

// The faults. Every error wraps what a real store would return.
const (
	None        Fault = iota
	NotDone           // ErrUnavailable before anything happened: the request was lost, or a 503
	DoneButLost       // it happened, durably, and the answer was lost: ErrUnavailable
	Full              // ErrFull, and nothing stored
	Denied            // ErrDenied, and nothing happened
	Slow              // it happens after Faulty.Delay
	Broken            // Get only: the body breaks off in its middle
)

// Faulty is a real store whose operations fail to a plan. What it reports as
// stored is stored, so that a test can reload everything and check it.
type Faulty struct {
	Store store.Store
	Delay time.Duration // of Slow; 50 ms if zero

	mu   sync.Mutex
	plan func(Op, string) Fault
	log  []string
}

// NewFaulty wraps s. Without a plan nothing fails.
func NewFaulty(s store.Store) *Faulty { return &Faulty{Store: s} }

// Plan makes plan decide the fate of each operation on a key (of List, a
// prefix) from now on. It is called once for each, never concurrently.
func (f *Faulty) Plan(plan func(op Op, key string) Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plan = plan
}

// Heal ends the plan.
func (f *Faulty) Heal() { f.Plan(nil) }

// Log returns the operations so far as “op key”, in the order they were begun.
func (f *Faulty) Log() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.log...)
}

// Nth is a plan in which the nth operation (from 1) of this kind on a key that
// begins with prefix has the fault, and nothing else has.
func Nth(n int, op Op, prefix string, fault Fault) func(Op, string) Fault {
	return func(o Op, key string) Fault {
		if o != op || !strings.HasPrefix(key, prefix) {
			return None
		}
		if n--; n != 0 {
			return None
		}
		return fault
	}
}

// Always is a plan in which every operation of this kind on a key that begins
// with prefix has the fault.
func Always(op Op, prefix string, fault Fault) func(Op, string) Fault {
	return func(o Op, key string) Fault {
		if o == op && strings.HasPrefix(key, prefix) {
			return fault
		}
		return None
	}
}

// Outage is a plan in which nothing works.
func Outage(Op, string) Fault { return NotDone }

// fate looks up what happens to an operation, and waits if it is slow.
func (f *Faulty) fate(ctx context.Context, op Op, key string) Fault {
	f.mu.Lock()
	f.log = append(f.log, string(op)+" "+key)
	fault := None
	if f.plan != nil {
		fault = f.plan(op, key)
	}
	f.mu.Unlock()
	if fault == Slow {
		delay := f.Delay
		if delay == 0 {
			delay = 50 * time.Millisecond
		}
		select {
		case <-ctx.Done():
		case <-time.After(delay):
		}
	}
	return fault
}

// failed is the error of a fault that lets nothing happen, or nil.
func failed(fault Fault, op Op, key string) error {
	kind := map[Fault]error{NotDone: store.ErrUnavailable, Full: store.ErrFull, Denied: store.ErrDenied}[fault]
	if kind == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w (planned)", op, key, kind)
}

// answer is the error that the caller sees of an operation that happened.
func answer(fault Fault, op Op, key string, err error) error {
	if fault == DoneButLost {
		return fmt.Errorf("%s %s: %w (planned: the answer was lost)", op, key, store.ErrUnavailable)
	}
	return err
}

// Put implements [store.Store].
func (f *Faulty) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, sum record.Digest, opts store.PutOptions) error {
	fault := f.fate(ctx, OpPut, key)
	if err := failed(fault, OpPut, key); err != nil {
		return err
	}
	return answer(fault, OpPut, key, f.Store.Put(ctx, key, body, size, sum, opts))
}

// Get implements [store.Store].
func (f *Faulty) Get(ctx context.Context, key string) (io.ReadCloser, store.Info, error) {
	fault := f.fate(ctx, OpGet, key)
	if err := failed(fault, OpGet, key); err != nil {
		return nil, store.Info{}, err
	}
	r, info, err := f.Store.Get(ctx, key)
	if err != nil || fault == None || fault == Slow {
		return r, info, err
	}
	if fault == DoneButLost {
		return nil, store.Info{}, answer(fault, OpGet, key, r.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(io.LimitReader(r, info.Size/2), lostReader{key}), r}, info, nil
}

// A lostReader is where a connection broke.
type lostReader struct{ key string }

func (l lostReader) Read([]byte) (int, error) {
	return 0, fmt.Errorf("get %s: %w (planned: the connection broke)", l.key, store.ErrUnavailable)
}

// Stat implements [store.Store].
func (f *Faulty) Stat(ctx context.Context, key string) (store.Info, error) {
	fault := f.fate(ctx, OpStat, key)
	if err := failed(fault, OpStat, key); err != nil {
		return store.Info{}, err
	}
	info, err := f.Store.Stat(ctx, key)
	return info, answer(fault, OpStat, key, err)
}

// List implements [store.Store].
func (f *Faulty) List(ctx context.Context, prefix string) iter.Seq2[store.Info, error] {
	return func(yield func(store.Info, error) bool) {
		fault := f.fate(ctx, OpList, prefix)
		if err := failed(fault, OpList, prefix); err != nil {
			yield(store.Info{}, err)
			return
		}
		for info, err := range f.Store.List(ctx, prefix) {
			if !yield(info, err) {
				return
			}
		}
		if err := answer(fault, OpList, prefix, nil); err != nil {
			yield(store.Info{}, err)
		}
	}
}

// Replace implements [store.Store].
func (f *Faulty) Replace(ctx context.Context, key string, body []byte, ifMatch store.Tag) (store.Tag, error) {
	fault := f.fate(ctx, OpReplace, key)
	if err := failed(fault, OpReplace, key); err != nil {
		return "", err
	}
	tag, err := f.Store.Replace(ctx, key, body, ifMatch)
	if err = answer(fault, OpReplace, key, err); err != nil {
		return "", err
	}
	return tag, nil
}
