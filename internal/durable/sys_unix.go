//go:build !windows

package durable

import (
	"errors"
	"os"
	"syscall"
)

// SyncOpenDir flushes the names in an open directory.
func SyncOpenDir(d *os.File) error { return d.Sync() }

// IsFull reports whether err says that there is no room left: the disk is full
// or a quota is used up.
func IsFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
