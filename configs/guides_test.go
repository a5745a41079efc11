package configs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/configs"
)

// frame is a configuration that lacks its sources.
const frame = `archive: {name: Example Department}
state: state
identity: identity
store: {dir: {path: bucket}}
custodians:
  - {id: minister, name: Minister}
  - {id: a-field, name: A Field}
  - {id: floods-office, name: Floods office}
schedule: schedule.yaml
roles: {operator: {users: [root]}}
alerts: none
sources:
`

// Every piece of configuration in the guide to mailboxes is accepted.
func TestGuideToMailboxes(t *testing.T) {
	guide, err := os.ReadFile("../docs/mailboxes.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"schedule.yaml": string(configs.ExampleSchedule()), "mailboxes.txt": "a.field@dept.example a-field\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pieces := 0
	for i, part := range strings.Split(string(guide), "```yaml\n") {
		if i == 0 {
			continue
		}
		piece, _, _ := strings.Cut(part, "```")
		piece = strings.ReplaceAll(strings.TrimPrefix(piece, "sources:\n"), "/etc/closeroll/", dir+"/")
		if !strings.HasPrefix(piece, "  - name:") {
			piece = "  - name: mailboxes\n    custodian: minister\n" + piece
		}
		if !strings.Contains(piece, "imap:") {
			piece += "    imap: {host: imap.dept.example, username: u, password_file: p}\n"
		}
		file := filepath.Join(dir, "closeroll.yaml")
		if err := os.WriteFile(file, []byte(frame+piece), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := configs.Load(file); err != nil {
			t.Errorf("%s\n%v", piece, err)
		}
		pieces++
	}
	if pieces < 5 {
		t.Errorf("the guide has %d pieces of configuration", pieces)
	}
}
