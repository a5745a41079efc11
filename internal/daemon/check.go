package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/connectors/imap"
	"github.com/closeroll/closeroll/internal/spool"
	"github.com/closeroll/closeroll/internal/sshsig"
	"github.com/closeroll/closeroll/retention"
)

// A Finding is one thing that Check tried, and what came of it.
type Finding struct {
	What string `json:"what"` // store, keys, source NAME, …
	store.Finding
}

// Check tries everything that a configuration names, without capturing and
// without taking the pen.
func Check(ctx context.Context, cfg *configs.Config, env Environment) []Finding {
	c := &checker{cfg: cfg, env: env}
	c.schedule()
	c.signers()
	c.identity()
	c.store(ctx)
	c.sources(ctx)
	return c.findings
}

type checker struct {
	keyring  *archive.Keyring // nil if it could not be opened
	cfg      *configs.Config
	env      Environment
	findings []Finding
}

func (c *checker) add(what, check string, err error, detail string, must bool) {
	f := store.Finding{Check: check, Result: store.Passed, Detail: detail, Must: must}
	if err != nil {
		f.Result, f.Detail = store.Failed, err.Error()
	}
	c.findings = append(c.findings, Finding{what, f})
}

func (c *checker) schedule() {
	text, err := os.ReadFile(string(c.cfg.Schedule))
	if err != nil {
		c.add("schedule", "read it", err, "", true)
		return
	}
	s, err := retention.Load(text)
	if err != nil {
		c.add("schedule", "understand it", err, "", true)
		return
	}
	detail := fmt.Sprintf("version %s, %s, %d classes", s.Version, s.Status, len(s.Classes))
	if notice, _ := s.ReviewNotice(c.env.Now()); notice != "" {
		detail += "; " + notice
	}
	c.add("schedule", "understand it", nil, strings.Join(append([]string{detail}, s.Notices()...), "; "), true)
}

// signers reads the keys with which people sign.
func (c *checker) signers() {
	name := string(c.cfg.Approvals.AllowedSigners)
	if name == "" {
		c.add("approvals", "know who signs", errors.New("approvals.allowed_signers names no file: no schedule can be adopted"), "", false)
		return
	}
	zone, err := time.LoadLocation(c.cfg.Archive.Zone)
	if err == nil {
		_, err = sshsig.LoadAllowed(name, zone)
	}
	c.add("approvals", "know who signs", err, name, true)
}

// identity looks at where the daemon's own key is kept: on the disk that holds
// the state, whoever steals that disk can read the state.
func (c *checker) identity() {
	id, err := os.Stat(string(c.cfg.Identity))
	if err != nil {
		c.add("identity", "read it", err, "", true)
		return
	}
	var exposed error
	if id.Mode().Perm()&0o077 != 0 {
		exposed = fmt.Errorf("others than its owner can read it (mode %o)", id.Mode().Perm())
	}
	c.add("identity", "readable by the daemon only", exposed, "", true)
	if err := os.MkdirAll(string(c.cfg.State), 0o700); err != nil {
		c.add("state", "make the folder", err, "", true)
		return
	}
	same, err := sameFilesystem(string(c.cfg.Identity), string(c.cfg.State))
	if err == nil && same {
		err = errors.New("the identity is on the file system of the state: who steals that disk reads the state; use a systemd credential or another mount")
	}
	c.add("identity", "on another file system than the state", err, "", false)
}

func (c *checker) store(ctx context.Context) {
	st, err := OpenStore(c.cfg.Store, c.env.Getenv)
	if err != nil {
		c.add("store", "open it", err, "", true)
		return
	}
	for _, f := range store.Probe(ctx, st, c.env.Now) {
		c.findings = append(c.findings, Finding{"store", f})
	}
	c.lock(ctx, st)
	opener, err := seal.LoadOpener([]string{string(c.cfg.Identity)}, func(string) ([]byte, error) {
		return nil, errors.New("it is protected by a passphrase, and the daemon can ask nobody")
	})
	if err != nil {
		c.add("keys", "load the daemon's identity", err, "", true)
		return
	}
	k, err := archive.OpenKeyring(ctx, st, opener, archive.DaemonName, c.cfg.Archive.Vault)
	if err != nil {
		c.add("keys", "open the state keys", err, "", true)
		return
	}
	c.keyring = k
	c.add("keys", "open the state keys", nil, fmt.Sprintf("archive %s, vault %s", k.Format.Archive, k.Epoch), true)
	c.vaults(k)
}

// vaults looks whether each vault that the configuration names is there, with
// readers enough.
func (c *checker) vaults(k *archive.Keyring) {
	newest := make(map[string]archive.Vault)
	for _, v := range k.Epochs {
		newest[v.Name] = v // they are in order
	}
	wanted := []string{c.cfg.Archive.Vault}
	for _, v := range c.cfg.Vaults {
		if v.Name != c.cfg.Archive.Vault {
			wanted = append(wanted, v.Name)
		}
	}
	for _, name := range wanted {
		v, ok := newest[name]
		if !ok {
			c.add("keys", "vault "+name, errors.New("there is no such vault: closeroll keys vault add founds one"), "", true)
			continue
		}
		var err error
		if len(v.Readers) < archive.MinReaders {
			err = fmt.Errorf("it has %d readers, and one person's loss must not be everybody's", len(v.Readers))
		}
		c.add("keys", "vault "+name+" has readers enough", err, strings.Join(v.Readers, ", "), true)
	}
}

func (c *checker) sources(ctx context.Context) {
	dir, err := os.MkdirTemp("", "closeroll-check-*")
	if err != nil {
		c.add("spool", "make a folder", err, "", true)
		return
	}
	defer os.RemoveAll(dir)
	sp, err := spool.New(dir, spool.Limits{})
	if err != nil {
		c.add("spool", "open it", err, "", true)
		return
	}
	d := &Daemon{env: c.env, lg: c.env.Log, now: c.env.Now, cfg: c.cfg, spool: sp, keyring: c.keyring, shared: newShared()}
	for _, cfg := range c.cfg.Sources {
		what := "source " + cfg.Name
		if cfg.Dropfolder != nil {
			c.dropfolder(what, cfg)
			continue
		}
		m, err := d.mailbox(cfg, nil)
		if err != nil {
			c.add(what, "configure it", err, "", true)
			continue
		}
		c.mailbox(ctx, what, m)
		if cfg.IMAP.SecretExpires != (record.Date{}) {
			var err error
			if why := expiry(cfg.IMAP, c.env.Now(), time.UTC); why != "" {
				err = errors.New(why)
			}
			c.add(what, "its secret lasts", err, "until "+cfg.IMAP.SecretExpires.String(), false)
		}
	}
}

func (c *checker) dropfolder(what string, cfg configs.Source) {
	info, err := os.Stat(string(cfg.Dropfolder.Path))
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a folder", cfg.Dropfolder.Path)
	}
	c.add(what, "look into the folder", err, string(cfg.Dropfolder.Path), true)
	if err == nil && !cfg.Dropfolder.KeepDropped.IsZero() {
		c.add(what, "dropped files are let go of", errors.New("keep_dropped is set: archived files stay readable in done/ for "+
			cfg.Dropfolder.KeepDropped.Words()), "", false)
	}
}

func (c *checker) mailbox(ctx context.Context, what string, m *imap.Mailbox) {
	r, err := m.Check(ctx)
	if err != nil {
		c.add(what, "log in", err, "", true)
		return
	}
	c.add(what, "log in", nil, "", true)
	var in, out []string
	for _, f := range r.Folders {
		line := fmt.Sprintf("%s %d", f.Name, f.Messages)
		switch {
		case f.Err != nil:
			c.add(what, "open folder "+f.Name, f.Err, "", false)
		case f.Included:
			in = append(in, line)
		default:
			out = append(out, line)
		}
	}
	detail := "captured: " + strings.Join(in, ", ")
	if len(out) > 0 {
		detail += "; left out: " + strings.Join(out, ", ")
	}
	c.add(what, "list folders", nil, detail, true)
}
