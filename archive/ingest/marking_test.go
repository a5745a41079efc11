package ingest_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/archivetest"
	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
)

// addQuarantine founds the quarantine vault of an archive.
func addQuarantine(t *testing.T, a *archivetest.Archive) {
	t.Helper()
	pair := archivetest.KeyPair(t)
	made := archive.NewVault{Name: "closed", Kind: record.VaultQuarantine, Recipient: pair.Recipient(), Wrapped: map[string][]byte{}}
	for _, name := range []string{"dro", "deputy"} {
		wrapped, err := pair.Wrap(archivetest.KeyPair(t).Recipient())
		must(t, err)
		made.Wrapped[name] = wrapped
	}
	_, err := a.AddVault(t.Context(), "uid:1", made)
	must(t, err)
}

const marked = "From: A Field <a.field@floods.example>\r\nTo: m@floods.example\r\nDate: Mon, 11 May 2026 09:00:00 +0100\r\n" +
	"Subject: TOP SECRET Zanzibar\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
	"--b\r\n\r\nThe pelican flies.\r\n--b\r\nContent-Type: text/plain; name=zanzibar.txt\r\nContent-Disposition: attachment; filename=zanzibar.txt\r\n\r\nx\r\n--b--\r\n"

// TestMarkedMailLeavesNoWords captures mail marked TOP SECRET: it is a record of
// the quarantine vault, and what it says is neither in the index nor in the
// journal, its subject and the names of its files included.
func TestMarkedMailLeavesNoWords(t *testing.T) {
	b := newBench(t)
	addQuarantine(t, b.Archive)
	src, dir := b.drop(t)
	src.OnMarking = ingest.MarkedQuarantine
	write(t, dir, "a.eml", []byte(marked))
	counts := b.run(t, src)
	if counts.Captured != 1 || len(b.index.docs) != 0 {
		t.Errorf("%+v, %d documents", counts, len(b.index.docs))
	}
	all, err := b.Catalog.Quarantine(t.Context(), false)
	must(t, err)
	if len(all) != 1 || all[0].Marking != "TOP SECRET" {
		t.Fatalf("in quarantine: %+v", all)
	}
	row, err := b.Catalog.Record(t.Context(), all[0].Record)
	must(t, err)
	if row.Vault != "closed" || row.TextStatus.Searchable() {
		t.Errorf("record in %s, text %s", row.Vault, row.TextStatus)
	}
	for e, err := range b.Journal.Entries(t.Context(), 0) {
		must(t, err)
		for _, word := range []string{"zanzibar", "pelican"} {
			if bytes.Contains(bytes.ToLower(e.Body), []byte(word)) {
				t.Errorf("entry %d (%s) says %s", e.Index, e.Type, word)
			}
		}
	}
}

// TestMarkedMailIsRefused captures nothing of it, and accounts for it.
func TestMarkedMailIsRefused(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	src.OnMarking = ingest.MarkedRefuse
	write(t, dir, "a.eml", []byte(marked))
	write(t, dir, "b.eml", []byte(strings.Replace(marked, "TOP SECRET", "OFFICIAL-SENSITIVE", 1)))
	counts := b.run(t, src)
	if counts.Captured != 1 || counts.Excluded[record.ReasonMarking] != 1 || !counts.Balanced() {
		t.Errorf("%+v", counts)
	}
	set, err := b.Catalog.Match(t.Context(), "marking", "official-sensitive")
	must(t, err)
	if set.GetCardinality() != 1 {
		t.Errorf("%d messages are marked official-sensitive", set.GetCardinality())
	}
}

// TestNoQuarantineNoCapture wants marked mail to be captured nowhere rather than
// in a vault that is not for it.
func TestNoQuarantineNoCapture(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	src.OnMarking = ingest.MarkedQuarantine
	write(t, dir, "a.eml", []byte(marked))
	if _, err := b.pipe.Run(t.Context(), src); !errors.Is(err, archive.ErrNoVault) {
		t.Errorf("without a quarantine vault: %v", err)
	}
	live, err := b.Catalog.Live(t.Context())
	must(t, err)
	if !live.IsEmpty() {
		t.Error("something was captured")
	}
}
