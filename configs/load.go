package configs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/strictyaml"
	"github.com/closeroll/closeroll/retention"
)

// Problems is everything wrong with a configuration file. As an error it
// prints one line per problem, with line and key path.
type Problems = strictyaml.Faults

// Load reads the configuration file at path. A file with any fault is refused
// with [Problems] wrapped in the error. Whether what it names exists and works
// is for the daemon's check to find out.
func Load(path string) (*Config, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(abs)
	if err != nil {
		return nil, err
	}
	if info.Size() > strictyaml.MaxSize {
		return nil, fmt.Errorf("%s: larger than %d bytes", path, strictyaml.MaxSize)
	}
	data, err := os.ReadFile(abs)
	if err != nil {
		return nil, err
	}
	c, err := Parse(data, filepath.Dir(abs))
	if problems, ok := errors.AsType[Problems](err); ok {
		return nil, fmt.Errorf("%s:\n%w", path, problems)
	}
	return c, err
}

// Parse reads a configuration whose relative paths start at dir.
func Parse(data []byte, dir string) (*Config, error) {
	c := new(Config)
	r := strictyaml.Decode(data, c)
	if r.Unread() {
		return nil, r.Err()
	}
	c.setDefaults()
	c.validate(r)
	if err := r.Err(); err != nil {
		return nil, err
	}
	resolve(reflect.ValueOf(c).Elem(), dir)
	if c.expand(r); r.Err() != nil {
		return nil, r.Err()
	}
	return c, nil
}

// resolve makes every Path within v absolute.
func resolve(v reflect.Value, dir string) {
	if p, ok := v.Addr().Interface().(*Path); ok {
		*p = p.in(dir)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				resolve(v.Field(i), dir)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			resolve(v.Index(i), dir)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			resolve(v.Elem(), dir)
		}
	}
}

// setDefaults fills in everything that has a default and was not given.
func (c *Config) setDefaults() {
	set(&c.Archive.Zone, "Europe/London")
	set(&c.Archive.Vault, "main")
	set(&c.State, "/var/lib/closeroll")
	set(&c.Identity, "/run/credentials/closeroll.service/identity")
	set(&c.API.Socket, "/run/closeroll/closeroll.sock")
	set(&c.Limits.Memory, 64<<20)
	set(&c.Limits.Spool, 8<<30)
	set(&c.Limits.Item, 64<<30)
	set(&c.Limits.Body, 16<<20)
	set(&c.Limits.Sources, 8)
	set(&c.Limits.RequestsPerSecond, 50)
	set(&c.Limits.RequestTime, 5*time.Minute)
	set(&c.Extract.Memory, 512<<20)
	set(&c.Extract.Time, time.Minute)
	setCron(&c.Alerts.Digest, "0 6 * * *")
	c.Approvals.setDefaults()
	if s := c.Store.S3; s != nil {
		set(&s.Region, "us-east-1")
	}
	if s := c.Alerts.SMTP; s != nil {
		set(&s.Security, "tls")
		set(&s.Port, map[string]int{"starttls": 587, "plain": 25}[s.Security])
		set(&s.Port, 465)
	}
	set(&c.Receipts, ReceiptsNone)
	c.Requests.setDefaults()
	c.Disposal.setDefaults()
	c.Lock.setDefaults()
	for i := range c.Custodians {
		c.Custodians[i].setDefaults()
	}
	for i := range c.Vaults {
		set(&c.Vaults[i].Kind, record.VaultRecords)
	}
	for i := range c.Sources {
		c.Sources[i].setDefaults(c.Archive)
		if c.Quarantine() != nil {
			set(&c.Sources[i].OnMarking, "quarantine")
		}
		set(&c.Sources[i].OnMarking, "refuse")
	}
}

func (s *Source) setDefaults(a Archive) {
	setCron(&s.Poll, "@every 5m")
	set(&s.Receipts, ReceiptsNone)
	set(&s.Vault, a.Vault)
	if m := s.IMAP; m != nil {
		setCron(&s.Reconcile.When, "0 2 * * 0")
		set(&s.Reconcile.Samples, 100)
		set(&s.Channel, record.Corporate)
		m.setDefaults()
	}
	s.Template = s.Name
	if d := s.Dropfolder; d != nil {
		set(&s.Channel, record.NonCorporate)
		set(&d.Zone, a.Zone)
		if d.DateOrder = strings.ToUpper(d.DateOrder); d.DateOrder == "AUTO" {
			d.DateOrder = ""
		}
		set(&d.StableFor, 10*time.Second)
		set(&d.RefusedFor, retention.Period{Days: 90})
	}
}

// set gives v a default where it has its zero value.
func set[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

func setCron(c *Cron, to string) {
	if !c.IsZero() {
		return
	}
	if parsed, err := ParseCron(to); err == nil {
		*c = parsed
	}
}

// UnmarshalText reads the short form of alerts, the word none.
func (a *Alerts) UnmarshalText(b []byte) error {
	if string(b) != "none" {
		return fmt.Errorf("%q is no way to alert anyone: give smtp or command, or the word none", b)
	}
	a.None = true
	return nil
}
