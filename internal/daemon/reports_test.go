package daemon_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/imap"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/retention/report"
)

// TestPackIsMadeByItselfAndSealed waits for the pack that cron makes.
func TestPackIsMadeByItselfAndSealed(t *testing.T) {
	h := build(t, true, true, true, true)
	config, err := os.ReadFile(h.path("closeroll.yaml"))
	must(t, err)
	must(t, os.WriteFile(h.path("closeroll.yaml"), append(config, "reports: {marking: OFFICIAL, pack: {when: '@every 1s', dir: packs}}\n"...), 0o600))
	must(t, os.Mkdir(h.path("packs"), 0o700))
	s := h.serve(t)
	var files []string
	for len(files) < 2 {
		select {
		case <-s.done:
			t.Fatal(s.err)
		case <-time.After(50 * time.Millisecond):
		}
		files, err = filepath.Glob(h.path("packs/assurance-*-Q?.*.zst.age"))
		must(t, err)
	}
	for _, name := range files {
		octets, err := os.ReadFile(name)
		must(t, err)
		if !bytes.HasPrefix(octets, []byte("age-encryption.org/v1\n")) || bytes.Contains(octets, []byte("R15")) {
			t.Errorf("%s is not sealed", name)
		}
	}
	r, err := try[report.Pack](t, s, http.MethodGet, "/v1/reports/assurance", nil)
	must(t, err)
	if r.Marking != "OFFICIAL" || len(r.Recommendations) != 15 || r.Period.IsZero() || r.Annexes.Coverage == nil {
		t.Errorf("%+v", r)
	}
}

func TestReportsAreForManagersAndAuditors(t *testing.T) {
	h := build(t, true, false, false, true)
	s := h.serve(t)
	if _, err := try[report.Holds](t, s, http.MethodGet, "/v1/reports/holds", nil); !api.IsCode(err, api.CodeDenied) {
		t.Errorf("an officer was given a report: %v", err)
	}
}

// TestReportsKnowTheConnectorsKinds feeds the reports every kind of notice that
// tells of a gap or a timer: they know them by name only.
func TestReportsKnowTheConnectorsKinds(t *testing.T) {
	for kind, gap := range map[string]bool{imap.NoticeCameAndWent: true, imap.NoticeFolderGone: true, imap.NoticeFolder: true, imap.NoticeRenumbered: true,
		chat.NoticeGrade: true, chat.NoticeTruncated: true, chat.NoticeRowGap: true, chat.NoticeMissing: true, chat.NoticeExportGap: true,
		chat.NoticeUnconnected: true, chat.WhyAltered: true, chat.NoticeSuspect: true, chat.NoticeEphemeral: false, chat.NoticePrivacy: false} {
		notices := []report.NoticeLine{{Kind: kind, Chat: "c"}}
		gaps := len(report.NewFailures(report.Head{}, nil, notices).Gaps)
		timers := len(report.NewEphemeral(report.Head{}, []report.ChatExport{{Chat: "c"}}, notices).Chats)
		if gap != (gaps == 1) || gap == (timers == 1) {
			t.Errorf("%s: %d gaps, %d timers", kind, gaps, timers)
		}
	}
}
