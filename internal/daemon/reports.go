package daemon

import (
	"context"
	"fmt"
	"math"

	"github.com/closeroll/closeroll/retention/assurance"
	"github.com/closeroll/closeroll/retention/report"
)

// A reporter gathers the facts of reports from the archive's catalog, its
// configuration and the schedule in force.
type reporter struct{ *Daemon }

// gather makes a report of this kind.
func (r reporter) gather(ctx context.Context, k report.Kind, period assurance.Span) (report.Report, error) {
	head, err := r.head(ctx, k, period)
	if err != nil {
		return nil, err
	}
	switch k.Name {
	case "retention":
		return r.retention(ctx, head)
	case "holds":
		return r.holds(ctx, head)
	case "coverage":
		return r.coverage(ctx, head)
	case "failures":
		return r.failures(ctx, head)
	case "ephemeral":
		return r.ephemeral(ctx, head)
	case "channels":
		return r.channels(ctx, head)
	case "disposals":
		return r.disposals(ctx, head)
	case "access":
		return r.access(ctx, head)
	case "fixity":
		return r.fixity(ctx, head)
	case "keys":
		return r.keys(ctx, head)
	case "transfer-lag":
		return r.lag(ctx, head)
	case "attestations":
		return r.attestations(ctx, head)
	case "assurance":
		return r.assurance(ctx, head)
	case "article30":
		return r.processing(ctx, head)
	case "formats":
		return r.formats(ctx, head)
	case "schedule":
		return r.schedule(ctx, head)
	}
	return nil, fmt.Errorf("report %s cannot be gathered", k.Name)
}

// head says what the report rests on. It is taken before the facts are: every
// entry below its checkpoint is in them.
func (r reporter) head(ctx context.Context, k report.Kind, period assurance.Span) (report.Head, error) {
	adopted, err := r.catalog.Schedule(ctx)
	if err != nil {
		return report.Head{}, err
	}
	cp := r.Daemon.head()
	return report.Head{Report: k.Name, Title: k.Title, Authority: r.cfg.Archive.Name, Marking: r.cfg.Reports.Marking, Period: period, AsOf: r.now().UTC(),
		Zone: r.cfg.Archive.Zone, Program: "closeroll " + r.env.Version,
		Checkpoint: report.Checkpoint{Origin: cp.Origin, Entries: cp.Entries, Root: cp.Root},
		Schedule:   report.Adopted{Version: adopted.Version, Status: string(r.governor.schedule().Status), Digest: adopted.Digest}}, nil
}

// retention counts every holding.
func (r reporter) retention(ctx context.Context, head report.Head) (report.Report, error) {
	return r.governor.census(ctx, head)
}

func (r reporter) holds(ctx context.Context, head report.Head) (report.Report, error) {
	rows, err := r.catalog.Holds(ctx, true)
	if err != nil {
		return nil, err
	}
	counts, err := r.governor.onHold(ctx, nil)
	if err != nil {
		return nil, err
	}
	lines := make([]report.HoldLine, len(rows))
	for i, h := range rows {
		lines[i] = report.HoldLine{Hold: h.Hold, Type: h.Type, Matter: h.Matter, Authority: h.Authority, Owner: h.Owner, Placed: h.At, PlacedBy: h.Actor,
			Review: h.Review, Released: h.Released, Releaser: h.Releaser, Reason: h.Reason, Records: int64(counts[h.Hold].records), Silent: []report.Silence{}}
		given, err := r.catalog.HoldNotices(ctx, h.Hold)
		if err != nil {
			return nil, err
		}
		for _, n := range given {
			lines[i].Notice(n.Custodian, n.At, !n.Acknowledged.IsZero())
		}
	}
	return report.NewHolds(head, lines), nil
}

func (r reporter) coverage(ctx context.Context, head report.Head) (report.Report, error) {
	out := &report.Coverage{Head: head}
	names, err := r.catalog.CountedSources(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range r.sources {
		s.mu.Lock()
		out.Sources = append(out.Sources, report.SourceLine{Source: s.Name, Kind: s.kind, Custodian: s.Custodian, Channel: s.Channel,
			LastRead: s.lastSuccess, LastError: s.lastError, Configured: true})
		s.mu.Unlock()
	}
	for _, name := range names {
		if r.source(name) == nil {
			out.Sources = append(out.Sources, report.SourceLine{Source: name})
		}
	}
	for i := range out.Sources {
		if out.Sources[i].Counts, err = r.catalog.Counts(ctx, out.Sources[i].Source); err != nil {
			return nil, err
		}
	}
	if out.ByText, err = r.catalog.TextStatuses(ctx); err != nil {
		return nil, err
	}
	live, err := r.catalog.Live(ctx)
	if err != nil {
		return nil, err
	}
	unindexed, err := r.catalog.Unindexed(ctx)
	if err != nil {
		return nil, err
	}
	undated, err := r.catalog.Undated(ctx)
	if err != nil {
		return nil, err
	}
	out.Messages = int64(live.GetCardinality())
	out.Indexed = out.Messages - int64(unindexed.GetCardinality())
	out.Undated = int64(live.AndCardinality(undated))
	return out, nil
}

func (r reporter) failures(ctx context.Context, head report.Head) (report.Report, error) {
	items, err := r.catalog.Failures(ctx, "")
	if err != nil {
		return nil, err
	}
	failed := make([]report.Failure, len(items))
	for i, it := range items {
		failed[i] = report.Failure{Source: it.Source, Reason: it.Reason, Advice: advice(it.Reason), First: it.First}
	}
	notices, err := r.noticeLines(ctx)
	if err != nil {
		return nil, err
	}
	return report.NewFailures(head, failed, notices), nil
}

// noticeLines is every notice, newest first.
func (r reporter) noticeLines(ctx context.Context) ([]report.NoticeLine, error) {
	rows, err := r.catalog.Notices(ctx, math.MaxInt32)
	lines := make([]report.NoticeLine, len(rows))
	for i, n := range rows {
		lines[i] = report.NoticeLine{Entry: n.Entry, Source: n.Source, Chat: n.Chat, Kind: n.Kind, Text: n.Text, At: n.At}
	}
	return lines, err
}

func (r reporter) ephemeral(ctx context.Context, head report.Head) (report.Report, error) {
	exports, err := r.catalog.NewestExports(ctx)
	if err != nil {
		return nil, err
	}
	chats := make([]report.ChatExport, len(exports))
	for i, x := range exports {
		chats[i] = report.ChatExport{Chat: x.Chat, Title: x.Title, Source: x.Source, Exported: x.Exported}
	}
	notices, err := r.noticeLines(ctx)
	if err != nil {
		return nil, err
	}
	return report.NewEphemeral(head, chats, notices), nil
}

func (r reporter) channels(ctx context.Context, head report.Head) (report.Report, error) {
	volumes, err := r.catalog.Volumes(ctx)
	if err != nil {
		return nil, err
	}
	out := &report.Channels{Head: head, Volumes: []report.VolumeLine{}, Register: []report.RegisterLine{}}
	for _, v := range volumes {
		out.Volumes = append(out.Volumes, report.VolumeLine{Custodian: v.Custodian, Channel: v.Channel, Messages: v.Messages})
	}
	for _, c := range r.cfg.Custodians {
		for _, ch := range c.Channels {
			out.Register = append(out.Register, report.RegisterLine{Custodian: c.ID, Channel: assurance.Channel{App: ch.App, Channel: ch.Channel,
				Device: ch.Device, Reason: ch.Reason, Approver: ch.Approver, From: ch.From, Until: ch.Until, Review: ch.Review, Closed: ch.Closed}})
		}
	}
	return out, nil
}

func (r reporter) formats(ctx context.Context, head report.Head) (report.Report, error) {
	counts, err := r.catalog.Formats(ctx)
	out := &report.Formats{Head: head, Files: make([]report.FormatLine, len(counts))}
	for i, f := range counts {
		out.Files[i] = report.FormatLine{MediaType: f.MediaType, Files: f.Files, Octets: f.Octets}
	}
	return out, err
}

func (r reporter) schedule(ctx context.Context, head report.Head) (report.Report, error) {
	rows, err := r.catalog.Schedules(ctx)
	if err != nil {
		return nil, err
	}
	versions := make([]report.VersionLine, len(rows))
	for i, s := range rows {
		versions[i] = report.VersionLine{Entry: s.Entry, At: s.At, By: s.Actor, Version: s.Version, Status: s.Status, Digest: s.Digest}
		if s.Signer != "" {
			versions[i].By = s.Signer + " (signed)"
		}
	}
	return report.NewReview(head, r.governor.schedule(), versions), nil
}
