// Package disposer is the disposer's side of a disposal: the daemon as
// retention/disposal sees it, through the API. The disposer has a credential
// that deletes and decides nothing; the daemon decides and deletes nothing.
package disposer

import (
	"context"
	"net/http"
	"net/url"

	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention/disposal"
)

// A Desk is a daemon that a batch is executed with. It implements
// [disposal.Authority].
type Desk struct{ client *api.Client }

// New returns the desk of the daemon that the client calls.
func New(client *api.Client) Desk { return Desk{client} }

// Path is where the API has a batch: rest follows its name.
func Path(batch, rest string) string { return "/v1/disposals/" + url.PathEscape(batch) + rest }

// Next implements [disposal.Authority].
func (d Desk) Next(ctx context.Context, batch string) (disposal.Order, error) {
	var o disposal.Order
	err := d.client.Do(ctx, http.MethodPost, Path(batch, "/next"), nil, &o)
	return o, err
}

// Settle implements [disposal.Authority].
func (d Desk) Settle(ctx context.Context, batch string, grant int64) error {
	return d.client.Do(ctx, http.MethodPost, Path(batch, "/settlement"), v1.GrantDone{Grant: grant}, nil)
}

// Sweep implements [disposal.Authority].
func (d Desk) Sweep(ctx context.Context, batch string, grant int64) error {
	return d.client.Do(ctx, http.MethodPost, Path(batch, "/sweep"), v1.GrantDone{Grant: grant}, nil)
}

// Certify implements [disposal.Authority].
func (d Desk) Certify(ctx context.Context, batch string) (int, error) {
	var c v1.Certified
	err := d.client.Do(ctx, http.MethodPost, Path(batch, "/certificate"), nil, &c)
	return c.Number, err
}

var _ disposal.Authority = Desk{}
