package api

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"time"
)

// A Route is one call that the daemon answers. [Call] and [Stream] make them.
type Route struct {
	method, path string
	roles        Roles
	request      reflect.Type
	answer       func(*Server, http.ResponseWriter, *http.Request, Caller) error
}

// Call returns the route of a call that answers with one JSON value.
//
// path is a pattern of [http.ServeMux] without the method, such as
// /v1/records/{id}. Req is a struct. Its fields with the tag path:"id" come
// from the path. Of GET and DELETE the other fields come from the query, by
// their JSON names; otherwise the request's body is Req in JSON. Names that Req
// does not have are refused. Fields from path and query are strings, numbers,
// booleans, slices of strings (a repeated parameter), or decode themselves from
// text; give path fields the tag json:"-" besides.
//
// The handler's context ends with the caller's patience or Options.Time.
func Call[Req, Resp any](method, path string, roles Roles, handle func(context.Context, Caller, Req) (Resp, error)) Route {
	return Route{method, path, roles, reflect.TypeFor[Req](), func(s *Server, w http.ResponseWriter, r *http.Request, c Caller) error {
		ctx, cancel := context.WithTimeout(r.Context(), s.opts.Time)
		defer cancel()
		var req Req
		if err := s.decode(w, r, &req); err != nil {
			return err
		}
		resp, err := handle(ctx, c, req)
		if err != nil {
			return err
		}
		b, err := json.Marshal(resp)
		if err != nil {
			return err
		}
		// Handler and client may each have taken their time; this is for writing.
		err = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.opts.Time))
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(b)))
		_, err = w.Write(b)
		return ignoreGone(err)
	}}
}

// Stream returns the route of a call that answers with octets or with JSON
// values, a line each, while it goes on. It may take as long as it makes
// progress: the caller has to take every piece within Options.Patience.
//
// An error of the handler after its first octet reaches a caller of JSON lines
// as the stream's error; a stream of octets breaks off.
func Stream[Req any](method, path string, roles Roles, handle func(context.Context, Caller, Req, *Reply) error) Route {
	return Route{method, path, roles, reflect.TypeFor[Req](), func(s *Server, w http.ResponseWriter, r *http.Request, c Caller) error {
		var req Req
		if err := s.decode(w, r, &req); err != nil {
			return err
		}
		reply := &Reply{w: w, patience: s.opts.Patience}
		defer reply.contain(s, r)
		err := handle(r.Context(), c, req, reply)
		return reply.finish(s, r, err)
	}}
}

const errorTrailer = "Closeroll-Error"

// A Reply is the answer of a [Stream]. A handler uses either Octets or Line.
type Reply struct {
	w        http.ResponseWriter
	patience time.Duration
	lines    *bufio.Writer
	started  bool
}

// Header sets a header of the answer. It has no effect after the first octet.
func (p *Reply) Header(name, value string) { p.w.Header().Set(name, value) }

// Octets returns the writer of an answer of this many octets, -1 if unknown.
func (p *Reply) Octets(size int64) io.Writer {
	p.w.Header().Set("Content-Type", "application/octet-stream")
	if size >= 0 {
		p.w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	}
	return (*replyWriter)(p)
}

// Line writes one JSON value and a line feed.
func (p *Reply) Line(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	p.beginLines()
	_, err = p.lines.Write(append(b, '\n'))
	return err
}

func (p *Reply) beginLines() {
	if p.lines == nil {
		p.w.Header().Set("Content-Type", "application/x-ndjson")
		p.w.Header().Set("Trailer", errorTrailer)
		p.lines = bufio.NewWriterSize((*replyWriter)(p), 16<<10)
	}
}

// Flush sends on the lines written so far, which otherwise wait for more.
func (p *Reply) Flush() error {
	p.beginLines()
	if err := p.lines.Flush(); err != nil {
		return err
	}
	return http.NewResponseController(p.w).Flush()
}

// finish ends the answer with the handler's error.
func (p *Reply) finish(s *Server, r *http.Request, err error) error {
	if p.lines != nil {
		if flushed := p.lines.Flush(); err == nil {
			err = flushed
		}
	}
	switch {
	case err == nil || !p.started:
		return err
	case p.lines != nil:
		b, failed := json.Marshal(s.explain(r, err))
		if failed != nil {
			return failed
		}
		p.w.Header().Set(errorTrailer, string(b))
		return nil
	}
	s.lg.Warn("api: a stream broke off", "route", r.Pattern, "err", err)
	panic(http.ErrAbortHandler) // the one way to tell the client that octets are missing
}

// contain ends an answer whose handler panics. Before its first octet it leaves
// that to the server, which can still answer with an error.
func (p *Reply) contain(s *Server, r *http.Request) {
	if !p.started {
		return
	}
	if value := recover(); value != nil {
		if value != http.ErrAbortHandler {
			s.panicked(r, value)
		}
		panic(http.ErrAbortHandler)
	}
}

// A replyWriter writes with a deadline for each piece.
type replyWriter Reply

func (p *replyWriter) Write(b []byte) (int, error) {
	if err := http.NewResponseController(p.w).SetWriteDeadline(time.Now().Add(p.patience)); err != nil {
		return 0, err
	}
	p.started = true
	return p.w.Write(b)
}

// errGone marks that there is nobody left to answer.
var errGone = errors.New("the caller is gone")

func ignoreGone(err error) error {
	if err != nil {
		return errors.Join(errGone, err)
	}
	return nil
}
