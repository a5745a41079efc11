package daemon_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/archive/archivetest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/reader"
	"github.com/closeroll/closeroll/retention/report"
)

// attached is the file that a letter brings.
func attached(t *testing.T, letter string) (name string, octets []byte) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(letter))
	must(t, err)
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	must(t, err)
	parts := multipart.NewReader(m.Body, params["boundary"])
	_, err = parts.NextPart()
	must(t, err)
	p, err := parts.NextPart()
	must(t, err)
	octets, err = io.ReadAll(base64.NewDecoder(base64.StdEncoding, p))
	must(t, err)
	return p.FileName(), octets
}

// TestPackIsDeliveredSealed waits for the pack that cron makes: the same sealed
// file comes to the bucket, to a folder and by mail, and readers open each.
func TestPackIsDeliveredSealed(t *testing.T) {
	box := openPostbox(t)
	h := build(t, true, true, true, true)
	config, err := os.ReadFile(h.path("closeroll.yaml"))
	must(t, err)
	text := strings.Replace(string(config), "alerts: none", fmt.Sprintf("alerts: {smtp: {host: 127.0.0.1, port: %d, security: plain, from: closeroll@env.example, to: [it@env.example]}}", box.port), 1)
	text += "reports: {marking: OFFICIAL, deliver: [{report: assurance, when: '@every 1s', dir: packs, bucket: true, mail: [siro@env.example]}]}\n"
	must(t, os.WriteFile(h.path("closeroll.yaml"), []byte(text), 0o600))
	must(t, os.Mkdir(h.path("packs"), 0o700))
	s := h.serve(t)
	got := box.next(t, "Assurance pack")
	name, octets := attached(t, got.text)
	if got.to != "<siro@env.example>" || !bytes.HasPrefix(octets, []byte("age-encryption.org/v1\n")) || !strings.Contains(got.text, "not rated") {
		t.Fatalf("to %s: %s", got.to, got.text)
	}
	var kept v1.SealedReport
	for _, r := range call[[]v1.SealedReport](t, s, http.MethodGet, "/v1/sealed-reports", nil) {
		if r.Sealed == record.Sum(octets) {
			kept = r
		}
	}
	if !kept.Bucket || !kept.Folder || kept.Mailed != 1 || len(kept.Files) != 3 || kept.By != "daemon" || kept.Name+".tar.zst.age" != name {
		t.Errorf("%s, journalled as %+v", name, kept)
	}
	inFolder, err := filepath.Glob(h.path("packs/*"))
	must(t, err)
	if len(inFolder) != 1 || filepath.Base(inFolder[0]) != name {
		t.Errorf("in the folder: %q", inFolder)
	}
	byMail, err := s.reader().OpenReport(t.Context(), kept, bytes.NewReader(octets))
	must(t, err)
	fromBucket, err := s.reader().FetchReport(t.Context(), kept)
	must(t, err)
	for i := range byMail {
		if !bytes.Equal(byMail[i].Octets, fromBucket[i].Octets) {
			t.Errorf("%s differs", byMail[i].Name)
		}
	}
	var pack report.Pack
	must(t, json.Unmarshal(byMail[0].Octets, &pack))
	if pack.Marking != "OFFICIAL" || len(pack.Recommendations) != 15 || pack.Period.IsZero() || pack.Annexes.Coverage == nil {
		t.Errorf("%+v", pack)
	}

	// Nobody else opens it, and what was touched is not opened at all.
	stranger := reader.New(s.client, archivetest.KeyPair(t).Opener())
	if _, err := stranger.FetchReport(t.Context(), kept); err == nil {
		t.Error("a stranger opened it")
	}
	octets[len(octets)-1] ^= 1
	if _, err := s.reader().OpenReport(t.Context(), kept, bytes.NewReader(octets)); err == nil {
		t.Error("a changed file was opened")
	}
	kept.Files[1].SHA256 = record.Digest{}
	if _, err := s.reader().FetchReport(t.Context(), kept); err == nil {
		t.Error("a file of another digest was given out")
	}
	must(t, s.end(t))
}

func TestSealedReportsAreForManagersAndAuditors(t *testing.T) {
	h := build(t, true, false, true, true)
	s := h.serve(t)
	if len(call[[]v1.SealedReport](t, s, http.MethodGet, "/v1/sealed-reports", nil)) != 0 {
		t.Error("there is a report already")
	}
	if _, err := try[v1.SealedReport](t, s, http.MethodPost, "/v1/sealed-reports", v1.KeepReport{Report: "holds"}); !api.IsCode(err, api.CodeDenied) {
		t.Errorf("somebody who is no manager kept one: %v", err)
	}
}
