package daemon

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/email/dkim"
)

// How long a capture waits for the DNS, and how long it does not ask again
// after an answer that did not come: signatures must not slow captures down.
const (
	keyPatience = 5 * time.Second
	keyPause    = time.Minute
)

// A signatureChecker checks DKIM signatures with keys from the DNS.
type signatureChecker struct {
	lookup dkim.Lookup
	now    func() time.Time
	until  atomic.Int64 // not asking before this time, Unix nanoseconds
}

// authenticator returns what checks signatures, nil unless the source wants it.
func (d *Daemon) authenticator(wanted bool) ingest.Authenticator {
	if !wanted {
		return nil
	}
	c := &signatureChecker{lookup: new(net.Resolver).LookupTXT, now: d.now}
	return c.check
}

func (c *signatureChecker) check(ctx context.Context, message io.ReaderAt, size int64) []record.Signature {
	lookup := c.lookup
	if c.now().UnixNano() < c.until.Load() {
		lookup = func(context.Context, string) ([]string, error) { return nil, context.DeadlineExceeded }
	}
	begun := c.now()
	found := dkim.Verify(ctx, message, size, lookup, keyPatience)
	if c.now().Sub(begun) >= keyPatience {
		c.until.Store(c.now().Add(keyPause).UnixNano())
	}
	return found
}
