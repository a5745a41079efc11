package sshsig

import (
	"crypto/ed25519"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func newEd25519() (line string, s ssh.Signer, err error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return "", nil, err
	}
	if s, err = ssh.NewSignerFromKey(private); err != nil {
		return "", nil, err
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(s.PublicKey()))), s, nil
}

// TestAgreesWithKeygen puts the same allowed-signers files, signature and time
// to this package and to ssh-keygen, and wants the same verdict.
func TestAgreesWithKeygen(t *testing.T) {
	key, signer, err := newEd25519()
	if err != nil {
		t.Fatal(err)
	}
	signature, err := Sign(strings.NewReader(message), signer, Schedule)
	if err != nil {
		t.Fatal(err)
	}
	sig := write(t, "sig", string(signature))
	for _, c := range []struct {
		line string
		want bool
	}{
		{"ann KEY", true},
		{"ann KEY a comment with blanks", true},
		{"ann\tKEY", true},
		{"  ann KEY", true},
		{"# ann KEY", false},
		{"bob KEY", false},
		{"bob,ann KEY", true},
		{`"ann,bob" KEY`, true},
		{"a* KEY", true},
		{"a?n KEY", true},
		{"a?nn KEY", false},
		{"* KEY", true},
		{"*,!ann KEY", false},
		{"!bob,* KEY", true},
		{"Ann KEY", false},
		{`ann namespaces="schedule@closeroll" KEY`, true},
		{`ann namespaces="disposal@closeroll" KEY`, false},
		{`ann namespaces="*@closeroll" KEY`, true},
		{`ann namespaces="*,!schedule@*" KEY`, false},
		{`ann namespaces="file,schedule@closeroll",valid-after="20260527" KEY`, true},
		{`ann valid-after="20260528" KEY`, false},
		{`ann valid-before="20260527" KEY`, false},
		{`ann valid-before="202605271200" KEY`, true},
		{`ann valid-before="20260527115959" KEY`, false},
		{`ann valid-after="20260527120001",valid-before="20270101" KEY`, false},
		{`ann valid-after="20260101",valid-before="20270101" KEY`, true},
		{"ann cert-authority KEY", false},
		{"bob KEY\nann KEY", true},
		{`ann namespaces="git" KEY` + "\nann KEY", true},
	} {
		text := strings.ReplaceAll(c.line, "KEY", key) + "\n"
		_, err := allowed(t, text).Verify("ann", Schedule, []byte(message), signature, noon())
		if (err == nil) != c.want {
			t.Errorf("%s: %v, want %v", c.line, err, c.want)
		}
		out, err := keygen(t, message, "-Y", "verify", "-f", write(t, "allowed", text), "-I", "ann", "-n", string(Schedule),
			"-O", "verify-time=20260527120000", "-s", sig)
		if (err == nil) != c.want {
			t.Errorf("%s: ssh-keygen says %v %s", c.line, err, out)
		}
	}
}

// TestStricterThanKeygen: what ssh-keygen would pass over, or take in a sense
// that the writer may not have meant, is a fault that names its line.
func TestStricterThanKeygen(t *testing.T) {
	key, _, err := newEd25519()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"ann", "ann ", "ann ssh-ed25519", "ann ssh-ed25519 AAAA", "ann ssh-rsa " + strings.Fields(key)[1],
		"ann nonsense KEY", "ann namespaces=git KEY", `ann namespaces="git KEY`, `ann namespaces="" KEY`, `ann namespaces="!git" KEY`,
		`ann namespaces="a",namespaces="b" KEY`, `ann cert-authority,cert-authority KEY`, `ann cert-authority="yes" KEY`,
		`ann valid-after="2026" KEY`, `ann valid-after="20260230" KEY`, `ann valid-after="20260101ZZ" KEY`,
		`ann valid-after="20270101",valid-before="20260101" KEY`, `"ann KEY`, `"ann"x KEY`, "ann,,bob KEY", "!ann KEY", `ann namespaces="a\"b" KEY`,
		strings.Repeat("a", maxPattern+1) + " KEY",
	} {
		if _, err := ParseAllowed([]byte("\n"+strings.ReplaceAll(line, "KEY", key)), time.UTC); err == nil || !strings.HasPrefix(err.Error(), "line 2: ") {
			t.Errorf("%s: %v", line, err)
		}
	}
	if _, err := ParseAllowed([]byte(strings.Repeat("\n", maxLines+1)), time.UTC); err == nil {
		t.Error("a file of too many lines was read")
	}
}

func TestDatesAreOfTheZone(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"20260527": "2026-05-26T23:00:00Z", "20260527Z": "2026-05-27T00:00:00Z", "202605270930": "2026-05-27T08:30:00Z", "20260527093015Z": "2026-05-27T09:30:15Z",
	} {
		if got, err := parseTime(text, london); err != nil || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
}

func TestKeysOfAPerson(t *testing.T) {
	one, _, err := newEd25519()
	if err != nil {
		t.Fatal(err)
	}
	two, signer, err := newEd25519()
	if err != nil {
		t.Fatal(err)
	}
	a := allowed(t, "ann valid-before=\"20260101\" "+one+"\nann,bob namespaces=\"schedule@*\" "+two+"\n")
	if got := a.Keys("ann", Schedule, noon()); len(got) != 1 || got[0] != ssh.FingerprintSHA256(signer.PublicKey()) {
		t.Errorf("ann's keys: %q", got)
	}
	if got := a.Keys("ann", Disposal, noon()); got != nil {
		t.Errorf("ann's keys for disposal: %q", got)
	}
}

func FuzzParseAllowed(f *testing.F) {
	key, signer, err := newEd25519()
	if err != nil {
		f.Fatal(err)
	}
	signature, err := Sign(strings.NewReader(message), signer, Schedule)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("ann " + key)
	f.Add(`"ann,*" cert-authority,namespaces="a,b",valid-after="20260101Z" ` + key + "\n# note\n")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAllowed([]byte(text), time.UTC)
		if err != nil {
			return
		}
		if _, err := a.Verify("ann", Schedule, []byte(message), signature, noon()); err == nil && !strings.Contains(text, strings.Fields(key)[1]) {
			t.Fatalf("a key that does not stand in the file may sign: %q", text)
		}
	})
}
