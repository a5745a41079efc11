//go:build !linux

package confine

import "time"

// limitProcess does nothing where the system has no such limits: the runtime's
// own memory limit and the deadline hold there.
func limitProcess(memory int64, cpu time.Duration) error { return nil }
