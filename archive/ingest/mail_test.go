package ingest_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"github.com/closeroll/closeroll/archive/archivetest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store/storetest"
	"github.com/closeroll/closeroll/connectors/connectortest"
)

// mails are messages from..from+n-1 of the endless correspondence.
func mails(from, n int) [][]byte {
	all := make([][]byte, n)
	for i := range all {
		all[i] = connectortest.Mail(from + i)
	}
	return all
}

// archived checks that exactly these octets are archived, each once.
func (b *bench) archived(t *testing.T, want ...[]byte) {
	t.Helper()
	missing := make(map[string]int)
	for _, o := range want {
		missing[string(o)] = 1
	}
	for id, components := range b.Check(t) {
		octets := string(components["data/message.eml"])
		if missing[octets] != 1 {
			t.Errorf("record %s is of %d octets that no source has, or is there twice", id, len(octets))
		}
		missing[octets]--
	}
	for octets, n := range missing {
		if n > 0 {
			t.Errorf("%d octets were lost: %.60q", len(octets), octets)
		}
	}
}

func TestMailboxIsAccountedFor(t *testing.T) {
	b := newBench(t)
	s := connectortest.StartServer(t)
	s.Folder("INBOX").Add(mails(0, 40)...)
	s.Folder("Archive").Add(mails(35, 15)...) // five of them again
	drafts := s.Folder("Drafts")
	drafts.Mark(goimap.MailboxAttrDrafts)
	drafts.Add(mails(900, 3)...)
	s.Folder("INBOX").Poison(7, connectortest.RefuseBody)
	src := b.mailbox(t, s, `\Drafts`)

	counts := b.run(t, src)
	if counts.Seen != 58 || counts.Captured != 49 || counts.AlreadyArchived != 5 || counts.Excluded[record.ReasonFolder] != 3 || counts.Failed[record.ReasonUnreadable] != 1 {
		t.Errorf("first run: %+v", counts)
	}
	failures, err := b.Catalog.Failures(t.Context(), "office")
	must(t, err)
	if len(failures) != 1 || failures[0].Tries != 1 {
		t.Errorf("failures: %+v", failures)
	}
	if counts = b.run(t, src); counts.Captured != 0 || counts.AlreadyArchived != 0 {
		t.Errorf("second run: %+v", counts)
	}

	s.Folder("INBOX").Poison(7, connectortest.Healthy)
	s.Folder("INBOX").Add(mails(100, 2)...)
	b.Place.Clock.Advance(48 * time.Hour) // what is owed is tried at ever longer intervals
	if counts = b.run(t, src); counts.Captured != 3 {
		t.Errorf("third run: %+v", counts)
	}
	total, err := b.Catalog.Counts(t.Context(), "office")
	must(t, err)
	if total.Seen != 60 || total.Captured != 52 || total.AlreadyArchived != 5 || len(total.Failed) != 0 {
		t.Errorf("in all: %+v", total)
	}
	b.archived(t, append(mails(0, 50), mails(100, 2)...)...)
	b.indexed(t)
	if v := s.Violations(); len(v) > 0 {
		t.Errorf("the mailbox was changed: %v", v)
	}
}

// A message of which nothing can be read is archived all the same, and the
// next one is too.
func TestPoisonMessages(t *testing.T) {
	b := newBench(t)
	s := connectortest.StartServer(t)
	poison := [][]byte{
		[]byte("\r\n"), []byte("\x00\x01\x02"), bytes.Repeat([]byte("a"), 1<<20), []byte("Subject: =?utf-8?b?####?=\r\nFrom: <<<>>>\r\n\r\n"),
		[]byte(strings.Repeat("Received: x\r\n", 50_000) + "\r\nbody"),
		[]byte("Content-Type: multipart/mixed; boundary=a\r\n\r\n" + strings.Repeat("--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n", 2000)),
		[]byte("Content-Type: application/zip; name=\"WhatsApp Chat - x.zip\"\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsDBBQ####*\r\nAAAA"),
		[]byte("Content-Type: text/plain; name=\"WhatsApp Chat with x.txt\"\r\nContent-Transfer-Encoding: uuencode\r\n\r\nbegin 644 x\r\n\xff\xff"),
		[]byte("Content-Type: application/vnd.ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\neJ8+IgAA////////"),
		[]byte("Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n\r\nbody"),
	}
	s.Folder("INBOX").Add(append(poison, connectortest.Mail(1))...)
	counts := b.run(t, b.mailbox(t, s))
	if counts.Captured != int64(len(poison)+1) {
		t.Errorf("%+v", counts)
	}
	b.archived(t, append(poison, connectortest.Mail(1))...)
	b.indexed(t)
}

// While the store is out of reach nothing is lost and nothing acknowledged; it
// goes on when the store is back.
func TestStoreDownForAWhile(t *testing.T) {
	for name, fault := range map[string]storetest.Fault{"not done": storetest.NotDone, "done but lost": storetest.DoneButLost, "full": storetest.Full} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			s := connectortest.StartServer(t)
			s.Folder("INBOX").Add(mails(0, 30)...)
			n := 0
			b.Place.Store.Plan(func(op storetest.Op, key string) storetest.Fault {
				if n++; n%3 != 0 && n < 90 && (op == storetest.OpPut || op == storetest.OpReplace) {
					return fault
				}
				return storetest.None
			})
			if counts := b.run(t, b.mailbox(t, s)); counts.Captured != 30 {
				t.Errorf("%+v", counts)
			}
			b.Place.Store.Heal()
			b.archived(t, mails(0, 30)...)
			b.indexed(t)
		})
	}
}

// A store that refuses ends the run; what it took is archived, the rest comes
// with the next run.
func TestStoreDenies(t *testing.T) {
	b := newBench(t)
	s := connectortest.StartServer(t)
	s.Folder("INBOX").Add(mails(0, 40)...)
	src := b.mailbox(t, s)
	b.Place.Store.Plan(storetest.Nth(25, storetest.OpPut, "records/", storetest.Denied))
	counts, err := b.pipe.Run(t.Context(), src)
	if err == nil || counts.Captured > 39 {
		t.Fatalf("%+v, %v", counts, err)
	}
	b.Place.Store.Heal()
	b.run(t, src)
	b.archived(t, mails(0, 40)...)
	b.indexed(t)
}

// If the index takes nothing, nothing is acknowledged: the source shows it
// again, and the next run indexes what is archived already.
func TestIndexFails(t *testing.T) {
	b := newBench(t)
	s := connectortest.StartServer(t)
	s.Folder("INBOX").Add(mails(0, 40)...)
	src := b.mailbox(t, s)
	b.index.broken = true
	if _, err := b.pipe.Run(t.Context(), src); !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	cursor, _, err := b.Catalog.Cursor(t.Context(), "office")
	must(t, err)
	if strings.Contains(cursor, `"u":`) {
		t.Errorf("the cursor moved to %s", cursor)
	}
	b.index.broken = false
	counts := b.run(t, src)
	if counts.Seen != 40 || counts.AlreadyArchived == 0 {
		t.Errorf("%+v", counts)
	}
	if all, err := b.Catalog.Counts(t.Context(), "office"); err != nil || all.Seen != 40 || all.Captured != 40 {
		t.Errorf("items were counted twice: %+v, %v", all, err)
	}
	b.archived(t, mails(0, 40)...)
	b.indexed(t)
}

// What is captured under a live query hold is on hold before it is
// acknowledged.
func TestHoldsLookBeforeAcknowledgement(t *testing.T) {
	b := newBench(t)
	s := connectortest.StartServer(t)
	s.Folder("INBOX").Add(mails(0, 20)...)
	must(t, b.JournalOne(t.Context(), record.EntryHold, "uid:7", record.HoldPlaced{Hold: "H", Type: "foi", Matter: "m", Scope: record.Scope{Query: "sandbags"}}))
	b.holds.name = "H"
	b.run(t, b.mailbox(t, s))
	caught, err := b.Catalog.Caught(t.Context(), "H")
	must(t, err)
	if caught.GetCardinality() != 20 || len(b.holds.asked) != 20 {
		t.Errorf("%d caught, %d looked at", caught.GetCardinality(), len(b.holds.asked))
	}
	last, captured := "", false
	for _, typ := range b.Types(t) {
		captured = captured || typ == record.EntryIngestion
		if captured && typ == record.EntryCursor && last != record.EntryCaught {
			t.Errorf("a cursor was journalled after %q", last)
		}
		last = typ
	}
}

const journalled = "From: journal@env.example\r\nTo: archive@env.example\r\nSubject: Journal report\r\nMIME-Version: 1.0\r\n" +
	"X-MS-Journal-Report:\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain\r\n\r\nSender: a.field@env.example\r\nSubject: quiet word\r\nMessage-Id: <1@env.example>\r\n" +
	"To: clerk@upton.example\r\nBcc: hidden@env.example\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + insideJournal + "\r\n--b--\r\n"

const insideJournal = "From: A Field <a.field@env.example>\r\nTo: clerk@upton.example\r\nSubject: quiet word\r\nMessage-Id: <1@env.example>\r\n" +
	"Date: Thu, 14 May 2026 09:00:00 +0100\r\n\r\nBetween us: the culvert.\r\n"

func TestJournalReportIsUnwrapped(t *testing.T) {
	b := newBench(t)
	s := connectortest.StartServer(t)
	s.Folder("INBOX").Add([]byte(journalled))
	b.run(t, b.mailbox(t, s))
	for _, components := range b.Check(t) {
		if got := string(components["data/message.eml"]); got != insideJournal {
			t.Errorf("the message: %q", got)
		}
		if got := string(components["data/journal-report.eml"]); got != journalled {
			t.Errorf("the report: %q", got)
		}
	}
	found := b.index.find("culvert")
	if len(found) != 1 || len(found[0].Bcc) != 1 || found[0].Bcc[0].Addr != "hidden@env.example" || found[0].Subject != "quiet word" {
		t.Errorf("%+v", found)
	}
	row, err := b.Find(t.Context(), firstID(t, b))
	must(t, err)
	holdings, err := b.Catalog.Holdings(t.Context(), row.ID)
	must(t, err)
	if to := fmt.Sprint(holdings[0].Facts.To); !strings.Contains(to, "hidden@env.example") {
		t.Errorf("facts name %s", to)
	}
}

func firstID(t *testing.T, b *bench) string {
	t.Helper()
	m, err := b.Catalog.Message(t.Context(), 1)
	must(t, err)
	return string(m.ID.Record)
}

// A crash between journal and index, with the message gone from the source
// meanwhile, leaves an answer that says so.
func TestLostBetweenJournalAndIndex(t *testing.T) {
	p := archivetest.Found(t)
	b := benchAt(t, p)
	s := connectortest.StartServer(t)
	s.Folder("INBOX").Add(mails(0, 3)...)
	b.index.broken = true
	if _, err := b.pipe.Run(t.Context(), b.mailbox(t, s)); err == nil {
		t.Fatal("a broken index was not noticed")
	}
	b.Close(t)
	s.Folder("INBOX").Remove(1) // the first is journalled, the others may be
	b = benchAt(t, p)
	b.run(t, b.mailbox(t, s))
	missing, err := b.Catalog.Unindexed(t.Context())
	must(t, err)
	if missing.GetCardinality() != 1 {
		t.Errorf("unindexed: %v", missing)
	}
	b.archived(t, mails(0, 3)...)
}

func TestDocumentsSayWhereTheyWereCaptured(t *testing.T) {
	b := newBench(t)
	s := connectortest.StartServer(t)
	s.Folder("INBOX").Add(mails(0, 5)...)
	b.run(t, b.mailbox(t, s))
	for no, d := range b.index.docs {
		m, err := b.Catalog.Message(t.Context(), no)
		must(t, err)
		row, err := b.Find(t.Context(), string(m.ID.Record))
		must(t, err)
		if d.Position != uint64(row.Entry) || !d.Captured.Truncate(time.Millisecond).Equal(row.Captured) {
			t.Errorf("message %d says entry %d at %v; the journal has it at %d, %v", no, d.Position, d.Captured, row.Entry, row.Captured)
		}
	}
}
