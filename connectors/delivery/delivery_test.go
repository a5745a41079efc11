package delivery_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/delivery"
	"github.com/closeroll/closeroll/internal/spool"
)

func newSpool(t testing.TB) *spool.Spooler {
	s, err := spool.New(t.TempDir(), spool.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if m, d := s.InFlight(); m != 0 || d != 0 {
			t.Errorf("%d and %d octets were never released", m, d)
		}
	})
	return s
}

func header(key string, octets []byte) delivery.Header {
	return delivery.Header{Key: key, Form: connectors.FormMessage, Name: key + ".eml", Folder: "Inbox/2026",
		Received: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC), Flags: []string{`\Seen`}, Size: int64(len(octets)), Digest: record.Sum(octets)}
}

func write(t testing.TB, bodies ...string) []byte {
	var b bytes.Buffer
	w := delivery.NewWriter(&b)
	for i, body := range bodies {
		if err := w.Write(header(string(rune('a'+i)), []byte(body)), strings.NewReader(body)); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func accept(delivery.Header) error { return nil }

// read returns the octets of the items that came, and how the sequence ended.
func read(t testing.TB, r *delivery.Reader) (got []string, err error) {
	for item, err := range r.Items(t.Context(), "") {
		if err != nil {
			return got, err
		}
		if item.Excluded != "" {
			got = append(got, "excluded: "+string(item.Excluded))
			continue
		}
		if item.Content == nil {
			got = append(got, string(item.Reason)+": "+item.Err.Error())
			continue
		}
		octets, err := io.ReadAll(io.NewSectionReader(item.Content, 0, item.Content.Size()))
		if err != nil {
			t.Fatal(err)
		}
		item.Release()
		got = append(got, string(octets))
	}
	return got, nil
}

func TestWhatIsWrittenIsDelivered(t *testing.T) {
	bodies := []string{"Subject: one\n\nx", "", strings.Repeat("large ", 400_000), `{"key":"not a header"}` + "\n"}
	stream := write(t, bodies...)
	got, err := read(t, delivery.NewReader(bytes.NewReader(stream), newSpool(t), accept))
	if err != nil || !slices.Equal(got, bodies) {
		t.Errorf("%d items came, %v", len(got), err)
	}
	for item, err := range delivery.NewReader(bytes.NewReader(stream), newSpool(t), accept).Items(t.Context(), "") {
		if err != nil || item.Key != "a" || item.Name != "a.eml" || item.Folder != "Inbox/2026" || item.Received.Year() != 2026 ||
			item.Flags[0] != `\Seen` || item.Form != connectors.FormMessage || item.Cursor != "" {
			t.Errorf("the first item is %+v, %v", item, err)
		}
		item.Release()
		break
	}
}

func TestASelectionGoesWithItsExport(t *testing.T) {
	const side, export = "format: closeroll-selection/1\n", "chat\n"
	h := header("a", []byte(export))
	h.Form, h.Select = connectors.FormChatExport, int64(len(side))
	var b bytes.Buffer
	if err := delivery.NewWriter(&b).Write(h, strings.NewReader(side+export)); err != nil {
		t.Fatal(err)
	}
	for item, err := range delivery.NewReader(bytes.NewReader(b.Bytes()), newSpool(t), accept).Items(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if string(item.Selection) != side || item.Content.Size() != int64(len(export)) {
			t.Errorf("selection %q beside %d octets", item.Selection, item.Content.Size())
		}
		item.Release()
	}
	cut := b.Bytes()[:b.Len()-len(export)-3]
	if _, err := read(t, delivery.NewReader(bytes.NewReader(cut), newSpool(t), accept)); !errors.Is(err, delivery.ErrBroken) {
		t.Errorf("a selection that is cut: %v", err)
	}
	for _, spoil := range []func(*delivery.Header){
		func(h *delivery.Header) { h.Form = connectors.FormMessage },
		func(h *delivery.Header) { h.Select = 2 << 20 },
		func(h *delivery.Header) { h.Select = -1 },
	} {
		bad := h
		if spoil(&bad); !errors.Is(delivery.NewWriter(io.Discard).Write(bad, strings.NewReader(side+export)), delivery.ErrFormat) {
			t.Errorf("%+v is written", bad)
		}
	}
}

func TestItemsWithoutOctets(t *testing.T) {
	var b bytes.Buffer
	for _, h := range []delivery.Header{
		{Key: "k", Form: connectors.FormMessage, Reason: record.ReasonUnreadable, Detail: "permission denied"},
		{Key: "l", Form: connectors.FormMessage, Excluded: record.ReasonNotAMail},
	} {
		if err := delivery.NewWriter(&b).Write(h, nil); err != nil {
			t.Fatal(err)
		}
	}
	got, err := read(t, delivery.NewReader(&b, newSpool(t), accept))
	if want := []string{"unreadable: permission denied", "excluded: not_a_mail"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
}

// A stream that breaks off anywhere but between items ends in an error, after
// the items that came whole.
func TestABrokenStreamIsNoShorterOne(t *testing.T) {
	stream := write(t, "Subject: one\n\nx", "Subject: two\n\ny")
	whole := map[int]int{0: 0, len(write(t, "Subject: one\n\nx")): 1, len(stream): 2}
	for n := range len(stream) + 1 {
		got, err := read(t, delivery.NewReader(bytes.NewReader(stream[:n]), newSpool(t), accept))
		want, between := whole[n]
		if between && (err != nil || len(got) != want) || !between && err == nil {
			t.Errorf("after %d octets: %d items, %v", n, len(got), err)
		}
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		stream string
		want   error
	}{
		"no JSON":       {"hello\n", delivery.ErrFormat},
		"no key":        {`{"form":"message","size":0}` + "\n", delivery.ErrFormat},
		"no form":       {`{"key":"k","form":"spell","size":0}` + "\n", delivery.ErrFormat},
		"negative size": {`{"key":"k","form":"message","size":-1}` + "\n", delivery.ErrFormat},
		"endless":       {strings.Repeat(" ", 1<<17), delivery.ErrFormat},
		"other octets": {`{"key":"k","form":"message","size":1,"sha256":"` + record.Sum([]byte("x")).String() + `"}` + "\ny",
			delivery.ErrDigest},
	} {
		if _, err := read(t, delivery.NewReader(strings.NewReader(c.stream), newSpool(t), accept)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	refuse := errors.New("no")
	_, err := read(t, delivery.NewReader(bytes.NewReader(write(t, "x")), newSpool(t), func(delivery.Header) error { return refuse }))
	if !errors.Is(err, refuse) {
		t.Errorf("a refused item: %v", err)
	}
}

func TestAFileThatShrinksIsNotDelivered(t *testing.T) {
	err := delivery.NewWriter(io.Discard).Write(header("k", []byte("four")), strings.NewReader("two"))
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

func FuzzReader(f *testing.F) {
	f.Add(write(f, "Subject: one\n\nx", ""))
	f.Add([]byte(`{"key":"k","form":"message","size":9223372036854775807}` + "\nx"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		s, err := spool.New(t.TempDir(), spool.Limits{Memory: 1 << 20, Item: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		read(t, delivery.NewReader(bytes.NewReader(stream), s, accept))
		if m, d := s.InFlight(); m != 0 || d != 0 {
			t.Errorf("%d and %d octets were never released", m, d)
		}
	})
}
