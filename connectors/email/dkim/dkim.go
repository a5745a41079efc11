// Package dkim checks the signatures with which mail servers answer for a
// message (DomainKeys Identified Mail, RFC 6376), while the keys are still to be
// had: a signer withdraws them from the DNS after months, and a record is asked
// about for years. What is kept of a check is its verdict and the key.
//
// A check never fails and never waits long: a message is archived whatever its
// signatures say, and when nobody answers, that is the verdict. The keys' names
// are chosen by whoever sent the message, so asking for them tells the sender
// that it was received: asking is for the configuration to allow.
package dkim

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/closeroll/closeroll/archive/record"
)

// Limits of one message.
const (
	MaxSignatures = 4         // that are checked, from the top
	MaxSize       = 256 << 20 // octets of a message that is checked at all
	maxHeader     = 1 << 20
	maxKey        = 4 << 10
)

// A Lookup returns the TXT records at a name, as [net.Resolver] does.
type Lookup func(ctx context.Context, name string) ([]string, error)

// Verify checks the signatures of the message in the first size octets of r,
// and gives the DNS this long altogether. Signatures come in their order.
func Verify(ctx context.Context, r io.ReaderAt, size int64, lookup Lookup, patience time.Duration) []record.Signature {
	if size > MaxSize {
		return nil
	}
	head, body := split(r, size)
	fields := unfold(head)
	var places []int
	for i, f := range fields {
		if isSignature(f) && len(places) < MaxSignatures {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	checked := make([]record.Signature, len(places))
	for i, place := range places {
		alone := io.MultiReader(bytes.NewReader(since(fields, place)), io.NewSectionReader(r, body, size-body))
		checked[i] = check(ctx, alone, lookup)
	}
	return checked
}

// split finds where the header ends.
func split(r io.ReaderAt, size int64) (head []byte, body int64) {
	head = make([]byte, min(size, maxHeader))
	n, _ := r.ReadAt(head, 0) // what cannot be read cannot be signed
	head = head[:n]
	for _, blank := range []string{"\r\n\r\n", "\n\n"} {
		if i := bytes.Index(head, []byte(blank)); i >= 0 {
			return head[:i+len(blank)/2], int64(i + len(blank)/2)
		}
	}
	return head, int64(len(head))
}

// unfold splits a header into its fields, each with its continuation lines.
func unfold(head []byte) (fields [][]byte) {
	for line := range bytes.Lines(head) {
		if (line[0] == ' ' || line[0] == '\t') && len(fields) > 0 {
			fields[len(fields)-1] = append(fields[len(fields)-1], line...)
			continue
		}
		fields = append(fields, bytes.Clone(line))
	}
	return fields
}

func isSignature(field []byte) bool {
	name, _, ok := bytes.Cut(field, []byte(":"))
	return ok && strings.EqualFold(string(bytes.TrimRight(name, " \t")), "DKIM-Signature")
}

// since is the header as it was when the signature at place was added: without
// the signatures above it. Those below may have been signed as well.
func since(fields [][]byte, place int) []byte {
	var b bytes.Buffer
	for i, f := range fields {
		if i >= place || !isSignature(f) {
			b.Write(f)
		}
	}
	return b.Bytes()
}

// check verifies the topmost signature of a message. One at a time: the library
// checks several in goroutines, where nothing could contain a panic.
func check(ctx context.Context, message io.Reader, lookup Lookup) (s record.Signature) {
	defer func() {
		if recover() != nil {
			s.Verdict = record.SignatureUnreadable
		}
	}()
	answered := true
	ask := func(name string) ([]string, error) {
		s.Selector, _, _ = strings.Cut(name, "._domainkey.")
		found, err := lookup(ctx, name)
		var said *net.DNSError
		answered = err == nil || errors.As(err, &said) && said.IsNotFound
		if key := strings.Join(found, ""); len(key) <= maxKey {
			s.Key = key
		}
		return found, err
	}
	found, err := dkim.VerifyWithOptions(message, &dkim.VerifyOptions{LookupTXT: ask, MaxVerifications: 1})
	if err != nil && !errors.Is(err, dkim.ErrTooManySignatures) || len(found) != 1 {
		s.Verdict = record.SignatureUnreadable
		return s
	}
	s.Domain, s.Verdict = strings.ToLower(found[0].Domain), verdict(found[0].Err)
	if !answered {
		s.Verdict = record.SignatureUnanswered
	}
	return s
}

// verdict is the result in the words of RFC 8601, section 2.7.1.
func verdict(err error) record.Verdict {
	switch {
	case err == nil:
		return record.SignaturePass
	case dkim.IsTempFail(err):
		return record.SignatureUnanswered
	case dkim.IsPermFail(err):
		return record.SignatureUnreadable
	}
	return record.SignatureFail
}
