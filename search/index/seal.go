package index

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
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/blevesearch/bleve/v2/index/scorch"
	bleveindex "github.com/blevesearch/bleve_index_api"
)

// KeySize is the length of an index key in bytes.
const KeySize = 32

// Each file that Bleve writes has a writer id: KEYID "." RANDOM, where KEYID
// says which key it is sealed under without telling anything of the key, and
// RANDOM is 16 random bytes in hexadecimal. The file's own key is
// HKDF-SHA-256(key, info = "closeroll index file" ‖ id). A chunk is
//
//	counter (8 bytes, little-endian) ‖ AES-256-GCM(plaintext)
//
// with the counter, zero-padded, as nonce. A counter is used once in the life
// of a file key, so no nonce repeats however many chunks there are; random
// nonces under one key would come near GCM's limit of 2^32 messages
// (NIST SP 800-38D, section 8.3) at ten million messages archived.

// keyring finds keys for Bleve's hooks, which are process-wide variables. It
// is this package's one global; see [install].
var keyring = struct {
	once sync.Once
	mu   sync.RWMutex
	dirs map[string]open   // by index directory, for writing
	ids  map[string][]byte // key id → key, for reading
}{dirs: make(map[string]open), ids: make(map[string][]byte)}

// An open is a directory that an index is open in.
type open struct {
	key []byte
	lg  *slog.Logger
}

// install sets the hooks, once in a process and before any index is opened,
// and gives the index in dir its key. The returned function takes the
// directory's key away again; reading what was sealed under the key stays
// possible, because snapshots may outlive the index.
func install(lg *slog.Logger, dir string, key []byte) (release func(), err error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("an index key has %d bytes, not %d", KeySize, len(key))
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	id, err := keyID(key)
	if err != nil {
		return nil, err
	}
	keyring.once.Do(func() {
		bleveindex.WriterHook = sealing
		bleveindex.ReaderHook = opening
		scorch.RegistryAsyncErrorCallbacks[asyncErrors] = background
	})
	keyring.mu.Lock()
	defer keyring.mu.Unlock()
	own := slices.Clone(key)
	keyring.dirs[dir] = open{own, lg}
	keyring.ids[id] = own
	return func() {
		keyring.mu.Lock()
		defer keyring.mu.Unlock()
		delete(keyring.dirs, dir)
	}, nil
}

func keyID(key []byte) (string, error) {
	b, err := hkdf.Key(sha256.New, key, nil, "closeroll index key id", 8)
	return hex.EncodeToString(b), err
}

// sealing is Bleve's WriterHook: context is the path of the file to be
// written. A file in a directory without a key is not written at all.
func sealing(context []byte) (string, func([]byte) []byte, error) {
	at, err := lookUp(string(context))
	if err != nil {
		return "", nil, err
	}
	id, err := keyID(at.key)
	if err != nil {
		return "", nil, err
	}
	var random [16]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", nil, err
	}
	id += "." + hex.EncodeToString(random[:])
	aead, err := fileCipher(at.key, id)
	if err != nil {
		return "", nil, err
	}
	var counter atomic.Uint64
	return id, func(plain []byte) []byte {
		var nonce [12]byte
		binary.LittleEndian.PutUint64(nonce[:], counter.Add(1))
		out := make([]byte, 8, 8+len(plain)+aead.Overhead())
		copy(out, nonce[:8])
		return aead.Seal(out, nonce[:], plain, nil)
	}, nil
}

// opening is Bleve's ReaderHook. Segments that were never written to disk have
// no id and pass as they are.
func opening(id string, _ []byte) (func([]byte) ([]byte, error), error) {
	if id == "" {
		return nil, nil
	}
	name, _, _ := strings.Cut(id, ".")
	keyring.mu.RLock()
	key := keyring.ids[name]
	keyring.mu.RUnlock()
	if key == nil {
		return nil, errOtherKey
	}
	aead, err := fileCipher(key, id)
	if err != nil {
		return nil, err
	}
	return func(sealed []byte) ([]byte, error) {
		if len(sealed) < 8 {
			return nil, errors.New("a sealed chunk of the index is cut short")
		}
		var nonce [12]byte
		copy(nonce[:8], sealed)
		return aead.Open(nil, nonce[:], sealed[8:], nil)
	}, nil
}

var errOtherKey = errors.New("the index is sealed under another key")

// asyncErrors names [background] to Bleve.
const asyncErrors = "closeroll"

// background is told of errors of Bleve's own goroutines, which try again by
// themselves. What a batch could not persist is returned to its caller too.
func background(err error, path string) {
	if at, e := lookUp(path); e == nil {
		at.lg.Error("index: background work", "error", err)
	}
}

// lookUp returns what is known of the directory that holds path.
func lookUp(path string) (open, error) {
	dir, err := filepath.Abs(path)
	if err != nil {
		return open{}, err
	}
	keyring.mu.RLock()
	defer keyring.mu.RUnlock()
	for {
		if at, ok := keyring.dirs[dir]; ok {
			return at, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return open{}, errors.New("no key is known for this index directory")
		}
		dir = parent
	}
}

func fileCipher(key []byte, id string) (cipher.AEAD, error) {
	sub, err := hkdf.Key(sha256.New, key, nil, "closeroll index file"+id, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(sub)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
