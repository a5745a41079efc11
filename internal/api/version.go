package api

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

const versionHeader = "Closeroll-Version"

// major returns the major version, and whether the version has one: a build
// from a work tree may not.
func major(version string) (int, bool) {
	digits, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	n, err := strconv.Atoi(digits)
	return n, err == nil && n >= 0
}

// compatible returns an error if ours and the peer's version cannot work together.
func compatible(ours, theirs, they string) *Error {
	a, known := major(ours)
	b, named := major(theirs)
	if !known || !named || a == b {
		return nil
	}
	return &Error{
		Code:    CodeVersion,
		Message: fmt.Sprintf("%s is version %d and this is version %d", they, b, a),
		Hint:    "install the same major version of closeroll on both sides",
	}
}

// checkVersion refuses a client of another major version.
func (s *Server) checkVersion(r *http.Request) error {
	if err := compatible(s.opts.Version, r.Header.Get(versionHeader), "the command line"); err != nil {
		return err
	}
	return nil
}
