package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func pair(t testing.TB, s Strength) *KeyPair {
	t.Helper()
	k, err := GenerateKeyPair(s)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sealed(t testing.TB, plain []byte, to ...*Recipient) []byte {
	t.Helper()
	s, err := NewSealer(to...)
	if err != nil {
		t.Fatal(err)
	}
	return sealWith(t, s, plain)
}

func sealWith(t testing.TB, s *Sealer, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := s.Seal(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Write(plain); err == nil {
		t.Error("written to after Close")
	}
	return b.Bytes()
}

func opened(o *Opener, sealed []byte) ([]byte, error) {
	r, err := o.Open(bytes.NewReader(sealed))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func TestSealAndOpen(t *testing.T) {
	for _, strength := range []Strength{PostQuantum, Classic} {
		a, b, stranger := pair(t, strength), pair(t, strength), pair(t, strength)
		for _, n := range []int{0, 1, 64 << 10, 3 << 20} {
			plain := bytes.Repeat([]byte("Dear Minister, "), n/15+1)[:n]
			s := sealed(t, plain, a.Recipient(), b.Recipient())
			for _, reader := range []*KeyPair{a, b} {
				got, err := opened(reader.Opener(), s)
				if err != nil || !bytes.Equal(got, plain) {
					t.Errorf("%s, %d octets: got %d, %v", strength, n, len(got), err)
				}
			}
			if _, err := opened(stranger.Opener(), s); !errors.Is(err, ErrNoMatch) {
				t.Errorf("a stranger: %v", err)
			}
			if n > 1000 && (bytes.Contains(s, []byte("Minister")) || len(s) > n/2) {
				t.Errorf("%d octets sealed as %d: not compressed, or not sealed", n, len(s))
			}
		}
	}
}

func TestAnythingSealedOpens(t *testing.T) {
	k := pair(t, Classic)
	s, err := NewSealer(k.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(r, "plain")
		if got, err := opened(k.Opener(), sealWith(t, s, plain)); err != nil || !bytes.Equal(got, plain) {
			r.Fatalf("%q, %v", got, err)
		}
	})
}

// However a sealed object is cut off or changed, reading it never comes to a
// good end: the cut is found at the last octet, if not before.
func TestCutOrChangedNeverEndsWell(t *testing.T) {
	k := pair(t, Classic)
	s := sealed(t, noise(250_000), k.Recipient()) // several chunks
	if len(s) < 3<<16 {
		t.Fatalf("only %d octets", len(s))
	}
	header := bytes.Index(s, []byte("\n---"))
	payload := header + 1 + bytes.IndexByte(s[header+1:], '\n') + 1 + 16
	cuts := []int{0, 10, header, payload, payload + 1, payload + 64<<10 + 16, payload + 2*(64<<10+16), len(s) - 17, len(s) - 1}
	for _, n := range cuts {
		if got, err := opened(k.Opener(), s[:n]); err == nil {
			t.Errorf("cut to %d of %d: %d octets and no error", n, len(s), len(got))
		}
	}
	for _, at := range []int{30, header + 10, payload, payload + 100_000, len(s) - 1} {
		changed := bytes.Clone(s)
		changed[at] ^= 1
		if _, err := opened(k.Opener(), changed); err == nil {
			t.Errorf("octet %d changed: no error", at)
		}
	}
	if _, err := opened(k.Opener(), append(bytes.Clone(s), "more"...)); err == nil {
		t.Error("something appended: no error")
	}
}

func TestSealerErrors(t *testing.T) {
	if _, err := NewSealer(); err == nil {
		t.Error("a sealer to nobody")
	}
	if _, err := NewSealer(pair(t, Classic).Recipient(), pair(t, PostQuantum).Recipient()); !errors.Is(err, ErrKeyFormat) {
		t.Errorf("mixed recipients: %v", err)
	}
	if _, err := NewOpener(); err == nil {
		t.Error("an opener without identities")
	}
	s, err := NewSealer(pair(t, Classic).Recipient())
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("disk full")
	for _, room := range []int{0, 250, 70_000} {
		w, err := s.Seal(&failing{room: room, err: full})
		if err == nil {
			_, err = w.Write(noise(200_000))
		}
		if err == nil {
			err = w.Close()
		}
		if !errors.Is(err, full) {
			t.Errorf("room for %d octets: %v", room, err)
		}
	}
}

// failing fails when its room is used up.
type failing struct {
	room int
	err  error
}

func (f *failing) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, f.err
	}
	return len(p), nil
}

// noise is n octets that do not compress.
func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{}).Read(b)
	return b
}

func TestManySealAtOnce(t *testing.T) {
	k := pair(t, Classic)
	s, err := NewSealer(k.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			plain := bytes.Repeat([]byte{byte(i)}, 100_000)
			if got, err := opened(k.Opener(), sealWith(t, s, plain)); err != nil || !bytes.Equal(got, plain) {
				t.Errorf("writer %d: %d octets, %v", i, len(got), err)
			}
		})
	}
	group.Wait()
}

func TestNoSecretIsPrinted(t *testing.T) {
	k := pair(t, Classic)
	state, err := NewStateKeys("state-1")
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		printed := fmt.Sprintf(verb+verb, k, state)
		if strings.Contains(printed, k.secret) || strings.Contains(printed, "sealing") || strings.Contains(printed, "[]byte") {
			t.Errorf("%s prints %s", verb, printed)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	for _, strength := range []Strength{PostQuantum, Classic} {
		for _, n := range []int{4 << 10, 50 << 10, 5 << 20} {
			b.Run(fmt.Sprintf("%s/%dKiB", strength, n>>10), func(b *testing.B) {
				k := pair(b, strength)
				s, err := NewSealer(k.Recipient())
				if err != nil {
					b.Fatal(err)
				}
				plain := mail(n)
				b.SetBytes(int64(n))
				b.ReportAllocs()
				for b.Loop() {
					w, err := s.Seal(io.Discard)
					if err == nil {
						_, err = w.Write(plain)
					}
					if err == nil {
						err = w.Close()
					}
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// mail is text that compresses about as well as mail with a base64 attachment.
func mail(n int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "paragraph %d of the minutes, %x\r\n", i, uint64(i+1)*0x9e3779b97f4a7c15)
	}
	return b.Bytes()[:n]
}
