package seal

import (
	"errors"
	"strings"
	"testing"
)

// Key files come from people: whatever is in them is a key or an error, and
// the error never repeats what may be a secret.
func FuzzParseKeys(f *testing.F) {
	k, err := GenerateKeyPair(Classic)
	if err != nil {
		f.Fatal(err)
	}
	state, err := NewStateKeys("e1")
	if err != nil {
		f.Fatal(err)
	}
	marshalled, err := state.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		k.Recipient().String(), string(k.IdentityFile()), string(marshalled), "# comment\n\nssh-ed25519 AAAA me\n",
		"age-encryption.org/v1\n-> scrypt AAAA 18\nAAAA\n---", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----",
		"-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n-----END AGE ENCRYPTED FILE-----",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, fromRecipients := ParseRecipients(data)
		_, fromIdentities := ParseIdentities(data, "key", nil)
		_, fromState := ParseStateKeys(data)
		for _, err := range []error{fromRecipients, fromIdentities, fromState} {
			if err == nil {
				continue
			}
			if !errors.Is(err, ErrKeyFormat) && !errors.Is(err, ErrPassphrase) {
				t.Errorf("unexpected kind of error: %v", err)
			}
			if strings.Contains(err.Error(), "AGE-SECRET-KEY") {
				t.Errorf("an error repeats a secret: %v", err)
			}
		}
	})
}
