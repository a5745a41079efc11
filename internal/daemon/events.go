package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention"
)

func (d *Daemon) getEvents(ctx context.Context, _ api.Caller, req allHolds) ([]v1.Event, error) {
	rows, err := d.catalog.Events(ctx, req.All)
	list := make([]v1.Event, len(rows))
	for i, r := range rows {
		list[i] = v1.Event{Entry: r.Entry, Event: r.Event, At: r.At, Actor: r.Actor, Corrected: r.Corrected}
	}
	return list, err
}

// postEvent journals something that starts clocks, or the correction of what
// was journalled before. A misspelt name or place would start no clock and
// nobody would notice, so both must be known.
func (d *Daemon) postEvent(ctx context.Context, c api.Caller, req v1.EventRecord) (v1.Event, error) {
	var nothing v1.Event
	if strings.TrimSpace(req.Reason) == "" {
		return nothing, badEvent("a reason is missing")
	}
	defer d.warden.stir()
	_, err := d.archive.Decide(ctx, func(ctx context.Context) ([]journal.Entry, error) {
		check := d.checkEvent
		if req.Corrects != 0 {
			check = d.checkCorrection // an event is corrected once: the catalog takes no other journal
		}
		if err := check(ctx, req); err != nil {
			return nil, err
		}
		e, err := journal.NewEntry(record.EntryEvent, c.ID, req)
		return []journal.Entry{e}, err
	})
	if err != nil {
		return nothing, err
	}
	list, err := d.getEvents(ctx, c, allHolds{All: true})
	if err != nil || len(list) == 0 {
		return nothing, errors.Join(err, errors.New("the event was journalled and is not listed"))
	}
	e := list[len(list)-1]
	e.Holdings, err = d.concerned(ctx, e.Event)
	return e, err
}

func badEvent(format string, args ...any) error {
	return &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf(format, args...), Hint: "see closeroll event record --help"}
}

// checkCorrection wants the correction to name an event that stands, and
// nothing but a date.
func (d *Daemon) checkCorrection(ctx context.Context, req record.Event) error {
	if req.Event != "" || req.About != "" {
		return badEvent("a correction names the entry and its right date; for another event record that, and withdraw this one")
	}
	rows, err := d.catalog.Events(ctx, false)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(rows, func(r catalog.EventRow) bool { return r.Entry == req.Corrects }) {
		return &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("entry %d is no event that stands", req.Corrects), Hint: "closeroll event list shows their entries"}
	}
	return nil
}

// checkEvent wants a known event about something that is in the archive.
func (d *Daemon) checkEvent(ctx context.Context, req record.Event) error {
	about, err := record.ParseAbout(string(req.About))
	if err != nil {
		return badEvent("%v", err)
	}
	switch known := d.eventNames(); {
	case req.Date.IsZero():
		return badEvent("the day on which it happened is missing")
	case req.Event == record.EventClosed && !about.IsAggregation():
		return badEvent("only a chat, a folder or a thread is closed")
	case req.Event != record.EventClosed && !slices.Contains(known, req.Event):
		return badEvent("no class of the schedule in force waits for an event %q; there are %s", req.Event, strings.Join(known, ", "))
	}
	switch about.Kind() {
	case record.AboutThread, record.AboutRecord:
		row, err := d.archive.Find(ctx, about.Name())
		if err != nil {
			return err
		}
		if about.Kind() == record.AboutThread && row.Thread == 0 {
			return badEvent("record %s belongs to no thread", row.ID.Short())
		}
		return nil
	}
	n, err := d.concerned(ctx, req)
	if err == nil && n == 0 && !d.isCustodian(about) {
		return &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("nothing in the archive belongs to %s", about),
			Hint: "closeroll chat list names chats, closeroll status sources, closeroll show a record's folder"}
	}
	return err
}

// isCustodian reports whether the event is about a configured custodian, who
// may have nothing in the archive yet.
func (d *Daemon) isCustodian(about record.About) bool {
	for _, c := range d.cfg.Custodians {
		if about.Kind() == record.AboutCustodian && c.ID == about.Name() {
			return true
		}
	}
	return false
}

// eventNames are the events that classes of the schedule in force wait for.
func (d *Daemon) eventNames() []string {
	var names []string
	for _, c := range d.governor.schedule().Classes {
		if c.Trigger.Kind == retention.OnEvent && !slices.Contains(names, c.Trigger.Event) {
			names = append(names, c.Trigger.Event)
		}
	}
	slices.Sort(names)
	return names
}

// concerned counts the holdings that an event is about.
func (d *Daemon) concerned(ctx context.Context, e record.Event) (n int, err error) {
	row := catalog.Row{}
	if k := e.About.Kind(); k == record.AboutThread || k == record.AboutRecord {
		if row, err = d.catalog.Record(ctx, record.ID(e.About.Name())); err != nil {
			return 0, err
		}
	}
	err = d.governor.catalog.EachBrief(ctx, catalog.Asks{Threads: e.About.Kind() == record.AboutThread}, func(_ int64, g *catalog.Governed) error {
		if about(e.About, g, row) {
			n++
		}
		return nil
	})
	return n, err
}

// about reports whether the holding is one that the event is about; of is the
// record whose thread it may name.
func about(a record.About, g *catalog.Governed, of catalog.Row) bool {
	switch a.Kind() {
	case record.AboutCustodian:
		return g.Custodian == a.Name()
	case record.AboutFolder:
		return g.Source+"/"+g.Folder == a.Name()
	case record.AboutChat:
		return g.Chat == a.Name()
	case record.AboutThread:
		return g.Thread == of.Thread
	}
	return g.Record == of.ID
}
