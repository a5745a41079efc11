package daemon_test

import (
	"net/http"
	"testing"

	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/imap"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/retention/report"
)

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
