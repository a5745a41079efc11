package index

import (
	"errors"
	"fmt"
)

// ErrInUse says that another process has the index open.
var ErrInUse = errors.New("the index is in use by another process")

// ErrClosed says that the index has been closed.
var ErrClosed = errors.New("the index is closed")

// ErrTooDense says that two patterns stand near one another so often in one
// text that the places cannot be counted.
var ErrTooDense = errors.New("one text repeats what is searched near one another too often; use fewer words or a phrase")

// A PatternError says that a pattern cannot be searched: a wildcard that is
// too involved.
type PatternError struct{ Err error }

// Error implements error.
func (e *PatternError) Error() string { return "this pattern cannot be searched: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *PatternError) Unwrap() error { return e.Err }

// A DamagedError says that a generation cannot be read: files are missing, cut
// short, altered, or sealed under another key. The remedy is to set the index
// aside ([SetAside]) and to build it again.
type DamagedError struct {
	Dir string
	Err error
}

// Error implements error.
func (e *DamagedError) Error() string { return fmt.Sprintf("index %s is damaged: %v", e.Dir, e.Err) }

// Unwrap returns what was found.
func (e *DamagedError) Unwrap() error { return e.Err }

// A MappingError says that a generation was written by a program with another
// [Mapping]. The remedy is the same.
type MappingError struct {
	Dir  string
	Have string
}

// Error implements error.
func (e *MappingError) Error() string {
	return fmt.Sprintf("index %s has mapping %s; this program needs %s", e.Dir, e.Have, Mapping)
}

// MustRebuild reports whether err says that the index has to be built again.
func MustRebuild(err error) bool {
	var damaged *DamagedError
	var mapping *MappingError
	return errors.As(err, &damaged) || errors.As(err, &mapping)
}
