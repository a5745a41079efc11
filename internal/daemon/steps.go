package daemon

import (
	"context"
	"fmt"

	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/foi"
)

// remaining adds to the steps of a request that is to be answered what its set
// shows: what nobody has decided about or looked at yet, and what is to be made
// once that is done.
func (d *Daemon) remaining(ctx context.Context, c api.Caller, r *foi.Request, out *v1.Request) error {
	if r.State != foi.Open || r.Runs == 0 {
		return nil
	}
	set, err := d.requestSet(ctx, c, r, -1)
	if err != nil {
		return err
	}
	list, err := d.unsearched(ctx, c, r)
	if err != nil {
		return err
	}
	add := func(format string, args ...any) {
		out.Standing.Steps = append(out.Standing.Steps, fmt.Sprintf(format, args...))
	}
	if list.Open > 0 {
		add("look at what could not be searched, %d in all: closeroll foi unsearched %s", list.Open, r.Ref)
	}
	switch disclosed := set.Decided["release"] + set.Decided["part"]; {
	case set.Undecided > 0:
		add("decide about %d of %d items: closeroll foi read %s --undecided -i IDENTITY", set.Undecided, set.Summary.Items, r.Ref)
	case disclosed > 0 && len(r.Productions) == 0:
		add("produce what is disclosed: closeroll foi export %s --out FOLDER -i IDENTITY", r.Ref)
	default:
		if len(r.Issued) == 0 {
			add("certify the search, if that may be asked for: closeroll foi certificate %s --check", r.Ref)
		}
		add("note the reply once it has gone: closeroll foi close %s --responded DATE --held … --outcome …", r.Ref)
	}
	return nil
}
