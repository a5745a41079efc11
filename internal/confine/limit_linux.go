package confine

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

// limitProcess bounds what this process may use: address space beyond what the
// runtime has reserved already, processor time, no file written, and no core
// dump, which would hold the document.
func limitProcess(memory int64, cpu time.Duration) error {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return err
	}
	var pages int64
	if _, err := fmt.Sscan(string(statm), &pages); err != nil {
		return fmt.Errorf("/proc/self/statm: %w", err)
	}
	seconds := uint64(cpu/time.Second) + 1
	for _, l := range []struct {
		resource int
		value    uint64
	}{
		{syscall.RLIMIT_AS, uint64(pages*int64(os.Getpagesize()) + memory)},
		{syscall.RLIMIT_CPU, seconds},
		{syscall.RLIMIT_CORE, 0},
		{syscall.RLIMIT_FSIZE, 0},
	} {
		if err := syscall.Setrlimit(l.resource, &syscall.Rlimit{Cur: l.value, Max: l.value}); err != nil {
			return fmt.Errorf("resource %d: %w", l.resource, err)
		}
	}
	return nil
}
