package spool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"pgregory.net/rapid"
)

var _ connectors.Spooler = (*Spooler)(nil)

func newSpooler(t testing.TB, l Limits) *Spooler {
	t.Helper()
	s, err := New(t.TempDir(), l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if memory, disk := s.InFlight(); memory != 0 || disk != 0 {
			t.Errorf("still charged: %d in memory, %d on disk", memory, disk)
		}
		if left, err := os.ReadDir(s.dir); err != nil || len(left) != 0 {
			t.Errorf("left in the spool directory: %v, %v", left, err)
		}
	})
	return s
}

func data(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8*13 + i>>16*31)
	}
	return b
}

func fill(t testing.TB, s *Spooler, want []byte, announced int64) connectors.Content {
	t.Helper()
	r, err := s.Reserve(t.Context(), announced)
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.Fill(bytes.NewReader(want))
	if err != nil {
		t.Fatal(err)
	}
	r.Cancel() // after Fill it changes nothing
	return c
}

func TestContentIsWhatCameIn(t *testing.T) {
	sizes := []int{0, 1, 4095, 4096, 4097, chunkSize, chunkSize + 1, 3*chunkSize - 1, 5 * chunkSize}
	for _, n := range sizes {
		for _, announced := range []int64{0, int64(n), 1, int64(n) + 100, 1 << 20} {
			t.Run(fmt.Sprintf("%d announced as %d", n, announced), func(t *testing.T) {
				s := newSpooler(t, Limits{Small: 4096})
				want := data(n)
				c := fill(t, s, want, announced)
				defer c.Close()
				got, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size()))
				if err != nil || !bytes.Equal(got, want) || c.Size() != int64(n) || c.Digest() != record.Sum(want) {
					t.Errorf("read %d octets of size %d, %v", len(got), c.Size(), err)
				}
				if err := iotest.TestReader(io.NewSectionReader(c, 0, c.Size()), want); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestWhatIsChargedIsWhatThereIs(t *testing.T) {
	s := newSpooler(t, Limits{Small: 4096})
	small, large := fill(t, s, data(100), 0), fill(t, s, data(9000), 0)
	if memory, disk := s.InFlight(); memory != 100+overhead || disk != 9000+overhead {
		t.Errorf("charged %d and %d", memory, disk)
	}
	for range 2 {
		small.Close()
		large.Close()
	}
}

func TestReadAtAnywhere(t *testing.T) {
	s := newSpooler(t, Limits{Small: 1})
	want := data(3*chunkSize + 777)
	c := fill(t, s, want, 0)
	defer c.Close()
	ref := bytes.NewReader(want)
	rapid.Check(t, func(t *rapid.T) {
		off := rapid.Int64Range(0, int64(len(want))+10).Draw(t, "off")
		n := rapid.IntRange(0, 2*chunkSize+10).Draw(t, "n")
		a, b := make([]byte, n), make([]byte, n)
		gotN, gotErr := c.ReadAt(a, off)
		wantN, wantErr := ref.ReadAt(b, off)
		if gotN != wantN || !errors.Is(gotErr, wantErr) || !bytes.Equal(a, b) {
			t.Fatalf("%d, %v; want %d, %v", gotN, gotErr, wantN, wantErr)
		}
	})
	if _, err := c.ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("read at -1")
	}
}

func TestManyReaders(t *testing.T) {
	s := newSpooler(t, Limits{Small: 1})
	want := data(4*chunkSize + 5)
	c := fill(t, s, want, 0)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			got, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size()))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("read %d octets, %v", len(got), err)
			}
		})
	}
	group.Wait()
	c.Close()
	if _, err := c.ReadAt(make([]byte, 1), 0); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestClosedContentInMemory(t *testing.T) {
	s := newSpooler(t, Limits{})
	c := fill(t, s, []byte("x"), 1)
	c.Close()
	if _, err := c.ReadAt(make([]byte, 1), 0); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestFilesAreSealedAndTamperingIsSeen(t *testing.T) {
	s := newSpooler(t, Limits{Small: 1})
	w := s.Create()
	secret := bytes.Repeat([]byte("Minister's diary "), 20000)
	if _, err := w.Write(secret); err != nil {
		t.Fatal(err)
	}
	c, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	raw := make([]byte, 2*(chunkSize+tagSize))
	if _, err := c.file.f.ReadAt(raw, 0); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("diary")) {
		t.Error("the file can be read")
	}
	if _, err := c.file.f.WriteAt([]byte{raw[9] ^ 1}, 9); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReadAt(make([]byte, 10), 0); !errors.Is(err, ErrCorrupt) {
		t.Errorf("changed chunk: %v", err)
	}
	if _, err := c.file.f.WriteAt(raw[:chunkSize+tagSize], chunkSize+tagSize); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReadAt(make([]byte, 10), chunkSize); !errors.Is(err, ErrCorrupt) {
		t.Errorf("chunk in another's place: %v", err)
	}
}

func TestErrorsOfTheSourceAreReturnedAsTheyAre(t *testing.T) {
	s := newSpooler(t, Limits{Small: 10})
	broken := errors.New("the server hung up")
	for _, n := range []int{5, 5000} {
		r, err := s.Reserve(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Fill(io.MultiReader(bytes.NewReader(data(n)), iotest.ErrReader(broken))); err != broken {
			t.Errorf("Fill: %v", err)
		}
		if _, err := r.Fill(bytes.NewReader(nil)); !errors.Is(err, ErrClosed) {
			t.Errorf("Fill again: %v", err)
		}
	}
	r, err := s.Reserve(t.Context(), 77)
	if err != nil {
		t.Fatal(err)
	}
	r.Cancel()
	r.Cancel()
	if _, err := r.Fill(bytes.NewReader(nil)); !errors.Is(err, ErrClosed) {
		t.Errorf("Fill after Cancel: %v", err)
	}
}

func TestItemLimit(t *testing.T) {
	s := newSpooler(t, Limits{Small: 10, Item: 1000})
	if _, err := s.Reserve(t.Context(), 1001); !errors.Is(err, ErrTooLarge) {
		t.Errorf("Reserve: %v", err)
	}
	r, err := s.Reserve(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Fill(bytes.NewReader(data(1001))); !errors.Is(err, ErrTooLarge) {
		t.Errorf("Fill: %v", err)
	}
}

func TestReserveWaitsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(100)
		must := func(n int64) {
			if err := b.acquire(t.Context(), n); err != nil {
				t.Error(err)
			}
		}
		must(60)
		var order []string
		take := func(name string, n int64) {
			go func() {
				must(n)
				order = append(order, name)
			}()
			synctest.Wait()
		}
		take("huge", 500)
		take("small", 1) // would fit, and must not overtake
		if len(order) != 0 {
			t.Fatalf("let in too early: %v", order)
		}
		b.release(60)
		synctest.Wait()
		if fmt.Sprint(order) != "[huge]" {
			t.Fatalf("after the first left: %v", order)
		}
		b.release(500)
		synctest.Wait()
		if fmt.Sprint(order) != "[huge small]" {
			t.Errorf("in the end: %v", order)
		}
		b.release(1)
		if b.inUse() != 0 {
			t.Errorf("%d in use", b.inUse())
		}
	})
}

func TestReserveGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(100)
		b.force(200)
		ctx, cancel := context.WithCancel(t.Context())
		var first error
		var second bool
		go func() { first = b.acquire(ctx, 150) }()
		synctest.Wait()
		go func() { second = b.acquire(t.Context(), 10) == nil }()
		synctest.Wait()
		b.release(150)
		synctest.Wait()
		if second {
			t.Error("overtook")
		}
		cancel()
		synctest.Wait()
		if !errors.Is(first, context.Canceled) || !second || b.inUse() != 60 {
			t.Errorf("first %v, second in: %v, %d in use", first, second, b.inUse())
		}
		if err := b.acquire(ctx, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("acquire with an ended context: %v", err)
		}
	})
}

func TestFilesOfAnEarlierProcessGo(t *testing.T) {
	dir := t.TempDir()
	left, other := filepath.Join(dir, filePrefix+"123"), filepath.Join(dir, "not-ours")
	for _, name := range []string{left, other} {
		if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := New(dir, Limits{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("still there: %v", err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Errorf("removed a file that is not ours: %v", err)
	}
}

func BenchmarkFill(b *testing.B) {
	for _, n := range []int{4 << 10, 50 << 10, 8 << 20} {
		b.Run(fmt.Sprintf("%dKiB", n>>10), func(b *testing.B) {
			s, body := newSpooler(b, Limits{}), data(n)
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				fill(b, s, body, int64(n)).Close()
			}
		})
	}
}
