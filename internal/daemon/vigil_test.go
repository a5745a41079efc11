package daemon

import (
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/retention"
)

func TestEndangered(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	for name, tc := range map[string]struct {
		danger
		want string
	}{
		"read just now":                 {danger{read: ago(0)}, ""},
		"44 days without a reading":     {danger{read: ago(44)}, ""},
		"46 days without a reading":     {danger{read: ago(46)}, "was last read to its end 2026-10-07 09:00 UTC"},
		"91 days without a reading":     {danger{read: ago(91)}, "messages may be lost already"},
		"an unreadable message, 46 d":   {danger{read: ago(0), owed: ago(46)}, "a message that cannot be read was first seen 2026-10-07"},
		"an unreadable message, 10 d":   {danger{read: ago(0), owed: ago(10)}, ""},
		"never read, started yesterday": {danger{started: ago(1)}, ""},
		"never read in 46 days":         {danger{started: ago(46)}, "it has never been read to its end"},
		"polled twice a year":           {danger{read: ago(0), next: now.AddDate(0, 0, 60)}, "is read again only 2027-01-21"},
	} {
		tc.rule = retention.Period{Days: 90}
		got := endangered(tc.danger, now)
		if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
		if got != "" && !strings.Contains(got, "deletes messages after 90 days") {
			t.Errorf("%s: %q does not name the rule", name, got)
		}
	}
}

func TestExpiry(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for day, want := range map[string]string{"2026-12-24": "", "2026-12-20": "in 27 days", "2026-11-22": "expired on 2026-11-22", "2020-01-01": "expired"} {
		d, err := record.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		if got := expiry(&configs.IMAP{SecretExpires: d}, now, time.UTC); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", day, got, want)
		}
	}
	if got := expiry(&configs.IMAP{}, now, time.UTC); got != "" {
		t.Errorf("no date: %q", got)
	}
}
