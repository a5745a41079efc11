package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
)

type question struct {
	ID    string        `path:"id" json:"-"`
	Text  string        `json:"text"`
	Limit int           `json:"limit,omitempty"`
	All   bool          `json:"all,omitempty"`
	Tags  []string      `json:"tags,omitempty"`
	Since time.Time     `json:"since,omitzero"`
	Sum   record.Digest `json:"sum,omitzero"`
}

type answer struct {
	Question question
	ID       string
	Caller   api.Caller
}

func echo(_ context.Context, c api.Caller, q question) (answer, error) {
	return answer{q, q.ID, c}, nil
}

func TestCall(t *testing.T) {
	socket := serve(t, roles(api.Officer, api.Auditor), new(ledger).deny, api.Options{Version: "1.2.3"},
		api.Call("GET", "/v1/things/{id}", api.For(api.Officer), echo),
		api.Call("POST", "/v1/things/{id}", api.For(api.Manager, api.Auditor), echo))
	c := api.NewClient(socket, "1.9.0")
	defer c.Close()

	want := question{Text: "a & b", Limit: 7, All: true, Tags: []string{"x", "y"}, Since: time.Date(2026, 5, 14, 0, 0, 0, 0, time.UTC)}
	var got answer
	err := c.Do(t.Context(), "GET", "/v1/things/7%2Fq?text=a+%26+b&limit=7&all=true&tags=x&tags=y&since=2026-05-14T00:00:00Z", nil, &got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.Question); diff != "" || got.ID != "7/q" {
		t.Errorf("GET of %q: %s", got.ID, diff)
	}
	got = answer{}
	if err := c.Do(t.Context(), "POST", "/v1/things/8", want, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.Question); diff != "" || got.ID != "8" {
		t.Errorf("POST of %q: %s", got.ID, diff)
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	caller := api.Caller{ID: "uid:" + strconv.Itoa(os.Getuid()), Name: me.Username, Roles: []api.Role{api.Officer, api.Auditor}}
	if diff := cmp.Diff(caller, got.Caller); diff != "" {
		t.Error(diff)
	}
}

func TestRequestsAreStrict(t *testing.T) {
	socket := serve(t, roles(api.Officer), new(ledger).deny, api.Options{Body: 1 << 10},
		api.Call("GET", "/v1/things/{id}", api.For(api.Officer), echo),
		api.Call("POST", "/v1/things/{id}", api.For(api.Officer), echo))
	c := api.NewClient(socket, "")
	defer c.Close()
	for _, path := range []string{"?tex=a", "?limit=many", "?limit=1&limit=2", "?all=perhaps", "?since=yesterday", "?ID=4", "?id=4", "?sum=12", "?text=%zz"} {
		wantCode(t, "GET "+path, c.Do(t.Context(), "GET", "/v1/things/1"+path, nil, nil), api.CodeUsage)
	}
	for name, body := range map[string]any{
		"an unknown name": map[string]int{"tex": 1},
		"a wrong type":    map[string]string{"limit": "1"},
		"no object":       []int{1},
		"the path's name": map[string]string{"ID": "1"},
	} {
		wantCode(t, "POST of "+name, c.Do(t.Context(), "POST", "/v1/things/1", body, nil), api.CodeUsage)
	}
	wantCode(t, "POST with a query", c.Do(t.Context(), "POST", "/v1/things/1?text=a", nil, nil), api.CodeUsage)
	large := question{Text: strings.Repeat("x", 1<<10)}
	wantCode(t, "a large POST", c.Do(t.Context(), "POST", "/v1/things/1", large, nil), api.CodeTooLarge)
	wantCode(t, "another path", c.Do(t.Context(), "GET", "/v1/nothing", nil, nil), api.CodeNotFound)
	wantCode(t, "another method", c.Do(t.Context(), "DELETE", "/v1/things/1", nil, nil), api.CodeNotFound)
	if err := c.Do(t.Context(), "POST", "/v1/things/1", nil, nil); err != nil {
		t.Errorf("an empty request: %v", err)
	}
}

func TestDeniedCallsAreJournalled(t *testing.T) {
	var l ledger
	called := false
	route := api.Call("POST", "/v1/holds/{id}", api.For(api.Manager, api.Operator), func(context.Context, api.Caller, question) (int, error) {
		called = true
		return 0, nil
	})
	c := api.NewClient(serve(t, roles(api.Officer), l.deny, api.Options{}, route), "")
	defer c.Close()
	e := wantCode(t, "denied", c.Do(t.Context(), "POST", "/v1/holds/1", nil, nil), api.CodeDenied)
	if !strings.Contains(e.Message, "manager or operator") || e.Hint == "" || e.Code.ExitStatus() != 7 {
		t.Errorf("%+v", e)
	}
	l.err = errors.New("no journal")
	wantCode(t, "denied without a journal", c.Do(t.Context(), "POST", "/v1/holds/1", nil, nil), api.CodeDenied)
	if called {
		t.Error("a denied call was made")
	}
	if got := l.list(); len(got) != 2 || !strings.HasSuffix(got[0], ": POST /v1/holds/{id}: manager or operator") {
		t.Errorf("journalled: %q", got)
	}
	// And nobody fills the journal with them.
	for range 40 {
		if err := c.Do(t.Context(), "POST", "/v1/holds/1", nil, nil); api.IsCode(err, api.CodeBusy) {
			break
		}
	}
	if n := len(l.list()); n > 25 {
		t.Errorf("%d denials are journalled", n)
	}
}

func TestRoleByGroup(t *testing.T) {
	route := api.Call("GET", "/v1/x", api.Everyone(), func(context.Context, api.Caller, struct{}) (int, error) { return 1, nil })
	for name, members := range map[string]api.Members{
		"number": {Groups: []string{strconv.Itoa(os.Getgid())}},
		"name":   {Groups: []string{groupName(t)}},
	} {
		c := api.NewClient(serve(t, api.Policy{api.Auditor: members}, new(ledger).deny, api.Options{}, route), "")
		if err := c.Do(t.Context(), "GET", "/v1/x", nil, nil); err != nil {
			t.Errorf("by the group's %s: %v", name, err)
		}
		c.Close()
	}
	var l ledger
	c := api.NewClient(serve(t, nil, l.deny, api.Options{}, route), "")
	defer c.Close()
	wantCode(t, "without any role", c.Do(t.Context(), "GET", "/v1/x", nil, nil), api.CodeDenied)
	if len(l.list()) != 1 {
		t.Errorf("journalled: %q", l.list())
	}
}

func groupName(t *testing.T) string {
	g, err := user.LookupGroupId(strconv.Itoa(os.Getgid()))
	if err != nil {
		t.Fatal(err)
	}
	return g.Name
}

func TestErrorsOnTheWire(t *testing.T) {
	known := errors.New("known inside")
	fail := func(err error) func(context.Context, api.Caller, struct{}) (int, error) {
		return func(context.Context, api.Caller, struct{}) (int, error) { return 0, fmt.Errorf("wrapped: %w", err) }
	}
	explain := func(err error) *api.Error {
		if errors.Is(err, known) {
			return &api.Error{Code: api.CodeUnavailable, Message: "the store is away", Hint: "wait"}
		}
		return nil
	}
	said := &api.Error{Code: api.CodeNotFound, Message: "no hold is called X", Hint: "closeroll hold list"}
	c := api.NewClient(serve(t, roles(api.Officer), new(ledger).deny, api.Options{Explain: explain, Time: 50 * time.Millisecond},
		api.Call("GET", "/v1/said", api.Everyone(), fail(said)),
		api.Call("GET", "/v1/known", api.Everyone(), fail(known)),
		api.Call("GET", "/v1/secret", api.Everyone(), fail(errors.New("Dear Minister"))),
		api.Call("GET", "/v1/panic", api.Everyone(), func(context.Context, api.Caller, struct{}) (int, error) { panic("Dear Minister") }),
		api.Call("GET", "/v1/slow", api.Everyone(), func(ctx context.Context, _ api.Caller, _ struct{}) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		}),
	), "")
	defer c.Close()
	if e := wantCode(t, "said", c.Do(t.Context(), "GET", "/v1/said", nil, nil), api.CodeNotFound); *e != *said {
		t.Errorf("%+v", e)
	}
	wantCode(t, "known", c.Do(t.Context(), "GET", "/v1/known", nil, nil), api.CodeUnavailable)
	wantCode(t, "slow", c.Do(t.Context(), "GET", "/v1/slow", nil, nil), api.CodeTimeout)
	for _, path := range []string{"/v1/secret", "/v1/panic"} {
		e := wantCode(t, path, c.Do(t.Context(), "GET", path, nil, nil), api.CodeInternal)
		if strings.Contains(e.Message+e.Hint, "Minister") {
			t.Errorf("%s tells content: %+v", path, e)
		}
	}
}

func TestRate(t *testing.T) {
	c := api.NewClient(serve(t, roles(api.Officer), new(ledger).deny, api.Options{Rate: 5},
		api.Call("GET", "/v1/x", api.Everyone(), func(context.Context, api.Caller, struct{}) (int, error) { return 1, nil })), "")
	defer c.Close()
	for n := range 100 {
		if err := c.Do(t.Context(), "GET", "/v1/x", nil, nil); err != nil {
			wantCode(t, "too often", err, api.CodeBusy)
			if n < 5 {
				t.Errorf("refused after %d calls", n)
			}
			return
		}
	}
	t.Error("100 calls at once were let through")
}

func TestVersions(t *testing.T) {
	route := api.Call("GET", "/v1/x", api.Everyone(), func(context.Context, api.Caller, struct{}) (int, error) { return 1, nil })
	for _, v := range []struct {
		daemon, verb string
		ok           bool
	}{
		{"1.0.0", "1.7.2", true}, {"v1.0.0", "1.7.2", true}, {"1.0.0", "2.0.0", false},
		{"2.0.0", "1.0.0", false}, {"devel", "2.0.0", true}, {"1.0.0", "", true}, {"10.0.0", "1.0.0", false},
	} {
		c := api.NewClient(serve(t, roles(api.Officer), new(ledger).deny, api.Options{Version: v.daemon}, route), v.verb)
		err := c.Do(t.Context(), "GET", "/v1/x", nil, nil)
		if v.ok && err != nil {
			t.Errorf("%+v: %v", v, err)
		}
		if !v.ok && wantCode(t, fmt.Sprint(v), err, api.CodeVersion).Hint == "" {
			t.Errorf("%+v: no hint", v)
		}
		c.Close()
	}
}

func TestRoutesThatCannotBe(t *testing.T) {
	ok := func(context.Context, api.Caller, question) (int, error) { return 0, nil }
	type badPath struct {
		ID struct{} `path:"id"`
	}
	type badQuery struct{ When map[string]int }
	for name, routes := range map[string][]api.Route{
		"nobody may call it":        {api.Call("GET", "/v1/{id}", api.Roles{}, ok)},
		"made by hand":              {{}},
		"no such wildcard":          {api.Call("GET", "/v1/x", api.Everyone(), ok)},
		"no field for the wildcard": {api.Call("GET", "/v1/{id}/{other}", api.Everyone(), ok)},
		"twice":                     {api.Call("GET", "/v1/{id}", api.Everyone(), ok), api.Call("GET", "/v1/{id}", api.Everyone(), ok)},
		"a field that is no text":   {api.Call("GET", "/v1/{id}", api.Everyone(), func(context.Context, api.Caller, badPath) (int, error) { return 0, nil })},
		"a query that is no text":   {api.Call("GET", "/v1", api.Everyone(), func(context.Context, api.Caller, badQuery) (int, error) { return 0, nil })},
		"a request that is no struct": {api.Call("GET", "/v1", api.Everyone(),
			func(context.Context, api.Caller, int) (int, error) { return 0, nil })},
	} {
		if _, err := api.New(logger(t), routes, nil, new(ledger).deny, api.Options{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := api.New(logger(t), nil, nil, nil, api.Options{}); err == nil {
		t.Error("a server that journals no denials was accepted")
	}
}

func TestExitStatuses(t *testing.T) {
	want := map[api.Code]int{api.CodeFailure: 1, api.CodeUsage: 2, api.CodeNotFound: 3, api.CodeUnverified: 4,
		api.CodeIncomplete: 5, api.CodeNoDaemon: 6, api.CodeDenied: 7, api.CodeBusy: 1, "made up": 1}
	for code, status := range want {
		if got := code.ExitStatus(); got != status {
			t.Errorf("%s: %d, want %d", code, got, status)
		}
	}
}

func TestNoDaemon(t *testing.T) {
	c := api.NewClient(t.TempDir()+"/none", "1")
	e := wantCode(t, "no socket", c.Do(t.Context(), http.MethodGet, "/v1/x", nil, nil), api.CodeNoDaemon)
	if !strings.Contains(e.Hint, "closeroll serve") || e.Code.ExitStatus() != 6 {
		t.Errorf("%+v", e)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Do(ctx, http.MethodGet, "/v1/x", nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
}

func TestRolesRead(t *testing.T) {
	if got := api.For(api.Officer, api.Manager).String(); got != "officer or manager" {
		t.Errorf("%q", got)
	}
	c := api.Caller{Roles: []api.Role{api.Auditor}}
	if !c.Is(api.Everyone()) || c.Is(api.For(api.Officer)) || c.Is(api.Roles{}) {
		t.Error("Is")
	}
	if slices.Contains(c.Roles, api.Manager) {
		t.Error("roles")
	}
}
