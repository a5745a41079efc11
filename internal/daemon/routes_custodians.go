package daemon

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/retention/assurance"
)

// maxStatement bounds what people write about an attestation or a task.
const maxStatement = 10_000

func (d *Daemon) custodianRoutes() []api.Route {
	overseers := api.For(api.Officer, api.Manager, api.Auditor)
	return slices.Concat(d.joinRoutes(), []api.Route{
		api.Call(http.MethodGet, "/v1/custodians", overseers, d.getCustodians),
		api.Call(http.MethodGet, "/v1/custodians/{custodian}", overseers, d.getCustodian),
		api.Call(http.MethodPost, "/v1/custodians/{custodian}/attestations", api.For(api.Officer, api.Manager), d.postAttestation),
		api.Call(http.MethodPost, "/v1/custodians/{custodian}/tasks", api.For(api.Manager), d.postTask),
		api.Call(http.MethodGet, "/v1/tasks", overseers, d.getTasks),
		api.Call(http.MethodGet, "/v1/exports/{id}/receipt", api.For(api.Officer, api.Manager), d.getReceipt),
	})
}

// inPeriod narrows transfer lags to what was captured in a period.
type inPeriod struct {
	Custodian string         `path:"custodian" json:"-"`
	Period    assurance.Span `json:"period"`
}

func (d *Daemon) getCustodians(ctx context.Context, _ api.Caller, req struct {
	Period assurance.Span `json:"period"`
}) ([]v1.Custodian, error) {
	lags, err := d.lags(ctx, req.Period)
	if err != nil {
		return nil, err
	}
	list := []v1.Custodian{}
	for _, cfg := range d.cfg.Custodians {
		c, err := d.custodian(ctx, cfg)
		if err != nil {
			return nil, err
		}
		c.Lags = append(c.Lags, lags[cfg.ID]...)
		list = append(list, c)
	}
	return list, nil
}

func (d *Daemon) getCustodian(ctx context.Context, _ api.Caller, req inPeriod) (v1.Custodian, error) {
	cfg, err := d.custodianNamed(req.Custodian)
	if err != nil {
		return v1.Custodian{}, err
	}
	c, err := d.custodian(ctx, cfg)
	if err != nil {
		return c, err
	}
	lags, err := d.lags(ctx, req.Period)
	c.Lags = append(c.Lags, lags[cfg.ID]...)
	return c, err
}

func (d *Daemon) custodianNamed(id string) (configs.Custodian, error) {
	if c := d.custodianConfig(id); c.ID != "" {
		return c, nil
	}
	return configs.Custodian{}, &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("there is no custodian %q", id), Hint: "closeroll custodian list shows them"}
}

// postAttestation records a custodian's word for a period that has begun: of
// one that has not, nothing can be known.
func (d *Daemon) postAttestation(ctx context.Context, c api.Caller, req struct {
	Custodian string `path:"custodian" json:"-"`
	v1.Attest
}) (v1.Custodian, error) {
	cfg, err := d.custodianNamed(req.Custodian)
	if err != nil {
		return v1.Custodian{}, err
	}
	statement := strings.TrimSpace(req.Statement)
	switch {
	case req.Period.IsZero():
		return v1.Custodian{}, badAttestation("the attestation names no period")
	case req.Period.First().After(d.today()):
		return v1.Custodian{}, badAttestation("%s has not begun", req.Period)
	case statement == "":
		return v1.Custodian{}, badAttestation("an attestation needs its statement: what the custodian says, in their words")
	case len(statement) > maxStatement:
		return v1.Custodian{}, badAttestation("the statement is longer than %d octets", maxStatement)
	}
	body := record.Attested{Custodian: cfg.ID, Period: req.Period.String(), Nil: req.Nil, Statement: statement}
	if err := d.archive.JournalOne(ctx, record.EntryAttestation, c.ID, body); err != nil {
		return v1.Custodian{}, err
	}
	return d.custodian(ctx, cfg)
}

func badAttestation(format string, args ...any) error {
	return &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf(format, args...), Hint: "see closeroll custodian attest --help"}
}

// postTask closes a task, with a reason.
func (d *Daemon) postTask(ctx context.Context, c api.Caller, req struct {
	Custodian string `path:"custodian" json:"-"`
	v1.CloseTask
}) (assurance.Task, error) {
	cfg, err := d.custodianNamed(req.Custodian)
	if err != nil {
		return assurance.Task{}, err
	}
	reason := strings.TrimSpace(req.Reason)
	if reason == "" || len(reason) > maxStatement {
		return assurance.Task{}, &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf("a task is closed with a reason of up to %d octets", maxStatement), Hint: "give it with --reason"}
	}
	task, err := d.taskNamed(ctx, cfg, req.Task)
	if err != nil {
		return task, err
	}
	if task.State == assurance.Done {
		return task, &api.Error{Code: api.CodeConflict, Message: "task " + task.ID + " is done already", Hint: "closeroll custodian show " + cfg.ID + " says by what"}
	}
	if err := d.archive.JournalOne(ctx, record.EntryTaskClosed, c.ID, record.TaskClosed{Custodian: cfg.ID, Task: task.ID, Reason: reason}); err != nil {
		return task, err
	}
	return d.taskNamed(ctx, cfg, task.ID)
}

// taskNamed finds the one task whose id is or begins so.
func (d *Daemon) taskNamed(ctx context.Context, cfg configs.Custodian, name string) (assurance.Task, error) {
	c, err := d.custodian(ctx, cfg)
	if err != nil {
		return assurance.Task{}, err
	}
	var found []assurance.Task
	for _, t := range c.Tasks {
		if t.ID == name {
			return t, nil
		}
		if name != "" && strings.HasPrefix(t.ID, name) {
			found = append(found, t)
		}
	}
	switch len(found) {
	case 0:
		return assurance.Task{}, &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("custodian %s has no task %q", cfg.ID, name), Hint: "closeroll custodian show " + cfg.ID + " lists them"}
	case 1:
		return found[0], nil
	}
	return assurance.Task{}, &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf("%q names %d tasks, among them %s and %s", name, len(found), found[0].ID, found[1].ID),
		Hint: "give more of the id"}
}

// getTasks lists what waits for someone or will within a period, of all
// custodians, soonest first.
func (d *Daemon) getTasks(ctx context.Context, _ api.Caller, req struct {
	Within retention.Period `json:"within"`
}) ([]v1.DueTask, error) {
	until := req.Within.After(d.today())
	list := []v1.DueTask{}
	for _, cfg := range d.cfg.Custodians {
		c, err := d.custodian(ctx, cfg)
		if err != nil {
			return nil, err
		}
		for _, t := range c.Tasks {
			if !t.Open() && (t.State != assurance.Upcoming || t.Opens.After(until)) {
				continue
			}
			due := v1.DueTask{Task: t, Name: c.Name}
			for _, chat := range c.Chats {
				if chat.Chat == t.Chat {
					due.Title = chat.Title
				}
			}
			list = append(list, due)
		}
	}
	slices.SortStableFunc(list, func(a, b v1.DueTask) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Custodian, b.Custodian)) })
	return list, nil
}
