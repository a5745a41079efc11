//go:build unix

package confine

import (
	"os/exec"
	"syscall"
)

// ownGroup makes a child the head of a process group, and has the whole group
// killed when the child's time is over, in case it is not the program that it
// should be and has started others.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
