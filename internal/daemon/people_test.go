package daemon_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/user"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/dir"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/disposer"
	"github.com/closeroll/closeroll/internal/sshsig"
	"github.com/closeroll/closeroll/retention/disposal"
)

// A person calls the daemon from their own machine, and signs with their own
// key.
type person struct {
	*api.Client
	key  ssh.Signer
	name string
}

// An office is a house in which several people work, with a clock that can be
// put forward and a schedule in force.
type office struct {
	*served
	skip   *atomic.Int64
	people map[string]*person
	bucket store.Deleter
}

// openOffice starts a daemon for ann, bob and dee, who are managers, dee being
// the departmental records officer too. Whoever runs the test is a manager
// besides. more is added to the configuration.
func openOffice(t *testing.T, schedule, more string) *office {
	t.Helper()
	o := &office{served: &served{house: build(t, true, true, true, true)}, skip: new(atomic.Int64), people: make(map[string]*person)}
	o.now = func() time.Time { return time.Now().Add(time.Duration(o.skip.Load())) }
	var signers, authorities []byte
	for _, name := range []string{"ann", "bob", "dee", "server"} {
		authorities = append(authorities, o.introduce(t, name)...)
		if name != "server" {
			o.people[name] = &person{key: newSigner(t), name: name}
			signers = fmt.Appendf(signers, "%s %s", name, ssh.MarshalAuthorizedKey(o.people[name].key.PublicKey()))
		}
	}
	mine, me := newSigner(t), fmt.Sprint(os.Getuid())
	if u, err := user.Current(); err == nil {
		me = u.Username
	}
	signers = fmt.Appendf(signers, "%s %s", me, ssh.MarshalAuthorizedKey(mine.PublicKey()))
	cfg, err := os.ReadFile(o.path("closeroll.yaml"))
	must(t, err)
	listen := freeAddress(t)
	text := strings.NewReplacer("api: {socket: s}", "api: {socket: s, listen: \""+listen+"\", cert_file: server.pem, key_file: server.key, client_ca_file: people.pem}",
		fmt.Sprintf("manager: {users: [%q]}", fmt.Sprint(os.Getuid())), fmt.Sprintf("manager: {users: [%q], certificates: [ann, bob, dee]}", fmt.Sprint(os.Getuid()))).Replace(string(cfg))
	for name, data := range map[string][]byte{"people.pem": authorities, "signers": signers, "schedule.yaml": []byte(schedule),
		"closeroll.yaml": []byte(text + "approvals: {allowed_signers: signers, release_after: none}\n" + more)} {
		must(t, os.WriteFile(o.path(name), data, 0o600))
	}
	o.served = o.serve(t)
	for name, p := range o.people {
		p.Client, err = api.NewRemoteClient(api.Remote{URL: "https://" + listen, CertFile: o.path(name + ".pem"), KeyFile: o.path(name + ".key"), CAFile: o.path("people.pem")}, "1.0.0")
		must(t, err)
		t.Cleanup(p.Close)
	}
	signature, err := sshsig.Sign(strings.NewReader(schedule), mine, sshsig.Schedule)
	must(t, err)
	call[v1.ScheduleInForce](t, o.served, http.MethodPost, "/v1/retention/schedule", v1.Adoption{Text: schedule, Signature: string(signature)})
	bucket, err := dir.Open(o.path("bucket"))
	must(t, err)
	t.Cleanup(func() { bucket.Close() })
	o.bucket = bucket
	return o
}

func newSigner(t *testing.T) ssh.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	s, err := ssh.NewSignerFromKey(key)
	must(t, err)
	return s
}

// introduce makes a certificate that vouches for itself, and returns it.
func (o *office) introduce(t *testing.T, name string) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	must(t, os.WriteFile(o.path(name+".key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	must(t, os.WriteFile(o.path(name+".pem"), cert, 0o600))
	return cert
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}

func (o *office) days(n int) { o.skip.Add(int64(n) * int64(24*time.Hour)) }

// approve signs a batch as a person sees it.
func (o *office) approve(t *testing.T, who, batch, role string) (out v1.Batch, err error) {
	t.Helper()
	p := o.people[who]
	var s v1.Statement
	if err := p.Do(t.Context(), http.MethodGet, disposer.Path(batch, "/statement?role="+role), nil, &s); err != nil {
		return out, err
	}
	signature, err := sshsig.Sign(strings.NewReader(s.Text), p.key, sshsig.Disposal)
	must(t, err)
	err = p.Do(t.Context(), http.MethodPost, disposer.Path(batch, "/approvals"), v1.Approve{Role: role, Text: s.Text, Signature: string(signature)}, &out)
	return out, err
}

// execute carries a batch out with the disposer's hands on the bucket.
func (o *office) execute(t *testing.T, batch string) (int, error) {
	t.Helper()
	return disposal.Execute(t.Context(), disposer.New(o.client), o.bucket, batch, func(int, int) {})
}

func (o *office) batch(t *testing.T, name string) v1.Batch {
	t.Helper()
	return call[v1.Batch](t, o.served, http.MethodGet, disposer.Path(name, ""), nil)
}

// wants fails unless err says what it should.
func wants(t *testing.T, err error, what string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), what) {
		t.Errorf("%v, want %q", err, what)
	}
}

// objects counts the sealed records in the bucket.
func (o *office) objects(t *testing.T) (n int) {
	t.Helper()
	for _, err := range o.bucket.(store.Store).List(context.WithoutCancel(t.Context()), "records/") {
		must(t, err)
		n++
	}
	return n
}
