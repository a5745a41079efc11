package api

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// A Remote is a daemon on another machine.
type Remote struct {
	URL      string // https://host:port
	CertFile string // the caller's certificate chain, PEM
	KeyFile  string // its private key, PEM
	CAFile   string // authorities to trust instead of the system's, PEM; may be empty
}

// A Client calls a daemon. It may be used from many goroutines.
type Client struct {
	http    *http.Client
	base    string
	where   string // for people
	version string
}

// maxAnswer bounds an answer that is held in memory whole.
const maxAnswer = 256 << 20

// NewClient returns a client of the daemon at a Unix socket. It connects when
// it is used.
func NewClient(socket, version string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}
	return &Client{http: &http.Client{Transport: &http.Transport{DialContext: dial}},
		base: "http://closeroll", where: socket, version: version}
}

// NewRemoteClient returns a client of a daemon's TLS listener.
func NewRemoteClient(remote Remote, version string) (*Client, error) {
	u, err := url.Parse(remote.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return nil, &Error{Code: CodeUsage, Message: fmt.Sprintf("%q is not the address of a daemon", remote.URL),
			Hint: "it looks like https://records.example.gov.uk:8443"}
	}
	cert, err := tls.LoadX509KeyPair(remote.CertFile, remote.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("client certificate: %w", err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert}}
	if remote.CAFile != "" {
		if config.RootCAs, err = readPool(remote.CAFile); err != nil {
			return nil, err
		}
	}
	transport := &http.Transport{TLSClientConfig: config, TLSHandshakeTimeout: 20 * time.Second,
		Proxy: http.ProxyFromEnvironment}
	return &Client{http: &http.Client{Transport: transport}, base: "https://" + u.Host, where: u.Host, version: version}, nil
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Do makes a call. path has the parameters of GET and DELETE in its query;
// otherwise req, which may be nil, is sent as JSON. The answer is decoded into
// resp unless that is nil. A failure that the daemon reports is an *Error, and
// so is the failure to reach one, with [CodeNoDaemon].
func (c *Client) Do(ctx context.Context, method, path string, req, resp any) error {
	answer, err := c.send(ctx, method, path, req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		return fmt.Errorf("the daemon's answer broke off: %w", err)
	}
	if len(b) > maxAnswer {
		return errors.New("the daemon's answer is too large")
	}
	if resp == nil {
		return nil
	}
	if err := json.Unmarshal(b, resp); err != nil {
		return fmt.Errorf("the daemon's answer is not understood: %w", err)
	}
	return nil
}

// A Download is the answer of a streaming call. Close it.
type Download struct {
	io.ReadCloser
	Header http.Header
	Size   int64 // octets, -1 if unknown
}

// Stream makes a call whose answer is a stream. Reading it ends with io.EOF
// only if all of it came, and else with the daemon's *Error or that of the
// connection.
func (c *Client) Stream(ctx context.Context, method, path string, req any) (*Download, error) {
	answer, err := c.send(ctx, method, path, req)
	if err != nil {
		return nil, err
	}
	return &Download{ReadCloser: &trailed{answer}, Header: answer.Header, Size: answer.ContentLength}, nil
}

// Lines decodes a stream of JSON values, a line each. An error ends the sequence.
func Lines[T any](r io.Reader) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		d := json.NewDecoder(r)
		for {
			var v T
			err := d.Decode(&v)
			if err == io.EOF {
				return
			}
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// trailed is a body whose end may carry the daemon's error.
type trailed struct{ answer *http.Response }

func (t *trailed) Read(p []byte) (int, error) {
	n, err := t.answer.Body.Read(p)
	if err == io.EOF {
		if said := t.answer.Trailer.Get(errorTrailer); said != "" {
			return n, parseError([]byte(said), t.answer.StatusCode)
		}
	}
	return n, err
}

func (t *trailed) Close() error { return t.answer.Body.Close() }

// send sends a request and returns an answer that is not an error.
func (c *Client) send(ctx context.Context, method, path string, req any) (*http.Response, error) {
	var body io.Reader
	if !inQuery(method) {
		if req == nil {
			req = struct{}{}
		}
		b, err := json.Marshal(req)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return c.do(ctx, r)
}

// do sends a finished request and returns an answer that is not an error.
func (c *Client) do(ctx context.Context, r *http.Request) (*http.Response, error) {
	r.Header.Set(versionHeader, c.version)
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, c.unreached(ctx, err)
	}
	if answer.StatusCode < 300 {
		if err := compatible(c.version, answer.Header.Get(versionHeader), "the daemon"); err != nil {
			answer.Body.Close()
			return nil, err
		}
		return answer, nil
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil {
		return nil, fmt.Errorf("the daemon's answer broke off: %w", err)
	}
	return nil, parseError(b, answer.StatusCode)
}

// parseError reads an error answer. What is none was sent by somebody else.
func parseError(b []byte, status int) error {
	e := &Error{}
	if err := json.Unmarshal(b, e); err != nil || e.Code == "" {
		return &Error{Code: CodeFailure, Message: fmt.Sprintf("the answer is not a closeroll daemon's (HTTP status %d)", status)}
	}
	return e
}

// unreached explains why there was no answer.
func (c *Client) unreached(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var op *net.OpError
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.As(err, &untrusted):
		return &Error{Code: CodeUnverified, Message: fmt.Sprintf("the certificate of the daemon at %s is not trusted: %v", c.where, untrusted.Err),
			Hint: "name the authority that signed it with --ca"}
	case errors.As(err, &op) && op.Op == "remote error": // a TLS alert
		return &Error{Code: CodeDenied, Message: fmt.Sprintf("the daemon at %s does not accept your certificate: %v", c.where, op.Err),
			Hint: "use a certificate of an authority that it trusts (api.client_ca_file), with --cert and --key"}
	case errors.Is(err, syscall.EACCES):
		return &Error{Code: CodeDenied, Message: fmt.Sprintf("no permission to connect to %s", c.where),
			Hint: "check the permissions of the socket and its directory"}
	case errors.As(err, &op) && op.Op == "dial":
		return &Error{Code: CodeNoDaemon, Message: fmt.Sprintf("no daemon answers at %s: %v", c.where, op.Err),
			Hint: "start it with: closeroll serve"}
	}
	return fmt.Errorf("call the daemon at %s: %w", c.where, err)
}
