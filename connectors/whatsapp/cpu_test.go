//go:build unix

package whatsapp

import (
	"syscall"
	"testing"
	"time"
)

// onCPU reports, beside the time on the wall, how many megabytes are read in a
// second of the processor's time: what a busy machine does not change. It is
// called before the loop, and what it returns after it.
func onCPU(b *testing.B, octets int) func() {
	before := cpuTime(b)
	return func() {
		b.ReportMetric(float64(octets)*float64(b.N)/1e6/(cpuTime(b)-before).Seconds(), "MB/cpu-s")
	}
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
