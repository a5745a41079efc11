package daemon_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// plants are words, names and addresses that occur nowhere else.
func plants(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	all := make([]string, n)
	for i := range all {
		var b strings.Builder
		for range 10 {
			b.WriteByte("bcdfghklmnprstvz"[r.IntN(16)])
			b.WriteByte("aeiou"[r.IntN(5)])
		}
		all[i] = b.String()
		if i%4 == 1 {
			all[i] += "@" + all[i-1] + ".example"
		}
	}
	return all
}

// forms are what a word may stand as in a file: as it is, capitalised, in
// UTF-16, and in base64 at each of the three alignments.
func forms(word string) map[string][]byte {
	all := map[string][]byte{"UTF-8": []byte(word), "capitals": []byte(strings.ToUpper(word))}
	var little, big []byte
	for _, u := range utf16.Encode([]rune(word)) {
		little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
	}
	all["UTF-16LE"], all["UTF-16BE"] = little, big
	for shift := range 3 {
		// Only what is whole in every neighbourhood can be looked for.
		coded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + word))
		all[fmt.Sprint("base64, shifted by ", shift)] = []byte(coded[4 : len(coded)-4])
	}
	return all
}

func walk(dir string, f func(path string, b []byte) error) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return f(path, b)
	})
}

// TestNothingReadable captures mails and chats in which 200 words and
// addresses were planted, in every place where a message has words, searches
// and reads them, and then looks for them in every file that the daemon wrote
// and in its log at its most talkative.
func TestNothingReadable(t *testing.T) {
	h := build(t, true, true, true, true)
	words := plants(200)
	for i := 0; i < 160; i += 8 {
		w := words[i : i+8]
		h.server.Folder("Folder " + w[0]).Add(fmt.Appendf(nil, "From: %s <%s>\r\nTo: %s <%s>\r\nSubject: %s\r\nDate: Thu, 14 May 2026 09:00:00 +0100\r\n"+
			"Message-ID: <%s@x.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nWord %s.\r\n"+
			"--b\r\nContent-Type: text/plain; name=\"%s.txt\"\r\nContent-Disposition: attachment; filename=\"%s.txt\"\r\n\r\nInside %s.\r\n--b--\r\n",
			w[0], w[1], w[2], w[5], w[3], w[4], w[6], w[7], w[7], w[4]))
	}
	var chat strings.Builder
	for i := 160; i < 198; i++ {
		fmt.Fprintf(&chat, "[14/05/2026, 09:%02d:00] %s: I say %s\r\n", i-160, words[160+i%3], words[i])
	}
	chat.WriteString("[31/05/2026, 10:00:00] " + words[160] + ": the end\r\n")
	must(t, os.WriteFile(h.path("drop/WhatsApp Chat - "+words[198]+".txt"), []byte(chat.String()), 0o600))
	must(t, os.WriteFile(h.path("drop/"+words[199]+".docx"), []byte(words[199]), 0o600)) // refused, by name

	s := h.serve(t)
	s.capture(t)
	found := 0
	for _, w := range words[:198] {
		found += min(s.search(t, w).Total, 1)
	}
	if found < 180 { // the first words of folders and threads are in the catalog
		t.Errorf("only %d of the words are found by searching", found)
	}
	for _, hit := range s.search(t, words[6]).Hits {
		_, _, err := s.reader().Open(t.Context(), string(hit.ID), words[6])
		must(t, err)
	}
	call[v1.Hold](t, s, "POST", "/v1/holds", record.HoldPlaced{Hold: "H1", Type: "foi", Matter: words[3], Scope: record.Scope{Query: words[6]}})
	must(t, s.end(t))

	files, octets := 0, 0
	look := func(path string, b []byte) error {
		files, octets = files+1, octets+len(b)
		for _, w := range words {
			for form, text := range forms(w) {
				if bytes.Contains(b, text) {
					t.Errorf("%s holds %q (%s)", path, w, form)
				}
				if strings.Contains(path, w) {
					t.Errorf("%s is named %q", path, w)
				}
			}
		}
		return nil
	}
	must(t, walk(h.path("bucket"), look))
	must(t, walk(h.path("state"), look))
	must(t, look("the log", h.log.bytes()))
	if files < 30 {
		t.Errorf("only %d files were looked at", files)
	}
	t.Logf("%d words in %d files, %d octets", len(words), files, octets)
}
