package email

import (
	"io"
	"strings"
)

// Looks reports whether the octets begin as mail does: with a header field that
// mail has, after the "From " line of a mailbox file perhaps.
func Looks(r io.ReaderAt) bool {
	head := make([]byte, 4096)
	n, _ := r.ReadAt(head, 0) // a short file is an EOF with what there is
	for line := range strings.Lines(string(head[:n])) {
		name, _, ok := strings.Cut(line, ":")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "received", "return-path", "from", "message-id", "date", "subject", "delivered-to", "mime-version":
			return ok
		}
	}
	return false
}
