package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/foi"
)

// redactionRoutes are the calls about what is struck out of items.
func (d *Daemon) redactionRoutes() []api.Route {
	return []api.Route{
		api.Call(http.MethodPost, "/v1/requests/{ref}/redactions", api.For(api.Officer), d.postRedactions),
		api.Stream(http.MethodGet, "/v1/requests/{ref}/redactions", api.For(api.Officer, api.Manager), d.getRedactions),
	}
}

// postRedactions notes what is redacted in items, or previews that: all or
// none. The daemon sees offsets and exemptions, never the words.
func (d *Daemon) postRedactions(ctx context.Context, c api.Caller, req v1.RedactItems) (v1.Redacted, error) {
	d.requests.Lock()
	defer d.requests.Unlock()
	out := v1.Redacted{DryRun: req.DryRun, Items: []record.RedactedItem{}}
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return out, err
	}
	set, err := d.requestSet(ctx, c, r, maxAround)
	if err != nil {
		return out, err
	}
	in := r.Redactions()
	for _, it := range req.Items {
		targets, err := set.Select([]string{it.Item})
		whole, _, _ := strings.Cut(it.Item, "+")
		if err != nil || len(targets) != 1 || targets[0].ID != it.Item || targets[0].Item.Item != whole {
			return out, redactionFault("%s is not one item of the set", it.Item)
		}
		if in[it.Item].Entry != it.Known {
			return out, redactedMeanwhile(fmt.Errorf("%s: %w", it.Item, foi.ErrRedactedMeanwhile), r.Ref)
		}
		if err := d.exempt(r, &it, &out); err != nil {
			return out, redactionFault("%s: %v", it.Item, err)
		}
		out.Items = append(out.Items, it)
	}
	if req.DryRun {
		return out, nil
	}
	_, err = d.amend(ctx, c, req.Changing, record.EntryRequestRedaction, record.RequestRedacted{Request: r.Ref, Items: out.Items})
	return out, redactedMeanwhile(err, r.Ref)
}

// exempt writes the exemptions of an item's spans as they are cited.
func (d *Daemon) exempt(r *foi.Request, it *record.RedactedItem, out *v1.Redacted) error {
	it.Spans = slices.Clone(it.Spans)
	for i := range it.Spans {
		s := &it.Spans[i]
		cited, codes, err := d.law.codes[r.Kind].CheckAll(s.Exemptions, r.Received)
		if err != nil {
			return err
		}
		for k, code := range codes {
			switch {
			case code.Refusal:
				return fmt.Errorf("%s refuses a whole request, and redacts nothing", cited[k])
			case code.Qualified && s.Note == "":
				return fmt.Errorf("%s (%s) is qualified: a note says how the public interest was weighed", cited[k], code.Title)
			}
			if notice := cited[k] + ": " + code.Note; code.Note != "" && !slices.Contains(out.Notices, notice) {
				out.Notices = append(out.Notices, notice)
			}
		}
		s.Exemptions = cited
	}
	return nil
}

func redactionFault(format string, args ...any) error {
	return &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf(format, args...), Hint: "see closeroll foi redact --help"}
}

func redactedMeanwhile(err error, ref string) error {
	if !errors.Is(err, foi.ErrRedactedMeanwhile) {
		return err
	}
	return &api.Error{Code: api.CodeConflict, Message: err.Error(), Hint: "nothing was redacted; look again: closeroll foi redactions " + ref}
}

// getRedactions streams the redactions in force, those of one item a line.
func (d *Daemon) getRedactions(ctx context.Context, _ api.Caller, req byRef, reply *api.Reply) error {
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return err
	}
	in := r.Redactions()
	items := make([]string, 0, len(in))
	for item := range in {
		items = append(items, item)
	}
	slices.Sort(items)
	for _, item := range items {
		if err := reply.Line(v1.RedactionLine(in[item])); err != nil {
			return err
		}
	}
	return nil
}
