package ingest_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/connectors/connectortest"
	"github.com/closeroll/closeroll/connectors/imap"
)

func TestReconciliationRepairsAndIsJournalled(t *testing.T) {
	b, s := newBench(t), connectortest.StartServer(t)
	f := s.Folder("INBOX")
	for i := range 8 {
		f.Add(connectortest.Mail(i))
	}
	f.Add(journalReport(connectortest.Mail(8)))
	f.Poison(2, connectortest.NotListed)
	src := b.mailbox(t, s)
	b.run(t, src)
	r, err := b.pipe.Reconcile(t.Context(), src, -1)
	must(t, err)
	if !r.Clean() || r.Matched != 8 || r.Checked != 8 {
		t.Fatalf("at first: %+v", r)
	}

	f.Poison(2, connectortest.Healthy)
	if r, err = b.pipe.Reconcile(t.Context(), src, 0); err != nil || r.Missing != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	stored, ok, err := b.Catalog.Reconciliation(t.Context(), "office")
	if err != nil || !ok || stored.Missing != 1 || stored.Differences[0].Key != "INBOX/1000000/2" {
		t.Errorf("the catalog has %+v, %v, %v", stored, ok, err)
	}
	notices, err := b.Catalog.Notices(t.Context(), 1)
	if err != nil || len(notices) != 1 || notices[0].Kind != ingest.NoticeReconciled {
		t.Errorf("notices: %+v, %v", notices, err)
	}
	// A new process takes it, since the cursor says that it is owed.
	if counts := b.run(t, b.mailbox(t, s)); counts.Captured != 1 || counts.Seen != 1 {
		t.Errorf("the repair: %+v", counts)
	}
	if r, err = b.pipe.Reconcile(t.Context(), src, -1); err != nil || !r.Clean() || r.Matched != 9 {
		t.Errorf("afterwards: %+v, %v", r, err)
	}
	drop, _ := b.drop(t)
	if _, err := b.pipe.Reconcile(t.Context(), drop, 0); !errors.Is(err, ingest.ErrNotReconcilable) {
		t.Errorf("a drop folder: %v", err)
	}
}

// journalReport wraps a message as Exchange does.
func journalReport(message []byte) []byte {
	return fmt.Appendf(nil, "From: journal@dept.example\r\nSubject: report\r\nX-MS-Journal-Report:\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSender: a@dept.example\r\nRecipient: hidden@dept.example\r\n\r\n"+
		"--b\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n--b--\r\n", message)
}

func TestWhatCameAndWentIsCountedByFolderAndDay(t *testing.T) {
	b, s := newBench(t), connectortest.StartServer(t)
	f := s.Folder("INBOX")
	f.Add(connectortest.Mail(1))
	src := b.mailbox(t, s)
	b.run(t, src)
	f.Skip(3)
	f.Add(connectortest.Mail(2))
	b.run(t, src)
	f.Skip(2)
	s.Folder("Sent").Add(connectortest.Mail(3)) // a first reading counts nothing
	b.run(t, b.mailbox(t, s))
	b.run(t, src)
	day := b.Place.Clock.Now().UTC().Format("2006-01-02")
	got, err := b.Catalog.Gaps(t.Context(), "office", day)
	must(t, err)
	if len(got) != 1 || got[0].Folder != "INBOX" || got[0].Day != day || got[0].Issued != 6 || got[0].Seen != 1 || got[0].CameAndWent() != 5 {
		t.Errorf("%+v", got)
	}
	if n, err := b.Catalog.CameAndWent(t.Context(), "office"); n != 5 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if hours, err := b.Catalog.Activity(t.Context(), "office", b.Place.Clock.Now().Add(-2*60*60*1e9)); err != nil || len(hours) == 0 {
		t.Errorf("%+v, %v", hours, err)
	}
}

func TestFolderTakenInIsCountedAsCaptured(t *testing.T) {
	b, s := newBench(t), connectortest.StartServer(t)
	s.Folder("Drafts").Add(connectortest.Mail(1), connectortest.Mail(2))
	b.run(t, b.mailbox(t, s, "Drafts"))
	b.run(t, b.mailbox(t, s))
	counts, err := b.Catalog.Counts(t.Context(), "office")
	if err != nil || counts.Seen != 2 || counts.Captured != 2 || !counts.Balanced() {
		t.Errorf("%+v, %v", counts, err)
	}
	// Left out again, they stay captured.
	b.run(t, b.mailbox(t, s, "Drafts"))
	if counts, err = b.Catalog.Counts(t.Context(), "office"); err != nil || counts.Captured != 2 || counts.Seen != 2 {
		t.Errorf("left out again: %+v, %v", counts, err)
	}
}

func TestRenamedFolderCapturesNothingTwice(t *testing.T) {
	b, s := newBench(t), connectortest.StartServer(t)
	for i := range 5 {
		s.Folder("Cases").Add(connectortest.Mail(i))
	}
	b.run(t, b.mailbox(t, s))
	s.Rename("Cases", "Closed")
	if counts := b.run(t, b.mailbox(t, s)); counts.Seen != 0 {
		t.Errorf("the renamed folder was read again: %+v", counts)
	}
	notices, err := b.Catalog.Notices(t.Context(), 1)
	if err != nil || len(notices) != 1 || notices[0].Kind != imap.NoticeRenamed {
		t.Errorf("notices: %+v, %v", notices, err)
	}
	counts, err := b.Catalog.Counts(t.Context(), "office")
	if err != nil || counts.Seen != 5 || counts.Captured != 5 || counts.AlreadyArchived != 0 {
		t.Errorf("%+v, %v", counts, err)
	}
}
