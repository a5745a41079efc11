package spool

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
)

const (
	chunkSize = 64 << 10 // of plaintext
	tagSize   = 16       // AES-GCM adds it to each chunk
)

// A file is a sealed spool file.
type file struct {
	spooler *Spooler
	f       *os.File
	name    string // empty where the file has no name any more
	aead    cipher.AEAD
	written int64 // chunks

	mu    sync.Mutex
	last  int64  // index of the chunk in cache, -1 for none
	cache []byte // its plaintext: readers mostly go on where they stopped
}

func (s *Spooler) newFile() (*file, error) {
	key := make([]byte, 32)
	rand.Read(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	clear(key)
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(s.dir, filePrefix+"*")
	if err != nil {
		return nil, fmt.Errorf("make spool file: %w", err)
	}
	opened := &file{spooler: s, f: f, aead: aead, last: -1}
	if os.Remove(f.Name()) != nil { // Windows keeps the names of open files
		opened.name = f.Name()
	}
	return opened, nil
}

// nonce is the chunk's index: the key is never used for another file.
func nonce(chunk int64) []byte {
	var n [12]byte
	binary.BigEndian.PutUint64(n[4:], uint64(chunk))
	return n[:]
}

// append seals the next chunk. All but the last are chunkSize long.
func (f *file) append(plain []byte) error {
	buf := f.spooler.chunks.Get().(*[]byte)
	defer f.spooler.chunks.Put(buf)
	sealed := f.aead.Seal((*buf)[:0], nonce(f.written), plain, nil)
	if _, err := f.f.WriteAt(sealed, f.written*(chunkSize+tagSize)); err != nil {
		return fmt.Errorf("write spool file: %w", err)
	}
	f.written++
	return nil
}

// readAt fills p from off; size is that of the whole and p ends within it.
func (f *file) readAt(p []byte, off, size int64) (int, error) {
	n := 0
	for n < len(p) {
		chunk, at := (off+int64(n))/chunkSize, int((off+int64(n))%chunkSize)
		length := int(min(chunkSize, size-chunk*chunkSize))
		if at == 0 && len(p)-n >= length {
			if err := f.openChunk(p[n:n+length], chunk); err != nil {
				return n, err
			}
			n += length
			continue
		}
		copied, err := f.readCached(p[n:], chunk, at, length)
		if err != nil {
			return n, err
		}
		n += copied
	}
	return n, nil
}

// readCached copies from the chunk that was opened last, opening it if need be.
func (f *file) readCached(p []byte, chunk int64, at, length int) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last != chunk {
		if f.cache == nil {
			f.cache = make([]byte, chunkSize)
		}
		f.last = -1
		if err := f.openChunk(f.cache[:length], chunk); err != nil {
			return 0, err
		}
		f.last = chunk
	}
	return copy(p, f.cache[at:length]), nil
}

// openChunk reads and opens one chunk into plain, which is as long as it.
func (f *file) openChunk(plain []byte, chunk int64) error {
	buf := f.spooler.chunks.Get().(*[]byte)
	defer f.spooler.chunks.Put(buf)
	sealed := (*buf)[:len(plain)+tagSize]
	if _, err := f.f.ReadAt(sealed, chunk*(chunkSize+tagSize)); err != nil {
		if errors.Is(err, fs.ErrClosed) {
			return ErrClosed
		}
		return fmt.Errorf("read spool file: %w", err)
	}
	if _, err := f.aead.Open(plain[:0], nonce(chunk), sealed, nil); err != nil {
		return ErrCorrupt
	}
	return nil
}

// close lets go of the file for good.
func (f *file) close() error {
	err := f.f.Close()
	if f.name != "" {
		err = errors.Join(err, os.Remove(f.name))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last, f.cache = -1, nil
	return err
}
