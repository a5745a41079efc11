package mailfiles_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/mailfiles"
)

const plist = `<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict>
<key>date-received</key><integer>1777885200</integer><key>flags</key><integer>8590195729</integer></dict></plist>`

// tree writes files below a new folder and returns it.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, octets := range files {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			continue
		}
		if err := os.WriteFile(full, []byte(octets), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// walk describes what is found: key without digest, folder, flags, octets.
func walk(t testing.TB, root string) (got []string) {
	t.Helper()
	var all []*mailfiles.Found
	for f, err := range mailfiles.Walk(t.Context(), root) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	for _, f := range all { // after the walk: what is found can be opened at any time
		key, digest, _ := strings.Cut(f.Key, "@")
		switch {
		case f.Excluded != "":
			got = append(got, key+" excluded "+string(f.Excluded))
			continue
		case f.Reason != "":
			got = append(got, key+" failed "+f.Err.Error())
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		octets, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		if sum := record.Sum(octets); sum != f.Digest || int64(len(octets)) != f.Size || digest != sum.String()[:16] {
			t.Errorf("%s: the digest is not that of the octets", f.Key)
		}
		line := fmt.Sprintf("%s [%s] %v %q", key, f.Folder, f.Flags, octets)
		if f.Form == connectors.FormChatExport {
			line += " chat"
		}
		got = append(got, line)
	}
	return got
}

func TestWalk(t *testing.T) {
	dir := tree(t, map[string]string{
		"a/letter.eml":            "Subject: a\n\nx",
		"a/17":                    "Received: by b\nSubject: MH\n\nx",
		"a/Thunderbird":           "From - Mon May  4 09:00:00 2026\nSubject: 1\n\n>From here\n\nFrom - Mon May  4 09:00:00 2026\nSubject: 2\n\ny\n\n",
		"a/Thunderbird.msf":       "// <!-- <mdb:mork:z v=\"1.4\"/> -->",
		"box/cur/1:2,RS":          "Subject: c\n\n",
		"box/new/2":               "no field at all",
		"box/tmp/3":               "half",
		"box/.Sent.2026/cur/4":    "Subject: d\n\n",
		"box/.Sent.2026/new/.x":   "",
		"box/.Sent.2026/tmp/.x":   "",
		"box/dovecot.index.log":   "server's own",
		"apple/1.emlx":            "14        \nSubject: e\n\nx\n" + plist,
		"apple/2.partial.emlx":    "14\nSubject: e\n\nx\n" + plist,
		"apple/3.emlx":            "99999\nSubject: e\n\nx\n",
		"apple/4.emlx":            "Subject: e\n\nx\n",
		"chats/export.zip":        "PK\x03\x04",
		"chats/WhatsApp Chat.txt": "1/5/26, 09:00 - A: x",
		"store.pst":               "!BDN....",
		"letter.docx":             "PK\x03\x04",
		"note.msg":                "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
		"sheet.xls":               "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
		"empty.eml":               "",
	})
	if err := os.Symlink("a/letter.eml", filepath.Join(dir, "link.eml")); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`a/17 [a] [] "Received: by b\nSubject: MH\n\nx"`,
		`a/Thunderbird#0 [a/Thunderbird] [] "Subject: 1\n\nFrom here\n"`,
		`a/Thunderbird#56 [a/Thunderbird] [] "Subject: 2\n\ny\n"`,
		`a/Thunderbird.msf excluded not_a_mail`,
		`a/letter.eml [a] [] "Subject: a\n\nx"`,
		`apple/1.emlx [apple] [\Seen \Flagged] "Subject: e\n\nx\n"`,
		`apple/2.partial.emlx failed the message is stored without its attachments: export the mailbox from Apple Mail instead, which writes a mailbox file`,
		`apple/3.emlx failed it is shorter than it says, or says nothing`,
		`apple/4.emlx failed it is shorter than it says, or says nothing`,
		`box/.Sent.2026/cur/4 [box/.Sent.2026] [] "Subject: d\n\n"`,
		`box/cur/1:2,RS [box] [\Answered \Seen] "Subject: c\n\n"`,
		`box/new/2 [box] [] "no field at all"`,
		`chats/WhatsApp Chat.txt [chats] [] "1/5/26, 09:00 - A: x" chat`,
		`chats/export.zip [chats] [] "PK\x03\x04" chat`,
		`empty.eml excluded not_a_mail`,
		`letter.docx excluded not_a_mail`,
		`link.eml excluded not_a_mail`,
		fmt.Sprintf("note.msg [] [] %q", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
		`sheet.xls excluded not_a_mail`,
		`store.pst failed an Outlook data file is not read as it is`,
	}
	got := walk(t, dir)
	for i := range max(len(got), len(want)) {
		var g, w string
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("%d:\n got %s\nwant %s", i, g, w)
		}
	}
	if n, err := mailfiles.Total(dir); err != nil || n < 500 {
		t.Errorf("total %d, %v", n, err)
	}
}

func TestAppleDate(t *testing.T) {
	dir := tree(t, map[string]string{"1.emlx": "14\nSubject: e\n\nx\n" + plist})
	for f, err := range mailfiles.Walk(t.Context(), filepath.Join(dir, "1.emlx")) {
		if err != nil || f.Received.Unix() != 1777885200 {
			t.Errorf("received %v, %v", f.Received, err)
		}
	}
}

func TestRootsThatAreNone(t *testing.T) {
	for _, err := range mailfiles.Walk(t.Context(), filepath.Join(t.TempDir(), "nothing")) {
		if !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%v", err)
		}
	}
}

func TestWalkStopsWhenNobodyLooks(t *testing.T) {
	dir := tree(t, map[string]string{"1.eml": "Subject: a\n\n", "2.eml": "Subject: b\n\n"})
	n := 0
	for range mailfiles.Walk(t.Context(), dir) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d", n)
	}
}

func FuzzEmlx(f *testing.F) {
	f.Add("14\nSubject: e\n\nx\n" + plist)
	f.Add("0\n<plist><dict><key>flags</key><integer>x")
	f.Fuzz(func(t *testing.T, octets string) {
		walk(t, tree(t, map[string]string{"m.emlx": octets}))
	})
}
