package configs

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s:\n%s", path, d)
	}
}

func TestExampleLoads(t *testing.T) {
	c, err := Load("closeroll.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	if want := Path(filepath.Join(here, "schedules", "example.yaml")); c.Schedule != want {
		t.Errorf("schedule %s, want %s", c.Schedule, want)
	}
	if c.State != "/var/lib/closeroll" || c.Store.S3.AccessKeyFile != "/run/credentials/closeroll.service/s3-access-key" {
		t.Errorf("absolute paths moved: %s, %s", c.State, c.Store.S3.AccessKeyFile)
	}
	office, chats, foi := c.Sources[0], c.Sources[1], c.Sources[2]
	if office.IMAP.Port != 993 || office.Channel != record.Corporate || office.IMAP.Connections != 2 || office.SilentAfter != 24*time.Hour {
		t.Errorf("private office: %+v %+v", office, office.IMAP)
	}
	if chats.Channel != record.NonCorporate || chats.Dropfolder.RefusedFor != (retention.Period{Days: 90}) || chats.Dropfolder.DateOrder != "" || !chats.Dropfolder.KeepDropped.IsZero() {
		t.Errorf("chats: %+v %+v", chats, chats.Dropfolder)
	}
	minister, permsec := c.Custodians[0], c.Custodians[1]
	if minister.ExportsEvery != (retention.Period{Days: 7}) || minister.Attests != "quarterly" || permsec.Attests != "yearly" || c.Custodians[2].Attests != "none" ||
		len(minister.Channels) != 2 || minister.Channels[1].Channel != record.NonCorporate || minister.DeviceChanges[0] != (record.Date{Year: 2026, Month: 9, Day: 14}) {
		t.Errorf("custodians: %+v, %+v", minister, permsec)
	}
	if foi.IMAP.Port != 143 || foi.Poll.String() != "@every 5m" || c.Alerts.SMTP.Port != 587 || c.Limits.Item != 64<<30 {
		t.Errorf("defaults: %+v, %s, %+v, %+v", foi.IMAP, foi.Poll, c.Alerts.SMTP, c.Limits)
	}
}

func TestExampleScheduleLoads(t *testing.T) {
	s, err := retention.Load(ExampleSchedule())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Classes) != 20 || s.Status != retention.Sample {
		t.Errorf("%d classes, status %s; want twenty and sample", len(s.Classes), s.Status)
	}
	for _, c := range []struct {
		f     record.Facts
		class string
	}{
		{record.Facts{Role: "minister", Kind: record.ChatDay, Significance: "logistical"}, "MIN-01"},
		{record.Facts{Role: "official", Grade: "SCS2"}, "SEN-01"},
		{record.Facts{Role: "official", Significance: "logistical"}, "ADM-00"},
		{record.Facts{Role: "official"}, "ADM-01"},
		{record.Facts{Mailbox: "data.protection@x", Subject: "Data breach at Upton"}, "SEC-01"},
		{record.Facts{Mailbox: "data.protection@x", Subject: "Access request"}, "SAR-01"},
		{record.Facts{Role: "minister", Folder: "Flood Inquiry/Module 2"}, "INQ-01"},
		{record.Facts{}, "UNC-00"},
	} {
		if got := s.Assign(&c.f, retention.Manual{}).Class; got != c.class {
			t.Errorf("%+v is in %s, want %s", c.f, got, c.class)
		}
	}
}

func TestBadSamplesAreRefusedWithEveryProblem(t *testing.T) {
	names, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("no bad samples: %v", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Parse(data, "/etc/closeroll")
		problems, ok := errors.AsType[Problems](err)
		if c != nil || !ok {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: a problem shows a secret: %v", name, err)
		}
		golden(t, strings.TrimSuffix(name, ".yaml")+".golden", problems.Error()+"\n")
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	_, err := Load("testdata/bad/not-yaml.yaml")
	if err == nil || !strings.HasPrefix(err.Error(), "testdata/bad/not-yaml.yaml:\nline 1: ") {
		t.Errorf("%v", err)
	}
	if _, err := Load("testdata/none.yaml"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestParseCron(t *testing.T) {
	for _, good := range []string{"*/5 * * * *", "@hourly", "@every 10m", "0 6 * * 1-5"} {
		c, err := ParseCron(good)
		at := time.Date(2026, 3, 29, 0, 59, 0, 0, time.FixedZone("BST", 3600))
		if err != nil || !c.Next(at).After(at) || c.Next(at).Location() != time.UTC || c.String() != good {
			t.Errorf("%s: %v, next %s", good, err, c.Next(at))
		}
	}
	for _, bad := range []string{"", "TZ=0", "CRON_TZ=", "TZ=Europe/London 0 1 * * *", "0 0 30 2 *", "* * * *", "@sometimes", "@every -", "61 * * * *"} {
		if c, err := ParseCron(bad); err == nil {
			t.Errorf("%q was read; it next comes at %s", bad, c.Next(time.Unix(0, 0)))
		}
	}
	if next := (Cron{}).Next(time.Unix(0, 0)); !next.IsZero() {
		t.Errorf("no expression comes at %s", next)
	}
}

func TestSize(t *testing.T) {
	for in, want := range map[string]Size{"64MiB": 64 << 20, "8 GiB": 8 << 30, "500kB": 500_000, "1B": 1, "2TB": 2e12} {
		var got Size
		if err := got.UnmarshalText([]byte(in)); err != nil || got != want {
			t.Errorf("%s: %d, %v", in, got, err)
		}
	}
	for _, bad := range []string{"", "64", "-1MiB", "0GiB", "1.5GiB", "MiB", "9999999TiB", "64mb"} {
		var got Size
		if err := got.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q was read as %d", bad, got)
		}
	}
}

func TestSecret(t *testing.T) {
	dir := t.TempDir()
	for content, want := range map[string]string{"hunter2\n": "hunter2", "two words\r\n": "two words", " x ": " x ", "\n": "", strings.Repeat("x", maxSecret+1): ""} {
		file := filepath.Join(dir, "secret")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Path(file).Secret()
		if string(got) != want || (err == nil) != (want != "") {
			t.Errorf("%.10q: %q, %v", content, got, err)
		}
		if err != nil && !strings.Contains(err.Error(), file) {
			t.Errorf("the error does not name the file: %v", err)
		}
	}
	if _, err := Path(dir).Secret(); err == nil {
		t.Error("a folder was read as a secret")
	}
}

// TestEveryKeyIsDocumented: the reference is the doc tags, so none may lack one.
func TestEveryKeyIsDocumented(t *testing.T) {
	var keys func(typ reflect.Type, path string)
	keys = func(typ reflect.Type, path string) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || !hasKeys(typ) {
			return
		}
		for i := range typ.NumField() {
			f := typ.Field(i)
			if f.Tag.Get("yaml") == "-" {
				continue
			}
			if f.Tag.Get("yaml") == "" || f.Tag.Get("doc") == "" {
				t.Errorf("%s.%s has no key or no doc", path, f.Name)
			}
			keys(f.Type, path+"."+f.Name)
		}
	}
	keys(reflect.TypeFor[Config](), "Config")
	var b bytes.Buffer
	if err := Reference(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/reference.golden", b.String())
}

func TestServiceUnitMatchesTheExample(t *testing.T) {
	unit, example := string(Service()), string(Example())
	for _, line := range strings.Split(unit, "\n") {
		if name, ok := strings.CutPrefix(line, "LoadCredentialEncrypted="); ok && !strings.Contains(example, "closeroll.service/"+name+"\n") {
			t.Errorf("the unit loads credential %s, which the example does not name", name)
		}
	}
	for _, want := range []string{"Type=notify", "ProtectSystem=strict", "NoNewPrivileges=true", "LimitCORE=0"} {
		if !strings.Contains(unit, fmt.Sprintf("\n%s\n", want)) {
			t.Errorf("the unit lacks %s", want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Example())
	names, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse(data, "/etc/closeroll")
		if (c == nil) == (err == nil) {
			t.Errorf("a configuration of %v and an error of %v", c, err)
		}
		if err == nil && (c.Store.Dir == nil) == (c.Store.S3 == nil) {
			t.Error("accepted without exactly one store")
		}
	})
}
