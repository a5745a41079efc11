package readpst

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSettle(t *testing.T) {
	message := func(outer, inner, calendar, now string) string {
		return strings.NewReplacer("OUTER", outer, "INNER", inner, "MEETING", calendar, "NOW", now).Replace(`Content-Type: multipart/mixed;
	boundary="--boundary-LibPST-iamunique-OUTER_-_-"

----boundary-LibPST-iamunique-OUTER_-_-
Content-Type: multipart/alternative; boundary="alt---boundary-LibPST-iamunique-OUTER_-_-"

boundary-LibPST-iamunique- is what they are called, and DTSTAMP:20261122T095918Z is no calendar's
----boundary-LibPST-iamunique-OUTER_-_-
Content-Type: text/calendar; charset="utf-8"; name="iMEETING.ics"
Content-Disposition: attachment; filename="iMEETING.ics"

BEGIN:VCALENDAR
VERSION:2.0
PRODID:LibPST v0.6.76
BEGIN:VEVENT
UID:0xaba4
DTSTAMP:NOW
CREATED:20210812T203155Z
----boundary-LibPST-iamunique-OUTER_-_-
Content-Type: text/calendar; name="invite.ics"

PRODID:-//Another
DTSTAMP:20210812T203155Z
----boundary-LibPST-iamunique-OUTER_-_-
Content-Type: message/rfc822

Content-Type: multipart/mixed; boundary="--boundary-LibPST-iamunique-INNER_-_-"

----boundary-LibPST-iamunique-INNER_-_---
----boundary-LibPST-iamunique-OUTER_-_---
`)
	}
	want := message("1", "3", "2", "19700101T000000Z")
	for _, random := range [][4]string{
		{"156206642", "394200548", "497512913", "20261122T095918Z"},
		{"7", "1048749456", "8", "20270101T000000Z"},
		{"3", "2", "1", "19990101T000000Z"},
	} {
		if got := string(settle([]byte(message(random[0], random[1], random[2], random[3])))); got != want {
			t.Errorf("%v: %s", random, got)
		}
	}
	if plain := "Subject: no parts\n\nnone\n"; string(settle([]byte(plain))) != plain {
		t.Error("a message without such boundaries was changed")
	}
}

// TestUnpack runs the real program on what is no data file, whatever it begins
// with. Real ones are too large, and not ours, to keep here.
func TestUnpack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "broken.pst")
	if err := os.WriteFile(file, []byte("!BDN"+strings.Repeat("\x00", 600)), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	err := Unpack(t.Context(), file, dir)
	if err == nil || errors.Is(err, ErrMissing) {
		t.Errorf("Unpack: %v; the tests need pst-utils", err)
	}
	t.Setenv("PATH", t.TempDir())
	if err := Unpack(t.Context(), file, dir); !errors.Is(err, ErrMissing) {
		t.Errorf("without the program: %v", err)
	}
}
