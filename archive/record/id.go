package record

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
)

// An ID names a record: 160 bits in lower-case base32 (RFC 4648, section 6,
// no padding), 32 characters. It is a keyed function of the record's octets,
// so the same octets always get the same id and yet a listing of ids confirms
// nothing to someone without the naming key.
type ID string

const idBits = 160

var idEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewID returns the id of the record of this kind in this vault (its name
// without the epoch) whose sorted payload manifest has this digest, after it
// has been disposed of `disposals` times.
func NewID(namingKey []byte, vault string, kind Kind, manifest Digest, disposals int) ID {
	mac := hmac.New(sha256.New, namingKey)
	for _, part := range []string{"closeroll-record-id/1", vault, string(kind), string(manifest[:])} {
		mac.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
		mac.Write([]byte(part))
	}
	mac.Write(binary.BigEndian.AppendUint32(nil, uint32(disposals)))
	return ID(idEncoding.EncodeToString(mac.Sum(nil)[:idBits/8]))
}

// ParseID checks that s has the form of a whole id.
func ParseID(s string) (ID, error) {
	if b, err := idEncoding.DecodeString(s); err != nil || len(b) != idBits/8 {
		return "", fmt.Errorf("%q is not a record id: an id is 32 letters a–z and digits 2–7", s)
	}
	return ID(s), nil
}

// IsPrefix reports whether s could be the beginning of an id.
func IsPrefix(s string) bool {
	return s != "" && len(s) <= idEncoding.EncodedLen(idBits/8) &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// Short returns the first characters of the id, enough to read in a table.
func (id ID) Short() string { return string(id[:min(len(id), 10)]) }

// Key returns the name of the sealed record's object in the bucket.
func (id ID) Key(epoch string) string {
	return "records/" + epoch + "/" + string(id[:2]) + "/" + string(id)
}

// A MessageID names one message of a record as people write it: RECORD-ID/N,
// with N counting from 1 in the order of the record.
type MessageID struct {
	Record ID
	N      int
}

// String returns RECORD-ID/N.
func (m MessageID) String() string { return fmt.Sprintf("%s/%d", m.Record, m.N) }

// MarshalText implements [encoding.TextMarshaler].
func (m MessageID) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// Octets returns the 160 bits of an id, and false for what has not the form of
// a whole one.
func (id ID) Octets() (b [idBits / 8]byte, ok bool) {
	if len(id) != 32 {
		return b, false
	}
	n, err := idEncoding.Decode(b[:], []byte(id))
	return b, err == nil && n == len(b)
}

// IDOf returns the id of which these are the bits.
func IDOf(b [idBits / 8]byte) ID {
	var text [32]byte
	idEncoding.Encode(text[:], b[:])
	return ID(text[:])
}
