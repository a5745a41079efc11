package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"
)

// Deny journals a call that the caller's roles do not allow: the method and
// pattern of the route, and the roles that it would have taken. The answer is
// sent after it returns; an error does not let the call through.
type Deny func(ctx context.Context, c Caller, call, need string) error

// Options are what a server can do without. Zero values mean the defaults.
type Options struct {
	Version  string                 // of this build, for the version header
	Body     int64                  // largest request, octets; 16 MiB
	Rate     int                    // calls a second of one caller, and as many at once; 50
	Time     time.Duration          // for one call to be read and handled; 5 min
	Patience time.Duration          // for a caller to take each piece of a stream; 30 s
	Grace    time.Duration          // for calls under way when the server stops; 20 s
	Explain  func(err error) *Error // what callers may know of an error that is no *Error; nil for nothing
}

func (o Options) withDefaults() Options {
	or := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	or(&o.Time, 5*time.Minute)
	or(&o.Patience, 30*time.Second)
	or(&o.Grace, 20*time.Second)
	if o.Body <= 0 {
		o.Body = 16 << 20
	}
	if o.Rate <= 0 {
		o.Rate = 50
	}
	return o
}

// Denials of one caller that are journalled.
const (
	denialsPerSecond = 0.2
	denialsAtOnce    = 20
)

// A Server answers calls.
type Server struct {
	lg     *slog.Logger
	mux    *http.ServeMux
	policy Policy
	deny   Deny
	rates  *rates

	denials *rates // of those that are journalled
	opts    Options
}

// New returns a server of these routes. It refuses routes that nobody is
// allowed to call, that contradict each other, or whose requests cannot be
// decoded.
func New(lg *slog.Logger, routes []Route, policy Policy, deny Deny, opts Options) (_ *Server, err error) {
	if deny == nil {
		return nil, errors.New("api: denied calls have to be journalled")
	}
	opts = opts.withDefaults()
	s := &Server{lg: lg, mux: http.NewServeMux(), policy: policy, deny: deny, opts: opts,
		rates: newRates(rate.Limit(opts.Rate), opts.Rate), denials: newRates(denialsPerSecond, denialsAtOnce)}
	for _, t := range routes {
		if len(t.roles.list) == 0 {
			return nil, fmt.Errorf("api: route %s %s names no role", t.method, t.path)
		}
		if err := t.checkRequest(); err != nil {
			return nil, fmt.Errorf("api: route %s %s: %w", t.method, t.path, err)
		}
		if err := s.register(t); err != nil {
			return nil, err
		}
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, &Error{Code: CodeNotFound, Message: "there is no such call",
			Hint: "the daemon may be older than the command line; compare closeroll version with closeroll status"})
	})
	return s, nil
}

// register adds a route. A pattern that http.ServeMux panics at is an error.
func (s *Server) register(t Route) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("api: %v", p)
		}
	}()
	s.mux.HandleFunc(t.method+" "+t.path, func(w http.ResponseWriter, r *http.Request) { s.answer(t, w, r) })
	return nil
}

// Serve answers calls on the listeners, which it closes, until ctx ends. Calls
// under way then have Options.Grace to finish; what is still running after
// that is cut off.
func (s *Server) Serve(ctx context.Context, listeners ...net.Listener) error {
	life, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	server := &http.Server{
		Handler:           http.NewCrossOriginProtection().Handler(http.HandlerFunc(s.receive)),
		Protocols:         protocols,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.lg.Handler(), slog.LevelDebug), // handshakes of strangers
		BaseContext:       func(net.Listener) context.Context { return life },
		ConnContext:       withPeer,
	}
	group, stopped := errgroup.WithContext(ctx)
	for _, l := range listeners {
		group.Go(func() error {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("api at %s: %w", l.Addr(), err)
			}
			return nil
		})
	}
	group.Go(func() error {
		<-stopped.Done()
		grace, cancel := context.WithTimeout(life, s.opts.Grace)
		defer cancel()
		if err := server.Shutdown(grace); err != nil {
			s.lg.Warn("api: calls cut off at the stop", "err", err)
			kill()
			return server.Close()
		}
		return nil
	})
	return group.Wait()
}

// receive does what every request needs, and contains panics.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(versionHeader, s.opts.Version)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if p == http.ErrAbortHandler {
			panic(p)
		}
		s.panicked(r, p)
		s.fail(w, r, &Error{Code: CodeInternal, Message: "internal error", Hint: "the daemon's log says where"})
	}()
	s.mux.ServeHTTP(w, r)
}

// panicked logs where a handler panicked. The panic's own text may hold content.
func (s *Server) panicked(r *http.Request, value any) {
	s.lg.Error("api: a handler panicked", "route", r.Pattern, "type", fmt.Sprintf("%T", value), "stack", string(debug.Stack()))
}

// answer lets a call through to its route, or does not.
func (s *Server) answer(t Route, w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	caller, err := s.admit(t, r)
	if err == nil {
		err = t.answer(s, w, r, caller)
	}
	if err != nil {
		s.fail(w, r, err)
	}
	s.lg.Debug("api call", "route", r.Pattern, "caller", caller.ID, "failed", err != nil, "took", time.Since(begun))
}

// admit finds out who calls and whether they may. A denial is journalled.
func (s *Server) admit(t Route, r *http.Request) (Caller, error) {
	if err := s.checkVersion(r); err != nil {
		return Caller{}, err
	}
	caller, err := s.caller(r)
	if err != nil {
		return caller, err
	}
	if !s.rates.allow(caller.ID) {
		return caller, &Error{Code: CodeBusy, Message: fmt.Sprintf("more than %d calls a second", s.opts.Rate),
			Hint: "wait a second and try again"}
	}
	if caller.Is(t.roles) {
		return caller, nil
	}
	if !s.denials.allow(caller.ID) { // nobody may fill the journal with denials
		return caller, &Error{Code: CodeBusy, Message: "too many calls that your roles do not allow", Hint: "wait a minute and try again"}
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.opts.Time)
	defer cancel()
	if err := s.deny(ctx, caller, t.method+" "+t.path, t.roles.String()); err != nil {
		s.lg.Error("api: a denied call is not in the journal", "route", r.Pattern, "caller", caller.ID, "err", err)
	}
	return caller, &Error{Code: CodeDenied,
		Message: fmt.Sprintf("%s may not do this: it takes the role %s", caller.Name, t.roles),
		Hint:    "roles are given in the daemon's configuration, under roles"}
}

// fail answers with an error.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errGone) {
		return
	}
	e := s.explain(r, err)
	b, err := json.Marshal(e)
	if err != nil {
		panic(err) // three strings
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Del("Content-Length")
	w.Header().Del("Trailer")
	w.Header().Set("Connection", "close") // the request's body may be unread
	w.WriteHeader(e.Code.status())
	w.Write(b)
}

// explain turns any error into what the caller may know of it.
func (s *Server) explain(r *http.Request, err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	if s.opts.Explain != nil {
		if e := s.opts.Explain(err); e != nil {
			return e
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &Error{Code: CodeTimeout, Message: "the call took too long"}
	}
	if !errors.Is(err, context.Canceled) {
		s.lg.Error("api call failed", "route", r.Pattern, "err", err)
	}
	return &Error{Code: CodeInternal, Message: "the daemon could not do this", Hint: "the daemon's log says why"}
}
