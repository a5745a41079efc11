package seal_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/archive/bag"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
)

// The plain exit that the README promises: a record opens with age, zstd and
// tar alone, starting from the reader's own key.
func TestStockToolsOpenARecord(t *testing.T) {
	for _, tool := range []string{"age", "zstd", "tar", "sha256sum"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("this test needs %s: %v\nhint: apt-get install age zstd tar coreutils, or run ./scripts/test", tool, err)
		}
	}
	plainExit(t, "age", seal.Classic)
}

// Post-quantum keys need age 1.3, which Debian does not have yet: it is built
// from the module that we use ourselves.
func TestAge13OpensAPostQuantumRecord(t *testing.T) {
	tool := filepath.Join(t.TempDir(), "age")
	if out, err := exec.Command("go", "build", "-o", tool, "filippo.io/age/cmd/age").CombinedOutput(); err != nil {
		t.Fatalf("build age: %v\n%s", err, out)
	}
	plainExit(t, tool, seal.PostQuantum)
}

func plainExit(t *testing.T, age string, strength seal.Strength) {
	dir := t.TempDir()
	generate := func() *seal.KeyPair {
		k, err := seal.GenerateKeyPair(strength)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	save := func(name string, data []byte, err error) {
		t.Helper()
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	officer, vault := generate(), generate()
	save("officer.key", officer.IdentityFile(), nil)
	wrapped, err := vault.Wrap(officer.Recipient())
	save("officer.age", wrapped, err)
	id, message, object := sealedRecord(t, vault.Recipient())
	save("record", object, nil)

	script := exec.Command("sh", "-ec", `
		"$1" -d -i officer.key officer.age > v.key
		"$1" -d -i v.key record | zstd -d | tar -x
		cd "$2" && sha256sum --strict -c manifest-sha256.txt && sha256sum --strict -c tagmanifest-sha256.txt`, "sh", age, id)
	script.Dir = dir
	if out, err := script.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got, err := os.ReadFile(filepath.Join(dir, id, "data", "message.eml"))
	if err != nil || !bytes.Equal(got, message) {
		t.Errorf("%d octets, %v", len(got), err)
	}
}

func sealedRecord(t testing.TB, to *seal.Recipient) (id string, message, object []byte) {
	t.Helper()
	message = []byte("From: a.field@example.gov.uk\r\nSubject: Sandbags\r\n\r\n" + strings.Repeat("We have 4,000 of them.\r\n", 5000))
	s, err := seal.NewSealer(to)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	rec, err := sealMail(s, &b, message)
	if err != nil {
		t.Fatal(err)
	}
	return string(rec.ID), message, b.Bytes()
}

// sealMail does what a capture does to an e-mail, storing apart.
func sealMail(s *seal.Sealer, w io.Writer, message []byte) (record.Record, error) {
	rec := record.Record{Format: record.Format, Kind: record.Email, Vault: "main", Components: []record.Component{
		{Path: "data/message.eml", Size: int64(len(message)), Digest: record.Sum(message), MediaType: "message/rfc822"},
	}}
	rec.ID = record.NewID([]byte("naming key"), rec.Vault, rec.Kind, record.ManifestDigest(rec.Components), 0)
	sw, err := s.Seal(w)
	if err != nil {
		return rec, err
	}
	if err := bag.Write(sw, rec, map[string]io.ReaderAt{"data/message.eml": bytes.NewReader(message)}); err != nil {
		return rec, err
	}
	return rec, sw.Close()
}

func BenchmarkBagAndSeal(b *testing.B) {
	for name, n := range map[string]int{"4KiB": 4 << 10, "50KiB": 50 << 10} {
		b.Run(name, func(b *testing.B) {
			vault, err := seal.GenerateKeyPair(seal.PostQuantum)
			if err != nil {
				b.Fatal(err)
			}
			s, err := seal.NewSealer(vault.Recipient())
			if err != nil {
				b.Fatal(err)
			}
			message := []byte(strings.Repeat("We have 4,000 sandbags at the depot.\r\n", n/38+1))[:n]
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := sealMail(s, io.Discard, message); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
