package journal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/closeroll/closeroll/archive/store"
)

const (
	batchPrefix   = "journal/batch/"
	batchMagic    = "closeroll-journal-batch/1\n"
	firstDigits   = 19 // as many as the largest int64 has, so that names sort
	seedSize      = 32
	maxKeyID      = 64
	maxBatchBytes = store.MaxReplace // what an object may have; MaxBytes leaves room for the rest
)

// A batchName identifies a batch: its first entry's index and the root of the
// tree that ends with its last entry.
type batchName struct {
	first int64
	root  tlog.Hash
}

func (n batchName) key() string {
	return fmt.Sprintf("%s%0*d-%x", batchPrefix, firstDigits, n.first, n.root[:])
}

// parseBatchKey is the inverse of key. It accepts no other spelling.
func parseBatchKey(key string) (n batchName, ok bool) {
	digits, root, found := strings.Cut(strings.TrimPrefix(key, batchPrefix), "-")
	first, err := strconv.ParseInt(digits, 10, 64)
	if !found || err != nil || len(root) != 2*tlog.HashSize {
		return batchName{}, false
	}
	n.first = first
	if _, err := hex.Decode(n.root[:], []byte(root)); err != nil {
		return batchName{}, false
	}
	return n, n.key() == key
}

// A batch is a run of entries as it is stored. The leaves stand in clear, so
// that the tree can be checked and its tiles derived without any key.
type batch struct {
	keyID  string
	seed   []byte
	first  int64
	leaves []tlog.Hash
	clear  []byte // everything before the ciphertext: its additional data
	cipher []byte
}

func (b *batch) end() int64 { return b.first + int64(len(b.leaves)) }

// sealBatch returns the octets of the object called name that holds entries.
// Sealing again under the same name uses a fresh seed and so a fresh key.
func sealBatch(name batchName, entries []sealed, keyID string, subkey []byte) ([]byte, error) {
	out := append([]byte(batchMagic), byte(len(keyID)))
	out = append(out, keyID...)
	seed := make([]byte, seedSize)
	rand.Read(seed) // never fails
	out = append(out, seed...)
	out = binary.BigEndian.AppendUint64(out, uint64(name.first))
	out = binary.BigEndian.AppendUint32(out, uint32(len(entries)))
	var plain []byte
	for i := range entries {
		leaf := entries[i].leaf()
		out = append(out, leaf[:]...)
		plain = entries[i].append(plain)
	}
	aead, err := batchAEAD(subkey, seed, name)
	if err != nil {
		return nil, err
	}
	return aead.Seal(out, make([]byte, aead.NonceSize()), plain, out), nil
}

// batchAEAD derives the key of one stored object. Each object has a random
// seed and hence its own key, which is why the nonce may be zero.
func batchAEAD(subkey, seed []byte, name batchName) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, subkey, seed, batchMagic+name.key(), 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

var errBatchForm = errors.New("not the form of a batch")

// parseBatch reads the part of a batch that is in clear.
func parseBatch(object []byte) (*batch, error) {
	r := octets(object)
	if string(r.take(len(batchMagic))) != batchMagic {
		return nil, errBatchForm
	}
	b := &batch{}
	b.keyID = string(r.take(int(r.uint8())))
	b.seed = r.take(seedSize)
	first, count := r.uint64(), r.uint32()
	if r == nil || b.keyID == "" || len(b.keyID) > maxKeyID || first > maxSize || count == 0 || count > MaxEntries {
		return nil, errBatchForm
	}
	b.first = int64(first)
	hashes := r.take(int(count) * tlog.HashSize)
	if hashes == nil {
		return nil, errBatchForm
	}
	b.leaves = splitHashes(hashes)
	b.clear, b.cipher = object[:len(object)-len(r)], r
	return b, nil
}

// open decrypts the batch and checks every entry against its leaf.
func (b *batch) open(name batchName, subkey []byte) ([]sealed, error) {
	aead, err := batchAEAD(subkey, b.seed, name)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, make([]byte, aead.NonceSize()), b.cipher, b.clear)
	if err != nil {
		return nil, fmt.Errorf("does not open under key %q", b.keyID)
	}
	r := octets(plain)
	entries := make([]sealed, len(b.leaves))
	for i := range entries {
		if err := entries[i].parse(&r); err != nil {
			return nil, fmt.Errorf("entry %d: %w", b.first+int64(i), err)
		}
		if entries[i].leaf() != b.leaves[i] {
			return nil, fmt.Errorf("entry %d differs from its leaf", b.first+int64(i))
		}
	}
	if len(r) != 0 {
		return nil, errBatchForm
	}
	return entries, nil
}

// append appends the plaintext form of s to b.
func (s *sealed) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s.header)))
	b = append(b, s.header...)
	b = append(b, s.content[:]...)
	if s.salt == nil {
		return append(b, 0)
	}
	b = append(append(b, 1), s.salt...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(s.body)))
	return append(b, s.body...)
}

// parse reads one entry. A body that is there has to match its hash.
func (s *sealed) parse(r *octets) error {
	s.header = r.take(int(r.uint32()))
	content := r.take(tlog.HashSize)
	present := r.uint8()
	if len(content) != tlog.HashSize || present > 1 {
		return errBatchForm
	}
	s.content = tlog.Hash(content)
	if present == 0 {
		return nil
	}
	s.salt = r.take(saltSize)
	s.body = r.take(int(r.uint32()))
	if *r == nil || s.salt == nil || s.body == nil {
		return errBatchForm
	}
	if contentHash(s.salt, s.body) != s.content {
		return errors.New("body differs from its hash")
	}
	return nil
}

// octets is a reader of binary fields. Once a field does not fit it is nil,
// and all that is read from it is empty.
type octets []byte

func (r *octets) take(n int) []byte {
	if *r == nil || n < 0 || n > len(*r) {
		*r = nil
		return nil
	}
	b := (*r)[:n:n]
	*r = (*r)[n:]
	return b
}

func (r *octets) uint8() uint8 {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *octets) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *octets) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func splitHashes(b []byte) []tlog.Hash {
	hashes := make([]tlog.Hash, len(b)/tlog.HashSize)
	for i := range hashes {
		copy(hashes[i][:], b[i*tlog.HashSize:])
	}
	return hashes
}
