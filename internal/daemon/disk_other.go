//go:build !unix

package daemon

import "errors"

// freeShare is not known here: the daemon runs on Unix.
func freeShare(string) (float64, error) {
	return 0, errors.New("free disk space is not known on this system")
}

// sameFilesystem is not known here either.
func sameFilesystem(_, _ string) (bool, error) {
	return false, errors.New("file systems are not told apart on this system")
}
