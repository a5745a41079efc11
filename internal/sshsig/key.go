package sshsig

import (
	"bytes"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// A Key signs. Close it when done: it may hold a connection to ssh-agent.
type Key struct {
	ssh.Signer
	conn net.Conn
}

// Close ends the connection to ssh-agent, if there is one.
func (k *Key) Close() error {
	if k.conn == nil {
		return nil
	}
	return k.conn.Close()
}

// Fingerprint names the key as ssh-keygen -l does: SHA256:….
func (k *Key) Fingerprint() string { return ssh.FingerprintSHA256(bare(k.PublicKey())) }

// A Passphrase asks for the passphrase of the key file called name. It returns
// an error where nobody can be asked.
type Passphrase func(name string) ([]byte, error)

// maxKeyFile is how long a key file may be, in octets.
const maxKeyFile = 1 << 20

// LoadKey returns the key in a file, as `ssh-keygen -Y sign -f FILE` takes it:
// a private key, whose passphrase it asks for if it has one; or a public key
// (.pub) or certificate (-cert.pub), whose private half is with the ssh-agent
// that listens on socket (SSH_AUTH_SOCK) or in the file beside it without the
// ending. Errors never repeat what is in the file.
func LoadKey(name, socket string, ask Passphrase) (*Key, error) {
	data, err := readLimited(name)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("-----BEGIN")) {
		s, err := parsePrivate(data, name, ask)
		if err != nil {
			return nil, err
		}
		return &Key{Signer: s}, nil
	}
	public, _, _, rest, err := ssh.ParseAuthorizedKey(data)
	if err != nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, fmt.Errorf("%s is neither an SSH private key nor an SSH public key", name)
	}
	key, why := fromAgent(public, socket)
	if key != nil {
		return key, nil
	}
	private := strings.TrimSuffix(strings.TrimSuffix(name, ".pub"), "-cert")
	if data, err := readLimited(private); err == nil && private != name {
		return besidePublic(data, private, public, ask)
	}
	return nil, why
}

// parsePrivate reads a private key, asking for its passphrase if it has one.
func parsePrivate(data []byte, name string, ask Passphrase) (ssh.Signer, error) {
	s, err := ssh.ParsePrivateKey(data)
	var missing *ssh.PassphraseMissingError
	if errors.As(err, &missing) {
		if ask == nil {
			return nil, fmt.Errorf("%s is protected by a passphrase, and nobody can be asked for it", name)
		}
		passphrase, err := ask(name)
		if err != nil {
			return nil, err
		}
		s, err = ssh.ParsePrivateKeyWithPassphrase(data, passphrase)
		if err != nil {
			return nil, fmt.Errorf("%s: the passphrase is wrong", name)
		}
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s is no private key that this program can sign with; if it is a hardware key, add it to ssh-agent and name its .pub file", name)
	}
	return s, nil
}

// besidePublic reads the private key beside a public key or certificate.
func besidePublic(data []byte, name string, public ssh.PublicKey, ask Passphrase) (*Key, error) {
	s, err := parsePrivate(data, name, ask)
	if err != nil {
		return nil, err
	}
	if !same(s.PublicKey(), bare(public)) {
		return nil, fmt.Errorf("%s is not the private key of the public one beside it", name)
	}
	if cert, ok := public.(*ssh.Certificate); ok {
		if s, err = ssh.NewCertSigner(cert, s); err != nil {
			return nil, err
		}
	}
	return &Key{Signer: s}, nil
}

// fromAgent finds the private half of a key with ssh-agent, or says why not.
func fromAgent(public ssh.PublicKey, socket string) (*Key, error) {
	if socket == "" {
		return nil, errors.New("that is a public key, and there is no ssh-agent (SSH_AUTH_SOCK) to ask for its private half")
	}
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, fmt.Errorf("ssh-agent: %w", err)
	}
	signers, err := agent.NewClient(conn).Signers()
	for _, s := range signers {
		if same(s.PublicKey(), public) {
			return &Key{Signer: s, conn: conn}, nil
		}
		cert, ok := public.(*ssh.Certificate)
		if !ok || !same(s.PublicKey(), cert.Key) {
			continue
		}
		if s, err = ssh.NewCertSigner(cert, s); err == nil {
			return &Key{Signer: s, conn: conn}, nil
		}
	}
	if err == nil {
		err = errors.New("it does not have this key: add it with ssh-add")
	}
	return nil, errors.Join(fmt.Errorf("ssh-agent: %w", err), conn.Close())
}

// bare returns the key that a certificate certifies, or the key itself.
func bare(k ssh.PublicKey) ssh.PublicKey {
	if c, ok := k.(*ssh.Certificate); ok {
		return c.Key
	}
	return k
}

// plainType is the type of the key itself, certified or not.
func plainType(k ssh.PublicKey) string { return bare(k).Type() }

// same reports whether both are the same key, or the same certificate.
func same(a, b ssh.PublicKey) bool { return bytes.Equal(a.Marshal(), b.Marshal()) }

// bits is the length of an RSA key.
func bits(k ssh.PublicKey) int {
	if c, ok := bare(k).(ssh.CryptoPublicKey); ok {
		if r, ok := c.CryptoPublicKey().(*rsa.PublicKey); ok {
			return r.N.BitLen()
		}
	}
	return 0
}

// readLimited reads a whole file of a sensible size.
func readLimited(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxKeyFile {
		return nil, fmt.Errorf("%s is too long for a key file", name)
	}
	return data, nil
}
