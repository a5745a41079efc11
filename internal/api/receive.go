package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"time"
)

// octetStream is the media type of a request's raw octets.
const octetStream = "application/octet-stream"

// Receive returns the route of a call whose body is raw octets of any number,
// and that answers with one JSON value. Req is a struct as for [Call], filled
// from the path and the query. The call may take as long as it makes progress:
// the caller has to send every piece within Options.Patience of being asked.
//
// What the handler leaves of the body is not read.
func Receive[Req, Resp any](method, path string, roles Roles, handle func(context.Context, Caller, Req, io.Reader) (Resp, error)) Route {
	return Route{method, path, roles, reflect.TypeFor[Req](), func(s *Server, w http.ResponseWriter, r *http.Request, c Caller) error {
		var req Req
		if t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); t != octetStream {
			return usage("the request is not %s", octetStream)
		}
		v := reflect.ValueOf(&req).Elem()
		if err := decodeParameters(r, v); err != nil {
			return err
		}
		if err := decodePath(r, v); err != nil {
			return err
		}
		body := &patientBody{in: r.Body, control: http.NewResponseController(w), patience: s.opts.Patience}
		resp, err := handle(r.Context(), c, req, body)
		if err != nil {
			return err
		}
		b, err := json.Marshal(resp)
		if err != nil {
			return err
		}
		if err := body.control.SetWriteDeadline(time.Now().Add(s.opts.Time)); err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(b)))
		_, err = w.Write(b)
		return ignoreGone(err)
	}}
}

// A patientBody reads a request's body with a deadline for each piece.
type patientBody struct {
	in       io.Reader
	control  *http.ResponseController
	patience time.Duration
}

func (b *patientBody) Read(p []byte) (int, error) {
	if err := b.control.SetReadDeadline(time.Now().Add(b.patience)); err != nil {
		return 0, err
	}
	n, err := b.in.Read(p)
	if failed := b.control.SetReadDeadline(time.Time{}); err == nil {
		err = failed
	}
	return n, err
}

// Send makes a call whose body is raw octets: those of body, to its end. The
// answer is decoded into resp. A failure that the daemon reports is an *Error;
// it may come before all of body was read.
func (c *Client) Send(ctx context.Context, method, path string, body io.Reader, resp any) error {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, io.NopCloser(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", octetStream)
	answer, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxAnswer)).Decode(resp); err != nil {
		return fmt.Errorf("the daemon's answer is not understood: %w", err)
	}
	return nil
}
