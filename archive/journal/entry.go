package journal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Limits of a batch, and so of what one Append makes durable at once.
const (
	MaxEntries = 1024     // entries
	MaxBytes   = 15 << 20 // octets of headers and bodies together
)

// A Header is what remains of an entry for ever. It holds nothing personal:
// who acted and whom or what the entry is about stand in it as pseudonymous
// ids, whose names are in bodies.
type Header struct {
	Type     string    `json:"type"` // one of record.Entry…
	Time     time.Time `json:"time"` // UTC; Append sets it where it is zero
	Actor    string    `json:"actor,omitempty"`
	Subjects []string  `json:"subjects,omitempty"`
}

// An Entry is one event to be journalled.
type Entry struct {
	Header
	Body json.RawMessage // one JSON value; required
}

// NewEntry returns an entry of this type with body as its JSON body.
func NewEntry(kind, actor string, body any, subjects ...string) (Entry, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return Entry{}, fmt.Errorf("journal entry %q: %w", kind, err)
	}
	return Entry{Header: Header{Type: kind, Actor: actor, Subjects: subjects}, Body: b}, nil
}

// A Stored is an entry as it was read back and verified.
type Stored struct {
	Index int64 // its place in the log, from 0
	Header
	Body json.RawMessage // nil when a disposal removed it

	sealed sealed
}

// Stripped reports whether a disposal removed the entry's body.
func (s *Stored) Stripped() bool { return s.Body == nil }

// Leaf returns the entry's leaf hash in the tree.
func (s *Stored) Leaf() tlog.Hash { return s.sealed.leaf() }

// Stripped is embedded in the body of an entry of type record.EntryDisposal.
// It names the earlier entries whose bodies the disposal removes: an entry
// without its body is accepted only where a later disposal names it.
type Stripped struct {
	Entries []int64 `json:"stripped_entries"`
}

const saltSize = 32

// A sealed entry is an entry in the octets that are hashed and stored.
type sealed struct {
	header  []byte    // the JSON of Header, exactly as it was first written
	content tlog.Hash // SHA-256(salt ‖ body)
	salt    []byte    // saltSize octets; nil when stripped
	body    []byte    // nil when stripped
}

// seal gives e its salt and its final octets.
func (e Entry) seal(now time.Time) (sealed, error) {
	if e.Type == "" {
		return sealed{}, fmt.Errorf("journal entry without a type")
	}
	if !json.Valid(e.Body) {
		return sealed{}, fmt.Errorf("the body of journal entry %q is not JSON", e.Type)
	}
	if e.Time.IsZero() {
		e.Time = now
	}
	e.Time = e.Time.UTC().Round(0)
	header, err := json.Marshal(e.Header)
	if err != nil {
		return sealed{}, fmt.Errorf("header of journal entry %q: %w", e.Type, err)
	}
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails
	return sealed{header: header, content: contentHash(salt, e.Body), salt: salt, body: bytes.Clone(e.Body)}, nil
}

func (s *sealed) size() int { return len(s.header) + len(s.body) }

// leaf is the RFC 6962, section 2.1, leaf hash of the entry, over data that a
// stripped entry still has.
func (s *sealed) leaf() tlog.Hash { return leafHash(s.header, s.content) }

func leafHash(header []byte, content tlog.Hash) tlog.Hash {
	h := sha256.Sum256(header)
	return tlog.RecordHash(append(h[:], content[:]...))
}

func contentHash(salt, body []byte) tlog.Hash {
	h := sha256.New()
	h.Write(salt)
	h.Write(body)
	return tlog.Hash(h.Sum(nil))
}

// open returns the entry for readers.
func (s *sealed) open(index int64) (Stored, error) {
	e := Stored{Index: index, sealed: *s}
	if err := json.Unmarshal(s.header, &e.Header); err != nil {
		return Stored{}, fmt.Errorf("%w: header of entry %d: %w", ErrCorrupt, index, err)
	}
	if s.salt != nil {
		e.Body = s.body
	}
	return e, nil
}
