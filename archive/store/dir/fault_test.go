package dir

import (
	"errors"
	"io/fs"
	"syscall"
	"testing"

	"github.com/closeroll/closeroll/archive/store"
)

func TestSystemErrorsInTheContractsWords(t *testing.T) {
	other := errors.New("input/output error")
	for system, want := range map[error][2]error{ // when reading, when writing
		syscall.ENOSPC: {store.ErrFull, store.ErrFull},
		syscall.EACCES: {store.ErrDenied, store.ErrDenied},
		syscall.EROFS:  {store.ErrDenied, store.ErrDenied},
		syscall.ENOENT: {store.ErrNotExist, store.ErrUnavailable},
		other:          {other, other},
	} {
		err := &fs.PathError{Op: "open", Path: "x", Err: system}
		if got := fault(err); !errors.Is(got, want[0]) || !errors.Is(got, system) {
			t.Errorf("reading, %v: %v", system, got)
		}
		if got := writeFault(err); !errors.Is(got, want[1]) || !errors.Is(got, system) {
			t.Errorf("writing, %v: %v", system, got)
		}
	}
	if fault(nil) != nil || writeFault(nil) != nil {
		t.Error("nothing is an error")
	}
}
