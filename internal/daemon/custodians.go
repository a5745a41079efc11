package daemon

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention/assurance"
)

// today is the day in the legal zone.
func (d *Daemon) today() record.Date { return record.DateOf(d.now(), d.zone) }

// custodian describes one custodian, without transfer lags.
func (d *Daemon) custodian(ctx context.Context, cfg configs.Custodian) (v1.Custodian, error) {
	out := v1.Custodian{ID: cfg.ID, Name: cfg.Name, Role: cfg.Role, Grade: cfg.Grade, Addresses: cfg.Addresses, ExportsEvery: cfg.ExportsEvery,
		TransferTarget: cfg.TransferTarget, Joined: cfg.Joined, Leaving: cfg.Leaving, DeviceChanges: cfg.DeviceChanges, Trained: cfg.Trained,
		Channels: []assurance.Channel{}, Chats: []v1.CustodianChat{}, Attestations: []assurance.Attestation{}, Lags: []v1.TransferLag{}}
	if cfg.Attests != "none" {
		out.Attests = assurance.Rhythm(cfg.Attests)
	}
	for _, c := range cfg.Channels {
		out.Channels = append(out.Channels, assurance.Channel(c))
	}
	evidence, err := d.evidence(ctx, cfg.ID, &out)
	if err != nil {
		return out, err
	}
	out.Tasks = assurance.Assess(assurance.Custodian{ID: out.ID, Joined: out.Joined, Leaving: out.Leaving, ExportsEvery: out.ExportsEvery, Attests: out.Attests,
		DeviceChanges: out.DeviceChanges, Trained: out.Trained, Channels: out.Channels}, evidence, d.today())
	if out.Tasks == nil {
		out.Tasks = []assurance.Task{}
	}
	return out, nil
}

// evidence gathers what the archive knows of a custodian, and notes in out what
// a person is shown of it.
func (d *Daemon) evidence(ctx context.Context, id string, out *v1.Custodian) (assurance.Evidence, error) {
	e := assurance.Evidence{Opened: record.DateOf(d.keyring.Format.Created, d.zone)}
	chats, err := d.catalog.ExportedChats(ctx, id)
	if err != nil {
		return e, err
	}
	joined, err := d.unions(ctx)
	if err != nil {
		return e, err
	}
	for _, x := range joined.uniteExported(chats) {
		known := assurance.Chat{ID: x.Chat, App: x.App, Timer: x.Timer}
		for _, at := range x.Arrivals {
			known.Exports = append(known.Exports, record.DateOf(at, d.zone))
		}
		e.Chats = append(e.Chats, known)
		out.Chats = append(out.Chats, v1.CustodianChat{Chat: x.Chat, Title: x.Title, App: x.App, Exports: len(x.Arrivals),
			Newest: x.Arrivals[len(x.Arrivals)-1], Timer: int64(x.Timer / time.Second)})
	}
	attested, err := d.catalog.Attestations(ctx, id)
	if err != nil {
		return e, err
	}
	for _, a := range attested {
		span, err := assurance.ParseSpan(a.Period)
		if err != nil {
			return e, fmt.Errorf("an attestation in the journal: %w", err)
		}
		e.Attestations = append(e.Attestations, assurance.Attestation{Period: span, Nil: a.Nil, Statement: a.Statement, On: record.DateOf(a.At, d.zone), By: a.Actor})
	}
	out.Attestations = append(out.Attestations, e.Attestations...)
	closed, err := d.catalog.ClosedTasks(ctx, id)
	for _, c := range closed {
		e.Closed = append(e.Closed, assurance.Closed{Task: c.Task, Reason: c.Reason, On: record.DateOf(c.At, d.zone), By: c.Actor})
	}
	return e, err
}

// lags measures the transfer lag of every custodian and channel over what was
// captured in a period, or ever if it is zero.
func (d *Daemon) lags(ctx context.Context, within assurance.Span) (map[string][]v1.TransferLag, error) {
	var from, until time.Time
	if !within.IsZero() {
		from, until = within.First().Start(d.zone), within.Last().AddDays(1).Start(d.zone)
	}
	type key struct {
		custodian string
		channel   record.Channel
	}
	measures := make(map[key]*assurance.Lags)
	err := d.catalog.EachTransfer(ctx, from, until, func(t catalog.Transfer) {
		k := key{t.Custodian, t.Channel}
		if measures[k] == nil {
			measures[k] = assurance.NewLags(d.custodianConfig(t.Custodian).TransferTarget, d.zone)
		}
		measures[k].Add(t.Sent, t.Captured)
	})
	out := make(map[string][]v1.TransferLag)
	for k, m := range measures {
		lag := m.Lag()
		out[k.custodian] = append(out[k.custodian], v1.TransferLag{Channel: k.channel, Lag: lag, Share: lag.Share()})
	}
	for _, list := range out {
		slices.SortFunc(list, func(a, b v1.TransferLag) int { return cmp.Compare(a.Channel, b.Channel) })
	}
	return out, err
}

// custodianConfig is what the configuration says of a custodian; nothing of
// one that it no longer names.
func (d *Daemon) custodianConfig(id string) configs.Custodian {
	for _, c := range d.cfg.Custodians {
		if c.ID == id {
			return c
		}
	}
	return configs.Custodian{}
}

// assuranceLines are the digest's lines about what custodians owe: how much, of
// whom, of what kind and since when, and nothing that names a chat.
func (d *Daemon) assuranceLines(ctx context.Context) ([]string, error) {
	var lines []string
	for _, cfg := range d.cfg.Custodians {
		c, err := d.custodian(ctx, cfg)
		if err != nil {
			return nil, err
		}
		waiting := make(map[assurance.Kind]int)
		var oldest record.Date
		for i := range c.Tasks {
			if t := &c.Tasks[i]; t.State == assurance.Overdue {
				if waiting[t.Kind]++; oldest.IsZero() {
					oldest = t.Due
				}
			}
		}
		if len(waiting) == 0 {
			continue
		}
		line := "custodian " + cfg.ID + ": overdue"
		sep := " "
		for _, k := range []assurance.Kind{assurance.KindExport, assurance.KindAttestation, assurance.KindClosure, assurance.KindApproval, assurance.KindRegister, assurance.KindTraining} {
			if n := waiting[k]; n > 0 {
				line += fmt.Sprintf("%s%s %d", sep, k, n)
				sep = ", "
			}
		}
		lines = append(lines, line+"; the oldest since "+oldest.String())
	}
	return lines, nil
}
