//go:build unix

package daemon

import "golang.org/x/sys/unix"

// freeShare is how much of the disk that holds path is free to us, from 0 to 1.
func freeShare(path string) (float64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, err
	}
	return float64(s.Bavail) / float64(max(s.Blocks, 1)), nil
}

// sameFilesystem reports whether two paths are on one file system.
func sameFilesystem(a, b string) (bool, error) {
	var sa, sb unix.Stat_t
	if err := unix.Stat(a, &sa); err != nil {
		return false, err
	}
	if err := unix.Stat(b, &sb); err != nil {
		return false, err
	}
	return sa.Dev == sb.Dev, nil
}
