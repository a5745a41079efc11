package demo

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/emersion/go-message/charset"
)

func letters(t *testing.T) []Letter {
	t.Helper()
	all, err := Letters()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func find(t *testing.T, folder, name string) Letter {
	t.Helper()
	for _, l := range letters(t) {
		if l.Folder == folder && l.Name == name {
			return l
		}
	}
	t.Fatalf("there is no sample %s in %s", name, folder)
	return Letter{}
}

func TestTheMailboxHoldsWhatTheDemoCounts(t *testing.T) {
	got := map[string]int{}
	octets := map[string]string{}
	copies := 0
	for _, l := range letters(t) {
		got[l.Folder]++
		if _, ok := octets[string(l.Octets)]; ok {
			copies++
		}
		octets[string(l.Octets)] = l.Name
	}
	for folder, want := range map[string]int{Inbox: 24, Sent: 9, Upton: 10, Drafts: 1} {
		if got[folder] != want {
			t.Errorf("%s holds %d letters, want %d", folder, got[folder], want)
		}
	}
	if copies != 1 {
		t.Errorf("%d letters are copies of another, want 1", copies)
	}
}

func TestLettersAreOctetsOfAServer(t *testing.T) {
	address := regexp.MustCompile(`[\w.+-]+@[\w.-]+`)
	for _, l := range letters(t) {
		if bytes.Contains(bytes.ReplaceAll(l.Octets, []byte("\r\n"), nil), []byte("\n")) {
			t.Errorf("%s has a line that ends in a bare LF", l.Name)
		}
		for _, found := range address.FindAllString(string(l.Octets), -1) {
			if !strings.HasSuffix(strings.TrimRight(found, "."), ".example") {
				t.Errorf("%s names %s, which may be somebody's", l.Name, found)
			}
		}
		if l.Received.Year() < 2024 || l.Received.Year() > 2026 {
			t.Errorf("%s was received in %d", l.Name, l.Received.Year())
		}
	}
}

// TestLettersParse reads every letter with the standard library, a reader that
// forgives nothing, down to the last octet of every part.
func TestLettersParse(t *testing.T) {
	for _, l := range letters(t) {
		parts, err := parse(l.Octets)
		if l.Name == "broken" {
			if err == nil {
				t.Error("the broken letter is not broken")
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", l.Name, err)
		}
		if parts == 0 {
			t.Errorf("%s has no part", l.Name)
		}
	}
}

func TestWhatTheLettersShow(t *testing.T) {
	tests := []struct{ folder, name, holds string }{
		{Inbox, "sitrep7", "application/pdf"},
		{Inbox, "sitrep7", "image/png"},
		{Inbox, "sandbags-pugh", "wordprocessingml"},
		{Inbox, "recruitment", "text/csv"},
		{Inbox, "flood-call", "text/calendar"},
		{Inbox, "mp-letter", "text/vcard"},
		{Inbox, "rates-pgp", "BEGIN PGP MESSAGE"},
		{Inbox, "evacuation-smime", "smime-type=enveloped-data"},
		{Inbox, "fw-complaint", "message/rfc822"},
		{Inbox, "bounce", "message/delivery-status"},
		{Inbox, "pumps-polish", "iso-8859-2"},
		{Inbox, "lab-japanese", "ISO-2022-JP"},
		{Inbox, "greek", "iso-8859-7"},
		{Inbox, "bulletin-koi8", "koi8-r"},
		{Inbox, "telemetry", "Date: Tue, 1 Jan 1980"},
		{Inbox, "welsh", "filename*=utf-8''"},
		{Sent, "sandbags-bcc", "\r\nBcc: Permanent Secretary"},
		{Upton, "minutes", "format=flowed"},
		{Upton, "photographs", "application/zip"},
	}
	for _, tt := range tests {
		if !bytes.Contains(find(t, tt.folder, tt.name).Octets, []byte(tt.holds)) {
			t.Errorf("%s does not hold %q", tt.name, tt.holds)
		}
	}
	html := find(t, Inbox, "lines-html").Octets
	if bytes.Contains(html, []byte("text/plain")) {
		t.Error("the letter that is HTML only has a plain part")
	}
}

func TestParseNameRefusesOthers(t *testing.T) {
	for _, file := range []string{"", ".eml", "20260514-081204.eml", "20261314-081204-x.eml", "20260514-081204-x.txt"} {
		if _, _, err := parseName(file); err == nil {
			t.Errorf("%q was taken for a sample's name", file)
		}
	}
}

// parse reads a message to its end and returns how many leaves it has.
func parse(octets []byte) (leaves int, err error) {
	m, err := mail.ReadMessage(bytes.NewReader(octets))
	if err != nil {
		return 0, err
	}
	decoder := mime.WordDecoder{CharsetReader: charset.Reader}
	if _, err := decoder.DecodeHeader(m.Header.Get("Subject")); err != nil {
		return 0, err
	}
	if _, err := m.Header.Date(); err != nil {
		return 0, err
	}
	return parsePart(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
}

func parsePart(contentType, encoding string, body io.Reader) (leaves int, err error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return 0, err
	}
	switch {
	case strings.HasPrefix(media, "multipart/"):
		r := multipart.NewReader(body, params["boundary"])
		for {
			p, err := r.NextRawPart()
			if err == io.EOF {
				return leaves, nil
			} else if err != nil {
				return leaves, err
			}
			n, err := parsePart(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
			if err != nil {
				return leaves, err
			}
			leaves += n
		}
	case encoding == "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case encoding == "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	decoded, err := io.ReadAll(body)
	if err != nil {
		return 0, err
	}
	return 1, check(media, params, decoded)
}

// check looks that a leaf is what it says it is.
func check(media string, params map[string]string, decoded []byte) error {
	switch {
	case strings.HasPrefix(media, "text/") && params["charset"] != "":
		r, err := charset.Reader(params["charset"], bytes.NewReader(decoded))
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, r)
		return err
	case media == "message/rfc822":
		_, err := parse(decoded)
		return err
	case media == "application/zip" || filepath.Ext(params["name"]) == ".docx":
		_, err := zip.NewReader(bytes.NewReader(decoded), int64(len(decoded)))
		return err
	}
	return nil
}
