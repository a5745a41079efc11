package durable

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// SyncOpenDir does nothing: Windows cannot flush a directory, and NTFS
// journals its names.
func SyncOpenDir(*os.File) error { return nil }

// IsFull reports whether err says that there is no room left: the disk is full
// or a quota is used up.
func IsFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) ||
		errors.Is(err, windows.ERROR_DISK_QUOTA_EXCEEDED)
}
