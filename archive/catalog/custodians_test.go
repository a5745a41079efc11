package catalog_test

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
)

func ingestionEntry(t testing.TB, index int, in record.Ingestion) catalog.Entry {
	t.Helper()
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	return catalog.Entry{Index: int64(index), Type: record.EntryIngestion, Time: start, Body: b}
}

// messagesIn is the number of the last message of an ingestion.
func messagesIn(t testing.TB, e catalog.Entry) record.MessageNo {
	t.Helper()
	var in record.Ingestion
	if err := json.Unmarshal(e.Body, &in); err != nil {
		t.Fatal(err)
	}
	return in.First + record.MessageNo(len(in.Messages)) - 1
}

func (l *log) export(n int, custodian string, timer int64) {
	l.add(record.EntryIngestion, record.Ingestion{Record: id(n), Kind: record.Export, Item: record.Item{Source: "phone", Key: string(id(n))},
		Holding: record.Holding{Source: "phone", Custodian: custodian}, Chat: &record.ChatRef{Chat: "chat-1", Title: "Pumps", App: "whatsapp", Export: []byte{byte(n)}, Timer: timer}})
}

func TestArrivalsOfExports(t *testing.T) {
	l := &log{t: t}
	l.export(1, "minister", 0)
	l.export(2, "secretary", 86400)
	again := record.Sighting{Item: record.Item{Source: "phone", Key: "again"}, Outcome: record.AlreadyArchived, Record: id(1), Exported: "minister"}
	l.add(record.EntrySighting, again)
	l.add(record.EntrySighting, again) // the source shows it once more
	l.export(3, "minister", 604800)
	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	apply(t, c, l.entries)
	chats, err := c.ExportedChats(t.Context(), "minister")
	if err != nil || len(chats) != 1 {
		t.Fatal(chats, err)
	}
	x := chats[0]
	if len(x.Arrivals) != 3 || !x.Arrivals[1].Equal(start.Add(2*time.Minute)) || x.Timer != 7*24*time.Hour || x.App != "whatsapp" || x.Title != "Pumps" {
		t.Errorf("%+v", x)
	}
	if none, err := c.ExportedChats(t.Context(), "nobody"); err != nil || len(none) != 0 {
		t.Error(none, err)
	}
}

func TestAttestationsAndClosedTasks(t *testing.T) {
	l := &log{t: t}
	l.add(record.EntryAttestation, record.Attested{Custodian: "minister", Period: "2026-Q2", Nil: true, Statement: "none"})
	l.add(record.EntryAttestation, record.Attested{Custodian: "secretary", Period: "2026", Statement: "all"})
	l.add(record.EntryTaskClosed, record.TaskClosed{Custodian: "minister", Task: "training/2026-05-01", Reason: "done"})
	l.add(record.EntryTaskClosed, record.TaskClosed{Custodian: "minister", Task: "training/2026-05-01", Reason: "again"})
	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	apply(t, c, l.entries)
	all, err := c.Attestations(t.Context(), "minister")
	if err != nil || len(all) != 1 || !all[0].Nil || all[0].Period != "2026-Q2" || all[0].Actor != "daemon" || !all[0].At.Equal(start) {
		t.Error(all, err)
	}
	tasks, err := c.ClosedTasks(t.Context(), "minister")
	if err != nil || len(tasks) != 1 || tasks[0].Reason != "done" {
		t.Error(tasks, err)
	}
}
