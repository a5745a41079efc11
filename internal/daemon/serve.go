package daemon

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/search"
)

// serve starts the listeners that the configuration names.
func (d *Daemon) serve(ctx context.Context, g *errgroup.Group) error {
	server, err := api.New(d.lg, d.routes(), policy(d.cfg), d.deny, api.Options{Version: d.env.Version, Body: int64(d.cfg.Limits.Body),
		Rate: d.cfg.Limits.RequestsPerSecond, Time: d.cfg.Limits.RequestTime, Explain: explain})
	if err != nil {
		return err
	}
	listeners, err := d.listen()
	if err != nil {
		return err
	}
	g.Go(func() error { return server.Serve(ctx, listeners...) })
	if d.cfg.Metrics.Listen == "" {
		return nil
	}
	l, err := net.Listen("tcp", d.cfg.Metrics.Listen)
	if err != nil {
		return err
	}
	g.Go(func() error { return d.serveMetrics(ctx, l) })
	return nil
}

func (d *Daemon) listen() ([]net.Listener, error) {
	socket := string(d.cfg.API.Socket)
	if err := os.MkdirAll(filepath.Dir(socket), 0o755); err != nil {
		return nil, err
	}
	l, err := api.ListenSocket(socket)
	if err != nil {
		return nil, err
	}
	if d.cfg.API.Listen == "" {
		return []net.Listener{l}, nil
	}
	secure, err := api.ListenTLS(d.cfg.API.Listen, string(d.cfg.API.CertFile), string(d.cfg.API.KeyFile), string(d.cfg.API.ClientCAFile))
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return []net.Listener{l, secure}, nil
}

func policy(cfg *configs.Config) api.Policy {
	members := func(m configs.Members) api.Members {
		return api.Members{Users: m.Users, Groups: m.Groups, Certificates: m.Certificates}
	}
	r := cfg.Roles
	p := api.Policy{api.Officer: members(r.Officer), api.Manager: members(r.Manager), api.Auditor: members(r.Auditor), api.Operator: members(r.Operator)}
	for _, v := range cfg.Vaults {
		p[readerOf(v.Name)] = members(v.Readers)
	}
	return p
}

// deny journals a refused call before it is refused.
func (d *Daemon) deny(ctx context.Context, c api.Caller, call, need string) error {
	return d.archive.JournalOne(ctx, record.EntryDenial, c.ID, record.Denial{Call: call, Need: need})
}

// explain says what a caller may know of an error: what they can act on.
func explain(err error) *api.Error {
	var ambiguous *catalog.AmbiguousError
	var query *search.SyntaxError
	switch {
	case errors.As(err, &query):
		return &api.Error{Code: api.CodeUsage, Message: query.Error(), Hint: query.Hint}
	case errors.As(err, &ambiguous):
		return &api.Error{Code: api.CodeUsage, Message: ambiguous.Error(), Hint: "give more letters of the id"}
	case errors.Is(err, archive.ErrVaultExists):
		return &api.Error{Code: api.CodeConflict, Message: err.Error(), Hint: "closeroll keys list lists the vaults"}
	case errors.Is(err, archive.ErrNoVault):
		return &api.Error{Code: api.CodeNotFound, Message: err.Error(), Hint: "closeroll keys vault add founds one"}
	case errors.Is(err, archive.ErrNotFound), errors.Is(err, catalog.ErrNotFound):
		return &api.Error{Code: api.CodeNotFound, Message: err.Error(), Hint: "closeroll search finds records; their ids can be shortened"}
	case errors.Is(err, store.ErrNotExist):
		return &api.Error{Code: api.CodeUnverified, Message: "the record's object is not in the store", Hint: "closeroll fixity says what else is missing"}
	case store.Temporary(err):
		return &api.Error{Code: api.CodeUnavailable, Message: err.Error(), Hint: "the store is out of reach; try again when it is back"}
	case errors.Is(err, journal.ErrCorrupt):
		return &api.Error{Code: api.CodeUnverified, Message: err.Error(), Hint: "keep the bucket as it is and tell the archive's owner"}
	case errors.Is(err, journal.ErrRolledBack):
		return &api.Error{Code: api.CodeUnverified, Message: err.Error(), Hint: "the bucket was put back to an earlier state; tell the archive's owner"}
	case errors.Is(err, journal.ErrPenLost):
		return &api.Error{Code: api.CodeUnavailable, Message: err.Error(), Hint: "the other daemon answers now"}
	case errors.Is(err, context.DeadlineExceeded):
		return &api.Error{Code: api.CodeTimeout, Message: "it took too long", Hint: "ask for less at once, or give the daemon more time with limits.request_time"}
	}
	return nil
}
