package api_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/internal/api"
)

type parcel struct {
	Shelf string `path:"shelf" json:"-"`
	Note  string `json:"note,omitempty"`
}

type receipt struct {
	Shelf, Note string
	Octets      int64
}

// store counts what it is sent; it refuses the shelf "full" after a first look.
func store(_ context.Context, _ api.Caller, req parcel, body io.Reader) (receipt, error) {
	if req.Shelf == "full" {
		io.ReadFull(body, make([]byte, 10))
		return receipt{}, &api.Error{Code: api.CodeTooLarge, Message: "the shelf is full"}
	}
	n, err := io.Copy(io.Discard, body)
	return receipt{req.Shelf, req.Note, n}, err
}

func TestReceive(t *testing.T) {
	c := api.NewClient(serve(t, roles(api.Auditor), new(ledger).deny, api.Options{Body: 1 << 10},
		api.Receive("POST", "/v1/shelves/{shelf}", api.For(api.Auditor), store),
		api.Receive("POST", "/v1/closed/{shelf}", api.For(api.Manager), store)), "")
	defer c.Close()
	send := func(path string, octets int) (got receipt, err error) {
		return got, c.Send(t.Context(), "POST", path, bytes.NewReader(make([]byte, octets)), &got)
	}
	for _, n := range []int{0, 1, 8 << 20} { // more than Options.Body, which bounds what is held in memory
		if got, err := send("/v1/shelves/a?note=fragile", n); err != nil || got != (receipt{"a", "fragile", int64(n)}) {
			t.Errorf("%d octets: %+v, %v", n, got, err)
		}
	}
	_, err := send("/v1/shelves/full", 8<<20)
	wantCode(t, "a refusal before the end of the body", err, api.CodeTooLarge)
	_, err = send("/v1/shelves/a?colour=red", 1)
	wantCode(t, "an unknown parameter", err, api.CodeUsage)
	_, err = send("/v1/closed/a", 1)
	wantCode(t, "a caller without the role", err, api.CodeDenied)
	wantCode(t, "JSON", c.Do(t.Context(), "POST", "/v1/shelves/a", receipt{}, nil), api.CodeUsage)
}

// A sender that stalls does not occupy the daemon for ever.
func TestReceiveFromOneWhoStalls(t *testing.T) {
	c := api.NewClient(serve(t, roles(api.Auditor), new(ledger).deny, api.Options{Patience: 50 * time.Millisecond},
		api.Receive("POST", "/v1/shelves/{shelf}", api.For(api.Auditor), store)), "")
	defer c.Close()
	stalled, end := io.Pipe()
	defer end.Close()
	body := io.MultiReader(strings.NewReader("one piece"), stalled)
	var got receipt
	if err := c.Send(t.Context(), "POST", "/v1/shelves/a", body, &got); err == nil {
		t.Errorf("received %+v", got)
	}
}
