package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
)

// writers is how many race for one key.
const writers = 16

func putThenRead(t *testing.T, s store.Store) {
	for key, data := range map[string]string{
		"closeroll.json":       "{}",
		"records/main-1/ab/ab": string(bytes.Repeat([]byte("sealed "), 9000)),
		"empty":                "",
	} {
		Put(t, s, key, []byte(data))
		expect(t, s, key, data)
	}
}

func putCreatesOnce(t *testing.T, s store.Store) {
	Put(t, s, "k", []byte("first"))
	wantError(t, "other octets", put(t.Context(), s, "k", []byte("other")), store.ErrExist)
	wantError(t, "other size", put(t.Context(), s, "k", []byte("longer than that")), store.ErrExist)
	if err := put(t.Context(), s, "k", []byte("first")); err != nil {
		t.Errorf("the same octets again: %v", err)
	}
	expect(t, s, "k", "first")
}

// race runs try for every writer at once and returns who succeeded.
func race(try func(i int) error, lost error) (winners []int, err error) {
	var (
		mu    sync.Mutex
		group sync.WaitGroup
		start = make(chan struct{})
	)
	for i := range writers {
		group.Go(func() {
			<-start
			e := try(i)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case e == nil:
				winners = append(winners, i)
			case !errors.Is(e, lost):
				err = e
			}
		})
	}
	close(start)
	group.Wait()
	return winners, err
}

func putRace(t *testing.T, s store.Store) {
	content := func(i int) []byte { return fmt.Appendf(nil, "writer %d", i) }
	for round := range 5 {
		key := fmt.Sprintf("race/%d", round)
		winners, err := race(func(i int) error { return put(t.Context(), s, key, content(i)) }, store.ErrExist)
		if err != nil || len(winners) != 1 {
			t.Fatalf("winners %v, %v", winners, err)
		}
		expect(t, s, key, string(content(winners[0])))
	}
}

func putRefusesOtherOctets(t *testing.T, s store.Store) {
	ctx, data := t.Context(), []byte("what arrives")
	sum, size := record.Sum(data), int64(len(data))
	tries := map[string]func() error{
		"wrong digest": func() error {
			return s.Put(ctx, "k", bytes.NewReader(data), size, record.Sum([]byte("other")), store.PutOptions{})
		},
		"too short": func() error { return s.Put(ctx, "k", bytes.NewReader(data), size+1, sum, store.PutOptions{}) },
		"too long":  func() error { return s.Put(ctx, "k", bytes.NewReader(data), size-1, sum, store.PutOptions{}) },
	}
	for name, try := range tries {
		wantError(t, name, try(), store.ErrDigest)
		_, err := s.Stat(ctx, "k")
		wantError(t, "Stat after "+name, err, store.ErrNotExist)
	}
	broken := errors.New("the spool broke")
	err := s.Put(ctx, "k", brokenBody{bytes.NewReader(data), broken}, size, sum, store.PutOptions{})
	wantError(t, "a body that breaks", err, broken)
	if keys := Keys(t, s, ""); len(keys) != 0 {
		t.Errorf("stored %v", keys)
	}
}

// A brokenBody breaks after four octets.
type brokenBody struct {
	io.ReadSeeker
	err error
}

func (b brokenBody) Read(p []byte) (int, error) {
	at, err := b.Seek(0, io.SeekCurrent)
	if err != nil || at >= 4 {
		return 0, b.err
	}
	return b.ReadSeeker.Read(p[:min(len(p), 4)])
}

func putReadsFromTheStart(t *testing.T, s store.Store) {
	data := []byte("from the very start")
	body := bytes.NewReader(data)
	if _, err := body.Seek(5, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), "k", body, int64(len(data)), record.Sum(data), store.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	expect(t, s, "k", string(data))
}

// lockIsRealOrRefused checks that a store either refuses to lock, or really
// does: a lock that is accepted and not kept is the worst.
func lockIsRealOrRefused(t *testing.T, s store.Store) {
	data := []byte("locked")
	opts := store.PutOptions{Mode: store.Governance, RetainUntil: time.Now().Add(time.Hour)}
	err := s.Put(t.Context(), "k", bytes.NewReader(data), int64(len(data)), record.Sum(data), opts)
	if errors.Is(err, store.ErrUnsupported) {
		_, err := s.Stat(t.Context(), "k")
		wantError(t, "Stat after a refused lock", err, store.ErrNotExist)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, "deleting a locked object", Purge(t.Context(), s.(store.Deleter), "k"), store.ErrDenied)
	expect(t, s, "k", "locked")
}

func largeObject(t *testing.T, s store.Store) {
	const size = store.MaxReplace + 123
	body := Body(size)
	sum, _, err := record.SumReader(Body(size))
	if err != nil {
		t.Fatal(err)
	}
	wrong := sum
	wrong[0]++
	wantError(t, "wrong digest", s.Put(t.Context(), "large", body, size, wrong, store.PutOptions{}), store.ErrDigest)
	if keys := Keys(t, s, ""); len(keys) != 0 {
		t.Errorf("stored %v", keys)
	}
	for range 2 {
		if err := s.Put(t.Context(), "large", body, size, sum, store.PutOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, "other octets", put(t.Context(), s, "large", []byte("x")), store.ErrExist)
	r, info, err := s.Get(t.Context(), "large")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, n, err := record.SumReader(r); got != sum || n != size || info.Size != size || err != nil {
		t.Errorf("read %d octets, %v; %+v", n, err, info)
	}
}

func replace(t *testing.T, s store.Store) {
	ctx := t.Context()
	_, err := s.Replace(ctx, "k", []byte("x"), "no-such-tag")
	wantError(t, "replacing what is not there", err, store.ErrConflict)
	first, err := s.Replace(ctx, "k", []byte("one"), "")
	if err != nil || first == "" {
		t.Fatalf("create: tag %q, %v", first, err)
	}
	if info := expect(t, s, "k", "one"); info.Tag != first {
		t.Errorf("Stat's tag is %q, Replace's %q", info.Tag, first)
	}
	_, err = s.Replace(ctx, "k", []byte("x"), "")
	wantError(t, "creating again", err, store.ErrConflict)
	second, err := s.Replace(ctx, "k", []byte("two"), first)
	if err != nil || second == first {
		t.Fatalf("tags %q, %q, %v", first, second, err)
	}
	expect(t, s, "k", "two")
	_, err = s.Replace(ctx, "k", []byte("x"), first)
	wantError(t, "replacing an old content", err, store.ErrConflict)
	expect(t, s, "k", "two")
	wantError(t, "Put over it", put(ctx, s, "k", []byte("x")), store.ErrExist)

	Put(t, s, "put", []byte("made by Put"))
	info := expect(t, s, "put", "made by Put")
	if _, err := s.Replace(ctx, "put", nil, info.Tag); err != nil {
		t.Fatal(err)
	}
	expect(t, s, "put", "")
}

func replaceRace(t *testing.T, s store.Store) {
	content := func(i int) []byte { return fmt.Appendf(nil, "writer %d", i) }
	var tag store.Tag
	for range 4 {
		var tags [writers]store.Tag
		winners, err := race(func(i int) (err error) {
			tags[i], err = s.Replace(t.Context(), "head", content(i), tag)
			return err
		}, store.ErrConflict)
		if err != nil || len(winners) != 1 {
			t.Fatalf("winners %v, %v", winners, err)
		}
		expect(t, s, "head", string(content(winners[0])))
		tag = tags[winners[0]]
		if tag, err = s.Replace(t.Context(), "head", []byte("between"), tag); err != nil {
			t.Fatal(err)
		}
	}
}

func replaceLimit(t *testing.T, s store.Store) {
	_, err := s.Replace(t.Context(), "k", make([]byte, store.MaxReplace+1), "")
	wantError(t, "too large", err, store.ErrTooLarge)
	if _, err := s.Replace(t.Context(), "k", make([]byte, store.MaxReplace), ""); err != nil {
		t.Errorf("the largest: %v", err)
	}
}

func readOutlivesReplace(t *testing.T, s store.Store) {
	old := bytes.Repeat([]byte("old "), 1<<18)
	tag, err := s.Replace(t.Context(), "k", old, "")
	if err != nil {
		t.Fatal(err)
	}
	r, info, err := s.Get(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	head := make([]byte, 1000)
	if _, err := io.ReadFull(r, head); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Replace(t.Context(), "k", []byte("new"), tag); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(r)
	if err != nil || info.Tag != tag || !slices.Equal(append(head, rest...), old) {
		t.Errorf("read %d octets of another content, %v", len(head)+len(rest), err)
	}
	expect(t, s, "k", "new")
}

// Body returns n octets that are the same every time and take little memory,
// however many they are.
func Body(n int64) *io.SectionReader {
	const period = 1<<20 - 3 // a prime: no two parts of an upload are alike
	block := make([]byte, period)
	x := uint64(0x632be59bd9b4e019)
	for i := range block {
		x = x*6364136223846793005 + 1442695040888963407
		block[i] = byte(x >> 56)
	}
	return io.NewSectionReader(repeated(block), 0, n)
}

// repeated is a block of octets, over and over.
type repeated []byte

// ReadAt implements [io.ReaderAt].
func (r repeated) ReadAt(p []byte, off int64) (int, error) {
	for n := 0; n < len(p); {
		n += copy(p[n:], r[(off+int64(n))%int64(len(r)):])
	}
	return len(p), nil
}
