// Package configs holds what people write for closeroll: the configuration
// file's one struct and its strict loader, and, embedded and tested, the
// sample configuration, the sample retention schedule and the rules of law
// that are data.
//
// A configuration is YAML of the strict kind that internal/strictyaml reads.
// Loading reports every problem at once, each with its key path. Secrets are
// never in it: keys that end in _file name files that hold them. Paths are
// relative to the file's own folder.
package configs

import (
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/strictyaml"
	"github.com/closeroll/closeroll/retention"
)

// Config is closeroll.yaml. The doc tags are its reference (see [Reference]);
// a default stands there in parentheses.
type Config struct {
	Archive     Archive      `yaml:"archive" doc:"whose archive this is"`
	State       Path         `yaml:"state" doc:"folder of the derived, sealed state: catalog, index, spool (/var/lib/closeroll)"`
	Identity    Path         `yaml:"identity" doc:"file with the daemon's own age identity: a systemd credential, or on another file system than the state (/run/credentials/closeroll.service/identity)"`
	Store       Store        `yaml:"store" doc:"where sealed records and the journal are kept: exactly one of dir and s3"`
	Vaults      []Vault      `yaml:"vaults" doc:"vaults besides the archive's own, and who reads them"`
	Custodians  []Custodian  `yaml:"custodians" doc:"the officials and roles whose correspondence is captured"`
	Sources     []Source     `yaml:"sources" doc:"the places that items come from"`
	MailServers []MailServer `yaml:"mail_servers" doc:"what mailboxes may ask of their servers together"`
	Schedule    Path         `yaml:"schedule" doc:"the retention schedule's file"`
	Approvals   Approvals    `yaml:"approvals" doc:"how people put their names to what cannot be undone"`
	Roles       Roles        `yaml:"roles" doc:"who may do what"`
	Disposal    Disposal     `yaml:"disposal" doc:"how records are disposed of"`
	Lock        Lock         `yaml:"lock" doc:"how firmly the storage itself keeps records, where its bucket has object lock"`
	API         API          `yaml:"api" doc:"how the command line reaches the daemon"`
	Metrics     Metrics      `yaml:"metrics" doc:"health and Prometheus metrics"`
	Receipts    Receipts     `yaml:"receipts" doc:"whether custodians who send in chat exports by e-mail are told what was captured: smtp, by the server of alerts.smtp, or none (none)"`
	Alerts      Alerts       `yaml:"alerts" doc:"where the daemon calls for a person: smtp, command, or the word none"`
	Limits      Limits       `yaml:"limits" doc:"bounds on what the daemon uses"`
	Extract     Extract      `yaml:"extract" doc:"bounds on reading one attachment's text, in a process of its own"`
	Requests    Requests     `yaml:"requests" doc:"how requests for information are answered"`
	Reports     Reports      `yaml:"reports" doc:"what only the authority can say in its reports, and when the assurance pack is made"`
	Rules       Rules        `yaml:"rules" doc:"files that replace the embedded rules of law"`
}

// Archive names the archive and its legal zone.
type Archive struct {
	Name  string `yaml:"name" doc:"the public authority's name, printed on alerts and certificates"`
	Zone  string `yaml:"zone" doc:"legal time zone, by whose days dates are reckoned (Europe/London)"`
	Vault string `yaml:"vault" doc:"the vault that records are sealed to (main)"`
}

// Store says where the archive is kept. Exactly one of its fields is set.
type Store struct {
	Dir *DirStore `yaml:"dir" doc:"a folder on a file system"`
	S3  *S3Store  `yaml:"s3" doc:"a bucket of an S3-compatible service"`
}

// A DirStore keeps the archive in a folder.
type DirStore struct {
	Path Path `yaml:"path" doc:"the folder"`
}

// An S3Store keeps the archive in a bucket. Without key files the standard AWS
// environment variables are used.
type S3Store struct {
	Endpoint      string `yaml:"endpoint" doc:"the service's URL; http only to a loopback address"`
	Bucket        string `yaml:"bucket" doc:"the bucket's name; it must exist"`
	Prefix        string `yaml:"prefix" doc:"what every object's name begins with, without slashes at its ends"`
	Region        string `yaml:"region" doc:"the region that requests are signed for (us-east-1)"`
	PathStyle     bool   `yaml:"path_style" doc:"the bucket is part of the path rather than of the host name (false)"`
	AccessKeyFile Path   `yaml:"access_key_file" doc:"file with the access key id; with secret_key_file, or neither"`
	SecretKeyFile Path   `yaml:"secret_key_file" doc:"file with the secret key"`
	CAFile        Path   `yaml:"ca_file" doc:"PEM certificates to trust instead of the system's"`
}

// A Source is one place that items come from. Exactly one of IMAP and
// Dropfolder is set.
type Source struct {
	Name         string           `yaml:"name" doc:"short name: a–z, 0–9, - and _"`
	Custodian    string           `yaml:"custodian" doc:"id of the custodian whose it is"`
	Vault        string           `yaml:"vault" doc:"the vault that its records are sealed to (archive.vault)"`
	Channel      record.Channel   `yaml:"channel" doc:"corporate or nccc (imap: corporate; dropfolder: nccc)"`
	OnMarking    string           `yaml:"on_marking" doc:"what becomes of mail marked SECRET or TOP SECRET: quarantine, or refuse (quarantine where vaults: has one, else refuse)"`
	Poll         Cron             `yaml:"poll" doc:"when to look, as a cron expression of five fields in UTC, or @hourly, @every 10m (@every 5m)"`
	SilentAfter  time.Duration    `yaml:"silent_after" doc:"alert when nothing new has come for so long (when a source is quieter than in its own history)"`
	AutoDelete   retention.Period `yaml:"auto_delete" doc:"the mailbox's own rule: messages of this age are deleted there, as P90D; an alert tells when capture comes near to it"`
	Significance string           `yaml:"significance" doc:"what the schedule's rules may be told of everything from here: significant or logistical (nothing)"`
	Receipts     Receipts         `yaml:"receipts" doc:"smtp: where the archive's receipts are sent by e-mail, the custodian gets one, at the first of their addresses, for each chat export that is dropped, uploaded or imported here; or none (none)"`
	Reconcile    Reconcile        `yaml:"reconcile" doc:"comparing a mailbox's own list with what was accounted for"`
	DKIM         bool             `yaml:"dkim" doc:"check the signatures of e-mail at capture, with keys from the DNS: senders choose the names that are asked for, and see it (false)"`
	IMAP         *IMAP            `yaml:"imap" doc:"a mailbox"`
	Dropfolder   *Dropfolder      `yaml:"dropfolder" doc:"a folder into which chat exports and mail files are put"`

	Template string `yaml:"-"` // the name of the source as it was written, of which this may be one mailbox of many
}

// A Dropfolder is a watched folder.
type Dropfolder struct {
	Path        Path             `yaml:"path" doc:"the folder; done/ and refused/ are made in it"`
	Zone        string           `yaml:"zone" doc:"time zone of the phones that made the exports, which do not say (archive.zone)"`
	DateOrder   string           `yaml:"date_order" doc:"of the dates in exports: auto decides by evidence; dmy, mdy or ymd force it (auto)"` // "" for auto, else in capitals
	StableFor   time.Duration    `yaml:"stable_for" doc:"a file is taken when it has not changed for so long (10s)"`
	KeepDropped retention.Period `yaml:"keep_dropped" doc:"how long an archived file stays, readable, in done/ (not at all)"`
	RefusedFor  retention.Period `yaml:"refused_for" doc:"how long a refused file stays in refused/ (P90D)"`
}

// Roles says who may do what. A person may have several roles.
type Roles struct {
	Officer  Members `yaml:"officer" doc:"searches, reads, answers requests"`
	Manager  Members `yaml:"manager" doc:"retention, holds, disposal"`
	Auditor  Members `yaml:"auditor" doc:"reads the journal and reports, not records"`
	Operator Members `yaml:"operator" doc:"runs the daemon: status, failures, rebuilds"`
}

// Members are the people in a role.
type Members struct {
	Users        strictyaml.List `yaml:"users" doc:"Unix users, by name or number, on the daemon's host"`
	Groups       strictyaml.List `yaml:"groups" doc:"Unix groups, by name or number"`
	Certificates strictyaml.List `yaml:"certificates" doc:"common names of client certificates"`
}

// API says where the daemon listens for the command line.
type API struct {
	Socket       Path   `yaml:"socket" doc:"Unix socket (/run/closeroll/closeroll.sock)"`
	Listen       string `yaml:"listen" doc:"host:port of a TLS 1.3 listener for officers at their own machines (off)"`
	CertFile     Path   `yaml:"cert_file" doc:"the listener's certificate chain, PEM"`
	KeyFile      Path   `yaml:"key_file" doc:"its private key, PEM"`
	ClientCAFile Path   `yaml:"client_ca_file" doc:"authorities whose client certificates are accepted, PEM"`
}

// Metrics says where health and metrics are served.
type Metrics struct {
	Listen string `yaml:"listen" doc:"host:port, loopback only (off)"`
}

// Alerts says how the daemon calls for a person: by SMTP, by a command that
// gets the text on its standard input, or, said in so many words, not at all.
type Alerts struct {
	None    bool     `yaml:"-"`
	SMTP    *SMTP    `yaml:"smtp" doc:"by e-mail"`
	Command []string `yaml:"command" doc:"by a program and its arguments; the subject is in CLOSEROLL_SUBJECT, the text on standard input"`
	Digest  Cron     `yaml:"digest" doc:"when the daily digest is sent, in UTC (0 6 * * *)"`
}

// SMTP is a mail server that takes alerts.
type SMTP struct {
	Host         string          `yaml:"host" doc:"name or address of the server"`
	Port         int             `yaml:"port" doc:"(465; 587 for starttls, 25 for plain)"`
	Security     string          `yaml:"security" doc:"tls, starttls, or plain, which is for loopback only (tls)"`
	From         string          `yaml:"from" doc:"sender's address"`
	To           strictyaml.List `yaml:"to" doc:"addresses"`
	Username     string          `yaml:"username" doc:"login (none)"`
	PasswordFile Path            `yaml:"password_file" doc:"file with the password"`
	CAFile       Path            `yaml:"ca_file" doc:"PEM certificates to trust instead of the system's"`
}

// Limits bound what the daemon uses.
type Limits struct {
	Memory            Size          `yaml:"memory" doc:"items in flight, in memory (64MiB)"`
	Spool             Size          `yaml:"spool" doc:"items in flight, sealed on disk (8GiB)"`
	Item              Size          `yaml:"item" doc:"the largest single item (64GiB)"`
	Body              Size          `yaml:"body" doc:"the largest request to the API (16MiB)"`
	Sources           int           `yaml:"sources" doc:"read at once (8)"`
	RequestsPerSecond int           `yaml:"requests_per_second" doc:"of one caller (50)"`
	RequestTime       time.Duration `yaml:"request_time" doc:"the longest that a request may take (5m)"`
}

// Extract bounds the child process that reads one attachment.
type Extract struct {
	Memory Size          `yaml:"memory" doc:"(512MiB)"`
	Time   time.Duration `yaml:"time" doc:"(60s)"`
}

// Rules names files that replace embedded rules of law.
type Rules struct {
	FOI          Path `yaml:"foi" doc:"deadlines under the Freedom of Information Act"`
	EIR          Path `yaml:"eir" doc:"deadlines under the Environmental Information Regulations"`
	SAR          Path `yaml:"sar" doc:"deadlines for subject access requests"`
	BankHolidays Path `yaml:"bank_holidays" doc:"bank holidays, as gov.uk publishes them in bank-holidays.json"`

	FOIExemptions Path `yaml:"foi_exemptions" doc:"exemptions of the Freedom of Information Act"`
	EIRExceptions Path `yaml:"eir_exceptions" doc:"exceptions of the Environmental Information Regulations"`
	SARExemptions Path `yaml:"sar_exemptions" doc:"exemptions from subject access"`
	Costs         Path `yaml:"costs" doc:"the appropriate limit"`
}
