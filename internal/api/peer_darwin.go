package api

import (
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

// credentials asks the kernel who opened the connection (unix(4), LOCAL_PEERCRED).
func credentials(c *net.UnixConn) (uid, gid uint32, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, 0, err
	}
	var cred *unix.Xucred
	failed := raw.Control(func(fd uintptr) {
		cred, err = unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	})
	if failed != nil {
		return 0, 0, failed
	}
	if err != nil {
		return 0, 0, err
	}
	if cred.Ngroups < 1 {
		return 0, 0, errors.New("the peer has no group")
	}
	return cred.Uid, cred.Groups[0], nil
}
