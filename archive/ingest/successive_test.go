package ingest_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/connectortest"
)

const pumps = "WhatsApp Chat with Pumps.txt"

const may = `03/05/2026, 09:00 - Ann Reed: The pumps are at Upton
03/05/2026, 09:01 - Bob Hay: Shall we sign today?
03/05/2026, 09:02 - Ann Reed: Yes, sign it
03/05/2026, 09:03 - Bob Hay: The price is 40 a head
03/05/2026, 09:03 - Bob Hay: ok
03/05/2026, 09:03 - Bob Hay: ok
13/05/2026, 09:04 - Ann Reed: Send the minutes to the clerk
13/05/2026, 09:05 - Bob Hay: See you at the gate
13/05/2026, 09:06 - Ann Reed: Thanks, noted for the file
`

// june is the same chat a month later, on a phone where things were done to it.
const june = `03/05/2026, 09:00 - Ann Reed: The pumps are at Upton
03/05/2026, 09:01 - Bob Hay: Shall we sign today?
03/05/2026, 09:03 - Bob Hay: The price is 90 a head
03/05/2026, 09:03 - Bob Hay: ok
03/05/2026, 09:03 - Bob Hay: ok
13/05/2026, 09:04 - Ann Reed: Send the minutes to the mayor <This message was edited>
13/05/2026, 09:05 - Bob Hay: This message was deleted
13/05/2026, 09:06 - Ann Reed: Thanks, noted for the file
14/05/2026, 09:00 - Ann Reed: Good morning
`

// capture drops one export after the other, each into a run of its own, and
// returns the one chat that they are of.
func (b *bench) capture(t *testing.T, src ingest.Source, dir string, texts ...string) catalog.Chat {
	t.Helper()
	for _, text := range texts {
		write(t, dir, pumps, []byte(text))
		b.run(t, src)
	}
	chats, err := b.Catalog.Chats(t.Context(), "")
	must(t, err)
	if len(chats) != 1 {
		t.Fatalf("%d chats", len(chats))
	}
	return chats[0]
}

// kinds lists a chat's notices.
func (b *bench) kinds(t *testing.T, chat string) []string {
	t.Helper()
	notices, err := b.Catalog.ChatNotices(t.Context(), chat)
	must(t, err)
	var all []string
	for _, n := range notices {
		all = append(all, n.Kind)
	}
	return all
}

// relations lists a chat's days with how they stand to their earlier versions.
func (b *bench) relations(t *testing.T, chat string) []string {
	t.Helper()
	days, err := b.Catalog.ChatDays(t.Context(), chat)
	must(t, err)
	var all []string
	for _, d := range days {
		all = append(all, strings.TrimSpace(d.Date+" "+d.Relation))
	}
	return all
}

func equal(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestSuccessiveExports(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	chat := b.capture(t, src, dir, may)
	before := b.Check(t)
	b.capture(t, src, dir, june)
	equal(t, "days", b.relations(t, chat.ID), "2026-05-03", "2026-05-03 alters", "2026-05-13", "2026-05-13 restates", "2026-05-14")
	equal(t, "notices", b.kinds(t, chat.ID), "altered_without_marker", "vanished", "deleted_for_everyone", "edited")
	after := b.Check(t)
	for id := range before {
		if _, ok := after[id]; !ok {
			t.Errorf("record %s is gone", id.Short())
		}
	}
	for flag, want := range map[record.Flag]uint64{record.FlagDiffers: 2, record.FlagVanished: 1, record.FlagDeleted: 2, record.FlagEdited: 2, record.FlagLate: 0} {
		marked, err := b.Catalog.Match(t.Context(), catalog.PropIs, string(flag))
		must(t, err)
		if marked.GetCardinality() != want {
			t.Errorf("%d messages are %s, want %d", marked.GetCardinality(), flag, want)
		}
	}

	// The same again, under any name, says nothing new.
	write(t, dir, "again.txt", []byte(june))
	b.run(t, src)
	if n := len(b.kinds(t, chat.ID)); n != 4 {
		t.Errorf("%d notices after the same export", n)
	}
}

func TestFindingsNameBothCaptures(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	chat := b.capture(t, src, dir, may, june)
	exports, err := b.Catalog.ChatExports(t.Context(), chat.ID)
	must(t, err)
	days, err := b.Catalog.ChatDays(t.Context(), chat.ID)
	must(t, err)
	notices, err := b.Catalog.ChatNotices(t.Context(), chat.ID)
	must(t, err)
	f := notices[0].Finding
	if f == nil || len(exports) != 2 || f.Earlier != exports[0].Record || f.Later != exports[1].Record || f.Confidence != "strong" {
		t.Fatalf("%+v", f)
	}
	if want := []record.MessageRun{{Record: days[0].Record, From: 4, To: 4}}; !slices.Equal(f.A, want) {
		t.Errorf("earlier: %v", f.A)
	}
	if want := []record.MessageRun{{Record: days[1].Record, From: 3, To: 3}}; !slices.Equal(f.B, want) {
		t.Errorf("later: %v", f.B)
	}
	for _, n := range notices {
		if strings.Contains(n.Text, "price") || strings.Contains(n.Text, "minutes to") {
			t.Errorf("a notice holds what a message says: %s", n.Text)
		}
	}
}

// Messages that comparing matched are one copy group, so that a reader sees
// them once; two that merely look alike are not.
func TestCopiesAcrossExports(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	chat := b.capture(t, src, dir, may, june)
	messages, err := b.Catalog.ChatMessages(t.Context(), chat.ID)
	must(t, err)
	groups, total := map[string]int{}, 0
	for _, day := range messages {
		for _, m := range day {
			groups[string(m.Copy)]++
			total++
		}
	}
	// Nine messages and nine; five are in both, word for word: three of them
	// in new versions of days, with both of the two that say "ok".
	if total != 18 || len(groups) != 13 {
		t.Errorf("%d messages in %d groups", total, len(groups))
	}
}

// An older export that arrives late accuses nobody of anything.
func TestOlderExportArrivesLate(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	chat := b.capture(t, src, dir, june, may)
	notices, err := b.Catalog.ChatNotices(t.Context(), chat.ID)
	must(t, err)
	exports, err := b.Catalog.ChatExports(t.Context(), chat.ID)
	must(t, err)
	for _, n := range notices {
		if n.Finding == nil || n.Finding.Earlier != exports[1].Record || n.Finding.Later != exports[0].Record {
			t.Errorf("%s: %+v", n.Kind, n.Finding)
		}
	}
	equal(t, "notices", b.kinds(t, chat.ID), "altered_without_marker", "vanished", "deleted_for_everyone", "edited")
}

// Where two exports end alike nothing tells which was made first, and an edit
// is no alteration.
func TestOrderOfExportsThatEndAlike(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	edited := strings.Replace(may, "to the clerk", "to the mayor <This message was edited>", 1)
	chat := b.capture(t, src, dir, edited, may)
	equal(t, "notices", b.kinds(t, chat.ID), "edited")
}

func TestGrownAndTruncatedExportsAccuseNobody(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	chat := b.capture(t, src, dir, may, may+"13/05/2026, 21:00 - Bob Hay: Good night\n")
	equal(t, "days", b.relations(t, chat.ID), "2026-05-03", "2026-05-13", "2026-05-13 extends")
	equal(t, "notices", b.kinds(t, chat.ID))
	_, tail, _ := strings.Cut(may, "09:03 - Bob Hay: ok\n")
	b.capture(t, src, dir, tail+"13/05/2026, 21:00 - Bob Hay: Good night\n15/05/2026, 08:00 - Bob Hay: Morning\n")
	equal(t, "after truncation", b.kinds(t, chat.ID), "head_truncated")
	vanished, err := b.Catalog.Match(t.Context(), catalog.PropIs, string(record.FlagVanished))
	must(t, err)
	if !vanished.IsEmpty() {
		t.Errorf("%v vanished", vanished)
	}
}

// Another custodian's phone bears out what it has; what it lacks is no finding.
func TestAnotherCustodiansExport(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	chat := b.capture(t, src, dir, may)
	other, otherDir := b.drop(t)
	other.Name, other.Custodian = "second phone", "deputy"
	theirs := strings.Replace(may, "03/05/2026, 09:02 - Ann Reed: Yes, sign it\n", "", 1)
	b.capture(t, other, otherDir, theirs)
	equal(t, "notices", b.kinds(t, chat.ID), "corroboration")
	notices, err := b.Catalog.ChatNotices(t.Context(), chat.ID)
	must(t, err)
	for _, want := range []string{"8 messages of export", "custodian minister", "0 are only in the first and 1 only in the second"} {
		if !strings.Contains(notices[0].Text, want) {
			t.Errorf("no %q in %q", want, notices[0].Text)
		}
	}
	b.capture(t, other, otherDir, strings.Replace(theirs, "The price is 40", "The price is 90", 1))
	equal(t, "then altered", b.kinds(t, chat.ID)[1:2], "altered_without_marker")
}

// What an export shows by itself is told once, however many exports show it.
func TestNoticesAreJournalledOnce(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	timer := "03/05/2026, 08:59 - Ann Reed turned on disappearing messages. New messages will disappear from this chat 24 hours after they're sent, except when kept. Tap to change.\n"
	first := timer + may
	chat := b.capture(t, src, dir, first)
	equal(t, "first", b.kinds(t, chat.ID), "disappearing_on", "disappearing_in_effect")
	b.capture(t, src, dir, first+"13/05/2026, 09:30 - Bob Hay: Good night\n")
	equal(t, "second", b.kinds(t, chat.ID), "disappearing_on", "disappearing_in_effect", "disappearing_in_effect")
	notices, err := b.Catalog.ChatNotices(t.Context(), chat.ID)
	must(t, err)
	if !strings.Contains(notices[1].Text, "must come by 14 May 2026 09:06") || !strings.Contains(notices[2].Text, "must come by 14 May 2026 09:30") {
		t.Errorf("%q, %q", notices[1].Text, notices[2].Text)
	}
}

// Two exports of one chat in one e-mail are of one chat.
func TestTwoExportsInOneMail(t *testing.T) {
	b := newBench(t)
	s := connectortest.StartServer(t)
	var mail strings.Builder
	mail.WriteString("From: Tom <tom@env.example>\r\nTo: office@env.example\r\nDate: Thu, 21 May 2026 09:00:00 +0100\r\nSubject: chats\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n")
	for _, text := range []string{may, june} {
		mail.WriteString("--b\r\nContent-Type: text/plain; name=\"" + pumps + "\"\r\nContent-Disposition: attachment; filename=\"" + pumps +
			"\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(text)) + "\r\n")
	}
	mail.WriteString("--b--\r\n")
	s.Folder("INBOX").Add([]byte(mail.String()))
	b.run(t, b.mailbox(t, s))
	chats, err := b.Catalog.Chats(t.Context(), "")
	must(t, err)
	exports, err := b.Catalog.Exports(t.Context(), "")
	must(t, err)
	if len(chats) != 1 || len(exports) != 2 {
		t.Errorf("%d chats of %d exports", len(chats), len(exports))
	}
}
