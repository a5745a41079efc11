// Command certificate verifies a certificate of disposal that closeroll
// exported, with nothing of closeroll: it is written from docs/formats.md by
// whoever would rather not take a program's word for what it says of itself.
//
//	go run ./examples/certificate KEY certificate-3.json
//
// KEY is the archive's public key, as somebody keeps it whom the archive's
// keepers cannot reach. It checks that the archive signed this very
// certificate, that the list of what went is the one that the certificate
// names, and that the archive's journal has the certificate under a signed
// head. It prints what the certificate says, and ends with status 1 if anything
// is not as it should be.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A bundle is the exported file.
type bundle struct {
	Format      string          `json:"format"`
	Certificate json.RawMessage `json:"certificate"`
	Signature   string          `json:"signature"`
	Manifest    string          `json:"manifest"`
	Checkpoint  string          `json:"checkpoint"`
	Entry       struct {
		Index   int64            `json:"index"`
		Header  []byte           `json:"header"`
		Content tlog.Hash        `json:"content"`
		Salt    []byte           `json:"salt"`
		Body    []byte           `json:"body"`
		Path    tlog.RecordProof `json:"path"`
	} `json:"entry"`
}

// A certificate is as much of one as is looked at here.
type certificate struct {
	Number   int    `json:"number"`
	Previous string `json:"previous_sha256"`
	Archive  struct {
		ID        string `json:"id"`
		Authority string `json:"authority"`
	} `json:"archive"`
	Batch    string `json:"batch"`
	Records  int    `json:"records"`
	Ended    int    `json:"possessions_ended"`
	Manifest string `json:"manifest_sha256"`
	Finished string `json:"finished"`
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: certificate KEY FILE")
		os.Exit(2)
	}
	data, err := os.ReadFile(os.Args[2])
	if err == nil {
		var c *certificate
		if c, err = verify(data, os.Args[1]); err == nil {
			fmt.Printf("%s: certificate %d (batch %s): %d records destroyed, finished %s. Verified.\n", c.Archive.Authority, c.Number, c.Batch, c.Records, c.Finished)
			return
		}
	}
	fmt.Fprintln(os.Stderr, "NOT VERIFIED:", err)
	os.Exit(1)
}

// verify checks a bundle against the archive's public key.
func verify(data []byte, key string) (*certificate, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return nil, fmt.Errorf("the key: %w", err)
	}
	var b bundle
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, err
	}
	if b.Format != "closeroll-disposal-bundle/1" {
		return nil, fmt.Errorf("format %q is not known here", b.Format)
	}
	// What is signed is the certificate without white space.
	var canonical bytes.Buffer
	if err := json.Compact(&canonical, b.Certificate); err != nil {
		return nil, err
	}
	var c certificate
	if err := json.Unmarshal(canonical.Bytes(), &c); err != nil {
		return nil, err
	}
	if err := signed(b.Signature, verifier, &c, canonical.Bytes()); err != nil {
		return nil, fmt.Errorf("the signature: %w", err)
	}
	if err := listed(b.Manifest, &c); err != nil {
		return nil, fmt.Errorf("the manifest: %w", err)
	}
	if err := journalled(&b, verifier, canonical.Bytes()); err != nil {
		return nil, fmt.Errorf("the journal: %w", err)
	}
	return &c, nil
}

// signed checks the archive's signature of the certificate's digest.
func signed(signature string, v note.Verifier, c *certificate, canonical []byte) error {
	n, err := note.Open([]byte(signature), note.VerifierList(v))
	if err != nil {
		return err
	}
	want := fmt.Sprintf("closeroll disposal certificate v1\narchive %s\nnumber %d\nsha256 %s\nprevious %s\n",
		c.Archive.ID, c.Number, digest(canonical), c.Previous)
	if n.Text != want {
		return errors.New("it is of another certificate")
	}
	return nil
}

// listed checks the list of what went: a line for each record or possession.
func listed(manifest string, c *certificate) error {
	if digest([]byte(manifest)) != c.Manifest {
		return errors.New("it is not the one that the certificate names")
	}
	if n := strings.Count(manifest, "\n"); n != c.Records+c.Ended {
		return fmt.Errorf("it has %d lines, and the certificate is of %d records and %d possessions", n, c.Records, c.Ended)
	}
	return nil
}

// journalled checks that the journal under its signed head has the certificate.
func journalled(b *bundle, v note.Verifier, canonical []byte) error {
	size, root, err := head(b.Checkpoint, v)
	if err != nil {
		return fmt.Errorf("its head: %w", err)
	}
	e := &b.Entry
	// RFC 6962: the leaf is over the header's digest and the body's commitment.
	commitment := sha256.Sum256(append(bytes.Clone(e.Salt), e.Body...))
	if len(e.Salt) != 32 || tlog.Hash(commitment) != e.Content {
		return errors.New("the entry's body is not the one that was committed to")
	}
	header := sha256.Sum256(e.Header)
	leaf := tlog.RecordHash(append(header[:], e.Content[:]...))
	if err := tlog.CheckRecord(e.Path, size, root, e.Index, leaf); err != nil {
		return err
	}
	var h struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(e.Header, &h); err != nil {
		return err
	}
	var body struct {
		Certificate []byte `json:"certificate"`
	}
	if err := json.Unmarshal(e.Body, &body); err != nil {
		return err
	}
	if h.Type != "disposal certificate" || !bytes.Equal(body.Certificate, canonical) {
		return errors.New("the entry is of something else")
	}
	return nil
}

// head reads a checkpoint (C2SP tlog-checkpoint): origin, size, root.
func head(checkpoint string, v note.Verifier) (size int64, root tlog.Hash, err error) {
	n, err := note.Open([]byte(checkpoint), note.VerifierList(v))
	if err != nil {
		return 0, root, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || lines[0] != v.Name() {
		return 0, root, errors.New("it is not a checkpoint of this archive")
	}
	if size, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return 0, root, err
	}
	h, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(h) != len(root) {
		return 0, root, errors.New("its root is no hash")
	}
	return size, tlog.Hash(h), nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
