package seal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age/armor"
	"golang.org/x/crypto/ssh"
)

func TestParseRecipient(t *testing.T) {
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sshKey := authorized(t, public)
	for _, c := range []struct {
		text, kind string
		strength   Strength
	}{
		{pair(t, Classic).Recipient().String(), "X25519", Classic},
		{pair(t, PostQuantum).Recipient().String(), "hybrid", PostQuantum},
		{sshKey + " officer@example.gov.uk\n", "ssh-ed25519", Classic},
	} {
		r, err := ParseRecipient(" " + c.text)
		if err != nil || r.Kind() != c.kind || r.Strength() != c.strength {
			t.Errorf("%.30s: %v", c.text, err)
			continue
		}
		if again, err := ParseRecipient(r.String()); err != nil || again.String() != r.String() || strings.Contains(r.String(), "@") {
			t.Errorf("%s is not its own text: %v", r.Kind(), err)
		}
		if len(r.Short()) > 90 {
			t.Errorf("Short is %q", r.Short())
		}
	}
}

func TestParseRecipientRefuses(t *testing.T) {
	secret := pair(t, Classic).secret
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"", "age1", "age1pq1qqqq", "age1yubikey1qqqq", "age1tag1qqqq", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-dss AAAA", "nonsense",
		secret, "-----BEGIN OPENSSH PRIVATE KEY-----", authorized(t, &small.PublicKey), strings.Repeat("age1", 10000),
	} {
		_, err := ParseRecipient(text)
		if !errors.Is(err, ErrKeyFormat) {
			t.Errorf("%.40q: %v", text, err)
		} else if text != "" && len(text) > 12 && strings.Contains(err.Error(), text) {
			t.Errorf("the error repeats what was given: %v", err)
		}
	}
}

func TestLoadRecipients(t *testing.T) {
	a, b := pair(t, Classic), pair(t, PostQuantum)
	name := filepath.Join(t.TempDir(), "readers.txt")
	write(t, name, "# two readers\n\n"+a.Recipient().String()+"\r\n"+b.Recipient().String())
	for given, want := range map[string]int{name: 2, a.Recipient().String(): 1} {
		if all, err := LoadRecipients(given); err != nil || len(all) != want {
			t.Errorf("%s: %d, %v", given, len(all), err)
		}
	}
	empty := filepath.Join(t.TempDir(), "empty.txt")
	write(t, empty, "# nobody\n")
	for _, given := range []string{"no-such-file", empty, t.TempDir(), a.secret, "age1" + strings.Repeat("q", 58)} {
		_, err := LoadRecipients(given)
		if !errors.Is(err, ErrKeyFormat) || strings.Contains(err.Error(), a.secret) {
			t.Errorf("%.30s: %v", given, err)
		}
	}
}

func TestLoadOpener(t *testing.T) {
	dir := t.TempDir()
	reader := pair(t, PostQuantum)
	protected, err := Protect(reader.IdentityFile(), []byte("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	var armored bytes.Buffer
	w := armor.NewWriter(&armored)
	if _, err := w.Write(protected); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	wrapped, err := Wrap([]byte("secret"), reader.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(answer string) Passphrase {
		return func(string) ([]byte, error) { return []byte(answer), nil }
	}
	for _, c := range []struct {
		name string
		data []byte
		ask  Passphrase
		err  error
	}{
		{"plain", reader.IdentityFile(), nil, nil},
		{"protected", protected, ask("correct horse"), nil},
		{"armored", armored.Bytes(), ask("correct horse"), nil},
		{"wrong passphrase", protected, ask("battery staple"), ErrPassphrase},
		{"empty passphrase", protected, ask(""), ErrPassphrase},
		{"nobody to ask", protected, nil, ErrPassphrase},
		{"sealed to a key", wrapped, ask("x"), ErrKeyFormat},
		{"public", []byte(reader.Recipient().String()), nil, ErrKeyFormat},
		{"nothing", nil, nil, ErrKeyFormat},
		{"malformed", []byte("AGE-SECRET-KEY-1QQQ"), nil, ErrKeyFormat},
		{"plugin", []byte("AGE-PLUGIN-YUBIKEY-1QQQ"), nil, ErrKeyFormat},
		{"no key", []byte("-----BEGIN CERTIFICATE-----\n"), nil, ErrKeyFormat},
		{"cut off", protected[:100], ask("correct horse"), ErrKeyFormat},
	} {
		file := filepath.Join(dir, strings.ReplaceAll(c.name, " ", "-"))
		write(t, file, string(c.data))
		o, err := LoadOpener([]string{file}, c.ask)
		if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if err == nil {
			if got, err := o.Unwrap(wrapped); err != nil || string(got) != "secret" {
				t.Errorf("%s: opened %q, %v", c.name, got, err)
			}
		}
	}
	if _, err := LoadOpener([]string{filepath.Join(dir, "none")}, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestPublicOf(t *testing.T) {
	for _, strength := range []Strength{PostQuantum, Classic} {
		k := pair(t, strength)
		if r, err := PublicOf(k.IdentityFile()); err != nil || r.String() != k.Recipient().String() {
			t.Errorf("%s: %v", strength, err)
		}
	}
	for _, file := range []string{"", "# nothing\n", pair(t, Classic).Recipient().String()} {
		if _, err := PublicOf([]byte(file)); !errors.Is(err, ErrKeyFormat) {
			t.Errorf("%.20q: %v", file, err)
		}
	}
}

func TestSSHKeys(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := ParseRecipient(authorized(t, public))
	if err != nil {
		t.Fatal(err)
	}
	vault := pair(t, PostQuantum)
	wrapped, err := vault.Wrap(reader)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	locked, err := ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte("pass"))
	if err != nil {
		t.Fatal(err)
	}
	record := sealed(t, []byte("Dear Minister"), vault.Recipient())
	asked := 0
	ask := func(name string) ([]byte, error) {
		asked++
		return []byte("pass"), nil
	}
	for i, block := range []*pem.Block{plain, locked} {
		file := filepath.Join(t.TempDir(), "id_ed25519")
		write(t, file, string(pem.EncodeToMemory(block)))
		o, err := LoadOpener([]string{file}, ask)
		if err != nil || asked != 0 {
			t.Fatalf("load: %v; asked %d times", err, asked)
		}
		v, err := o.UnwrapOpener(wrapped)
		if err != nil || asked != i {
			t.Fatalf("vault key: %v; asked %d times", err, asked)
		}
		if got, err := opened(o.With(v), record); err != nil || string(got) != "Dear Minister" {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestStateKeys(t *testing.T) {
	k, err := NewStateKeys("state-2026")
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Rotate("state-2027"); err != nil {
		t.Fatal(err)
	}
	daemon, stranger := pair(t, PostQuantum), pair(t, PostQuantum)
	wrapped, err := k.Wrap(daemon.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	got, err := daemon.Opener().UnwrapStateKeys(wrapped)
	if err != nil {
		t.Fatal(err)
	}
	if got.Epoch() != "state-2027" || strings.Join(got.Epochs(), " ") != "state-2026 state-2027" || !bytes.Equal(got.NamingKey(), k.NamingKey()) {
		t.Errorf("%v, current %s", got, got.Epoch())
	}
	if _, err := stranger.Opener().UnwrapStateKeys(wrapped); !errors.Is(err, ErrNoMatch) {
		t.Errorf("a stranger: %v", err)
	}
	seen := make(map[string]bool)
	for _, use := range []Use{Journal, Catalog, Index} {
		for epoch, key := range got.Subkeys(use) {
			want, err := hkdf.Key(sha256.New, k.sealing[epoch], nil, "closeroll/"+string(use)+"/1", KeySize)
			if err != nil || !bytes.Equal(key, want) || seen[string(key)] {
				t.Errorf("%s of %s: not HKDF, or not its own", use, epoch)
			}
			seen[string(key)] = true
		}
		if !bytes.Equal(got.Subkey(use), got.Subkeys(use)["state-2027"]) {
			t.Errorf("%s: the current subkey is another epoch's", use)
		}
	}
}

func TestStateKeysRefuse(t *testing.T) {
	k, err := NewStateKeys("e1")
	if err != nil {
		t.Fatal(err)
	}
	for _, epoch := range []string{"", "e1", "E2", "a/b", "-x", strings.Repeat("a", 33)} {
		if err := k.Rotate(epoch); !errors.Is(err, ErrKeyFormat) {
			t.Errorf("epoch %q: %v", epoch, err)
		}
	}
	good, err := k.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseStateKeys(good); err != nil {
		t.Fatal(err)
	}
	replace := func(old, with string) string { return strings.Replace(string(good), old, with, 1) }
	for _, bad := range []string{
		"", "null", "{}", string(good) + "{}", replace("state-keys/1", "state-keys/2"), replace(`"current":"e1"`, `"current":"e2"`),
		replace(`"naming":"`, `"naming":"AAAA`), replace(`{"e1":"`, `{"e1":"AAAA`), replace(`"naming"`, `"nomen"`),
	} {
		if _, err := ParseStateKeys([]byte(bad)); !errors.Is(err, ErrKeyFormat) {
			t.Errorf("%.60s: %v", bad, err)
		}
	}
	if b, err := json.Marshal([]any{k}); err != nil || string(b) != "[{}]" {
		t.Errorf("an encoder shows %s, %v", b, err)
	}
}

func authorized(t *testing.T, public any) string {
	t.Helper()
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
}

func write(t *testing.T, name, data string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
}
