package storetest

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/store/s3"
)

// VersityGW is a real S3 server, versitygw, as a child process on a loopback
// port, with versions and object lock.
type VersityGW struct {
	Endpoint  string // http://127.0.0.1:port
	AccessKey string
	SecretKey string
	Data      string // the folder that holds the buckets, as files

	binary   string
	address  string
	versions string
	cmd      *exec.Cmd
	log      *os.File
}

// StartVersityGW starts the server and stops it when the test ends. The binary
// is that of the environment's CLOSEROLL_VERSITYGW, or versitygw in the PATH;
// without one the test fails.
func StartVersityGW(t testing.TB) *VersityGW {
	t.Helper()
	name := os.Getenv("CLOSEROLL_VERSITYGW")
	if name == "" {
		name = "versitygw"
	}
	binary, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("this test needs an S3 server: %v\nhint: ./scripts/test installs one; or go install github.com/versity/versitygw/cmd/versitygw@v1.8.0, and put it in the PATH or name it in CLOSEROLL_VERSITYGW", err)
	}
	dir := t.TempDir()
	v := &VersityGW{
		AccessKey: "storetest", SecretKey: "storetest-secret", binary: binary,
		Data: filepath.Join(dir, "data"), versions: filepath.Join(dir, "versions"), address: freeAddress(t),
	}
	v.Endpoint = "http://" + v.address
	for _, d := range []string{v.Data, v.versions} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if v.log, err = os.Create(filepath.Join(dir, "log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		v.Stop()
		v.log.Close()
	})
	v.Start(t)
	return v
}

// freeAddress returns a loopback address that nobody listens on.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Start starts the server again after Stop, with what it kept.
func (v *VersityGW) Start(t testing.TB) {
	t.Helper()
	v.cmd = exec.Command(v.binary, "--port", v.address, "--keep-alive", "--quiet", "posix", "--versioning-dir", v.versions, v.Data)
	v.cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+v.AccessKey, "ROOT_SECRET_KEY="+v.SecretKey)
	v.cmd.Stdout, v.cmd.Stderr = v.log, v.log
	if err := v.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if answer, err := http.Get(v.Endpoint); err == nil {
			answer.Body.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	said, err := os.ReadFile(v.log.Name())
	t.Fatalf("versitygw does not answer; it said: %s (%v)", said, err)
}

// Stop ends the server, as a power cut would.
func (v *VersityGW) Stop() {
	if v.cmd == nil {
		return
	}
	v.cmd.Process.Kill()
	v.cmd.Wait()
	v.cmd = nil
}

// BucketOptions are those of a bucket that no other test has, and that does
// not exist yet.
func (v *VersityGW) BucketOptions(t testing.TB) s3.Options {
	t.Helper()
	return s3.Options{Endpoint: v.Endpoint, Bucket: bucketName(t), AccessKey: v.AccessKey, SecretKey: v.SecretKey}
}

// Bucket makes a new bucket with versions and object lock and returns its store.
func (v *VersityGW) Bucket(t testing.TB) *s3.Store {
	t.Helper()
	return OpenBucket(t, v.BucketOptions(t))
}

// OpenBucket makes the bucket of opts, with versions and object lock, and
// returns its store.
func OpenBucket(t testing.TB, opts s3.Options) *s3.Store {
	t.Helper()
	s, err := s3.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CreateBucket(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	return s
}

// bucketName is a name that S3 allows and no other test has.
func bucketName(t testing.TB) string {
	name := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(t.Name()))
	if len(name) > 40 {
		name = name[len(name)-40:]
	}
	return strings.Trim(fmt.Sprintf("b%s-%x", name, time.Now().UnixNano()&0xffffff), "-")
}
