package configs

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/strictyaml"
)

// validate adds every problem that decoding could not see.
func (c *Config) validate(r *strictyaml.Report) {
	v := check{r}
	v.need("archive.name", c.Archive.Name)
	v.zone("archive.zone", c.Archive.Zone)
	v.name("archive.vault", c.Archive.Vault)
	v.need("schedule", string(c.Schedule))
	v.store(&c.Store)
	v.vaults(c)
	custodians := v.custodians(c.Custodians)
	v.sources(c, custodians)
	v.api(&c.API)
	v.roles(&c.Roles)
	v.disposal(&c.Disposal)
	v.lock(c)
	v.mailServers(c.MailServers)
	v.reports(&c.Reports, c.Alerts.SMTP)
	if c.Metrics.Listen != "" {
		v.listen("metrics.listen", c.Metrics.Listen, true)
	}
	v.alerts(&c.Alerts)
	v.receipts(c)
	v.limits(c)
	v.requests(&c.Requests)
}

// A check notes problems in a report, each once.
type check struct{ *strictyaml.Report }

func (v check) add(path, format string, args ...any) {
	if !v.Faulty(path) {
		v.Add(path, format, args...)
	}
}

func (v check) need(path, value string) {
	if value == "" {
		v.add(path, "is missing")
	}
}

func (v check) zone(path, zone string) {
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		v.add(path, "%q is no time zone: write it as Europe/London", zone)
	}
}

// name wants a short name that is safe in keys, paths and reports.
func (v check) name(path, name string) {
	switch {
	case name == "":
		v.add(path, "is missing")
	case len(name) > 64 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "":
		v.add(path, "%q is no short name: use up to 64 of a–z, 0–9, - and _", name)
	}
}

func (v check) oneOf(path, value string, words ...string) {
	if !slices.Contains(words, value) {
		v.add(path, "%q is none of %s", value, strings.Join(words, ", "))
	}
}

func (v check) within(path string, n, low, high int) {
	if n < low || n > high {
		v.add(path, "%d is not within %d and %d", n, low, high)
	}
}

// pair wants both files or neither.
func (v check) pair(path string, a, b Path, keyA, keyB string) {
	switch {
	case a != "" && b == "":
		v.add(path+"."+keyB, "is missing: %s is given", keyA)
	case a == "" && b != "":
		v.add(path+"."+keyA, "is missing: %s is given", keyB)
	}
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

func (v check) listen(path, address string, loopbackOnly bool) {
	host, port, err := net.SplitHostPort(address)
	n, portErr := strconv.Atoi(port)
	switch {
	case err != nil || portErr != nil || n < 0 || n > 65535:
		v.add(path, "%q is no address to listen on: write it as 127.0.0.1:9640", address)
	case loopbackOnly && !loopback(host):
		v.add(path, "%q is not a loopback address: this is served to the same host only", host)
	}
}

func (v check) security(path, security, host string) {
	v.oneOf(path+".security", security, "tls", "starttls", "plain")
	if security == "plain" && !loopback(host) {
		v.add(path+".security", "plain is for a loopback address only, and %s is none", host)
	}
}

func (v check) store(s *Store) {
	switch {
	case s.Dir == nil && s.S3 == nil:
		v.add("store", "is missing: give dir or s3")
	case s.Dir != nil && s.S3 != nil:
		v.Add("store", "gives both dir and s3: an archive is kept in one place")
	}
	if s.Dir != nil {
		v.need("store.dir.path", string(s.Dir.Path))
	}
	if s.S3 != nil {
		v.s3(s.S3)
	}
}

func (v check) s3(s *S3Store) {
	u, err := url.Parse(s.Endpoint)
	switch {
	case s.Endpoint == "":
		v.add("store.s3.endpoint", "is missing")
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		v.add("store.s3.endpoint", "is no URL: write it as https://s3.example.org")
	case u.User != nil:
		v.add("store.s3.endpoint", "holds a user name or password: put them in files")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		v.add("store.s3.endpoint", "has more than a host and port: the bucket goes into bucket, the rest into prefix")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		v.add("store.s3.endpoint", "http is for a loopback address only, and %s is none", u.Hostname())
	}
	v.need("store.s3.bucket", s.Bucket)
	if s.Prefix != strings.Trim(s.Prefix, "/") {
		v.add("store.s3.prefix", "begins or ends with a slash")
	}
	v.pair("store.s3", s.AccessKeyFile, s.SecretKeyFile, "access_key_file", "secret_key_file")
}

func (v check) sources(c *Config, custodians map[string]bool) {
	if len(c.Sources) == 0 {
		v.add("sources", "is missing: without a source there is nothing to capture")
	}
	names := make(map[string]bool)
	folders := make(map[string]string)
	for i := range c.Sources {
		s, path := &c.Sources[i], fmt.Sprintf("sources[%d]", i)
		v.name(path+".name", s.Name)
		if names[s.Name] && s.Name != "" {
			v.add(path+".name", "%s is given twice", s.Name)
		}
		names[s.Name] = true
		if s.IMAP == nil || !s.IMAP.many() {
			v.need(path+".custodian", s.Custodian)
		}
		if s.Custodian != "" && !custodians[s.Custodian] {
			v.add(path+".custodian", "there is no custodian %s", s.Custodian)
		}
		v.sourceVault(path+".vault", c, s.Vault)
		v.oneOf(path+".on_marking", s.OnMarking, "quarantine", "refuse")
		if s.OnMarking == "quarantine" && c.Quarantine() == nil {
			v.add(path+".on_marking", "there is no quarantine vault under vaults")
		}
		if s.SilentAfter < 0 {
			v.add(path+".silent_after", "is negative")
		}
		switch {
		case s.IMAP == nil && s.Dropfolder == nil:
			v.add(path, "is neither imap nor dropfolder")
			continue
		case s.IMAP != nil && s.Dropfolder != nil:
			v.Add(path, "is both imap and dropfolder")
		}
		if s.IMAP == nil && s.Reconcile != (Reconcile{}) {
			v.add(path+".reconcile", "is for mailboxes: a drop folder keeps no list to compare with")
		}
		v.lifeOf(path, s)
		if s.Reconcile.Samples < -1 {
			v.add(path+".reconcile.samples", "is negative: -1 stands for all")
		}
		v.oneOf(path+".channel", string(s.Channel), string(record.Corporate), string(record.NonCorporate))
		if s.IMAP != nil {
			v.imap(path+".imap", s.IMAP)
		}
		if s.Dropfolder != nil {
			v.dropfolder(path+".dropfolder", s, c.State, folders)
		}
	}
}

func (v check) dropfolder(path string, s *Source, state Path, folders map[string]string) {
	d := s.Dropfolder
	v.need(path+".path", string(d.Path))
	v.zone(path+".zone", d.Zone)
	if d.DateOrder != "" {
		v.oneOf(path+".date_order", strings.ToLower(d.DateOrder), "auto", "dmy", "mdy", "ymd")
	}
	if d.StableFor < 0 {
		v.add(path+".stable_for", "is negative")
	}
	if d.Path == "" {
		return
	}
	at := filepath.Clean(string(d.Path))
	if rel, err := filepath.Rel(string(state), at); err == nil && filepath.IsLocal(rel) {
		v.add(path+".path", "is within the state folder")
	}
	for other, name := range folders {
		in, err1 := filepath.Rel(other, at)
		out, err2 := filepath.Rel(at, other)
		if (err1 == nil && filepath.IsLocal(in)) || (err2 == nil && filepath.IsLocal(out)) {
			v.add(path+".path", "is the folder of source %s, or within it, or around it", name)
		}
	}
	folders[at] = s.Name
}

func (v check) api(a *API) {
	if a.Listen == "" {
		for _, k := range []struct {
			key  string
			file Path
		}{{"cert_file", a.CertFile}, {"key_file", a.KeyFile}, {"client_ca_file", a.ClientCAFile}} {
			if k.file != "" {
				v.add("api."+k.key, "is given, but api.listen is not")
			}
		}
		return
	}
	v.listen("api.listen", a.Listen, false)
	v.need("api.cert_file", string(a.CertFile))
	v.need("api.key_file", string(a.KeyFile))
	v.need("api.client_ca_file", string(a.ClientCAFile))
}

func (v check) roles(roles *Roles) {
	some := false
	for _, m := range []Members{roles.Officer, roles.Manager, roles.Auditor, roles.Operator} {
		some = some || len(m.Users)+len(m.Groups)+len(m.Certificates) > 0
	}
	if !some {
		v.add("roles", "is missing: nobody could do anything")
	}
}

func (v check) alerts(a *Alerts) {
	switch {
	case a.None:
		return
	case a.SMTP == nil && len(a.Command) == 0:
		v.add("alerts", "is missing: give smtp or command, or the word none")
	case a.SMTP != nil && len(a.Command) > 0:
		v.Add("alerts", "gives both smtp and command")
	}
	if s := a.SMTP; s != nil {
		v.need("alerts.smtp.host", s.Host)
		v.within("alerts.smtp.port", s.Port, 1, 65535)
		v.security("alerts.smtp", s.Security, s.Host)
		v.need("alerts.smtp.from", s.From)
		if len(s.To) == 0 {
			v.add("alerts.smtp.to", "is missing")
		}
		if s.Username == "" && s.PasswordFile != "" {
			v.add("alerts.smtp.username", "is missing: password_file is given")
		}
		if s.Username != "" && s.PasswordFile == "" {
			v.add("alerts.smtp.password_file", "is missing: username is given")
		}
	}
}

func (v check) limits(c *Config) {
	if c.Limits.Sources < 0 {
		v.add("limits.sources", "is negative")
	}
	if c.Limits.RequestsPerSecond < 0 {
		v.add("limits.requests_per_second", "is negative")
	}
	if c.Limits.RequestTime < 0 {
		v.add("limits.request_time", "is negative")
	}
	if c.Extract.Time < 0 {
		v.add("extract.time", "is negative")
	}
	if c.Limits.Memory < 8<<20 {
		v.add("limits.memory", "is less than 8MiB, which is too little to work with")
	}
	if c.Extract.Memory < 64<<20 {
		v.add("extract.memory", "is less than 64MiB, which is too little to work with")
	}
}
