// Command certificate verifies a certificate of disposal or of search that
// closeroll exported, with nothing of closeroll: it is written from
// docs/formats.md by whoever would rather not take a program's word for what it
// says of itself.
//
//	go run ./examples/certificate KEY certificate-3.json
//
// KEY is the archive's public key, as somebody keeps it whom the archive's
// keepers cannot reach. It checks that the archive signed this very
// certificate, that the list of what went, or of what each search found, is the
// one that the certificate names, and that the archive's journal has the
// certificate under a signed head. It prints what the certificate says, and ends
// with status 1 if anything is not as it should be.
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
	"slices"
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
	Manifest string `json:"manifest_sha256"`

	Batch    string `json:"batch"` // of disposal, like the next three
	Records  int    `json:"records"`
	Ended    int    `json:"possessions_ended"`
	Finished string `json:"finished"`

	Form    string `json:"form"` // of search, like the rest: open or closed
	Request string `json:"request"`
	Made    string `json:"made"`
	Runs    []run  `json:"runs"`
}

// A run is one search.
type run struct {
	Name    string `json:"name"`
	Total   int    `json:"total"`
	Undated int    `json:"date_undecided"`
	Unread  int    `json:"not_searched"`
	IDs     string `json:"ids_sha256"`
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
			c.print()
			return
		}
	}
	fmt.Fprintln(os.Stderr, "NOT VERIFIED:", err)
	os.Exit(1)
}

func (c *certificate) print() {
	if c.Request == "" {
		fmt.Printf("%s: certificate %d (batch %s): %d records destroyed, finished %s. Verified.\n", c.Archive.Authority, c.Number, c.Batch, c.Records, c.Finished)
		return
	}
	fmt.Printf("%s: certificate %d of the search for %s (%s form), made %s. Verified.\n", c.Archive.Authority, c.Number, c.Request, c.Form, c.Made)
	for _, r := range c.Runs {
		fmt.Printf("  %s: %d messages found\n", r.Name, r.Total)
	}
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
	// What is signed is the certificate without white space.
	var canonical bytes.Buffer
	if err := json.Compact(&canonical, b.Certificate); err != nil {
		return nil, err
	}
	var c certificate
	if err := json.Unmarshal(canonical.Bytes(), &c); err != nil {
		return nil, err
	}
	var text, kind string
	list := listed
	switch b.Format {
	case "closeroll-disposal-bundle/1":
		kind = "disposal certificate"
		text = fmt.Sprintf("closeroll disposal certificate v1\narchive %s\nnumber %d\nsha256 %s\nprevious %s\n",
			c.Archive.ID, c.Number, digest(canonical.Bytes()), c.Previous)
	case "closeroll-search-bundle/1":
		kind, list = "request certificate", found
		text = fmt.Sprintf("closeroll search certificate v1\narchive %s\nrequest %s\nnumber %d\nform %s\nsha256 %s\n",
			c.Archive.ID, c.Request, c.Number, c.Form, digest(canonical.Bytes()))
	default:
		return nil, fmt.Errorf("format %q is not known here", b.Format)
	}
	if err := signed(b.Signature, verifier, text); err != nil {
		return nil, fmt.Errorf("the signature: %w", err)
	}
	if err := list(b.Manifest, &c); err != nil {
		return nil, fmt.Errorf("the manifest: %w", err)
	}
	if err := journalled(&b, verifier, kind, canonical.Bytes()); err != nil {
		return nil, fmt.Errorf("the journal: %w", err)
	}
	return &c, nil
}

// signed checks the archive's signature of the text that has the certificate's
// digest.
func signed(signature string, v note.Verifier, text string) error {
	n, err := note.Open([]byte(signature), note.VerifierList(v))
	if err == nil && n.Text != text {
		err = errors.New("it is of another certificate")
	}
	return err
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

// found checks the list of what each search found and left open. The open form
// of a certificate has none.
func found(manifest string, c *certificate) error {
	if c.Form == "open" && manifest == "" {
		return nil
	}
	if digest([]byte(manifest)) != c.Manifest {
		return errors.New("it is not the one that the certificate names")
	}
	ids := make(map[string][]string)
	for line := range strings.Lines(manifest) {
		words := strings.Fields(line)
		if len(words) < 3 {
			return errors.New("a line of it is too short")
		}
		ids[words[0]+" "+words[1]] = append(ids[words[0]+" "+words[1]], words[2]+"\n")
	}
	for _, r := range c.Runs {
		hits := ids[r.Name+" found"]
		slices.Sort(hits)
		if len(hits) != r.Total || digest([]byte(strings.Join(hits, ""))) != r.IDs ||
			len(ids[r.Name+" date-undecided"]) != r.Undated || len(ids[r.Name+" not-searched"]) != r.Unread {
			return fmt.Errorf("it is not what %s counts", r.Name)
		}
	}
	return nil
}

// journalled checks that the journal under its signed head has the certificate.
func journalled(b *bundle, v note.Verifier, kind string, canonical []byte) error {
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
	if h.Type != kind || !bytes.Equal(body.Certificate, canonical) {
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
