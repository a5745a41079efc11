package journal_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

// A model is a log as it has to be, next to the real one in a store that fails
// now and then.
type model struct {
	t     *testing.T
	st    *storetest.Faulty
	pen   *journal.Journal // the writer that has the pen
	lost  *journal.Journal // one that had it, or nil
	next  int              // number for the next entry
	want  []int            // searches in the log
	index []int64          // their places
	gone  []int64          // entries stripped
}

func (m *model) open(*rapid.T) {
	m.lost, m.pen = m.pen, open(m.t, m.st)
}

func (m *model) append(t *rapid.T) {
	n := rapid.SampledFrom([]int{1, 2, 3, 5, 20, 260}).Draw(t, "entries")
	first, err := m.pen.Append(m.t.Context(), numbers(m.next, m.next+n)...)
	if err != nil {
		t.Fatalf("Append: %v", err)
	}
	for i := range n {
		m.want = append(m.want, m.next+i)
		m.index = append(m.index, first+int64(i))
	}
	m.next += n
}

func (m *model) appendWithoutPen(t *rapid.T) {
	if m.lost == nil {
		t.Skip("nobody lost the pen")
	}
	_, err := m.lost.Append(m.t.Context(), numbered(m.next))
	if !errors.Is(err, journal.ErrPenLost) && !errors.Is(err, journal.ErrClosed) {
		t.Fatalf("Append without the pen: %v", err)
	}
}

func (m *model) closeAndOpen(t *rapid.T) {
	if err := m.pen.Close(m.t.Context()); err != nil {
		t.Fatalf("Close: %v", err)
	}
	m.open(t)
}

func (m *model) crashAndOpen(t *rapid.T) {
	closeNow(m.pen)
	m.st.Heal()
	m.open(t)
}

// fault makes one of the next operations fail in a way that heals.
func (m *model) fault(t *rapid.T) {
	step := rapid.SampledFrom(steps).Draw(t, "step")
	fault := rapid.SampledFrom([]storetest.Fault{storetest.NotDone, storetest.DoneButLost, storetest.Full}).Draw(t, "fault")
	m.st.Plan(storetest.Nth(rapid.IntRange(1, 3).Draw(t, "nth"), step.op, step.prefix, fault))
}

func (m *model) strip(t *rapid.T) {
	if len(m.want) == 0 {
		t.Skip("nothing to strip")
	}
	at := rapid.IntRange(0, len(m.want)-1).Draw(t, "entry")
	d, err := m.pen.Append(m.t.Context(), disposal(m.index[at]))
	if err != nil {
		t.Fatalf("Append: %v", err)
	}
	if _, err := m.pen.Strip(m.t.Context(), d); err != nil {
		t.Fatalf("Strip: %v", err)
	}
	m.gone = append(m.gone, m.index[at])
	m.want = slices.Delete(m.want, at, at+1)
	m.index = slices.Delete(m.index, at, at+1)
}

func (m *model) loseTile(t *rapid.T) {
	keys := keysOf(m.t, m.st, "journal/tile/")
	if len(keys) == 0 {
		t.Skip("no tiles yet")
	}
	remove(m.t, m.st.Store.(*memory), rapid.SampledFrom(keys).Draw(t, "tile"))
}

// check compares the log with the model, as its writer sees it and, tiles or
// none, as everybody can verify it.
func (m *model) check(t *rapid.T) {
	m.st.Heal()
	r := m.pen.Reader()
	if got := searches(m.t, r); !slices.Equal(got, m.want) {
		t.Fatalf("in the log %v, want %v", got, m.want)
	}
	report, err := openReader(m.t, m.st).Verify(m.t.Context())
	if err != nil || report.Stripped != int64(len(m.gone)) {
		t.Fatalf("%+v, %v", report, err)
	}
	if len(m.gone) > 0 {
		e, err := r.Entry(m.t.Context(), m.gone[len(m.gone)-1])
		if err != nil || !e.Stripped() || e.Type != record.EntrySearch {
			t.Fatalf("a stripped entry: %+v, %v", e, err)
		}
	}
}

func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{t: t, st: newLogIn(t, newMemory())}
		m.open(rt)
		rt.Repeat(map[string]func(*rapid.T){
			"open":               m.open,
			"append":             m.append,
			"append without pen": m.appendWithoutPen,
			"close and open":     m.closeAndOpen,
			"crash and open":     m.crashAndOpen,
			"fault":              m.fault,
			"strip":              m.strip,
			"lose a tile":        m.loseTile,
			"check":              m.check,
		})
		m.check(rt)
	})
}
