//go:build !linux && !darwin

package api

import (
	"errors"
	"net"
)

// credentials cannot be had here: callers use the TLS listener.
func credentials(*net.UnixConn) (uid, gid uint32, err error) {
	return 0, 0, errors.ErrUnsupported
}
