package sshsig

import (
	"bytes"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// keygen runs the real ssh-keygen.
func keygen(t *testing.T, stdin string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command("ssh-keygen", args...)
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), "TZ=UTC", "SSH_AUTH_SOCK=")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func must(t *testing.T, stdin string, args ...string) {
	t.Helper()
	if out, err := keygen(t, stdin, args...); err != nil {
		t.Fatalf("ssh-keygen %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// newKey makes a key with ssh-keygen and returns its file and public line.
func newKey(t *testing.T, typ, passphrase string, more ...string) (name, public string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "key")
	must(t, "", append([]string{"-q", "-t", typ, "-N", passphrase, "-C", "", "-f", name}, more...)...)
	return name, strings.TrimSpace(read(t, name+".pub"))
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, name, socket string) *Key {
	t.Helper()
	k, err := LoadKey(name, socket, func(string) ([]byte, error) { return []byte("open sesame"), nil })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return k
}

func allowed(t *testing.T, text string) *Allowed {
	t.Helper()
	a, err := ParseAllowed([]byte(text), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

const message = "class ADM-01, 1,204 records\n"

func noon() time.Time { return time.Date(2026, 5, 27, 12, 0, 0, 0, time.UTC) }

// TestBothWays signs with this package and verifies with ssh-keygen, and the
// other way round, with every kind of key that people have.
func TestBothWays(t *testing.T) {
	for _, c := range []struct {
		typ, passphrase string
		more            []string
	}{
		{"ed25519", "", nil}, {"ed25519", "open sesame", nil}, {"ecdsa", "", nil}, {"ecdsa", "", []string{"-b", "521"}},
		{"rsa", "", []string{"-b", "2048"}}, {"rsa", "", []string{"-b", "2048", "-m", "PEM"}},
	} {
		t.Run(c.typ+strings.Join(c.more, ""), func(t *testing.T) {
			name, public := newKey(t, c.typ, c.passphrase, c.more...)
			list := "ann " + public + "\n"
			key := load(t, name, "")
			ours, err := Sign(strings.NewReader(message), key, Disposal)
			if err != nil {
				t.Fatal(err)
			}
			must(t, message, "-Y", "verify", "-f", write(t, "allowed", list), "-I", "ann", "-n", string(Disposal), "-s", write(t, "sig", string(ours)))

			if c.passphrase == "" {
				file := write(t, "message", message)
				must(t, "", "-Y", "sign", "-f", name, "-n", string(Disposal), file)
				ours = []byte(read(t, file+".sig"))
			}
			who, err := allowed(t, list).Verify("ann", Disposal, []byte(message), ours, noon())
			if err != nil || who.Principal != "ann" || who.Fingerprint != key.Fingerprint() {
				t.Errorf("%+v, %v", who, err)
			}
		})
	}
}

func TestRefusesWhatIsNotGenuine(t *testing.T) {
	name, public := newKey(t, "ed25519", "")
	_, other := newKey(t, "ed25519", "")
	key := load(t, name, "")
	good, err := Sign(strings.NewReader(message), key, Disposal)
	if err != nil {
		t.Fatal(err)
	}
	list := allowed(t, "ann "+public+"\nbob "+other+"\n")
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 1
	for _, c := range []struct {
		name, principal string
		purpose         Namespace
		message         string
		signature       []byte
		want            error
	}{
		{"another message", "ann", Disposal, message + "x", good, ErrInvalid},
		{"another purpose", "ann", Schedule, message, good, ErrInvalid},
		{"another person", "bob", Disposal, message, good, ErrNotAllowed},
		{"nobody", "", Disposal, message, good, ErrNotAllowed},
		{"text after it", "ann", Disposal, message, append(bytes.Clone(good), "x"...), ErrFormat},
		{"text before it", "ann", Disposal, message, append([]byte("x\n"), good...), ErrFormat},
		{"nothing", "ann", Disposal, message, nil, ErrFormat},
		{"too much", "ann", Disposal, message, bytes.Repeat(good, 400), ErrFormat},
	} {
		if _, err := list.Verify(c.principal, c.purpose, []byte(c.message), c.signature, noon()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := list.Verify("ann", Disposal, []byte(message), flipped, noon()); err == nil {
		t.Error("a signature with a bit flipped was accepted")
	}
	if _, err := Sign(strings.NewReader(message), key, ""); err == nil {
		t.Error("signed for no purpose")
	}
}

// TestRefusesWeakKeys: RSA with SHA-1 or 1,024 bits never verifies, whatever
// the file allows.
func TestRefusesWeakKeys(t *testing.T) {
	name, _ := newKey(t, "rsa", "", "-b", "1024")
	if _, err := Sign(strings.NewReader(message), load(t, name, ""), Disposal); err == nil {
		t.Error("signed with an RSA key of 1,024 bits")
	}
	name, public := newKey(t, "rsa", "", "-b", "2048")
	key := load(t, name, "")
	data, err := toSign(strings.NewReader(message), Disposal, "", "sha512")
	if err != nil {
		t.Fatal(err)
	}
	sha1, err := key.Signer.(ssh.AlgorithmSigner).SignWithAlgorithm(nil, data, ssh.KeyAlgoRSA)
	if err != nil {
		t.Fatal(err)
	}
	blob := ssh.Marshal(wire{[6]byte([]byte(magic)), version, string(key.PublicKey().Marshal()), string(Disposal), "", "sha512", string(ssh.Marshal(sha1))})
	armored := pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: blob})
	if _, err := allowed(t, "ann "+public).Verify("ann", Disposal, []byte(message), armored, noon()); !errors.Is(err, ErrInvalid) {
		t.Errorf("RSA with SHA-1: %v", err)
	}
}

// TestAgent signs through an agent that serves a real socket.
func TestAgent(t *testing.T) {
	name, public := newKey(t, "ed25519", "")
	raw, err := ssh.ParseRawPrivateKey([]byte(read(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: raw}); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "a") // a socket's path has to be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				agent.ServeAgent(ring, c) // ends when the client goes, with io.EOF
				c.Close()
			}()
		}
	}()
	file := write(t, "alone.pub", public+"\n")
	signature, err := Sign(strings.NewReader(message), load(t, file, socket), Schedule)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := allowed(t, "ann "+public).Verify("ann", Schedule, []byte(message), signature, noon()); err != nil {
		t.Error(err)
	}
	_, stranger := newKey(t, "ed25519", "")
	for _, at := range []string{"", socket, filepath.Join(dir, "none")} {
		if _, err := LoadKey(write(t, "stranger.pub", stranger), at, nil); err == nil {
			t.Errorf("a key that the agent at %q does not have was found", at)
		}
	}
}

func TestCertificates(t *testing.T) {
	ca, authority := newKey(t, "ed25519", "")
	name, _ := newKey(t, "ecdsa", "")
	must(t, "", "-q", "-s", ca, "-I", "ann's", "-n", "ann,anne", "-V", "20260101:20270101", name+".pub")
	key := load(t, name+"-cert.pub", "")
	signature, err := Sign(strings.NewReader(message), key, HoldRelease)
	if err != nil {
		t.Fatal(err)
	}
	list := "ann,bob cert-authority,namespaces=\"*@closeroll\" " + authority + "\n"
	must(t, message, "-Y", "verify", "-f", write(t, "allowed", list), "-I", "ann", "-n", string(HoldRelease),
		"-O", "verify-time=20260527120000", "-s", write(t, "sig", string(signature)))
	for _, c := range []struct {
		principal string
		list      string
		at        time.Time
		want      error
	}{
		{"ann", list, noon(), nil},
		{"bob", list, noon(), ErrNotAllowed},                                                            // the certificate does not name him
		{"anne", list, noon(), ErrNotAllowed},                                                           // the line does not
		{"ann", list, noon().AddDate(1, 0, 0), ErrNotAllowed},                                           // it has expired
		{"ann", "ann " + authority, noon(), ErrNotAllowed},                                              // the line is for the authority's own signatures
		{"ann", strings.Replace(list, "*@closeroll", "git", 1), noon(), ErrNotAllowed},                  // for another purpose
		{"ann", "ann cert-authority " + strings.TrimSpace(read(t, name+".pub")), noon(), ErrNotAllowed}, // another authority
	} {
		if _, err := allowed(t, c.list).Verify(c.principal, HoldRelease, []byte(message), signature, c.at); !errors.Is(err, c.want) {
			t.Errorf("%s at %s: %v, want %v", c.principal, c.at, err, c.want)
		}
	}
}

func TestLoadKeyRefuses(t *testing.T) {
	private, public := newKey(t, "ed25519", "open sesame")
	nobody := func(string) ([]byte, error) { return nil, errors.New("there is no terminal") }
	wrong := func(string) ([]byte, error) { return []byte("guess"), nil }
	other, _ := newKey(t, "ed25519", "")
	for name, c := range map[string]struct {
		file string
		ask  Passphrase
	}{
		"nobody to ask":       {private, nobody},
		"no way to ask":       {private, nil},
		"a wrong passphrase":  {private, wrong},
		"not a key":           {write(t, "x", "hello\n"), nil},
		"no file":             {filepath.Join(t.TempDir(), "none"), nil},
		"a mangled key":       {write(t, "x", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"), nil},
		"too long":            {write(t, "x", strings.Repeat("x", maxKeyFile+1)), nil},
		"public of another's": {func() string { os.WriteFile(other+".pub", []byte(public), 0o600); return other + ".pub" }(), nil},
	} {
		if k, err := LoadKey(c.file, "", c.ask); err == nil {
			t.Errorf("%s: loaded %s", name, k.Fingerprint())
		}
	}
}

func FuzzParse(f *testing.F) {
	_, private, err := newEd25519()
	if err != nil {
		f.Fatal(err)
	}
	good, err := Sign(strings.NewReader(message), private, Disposal)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Parse(b)
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatal(err)
			}
			return
		}
		if err := s.Verify(strings.NewReader("another message"), Disposal); !errors.Is(err, ErrInvalid) {
			t.Fatalf("verified: %v", err)
		}
	})
}
