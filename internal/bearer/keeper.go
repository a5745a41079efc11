package bearer

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/closeroll/closeroll/internal/durable"
)

// A Keeper keeps refresh tokens in files, sealed with AES-256-GCM. Neither the
// files nor their names show whose they are: a name is a keyed digest of the
// source's. They are in the state folder and not in the journal, because the
// journal never forgets, and a token that was withdrawn should be nowhere. If
// the folder is lost, people log in again.
type Keeper struct {
	dir  string
	key  []byte            // of new files
	keys map[string][]byte // of every epoch, for old ones
	mu   sync.Mutex
}

// NewKeeper returns a keeper with files in dir, which need not exist yet. keys
// are 32 octets each, by epoch; epoch names the one that new files are sealed
// with.
func NewKeeper(dir, epoch string, keys map[string][]byte) (*Keeper, error) {
	for name, key := range keys {
		if len(key) != 32 {
			return nil, fmt.Errorf("the key of epoch %s has %d octets", name, len(key))
		}
	}
	if keys[epoch] == nil {
		return nil, fmt.Errorf("there is no key of epoch %s", epoch)
	}
	return &Keeper{dir: dir, key: keys[epoch], keys: keys}, nil
}

func (k *Keeper) path(key []byte, name string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("file name\x00" + name))
	return filepath.Join(k.dir, hex.EncodeToString(mac.Sum(nil)[:16]))
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Save keeps a source's refresh token durably, in place of any earlier one.
func (k *Keeper) Save(name, token string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if old, err := k.load(name); err == nil && old == token {
		return nil
	}
	aead, err := gcm(k.key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return err
	}
	if err := durable.WriteFile(k.path(k.key, name), aead.Seal(nil, nil, []byte(token), []byte(name)), 0o600); err != nil {
		return err
	}
	for _, key := range k.keys { // sealed under an older epoch
		if at := k.path(key, name); at != k.path(k.key, name) {
			if err := os.Remove(at); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// Load returns a source's refresh token, "" if none is kept.
func (k *Keeper) Load(name string) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.load(name)
}

func (k *Keeper) load(name string) (string, error) {
	for _, key := range append([][]byte{k.key}, k.older()...) {
		sealed, err := os.ReadFile(k.path(key, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		aead, err := gcm(key)
		if err != nil {
			return "", err
		}
		token, err := aead.Open(nil, nil, sealed, []byte(name))
		if err != nil {
			return "", fmt.Errorf("the refresh token of %s cannot be opened: it was damaged; closeroll login %s replaces it", name, name)
		}
		return string(token), nil
	}
	return "", nil
}

func (k *Keeper) older() (keys [][]byte) {
	for _, key := range k.keys {
		if !hmac.Equal(key, k.key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// Kept reports whether a source's refresh token is kept.
func (k *Keeper) Kept(name string) bool {
	token, err := k.Load(name)
	return err == nil && token != ""
}
