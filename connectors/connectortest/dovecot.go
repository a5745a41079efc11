//go:build unix

package connectortest

import (
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A Dovecot is a real IMAP server (2.3) run for one test: without privileges,
// on loopback ports of its own, with Maildirs in a temporary directory. Every
// user name is let in with [Password] and has a mailbox of its own, which
// [Master] may open too.
type Dovecot struct {
	Port    int            // plaintext and STARTTLS
	TLSPort int            // TLS from the first octet
	CAs     *x509.CertPool // what its certificate is checked with; it is for localhost

	tokens  string // introspection URL
	dir     string
	uid     int
	gid     int
	cmd     *exec.Cmd
	path    string // of the program
	created int
}

// A DovecotOption changes how a Dovecot is made.
type DovecotOption func(*Dovecot)

// WithIntrospection lets Dovecot take the bearer tokens that this server vouches
// for, besides passwords.
func WithIntrospection(tokens *TokenServer) DovecotOption {
	return func(d *Dovecot) { d.tokens = tokens.IntrospectionURL() }
}

// StartDovecot starts one and stops it when the test ends. It fails the test
// if Debian's dovecot-imapd is not installed.
func StartDovecot(t testing.TB, opts ...DovecotOption) *Dovecot {
	t.Helper()
	path, err := exec.LookPath("dovecot")
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/dovecot"); err != nil {
			t.Fatal("this test needs Dovecot: apt-get install --no-install-recommends dovecot-imapd")
		}
	}
	dir, err := os.MkdirTemp("", "dovecot-") // t.TempDir may be closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	d := &Dovecot{dir: dir, uid: os.Getuid(), gid: os.Getgid(), Port: freePort(t), TLSPort: freePort(t)}
	for _, opt := range opts {
		opt(d)
	}
	name, group := d.identity(t)
	for _, sub := range []string{"run", "state", "mail"} {
		d.mkdir(t, filepath.Join(dir, sub))
	}
	d.must(t, os.Chmod(dir, 0o755))
	cert, key, pool := Certificate(t)
	d.CAs = pool
	d.write(t, filepath.Join(dir, "cert.pem"), cert)
	d.write(t, filepath.Join(dir, "key.pem"), key)
	d.write(t, filepath.Join(dir, "masters"), []byte(Master+":{PLAIN}"+Password+"\n"))
	d.write(t, filepath.Join(dir, "oauth2.conf"), fmt.Appendf(nil, "introspection_mode = get\n"+
		"introspection_url = %s\nusername_attribute = user\nactive_attribute = active\nactive_value = true\n", d.tokens))
	d.write(t, filepath.Join(dir, "dovecot.conf"), []byte(d.config(name, group)))
	d.must(t, os.Chown(dir, d.uid, d.gid))
	d.path = path
	d.start(t, path)
	t.Cleanup(func() { d.end() })
	return d
}

func (d *Dovecot) end() {
	d.cmd.Process.Signal(syscall.SIGTERM)
	stuck := time.AfterFunc(10*time.Second, func() { d.cmd.Process.Kill() })
	d.cmd.Wait()
	stuck.Stop()
}

// identity chooses whom Dovecot runs as: nobody, if this process is root.
func (d *Dovecot) identity(t testing.TB) (name, group string) {
	want := strconv.Itoa(d.uid)
	if d.uid == 0 {
		nobody, err := user.Lookup("nobody")
		d.must(t, err)
		want = nobody.Uid
	}
	u, err := user.LookupId(want)
	d.must(t, err)
	g, err := user.LookupGroupId(u.Gid)
	d.must(t, err)
	d.uid, err = strconv.Atoi(u.Uid)
	d.must(t, err)
	d.gid, err = strconv.Atoi(u.Gid)
	d.must(t, err)
	return u.Username, g.Name
}

func (d *Dovecot) start(t testing.TB, path string) {
	d.cmd = exec.Command(path, "-F", "-c", filepath.Join(d.dir, "dovecot.conf"))
	if os.Getuid() == 0 {
		d.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(d.uid), Gid: uint32(d.gid)}}
	}
	d.must(t, d.cmd.Start())
	for range 200 {
		c, err := net.Dial("tcp", d.Addr())
		if err == nil {
			c.Close()
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(d.dir, "dovecot.log"))
	t.Fatalf("Dovecot did not start within 5 s; its log says: %s", log)
}

// Addr is the address for plaintext and STARTTLS.
func (d *Dovecot) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(d.Port)) }

// config needs Dovecot 2.3. One setting a line: the parser is strict about it.
func (d *Dovecot) config(name, group string) string {
	bearer, oauth2 := "", ""
	if d.tokens != "" {
		bearer = " xoauth2 oauthbearer"
		oauth2 = "passdb {\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = " + d.dir + "/oauth2.conf\n}\n"
	}
	quiet := func(service string) string { return "service " + service + " {\n  chroot =\n}\n" }
	return strings.NewReplacer("$D", d.dir, "$USER", name, "$GROUP", group, "$PASSWORD", Password,
		"$BEARER", bearer, "$OAUTH2", oauth2, "$TLSPORT", strconv.Itoa(d.TLSPort), "$PORT", strconv.Itoa(d.Port)).Replace(`base_dir = $D/run
state_dir = $D/state
log_path = $D/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <$D/cert.pem
ssl_key = <$D/key.pem
disable_plaintext_auth = no
default_internal_user = $USER
default_internal_group = $GROUP
default_login_user = $USER
first_valid_uid = 1
mail_max_userip_connections = 50
mail_location = maildir:$D/mail/%u
auth_mechanisms = plain$BEARER
passdb {
  driver = passwd-file
  mechanisms = plain
  args = $D/masters
  master = yes
}
passdb {
  driver = static
  mechanisms = plain
  args = password=$PASSWORD
}
$OAUTH2userdb {
  driver = static
  args = uid=$USER gid=$GROUP home=$D/mail/%u
}
namespace inbox {
  inbox = yes
  mailbox Drafts {
    special_use = \Drafts
  }
  mailbox Trash {
    special_use = \Trash
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $PORT
  }
  inet_listener imaps {
    port = $TLSPORT
    ssl = yes
  }
}
`) + quiet("anvil") + quiet("stats") + quiet("auth")
}

// Deliver puts a message into a folder, as a delivery agent would, and returns
// its file. A folder other than INBOX is made if need be; its name is as
// Maildir++ writes it, in modified UTF-7 with dots between levels.
func (d *Dovecot) Deliver(t testing.TB, user, folder string, octets []byte, flags string) string {
	t.Helper()
	box := d.Maildir(t, user, folder)
	d.created++
	name := fmt.Sprintf("%d.M%dP%d.test,S=%d", 1_767_000_000+d.created, d.created, os.Getpid(), len(octets))
	tmp, to := filepath.Join(box, "tmp", name), filepath.Join(box, "cur", name+":2,"+flags)
	d.write(t, tmp, octets)
	d.must(t, os.Rename(tmp, to))
	return to
}

// Maildir returns the directory of a folder, which is made if need be.
func (d *Dovecot) Maildir(t testing.TB, user, folder string) string {
	t.Helper()
	box := filepath.Join(d.dir, "mail", user)
	d.mkdir(t, box)
	if folder != "INBOX" {
		box = filepath.Join(box, "."+folder)
		d.mkdir(t, box)
	}
	for _, sub := range []string{"tmp", "new", "cur"} {
		d.mkdir(t, filepath.Join(box, sub))
	}
	return box
}

// Renumber makes Dovecot forget a folder's UIDs: it chooses another
// UIDVALIDITY when it next opens the folder. Connections that have the folder
// open must have ended.
func (d *Dovecot) Renumber(t testing.TB, user, folder string) {
	t.Helper()
	box := d.Maildir(t, user, folder)
	for _, name := range []string{"dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"} {
		if err := os.Remove(filepath.Join(box, name)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	// UIDVALIDITY is the time in seconds: let another one begin.
	time.Sleep(1100 * time.Millisecond)
}

// Number is Renumber with the UIDVALIDITY given.
func (d *Dovecot) Number(t testing.TB, user, folder string, validity uint32) {
	t.Helper()
	box := d.Maildir(t, user, folder)
	for _, name := range []string{"dovecot.index", "dovecot.index.log", "dovecot.index.cache"} {
		if err := os.Remove(filepath.Join(box, name)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	d.write(t, filepath.Join(box, "dovecot-uidlist"), fmt.Appendf(nil, "3 V%d N1 G%032x\n", validity, validity))
}

// Restart ends the server and starts it again on the same ports.
func (d *Dovecot) Restart(t testing.TB) {
	t.Helper()
	d.end()
	d.start(t, d.path)
}

// State lists a user's messages with their flags and sizes.
func (d *Dovecot) State(t testing.TB, user string) string {
	t.Helper()
	var lines []string
	root := filepath.Join(d.dir, "mail", user)
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if parent := filepath.Base(filepath.Dir(path)); err == nil && !e.IsDir() && (parent == "cur" || parent == "new") {
			info, err := e.Info()
			if err != nil {
				return err
			}
			lines = append(lines, fmt.Sprintf("%s %d", path, info.Size()))
		}
		return err
	})
	d.must(t, err)
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func (d *Dovecot) mkdir(t testing.TB, dir string) {
	if err := os.Mkdir(dir, 0o700); err == nil {
		d.must(t, os.Chown(dir, d.uid, d.gid))
	} else if !os.IsExist(err) {
		t.Fatal(err)
	}
}

func (d *Dovecot) write(t testing.TB, path string, b []byte) {
	d.must(t, os.WriteFile(path, b, 0o600))
	d.must(t, os.Chown(path, d.uid, d.gid))
}

func (d *Dovecot) must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func freePort(t testing.TB) int {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}
