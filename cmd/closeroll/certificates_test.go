package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// An authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// makeCertificates makes, in a folder's tls/: an authority (ca.pem), the
// server's certificate for 127.0.0.1, those of an officer, a manager and a
// clerk without a role, and one of a stranger, whom another authority knows.
func makeCertificates(dir string) error {
	dir = filepath.Join(dir, "tls")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ours, err := newAuthority("Floods test authority")
	if err != nil {
		return err
	}
	theirs, err := newAuthority("Another authority")
	if err != nil {
		return err
	}
	if err := writePEM(filepath.Join(dir, "ca.pem"), "CERTIFICATE", ours.cert.Raw); err != nil {
		return err
	}
	for _, c := range []struct {
		by         *authority
		file, name string
		addresses  []net.IP
	}{
		{ours, "server", "closeroll", []net.IP{net.IPv4(127, 0, 0, 1)}},
		{ours, "officer", "officer@floods.example", nil},
		{ours, "manager", "manager@floods.example", nil},
		{ours, "clerk", "clerk@floods.example", nil},
		{theirs, "stranger", "officer@floods.example", nil},
	} {
		if err := c.by.issue(filepath.Join(dir, c.file), c.name, c.addresses); err != nil {
			return err
		}
	}
	return nil
}

func newAuthority(name string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	t := template(name)
	t.IsCA, t.BasicConstraintsValid, t.KeyUsage = true, true, x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &authority{cert, key}, err
}

// issue writes NAME.pem and NAME.key.
func (a *authority) issue(path, name string, addresses []net.IP) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	t := template(name)
	t.IPAddresses = addresses
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, key.Public(), a.key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := writePEM(path+".key", "PRIVATE KEY", secret); err != nil {
		return err
	}
	return writePEM(path+".pem", "CERTIFICATE", der)
}

func template(name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature}
}

func writePEM(file, kind string, der []byte) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
