// Package plaintext turns the octets of documents that are text in disguise
// into UTF-8 that can be indexed and read: text in any charset, HTML, RTF,
// flowed text, calendars and address cards.
//
// Every reader here streams, runs in time linear in its input, keeps memory
// bounded whatever it is given, and never fails on bad input: what cannot be
// read as it claims is read as something (an index that holds a garbled word
// beats one that silently holds none), and the caller is told.
package plaintext

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// ErrFull is returned by [Buffer.Write] once the buffer holds all it may.
var ErrFull = errors.New("text limit reached")

// A Buffer collects text up to a limit. The zero value holds nothing; use
// [NewBuffer].
type Buffer struct {
	b   strings.Builder
	max int
	cut bool
}

// NewBuffer returns a buffer for at most max octets of UTF-8.
func NewBuffer(max int) *Buffer { return &Buffer{max: max} }

// Write appends p. When p does not fit, what fits is kept (whole characters
// only) and the error is [ErrFull].
func (b *Buffer) Write(p []byte) (int, error) {
	room := b.max - b.b.Len()
	if len(p) <= room {
		return b.b.Write(p)
	}
	b.cut = true
	for room > 0 && !utf8.RuneStart(p[room]) {
		room--
	}
	n, _ := b.b.Write(p[:max(room, 0)])
	b.max = b.b.Len() // nothing may follow a gap
	return n, ErrFull
}

// Len returns the number of octets held.
func (b *Buffer) Len() int { return b.b.Len() }

// Room returns how many octets still fit.
func (b *Buffer) Room() int { return max(b.max-b.b.Len(), 0) }

// Cut reports whether anything was left out.
func (b *Buffer) Cut() bool { return b.cut }

// String returns the text.
func (b *Buffer) String() string { return b.b.String() }
