package api

import (
	"errors"
	"net/http"
)

// A Code says what kind of failure an error is.
type Code string

// The codes, with the exit status of the verb and the HTTP status.
const (
	CodeFailure     Code = "failure"     // 1, 500: it went wrong, and the error says how
	CodeInternal    Code = "internal"    // 1, 500: it went wrong, and the daemon's log says how
	CodeConflict    Code = "conflict"    // 1, 409: it contradicts what is there
	CodeBusy        Code = "busy"        // 1, 429: too many calls of this caller
	CodeUnavailable Code = "unavailable" // 1, 503: not now; later it may work
	CodeTimeout     Code = "timeout"     // 1, 504: it took too long
	CodeUsage       Code = "usage"       // 2, 400: the call itself is wrong
	CodeTooLarge    Code = "too_large"   // 2, 413: the request is too large
	CodeVersion     Code = "version"     // 2, 426: daemon and verb are of different major versions
	CodeNotFound    Code = "not_found"   // 3, 404: no such record, hold, source or chat
	CodeUnverified  Code = "unverified"  // 4, 422: a digest or signature is not what it should be
	CodeIncomplete  Code = "incomplete"  // 5, 409: only part of it could be looked at
	CodeNoDaemon    Code = "no_daemon"   // 6: nothing answers; only a client says so
	CodeDenied      Code = "denied"      // 7, 403: the caller's roles do not allow it
)

// ExitStatus is the exit status of a verb that fails with this code.
func (c Code) ExitStatus() int {
	switch c {
	case CodeUsage, CodeTooLarge, CodeVersion:
		return 2
	case CodeNotFound:
		return 3
	case CodeUnverified:
		return 4
	case CodeIncomplete:
		return 5
	case CodeNoDaemon:
		return 6
	case CodeDenied:
		return 7
	}
	return 1
}

// status is the HTTP status of an answer with this code.
func (c Code) status() int {
	switch c {
	case CodeConflict, CodeIncomplete:
		return http.StatusConflict
	case CodeBusy:
		return http.StatusTooManyRequests
	case CodeUnavailable:
		return http.StatusServiceUnavailable
	case CodeTimeout:
		return http.StatusGatewayTimeout
	case CodeUsage:
		return http.StatusBadRequest
	case CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	case CodeVersion:
		return http.StatusUpgradeRequired
	case CodeNotFound:
		return http.StatusNotFound
	case CodeUnverified:
		return http.StatusUnprocessableEntity
	case CodeDenied:
		return http.StatusForbidden
	}
	return http.StatusInternalServerError
}

// An Error is a failure as it travels to the caller. Handlers return one,
// perhaps wrapped, to say what the caller may know; any other error reaches
// the caller as [CodeInternal], without its text.
type Error struct {
	Message string `json:"error"`          // what went wrong, without content of records
	Hint    string `json:"hint,omitempty"` // what to do about it
	Code    Code   `json:"code"`
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// IsCode reports whether err is, or wraps, an [Error] with this code.
func IsCode(err error, c Code) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == c
}
