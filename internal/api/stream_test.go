package api_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/internal/api"
)

type line struct {
	N int `json:"n"`
}

type count struct {
	Lines int  `json:"lines"`
	Fail  bool `json:"fail,omitempty"`
	Panic bool `json:"panic,omitempty"`
}

func countLines(_ context.Context, _ api.Caller, req count, reply *api.Reply) error {
	for n := range req.Lines {
		if err := reply.Line(line{n}); err != nil {
			return err
		}
		if err := reply.Flush(); err != nil {
			return err
		}
	}
	if req.Panic {
		panic("Dear Minister")
	}
	if req.Fail {
		return &api.Error{Code: api.CodeUnverified, Message: "entry 7 does not verify"}
	}
	return nil
}

func TestLines(t *testing.T) {
	c := api.NewClient(serve(t, roles(api.Auditor), new(ledger).deny, api.Options{},
		api.Stream("GET", "/v1/lines", api.For(api.Auditor), countLines)), "")
	defer c.Close()
	for path, want := range map[string]struct {
		lines int
		code  api.Code
	}{
		"/v1/lines?lines=0":              {0, ""},
		"/v1/lines?lines=1000":           {1000, ""},
		"/v1/lines?lines=5&fail=true":    {5, api.CodeUnverified},
		"/v1/lines?lines=0&fail=true":    {0, api.CodeUnverified},
		"/v1/lines?lines=0&panic=true":   {0, api.CodeInternal},
		"/v1/lines?lines=3&panic=true":   {3, "broken"},
		"/v1/lines?lines=3&unknown=true": {0, api.CodeUsage},
	} {
		n, err := readLines(t, c, path)
		if n != want.lines {
			t.Errorf("%s: %d lines", path, n)
		}
		switch want.code {
		case "":
			if err != nil {
				t.Errorf("%s: %v", path, err)
			}
		case "broken":
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s: %v", path, err)
			}
		default:
			wantCode(t, path, err, want.code)
		}
	}
}

func readLines(t *testing.T, c *api.Client, path string) (n int, err error) {
	t.Helper()
	d, err := c.Stream(t.Context(), "GET", path, nil)
	if err != nil {
		return 0, err
	}
	defer d.Close()
	for l, err := range api.Lines[line](d) {
		if err != nil {
			return n, err
		}
		if l.N != n {
			t.Errorf("%s: line %d where %d was due", path, l.N, n)
		}
		n++
	}
	return n, nil
}

func TestOctets(t *testing.T) {
	data := make([]byte, 3<<20)
	rand.Read(data)
	octets := func(broken bool) func(context.Context, api.Caller, struct{}, *api.Reply) error {
		return func(_ context.Context, _ api.Caller, _ struct{}, reply *api.Reply) error {
			reply.Header("Closeroll-Digest", "abc")
			body := data
			if broken {
				body = data[:1<<20]
			}
			if _, err := reply.Octets(int64(len(data))).Write(body); err != nil || !broken {
				return err
			}
			return errors.New("the store went away")
		}
	}
	c := api.NewClient(serve(t, roles(api.Officer), new(ledger).deny, api.Options{},
		api.Stream("GET", "/v1/whole", api.For(api.Officer), octets(false)),
		api.Stream("GET", "/v1/broken", api.For(api.Officer), octets(true))), "")
	defer c.Close()

	d, err := c.Stream(t.Context(), "GET", "/v1/whole", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	got, err := io.ReadAll(d)
	if err != nil || !bytes.Equal(got, data) || d.Size != int64(len(data)) || d.Header.Get("Closeroll-Digest") != "abc" {
		t.Errorf("%d octets of %d, %v", len(got), d.Size, err)
	}
	d, err = c.Stream(t.Context(), "GET", "/v1/broken", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := io.ReadAll(d); err == nil {
		t.Error("a stream that broke off ended as if it were whole")
	}
}

// A caller that does not read is cut off, and its handler ends.
func TestSlowReader(t *testing.T) {
	ended := make(chan error, 1)
	endless := func(ctx context.Context, _ api.Caller, _ struct{}, reply *api.Reply) error {
		w := reply.Octets(-1)
		for {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				ended <- err
				return err
			}
		}
	}
	c := api.NewClient(serve(t, roles(api.Officer), new(ledger).deny, api.Options{Patience: 100 * time.Millisecond},
		api.Stream("GET", "/v1/endless", api.For(api.Officer), endless)), "")
	defer c.Close()
	d, err := c.Stream(t.Context(), "GET", "/v1/endless", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := <-ended; err == nil {
		t.Error("it ended without an error")
	}
}

// A caller that does not send is cut off.
func TestSlowSender(t *testing.T) {
	socket := serve(t, roles(api.Officer), new(ledger).deny, api.Options{Time: 100 * time.Millisecond},
		api.Call("POST", "/v1/things/{id}", api.For(api.Officer), echo))
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "POST /v1/things/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
	got, err := io.ReadAll(conn) // until the server closes it
	if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 400 ") {
		t.Errorf("%q, %v", got, err)
	}
}

func TestStop(t *testing.T) {
	entered, leave := make(chan bool, 2), make(chan bool)
	wait := func(ctx context.Context, _ api.Caller, _ struct{}) (int, error) {
		entered <- true
		select {
		case <-leave:
			return 1, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	for name, patient := range map[string]bool{"a call that ends": true, "a call that does not": false} {
		l, err := api.ListenSocket(shortPath(t))
		if err != nil {
			t.Fatal(err)
		}
		stop := serveOn(t, l, roles(api.Officer), new(ledger).deny, api.Options{Grace: 200 * time.Millisecond},
			api.Call("GET", "/v1/wait", api.For(api.Officer), wait))
		c := api.NewClient(l.Addr().String(), "")
		result := make(chan error)
		go func() { result <- c.Do(context.Background(), "GET", "/v1/wait", nil, nil) }()
		<-entered
		stopped := make(chan bool)
		go func() { stop(); close(stopped) }()
		if patient {
			leave <- true
		}
		if err := <-result; patient != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
		<-stopped
		wantCode(t, name+", afterwards", c.Do(t.Context(), "GET", "/v1/wait", nil, nil), api.CodeNoDaemon)
		c.Close()
	}
}
