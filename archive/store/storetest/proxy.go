package storetest

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"
)

// A Proxy stands between a store and its S3 server and does to requests what
// networks and servers do.
type Proxy struct {
	Endpoint string

	mu    sync.Mutex
	plan  func(*http.Request) HTTPFault
	count int
	rules string
}

// An HTTPFault is what happens to one request.
type HTTPFault int

// The faults of the way to a server.
const (
	Forward        HTTPFault = iota // nothing happens to it
	Refuse500                       // 500, and the server never hears of it
	Refuse503                       // 503 SlowDown, likewise
	Hangup                          // the connection closes, likewise
	DoneThen500                     // the server does it, and the answer is 500
	DoneThenHangup                  // the server does it, and the connection closes
	CutBody                         // half of the answer's body comes through
	Delay                           // it goes through a second later
	Deny                            // 403 AccessDenied, and the server never hears of it
)

// NewProxy starts a proxy to the server; it ends with the test. Until it has a
// plan it lets everything through.
func NewProxy(t testing.TB, server *VersityGW) *Proxy {
	t.Helper()
	target, err := url.Parse(server.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{}
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // it is signed
		},
		ErrorLog:     log.New(io.Discard, "", 0),
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.serve(w, r, forward) }))
	t.Cleanup(front.Close)
	p.Endpoint = front.URL
	return p
}

// Plan makes plan decide the fate of each request from now on.
func (p *Proxy) Plan(plan func(*http.Request) HTTPFault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan, p.count = plan, 0
}

// NthRequest makes the nth request from now, and no other, have the fault.
func (p *Proxy) NthRequest(n int, fault HTTPFault) {
	p.Plan(func(*http.Request) HTTPFault {
		if n--; n != 0 {
			return Forward
		}
		return fault
	})
}

// SetLifecycle gives the bucket lifecycle rules, which versitygw has none of, as
// far as asking for them goes.
func (p *Proxy) SetLifecycle(document string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = document
}

// lifecycle answers a request for the rules, if there are any.
func (p *Proxy) lifecycle(w http.ResponseWriter, r *http.Request) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rules == "" || r.Method != http.MethodGet || !r.URL.Query().Has("lifecycle") {
		return false
	}
	w.Header().Set("Content-Type", "application/xml")
	io.WriteString(w, p.rules)
	return true
}

// Requests is how many requests there were since the last plan.
func (p *Proxy) Requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count
}

func (p *Proxy) fate(r *http.Request) HTTPFault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count++
	if p.plan == nil {
		return Forward
	}
	return p.plan(r)
}

func (p *Proxy) serve(w http.ResponseWriter, r *http.Request, forward http.Handler) {
	if p.lifecycle(w, r) {
		return
	}
	switch p.fate(r) {
	case Refuse500:
		refuse(w, r, http.StatusInternalServerError, "InternalError")
	case Refuse503:
		refuse(w, r, http.StatusServiceUnavailable, "SlowDown")
	case Deny:
		refuse(w, r, http.StatusForbidden, "AccessDenied")
	case Hangup:
		panic(http.ErrAbortHandler)
	case DoneThen500:
		forward.ServeHTTP(httptest.NewRecorder(), r)
		refuse(w, r, http.StatusInternalServerError, "InternalError")
	case DoneThenHangup:
		forward.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case CutBody:
		cut(w, r, forward)
	case Delay:
		time.Sleep(time.Second)
		forward.ServeHTTP(w, r)
	default:
		forward.ServeHTTP(w, r)
	}
}

func refuse(w http.ResponseWriter, r *http.Request, status int, code string) {
	io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	io.WriteString(w, "<Error><Code>"+code+"</Code><Message>planned</Message></Error>")
}

// cut lets half of the answer through and closes the connection.
func cut(w http.ResponseWriter, r *http.Request, forward http.Handler) {
	answer := httptest.NewRecorder()
	forward.ServeHTTP(answer, r)
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}
