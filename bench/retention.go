package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/daemon"
	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/retention/report"
)

// retentionVerb makes a catalog of so many holdings as a department has, and
// measures the retention report over it, from the catalog's file to the HTML,
// beside a walk over the same holdings that does nothing with them, and beside
// reading each of them from its row and deciding it with its reasons.
func retentionVerb(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("retention", flag.ContinueOnError)
	n := flags.Int("n", 1_000_000, "holdings")
	dir := flags.String("dir", "", "folder for the catalog; one that is there is used again")
	holds := flags.Int("holds", 3, "holds in force")
	if err := flags.Parse(args); err != nil {
		return err
	}
	schedule, err := retention.Load(configs.ExampleSchedule())
	if err != nil {
		return err
	}
	c, err := fillCatalog(ctx, filepath.Join(*dir, fmt.Sprintf("catalog-%d-%d.db", *n, *holds)), schedule, *n, *holds)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	return measureReport(ctx, c, schedule)
}

// asOf is the day of the reports: the same on every day on which it is measured.
func asOf() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

func measureReport(ctx context.Context, c *catalog.Catalog, s *retention.Schedule) error {
	head := report.Head{Report: "retention", Title: "Retention", Authority: "Department for Floods", AsOf: asOf(), Zone: "Europe/London"}
	var holdings, records, octets int64
	walk := func() error {
		holdings = 0
		return c.EachBrief(ctx, catalog.Asks{}, func(int64, *catalog.Governed) error { holdings++; return nil })
	}
	whole := func() error {
		r, err := daemon.Census{Catalog: c, Schedule: s}.Count(ctx, head)
		if err != nil {
			return err
		}
		records = r.Records
		w := &counter{}
		err = page.WriteHTML(w, report.Document(r))
		octets = w.n
		return err
	}
	reasons := func() error {
		return c.EachHolding(ctx, func(h catalog.Governed) error {
			s.DecideCandidate(&retention.Candidate{Record: h.Record, Facts: h.Facts}, nil, asOf())
			return nil
		})
	}
	var times [3]timing
	for i, part := range []struct {
		name string
		do   func() error
	}{{"a walk over the holdings, on one processor, that does nothing with them", walk},
		{"the retention report, from the catalog to its HTML", whole},
		{"each holding read from its row and decided with its reasons, on one processor", reasons}} {
		start := now()
		if err := part.do(); err != nil {
			return err
		}
		times[i] = now().since(start)
		fmt.Printf("%8.2f s %8.2f s of CPU   %s\n", times[i].wall.Seconds(), times[i].cpu.Seconds(), part.name)
	}
	fmt.Printf("%d holdings, %d records; %d octets of HTML\n", holdings, records, octets)
	fmt.Printf("the report takes %.2f × the CPU of the walk, and %.2f × that of deciding with reasons\n",
		times[1].cpu.Seconds()/times[0].cpu.Seconds(), times[1].cpu.Seconds()/times[2].cpu.Seconds())
	return nil
}

// A counter is a writer that only counts.
type counter struct{ n int64 }

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

var _ io.Writer = (*counter)(nil)

// fillCatalog makes a sealed catalog of synthetic captures, or opens the one
// that is there: seven e-mails in ten, else chat-days, over twenty-five years,
// of forty custodians; one record in twenty is held by two of them.
func fillCatalog(ctx context.Context, path string, s *retention.Schedule, n, holds int) (*catalog.Catalog, error) {
	_, missing := os.Stat(path)
	c, err := catalog.Open(ctx, path, [32]byte{1}, "bench")
	if err != nil || missing == nil {
		return c, err
	}
	start, each := now(), 5000
	f := &filling{schedule: s, random: rand.New(rand.NewPCG(1, 2)), next: 1}
	for f.holdings < n {
		var batch []catalog.Entry
		for len(batch) < each && f.holdings < n {
			more, err := f.capture()
			if err != nil {
				return nil, err
			}
			batch = append(batch, more...)
		}
		began := now()
		if err := c.Apply(ctx, batch); err != nil {
			return nil, err
		}
		f.applied.add(now().since(began))
	}
	total := now().since(start)
	fmt.Printf("%8.2f s %8.2f s of CPU   to make and apply %d entries, in batches of %d; to apply them %.2f s and %.2f s\n",
		total.wall.Seconds(), total.cpu.Seconds(), f.index, each, f.applied.wall.Seconds(), f.applied.cpu.Seconds())
	return c, f.hold(ctx, c, holds)
}

// A filling makes entries of a journal.
type filling struct {
	schedule *retention.Schedule
	random   *rand.Rand
	holdings int
	applied  timing // how long the catalog took
	index    int64
	next     record.MessageNo
}

func (f *filling) entry(kind string, body any) (catalog.Entry, error) {
	text, err := json.Marshal(body)
	e := catalog.Entry{Index: f.index, Type: kind, Time: asOf().AddDate(0, -f.random.IntN(24), 0), Actor: "daemon", Body: text}
	f.index++
	return e, err
}

// capture makes the entries of one record.
func (f *filling) capture() ([]catalog.Entry, error) {
	who := f.random.IntN(40)
	sent := asOf().Add(-time.Duration(f.random.Int64N(int64(25 * 365 * 24 * time.Hour)))).Truncate(time.Second)
	id := record.NewID([]byte("bench"), "main", record.Email, record.Sum(fmt.Append(nil, f.index)), 0)
	in := record.Ingestion{Record: id, Kind: record.Email, Vault: "main", Epoch: "main-2026", First: f.next, TextStatus: record.TextOK,
		Display:    fmt.Sprintf("Sender %d → Recipient %d  About the matter of number %d", who, who+1, f.index),
		Components: []record.Component{{Path: "data/message.eml", Size: 12_000, MediaType: "message/rfc822"}},
		Facts: record.Facts{Kind: record.Email, Channel: record.Corporate, Mailbox: fmt.Sprintf("custodian.%d@floods.example", who), Folder: "INBOX",
			From: []string{fmt.Sprintf("sender.%d@elsewhere.example", f.random.IntN(5000))}, To: []string{fmt.Sprintf("custodian.%d@floods.example", who), "flood.cell@floods.example"},
			Subject: fmt.Sprintf("About the matter of number %d", f.index), Sent: sent, Received: sent.Add(3 * time.Second)}}
	messages := 1
	if f.random.IntN(10) >= 7 {
		in.Kind, messages = record.ChatDay, 1+f.random.IntN(4)
		in.Facts.Kind, in.Facts.Channel, in.Facts.Mailbox, in.Facts.Folder, in.Facts.Received = record.ChatDay, record.NonCorporate, "", "", time.Time{}
	}
	for i := range messages {
		copied := record.Sum(fmt.Append(nil, f.index, i))
		in.Messages = append(in.Messages, record.Message{Sent: sent, Sender: "Ann", Copy: copied[:16]})
	}
	f.next += record.MessageNo(messages)
	in.Holding, in.Facts = f.holding(in.Facts, who, sent)
	in.Item = record.Item{Source: in.Holding.Source, Key: string(id)}
	f.holdings++
	e, err := f.entry(record.EntryIngestion, in)
	if err != nil || f.random.IntN(20) > 0 {
		return []catalog.Entry{e}, err
	}
	other, facts := f.holding(in.Facts, (who+1)%40, sent)
	f.holdings++
	seen, err := f.entry(record.EntrySighting, record.Sighting{Item: record.Item{Source: other.Source, Key: string(id)}, Outcome: record.AlreadyArchived, Record: id, Holding: &other, Facts: &facts})
	return []catalog.Entry{e, seen}, err
}

// holding is a custodian's possession, classified as at capture.
func (f *filling) holding(facts record.Facts, who int, sent time.Time) (record.Holding, record.Facts) {
	facts.Source, facts.Custodian = fmt.Sprintf("mailbox-%d", who), fmt.Sprintf("custodian-%d", who)
	facts.Role, facts.Grade = []string{"minister", "special_adviser", "official", "official", ""}[who%5], []string{"", "SCS2", "G7", "HEO"}[who%4]
	facts.Captured = sent.AddDate(0, 0, 1)
	a := f.schedule.Assign(&facts, retention.Manual{})
	return record.Holding{Source: facts.Source, Custodian: facts.Custodian, Channel: facts.Channel, Folder: facts.Folder, Class: a.Class, Rule: a.Rule, Since: facts.Captured}, facts
}

// hold puts some of it on hold: everything of a custodian, each with its own.
func (f *filling) hold(ctx context.Context, c *catalog.Catalog, holds int) error {
	for i := range holds {
		e, err := f.entry(record.EntryHold, record.HoldPlaced{Hold: fmt.Sprintf("hold-%d", i), Type: "inquiry", Matter: "m", Scope: record.Scope{Custodians: []string{fmt.Sprintf("custodian-%d", i)}}})
		if err != nil {
			return err
		}
		if err := c.Apply(ctx, []catalog.Entry{e}); err != nil {
			return err
		}
	}
	return nil
}
