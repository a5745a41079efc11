// Package seal keeps records and keys from everyone who may not read them. It
// is age (age-encryption.org/v1) with zstd inside, and nothing of its own, so
// that the age and zstd tools open what it sealed.
//
// Two types that cannot do each other's work:
//
//   - A [Sealer] has recipients, which are public. It seals and cannot open.
//     The daemon has one.
//   - An [Opener] has identities, which are secret. Readers have one.
//
// # Keys
//
// A vault epoch is a [KeyPair]: records are sealed to its recipient, and its
// identity is wrapped to each reader in a file of that reader's own
// ([KeyPair.Wrap]), because age mixes no classic with post-quantum recipients
// in one file. Granting adds a file, revoking removes one and starts a new
// epoch: whoever could open an old file may have kept what was in it.
//
// [StateKeys] protect what the daemon itself must read. They, and the
// journal's signing key, are wrapped to the daemon and the recovery holders.
//
// # What is authenticated, and when
//
// age authenticates 64 KiB at a time and learns only from the last chunk that
// nothing was cut off. Whoever reads from an [Opener] MUST NOT act on
// what was read, let alone release it, before the reader has returned io.EOF.
// And anyone who has a public key can seal with it: what was opened is believed
// only when the digest of the sealed octets is the journal's.
package seal

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// The errors that callers branch on.
var (
	// ErrNoMatch: none of the identities opens it.
	ErrNoMatch = errors.New("none of the identities given opens this")
	// ErrPassphrase: the passphrase is wrong, or none was given.
	ErrPassphrase = errors.New("the passphrase is wrong")
	// ErrKeyFormat: not a key, or not one of a kind that can be used here.
	ErrKeyFormat = errors.New("not a usable key")
)

// window is how far back zstd looks for what repeats. Records are small, and
// each capture in flight has a window.
const window = 1 << 20

// A Sealer seals to its recipients. It may be used from many goroutines.
type Sealer struct {
	recipients []age.Recipient
	encoders   sync.Pool // of *zstd.Encoder
}

// NewSealer returns a sealer to all of the recipients: each alone can open what
// it seals. Classic and post-quantum recipients do not mix.
func NewSealer(recipients ...*Recipient) (*Sealer, error) {
	if len(recipients) == 0 {
		return nil, errors.New("no recipient to seal to")
	}
	s := &Sealer{}
	for _, r := range recipients {
		if r.strength != recipients[0].strength {
			return nil, fmt.Errorf("%w: classic and post-quantum recipients cannot share a file", ErrKeyFormat)
		}
		s.recipients = append(s.recipients, r.age)
	}
	return s, nil
}

// Seal returns a writer whose octets arrive at w compressed and sealed once it
// is closed. Closing it does not close w. A writer that is not closed has
// sealed nothing: what arrived at w cannot be opened to its end.
func (s *Sealer) Seal(w io.Writer) (io.WriteCloser, error) {
	sealing, err := age.Encrypt(w, s.recipients...)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	compressing, ok := s.encoders.Get().(*zstd.Encoder)
	if ok {
		compressing.Reset(sealing)
	} else if compressing, err = newEncoder(sealing); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return &sealWriter{sealer: s, zstd: compressing, age: sealing}, nil
}

func newEncoder(w io.Writer) (*zstd.Encoder, error) {
	return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(window),
		zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false), zstd.WithZeroFrames(true), zstd.WithEncoderLevel(zstd.SpeedFastest))
}

type sealWriter struct {
	sealer *Sealer
	zstd   *zstd.Encoder // nil once closed
	age    io.WriteCloser
}

func (w *sealWriter) Write(p []byte) (int, error) {
	if w.zstd == nil {
		return 0, errors.New("seal: written to after Close")
	}
	return w.zstd.Write(p)
}

func (w *sealWriter) Close() error {
	if w.zstd == nil {
		return nil
	}
	err := w.zstd.Close()
	if err == nil {
		w.zstd.Reset(nil)
		w.sealer.encoders.Put(w.zstd)
	}
	w.zstd = nil
	if err == nil {
		err = w.age.Close()
	}
	if err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	return nil
}

// An Opener opens what was sealed to any of its identities.
type Opener struct {
	identities []age.Identity
}

// NewOpener returns an opener with these identities, tried in this order.
func NewOpener(identities ...age.Identity) (*Opener, error) {
	if len(identities) == 0 {
		return nil, errors.New("no identity to open with")
	}
	return &Opener{identities}, nil
}

// Open returns a reader of what was sealed. Its octets can be trusted to be
// whole only when it has returned io.EOF. It returns [ErrNoMatch] if the
// identities do not open it. The caller closes the reader; r stays open.
func (o *Opener) Open(r io.Reader) (io.ReadCloser, error) {
	plain, err := o.decrypt(r)
	if err != nil {
		return nil, err
	}
	whole := &endReader{r: plain}
	d, err := zstd.NewReader(whole, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20))
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	return &openReader{d, whole}, nil
}

// An openReader is a zstd decoder whose io.EOF is age's too: the decoder takes
// a stream that breaks off between two frames, or before the first, for whole.
type openReader struct {
	zstd  *zstd.Decoder
	below *endReader
}

func (o *openReader) Read(p []byte) (int, error) {
	n, err := o.zstd.Read(p)
	switch {
	case err == nil:
	case o.below.err != nil && o.below.err != io.EOF:
		err = fmt.Errorf("open: %w", o.below.err)
	case err == io.EOF && (o.below.err == nil || !o.below.any):
		err = fmt.Errorf("open: %w", io.ErrUnexpectedEOF)
	case err != io.EOF:
		err = fmt.Errorf("open: %w", err)
	}
	return n, err
}

func (o *openReader) Close() error {
	o.zstd.Close()
	return nil
}

// An endReader remembers how the stream ended.
type endReader struct {
	r   io.Reader
	any bool
	err error
}

func (e *endReader) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	e.any = e.any || n > 0
	if err != nil {
		e.err = err
	}
	return n, err
}

// decrypt undoes age and names its errors in the package's words.
func (o *Opener) decrypt(r io.Reader) (io.Reader, error) {
	plain, err := age.Decrypt(r, o.identities...)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, fmt.Errorf("open: %w", ErrNoMatch)
	}
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	return plain, nil
}
