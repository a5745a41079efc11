//go:build !windows

package dir

import (
	"context"
	"errors"
	"os"
	"syscall"
)

// lockFile takes an exclusive lock that ends with the file or the process.
func lockFile(ctx context.Context, f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return err
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

func isReadOnly(err error) bool { return errors.Is(err, syscall.EROFS) }
