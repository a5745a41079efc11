// Package layers holds no code: only the test that keeps imports pointing one
// way, toward archive/record. A package that nobody placed fails it, and so
// does a row that the code no longer bears out, so that the table below stays
// the map of the project.
package layers

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/closeroll/closeroll/"

// anything marks a package that joins the rooms and so may import each of them.
const anything = "*"

// rooms places every package: it names the project's packages that its code
// imports, separated by spaces. Tests may reach further, for a real store or a
// sample to try things on, but never between strangers.
var rooms = map[string]string{
	"archive/record": "",

	"internal/alert":      "",
	"internal/bearer":     "internal/durable",
	"internal/rhythm":     "",
	"internal/api":        "",
	"internal/api/v1":     "archive/record connectors/chat retention retention/assurance retention/disposal search search/foi search/foi/certificate",
	"internal/confine":    "internal/plaintext",
	"internal/collation":  "connectors/chat",
	"internal/daemon":     anything,
	"internal/demo":       "internal/durable",
	"internal/disposer":   "internal/api internal/api/v1 retention/disposal",
	"internal/durable":    "",
	"internal/language":   "",
	"internal/layers":     "",
	"internal/page":       "",
	"internal/plaintext":  "",
	"internal/readpst":    "",
	"internal/reader":     "archive archive/bag archive/ingest archive/record archive/seal connectors/chat connectors/messenger internal/api internal/api/v1",
	"internal/spool":      "archive/record connectors internal/durable",
	"internal/sshsig":     "",
	"internal/strictyaml": "",
	"internal/systemd":    "",

	"connectors":                           "archive/record",
	"connectors/chat":                      "archive/record",
	"connectors/connectortest":             "archive/record connectors",
	"connectors/delivery":                  "archive/record connectors",
	"connectors/dropfolder":                "archive/record connectors connectors/email/maildir connectors/email/mbox connectors/selection internal/spool",
	"connectors/note":                      "archive/record",
	"connectors/selection":                 "archive/record connectors/chat internal/strictyaml",
	"connectors/email":                     "archive/record connectors/email/outlook connectors/email/tnef internal/plaintext",
	"connectors/email/outlook":             "connectors/email/tnef internal/plaintext",
	"connectors/email/dkim":                "archive/record",
	"connectors/email/maildir":             "",
	"connectors/email/mbox":                "",
	"connectors/email/outlook/outlooktest": "",
	"connectors/email/tnef":                "",
	"connectors/mailfiles":                 "archive/record connectors connectors/email connectors/email/maildir connectors/email/mbox connectors/selection internal/readpst",
	"connectors/imap":                      "archive/record connectors internal/spool",
	"connectors/chat/container":            "archive/record connectors/chat",
	"connectors/messenger":                 "connectors/chat connectors/signal connectors/whatsapp",
	"connectors/signal":                    "archive/record connectors/chat connectors/chat/container",
	"connectors/whatsapp":                  "archive/record connectors/chat connectors/chat/container",

	"archive":                 "archive/bag archive/catalog archive/journal archive/record archive/seal archive/store internal/spool",
	"archive/archivetest":     "archive archive/catalog archive/journal archive/record archive/seal archive/store/dir archive/store/storetest internal/spool",
	"archive/bag":             "archive/record internal/durable",
	"archive/catalog":         "archive/record",
	"archive/ingest":          "archive archive/bag archive/catalog archive/journal archive/record archive/store connectors connectors/chat connectors/email connectors/note connectors/selection internal/language internal/spool",
	"archive/journal":         "archive/record archive/store",
	"archive/seal":            "",
	"archive/store":           "archive/record",
	"archive/store/dir":       "archive/record archive/store internal/durable",
	"archive/store/s3":        "archive/record archive/store",
	"archive/store/storetest": "archive/record archive/store archive/store/s3",

	"search":                 "archive/record internal/language search/index",
	"search/disclosure":      "archive/record internal/confine",
	"search/extract":         "archive/record internal/confine internal/plaintext",
	"search/foi":             "archive/record internal/strictyaml search search/foi/redaction",
	"search/foi/redaction":   "archive/record",
	"search/foi/production":  "archive/record internal/durable internal/page search/extract search/foi/redaction",
	"search/foi/certificate": "archive/journal archive/record internal/page search search/foi search/index",
	"search/index":           "archive/record internal/language search/welsh",
	"search/welsh":           "",

	"retention":           "archive/record internal/strictyaml",
	"retention/disposal":  "archive/journal archive/record archive/store internal/page retention",
	"retention/transfer":  "archive/bag archive/record internal/durable",
	"retention/lock":      "archive/record archive/store retention",
	"retention/report":    "archive/record internal/page retention retention/assurance",
	"retention/assurance": "archive/record retention",

	"configs": "archive/record internal/strictyaml retention",

	"bench": anything,

	"cmd/closeroll": anything,

	"examples/certificate": "",
}

// outsiders names the third-party modules that one room keeps to itself, so
// that an engine can be exchanged by rewriting one package.
var outsiders = map[string][]string{
	"github.com/blevesearch/":              {"search/index"},
	"github.com/minio/minio-go/":           {"archive/store/s3"},
	"github.com/ncruces/go-sqlite3":        {"archive/catalog"},
	"golang.org/x/oauth2":                  {"internal/bearer"},
	"github.com/emersion/go-imap/v2":       {"connectors/imap", "connectors/connectortest", "internal/demo"},
	"github.com/prometheus/client_golang/": {"cmd/closeroll"},
	"github.com/spf13/cobra":               {"cmd/closeroll"},
	"codeberg.org/go-pdf/fpdf":             {"internal/page"},
	"codeberg.org/go-fonts/liberation":     {"internal/page"},
}

// strangers are rooms that never import each other, whatever the table says:
// cmd joins them through interfaces that the consumer declares.
var strangers = []struct {
	from, to string
	except   []string
}{
	{from: "search", to: "retention"},
	{from: "retention", to: "search"},
	{from: "archive", to: "connectors", except: []string{"archive/ingest"}},
	{from: "archive", to: "search"},
	{from: "archive", to: "retention"},
	{from: "connectors", to: "search"},
	{from: "connectors", to: "retention"},
}

// A source is what the Go files of one package import.
type source struct{ code, tests map[string]bool }

func TestEveryPackageIsPlaced(t *testing.T) {
	for name := range read(t) {
		if _, ok := rooms[name]; !ok {
			t.Errorf("%s has no row in the table: say what it may import", name)
		}
	}
}

func TestImportsFollowTheTable(t *testing.T) {
	sources := read(t)
	for name, row := range rooms {
		src, ok := sources[name]
		if !ok {
			t.Errorf("the row of %s is stale: there is no such package", name)
			continue
		}
		if row == anything {
			continue
		}
		allowed := strings.Fields(row)
		for imported := range src.code {
			if own(imported) && !slices.Contains(allowed, strings.TrimPrefix(imported, module)) {
				t.Errorf("%s imports %s, which its row does not allow", name, imported)
			}
		}
		for _, short := range allowed {
			if !src.code[module+short] {
				t.Errorf("the row of %s is stale: it no longer imports %s", name, short)
			}
		}
	}
}

func TestStrangersStayApart(t *testing.T) {
	for name, src := range read(t) {
		for _, s := range strangers {
			if !within(name, s.from) || slices.Contains(s.except, name) {
				continue
			}
			for _, imports := range []map[string]bool{src.code, src.tests} {
				for imported := range imports {
					if own(imported) && within(strings.TrimPrefix(imported, module), s.to) {
						t.Errorf("%s imports %s: nothing under %s may import %s", name, imported, s.from, s.to)
					}
				}
			}
		}
	}
}

func TestOutsidersStayInTheirRoom(t *testing.T) {
	met := map[string]bool{}
	for name, src := range read(t) {
		for outsider, hosts := range outsiders {
			for imported := range src.code {
				if !strings.HasPrefix(imported, outsider) {
					continue
				}
				met[outsider] = true
				if !slices.Contains(hosts, name) && rooms[name] != anything {
					t.Errorf("%s imports %s: only %s may", name, imported, strings.Join(hosts, " and "))
				}
			}
		}
	}
	for outsider := range outsiders {
		if !met[outsider] {
			t.Errorf("nothing imports %s any more: its line is stale", outsider)
		}
	}
}

func own(imported string) bool { return strings.HasPrefix(imported, module) }

// within reports whether a package is the room or lies below it.
func within(name, room string) bool { return name == room || strings.HasPrefix(name, room+"/") }

// read parses the imports of every Go file in the module, for every operating
// system at once.
func read(t *testing.T) map[string]source {
	t.Helper()
	root := filepath.Join("..", "..")
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
	sources := map[string]source{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if name == "testdata" || file != root && strings.HasPrefix(name, ".") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		short, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		pkg := path.Dir(filepath.ToSlash(short))
		if _, ok := sources[pkg]; !ok {
			sources[pkg] = source{code: map[string]bool{}, tests: map[string]bool{}}
		}
		imported, err := imports(file)
		if strings.HasSuffix(name, "_test.go") {
			maps.Copy(sources[pkg].tests, imported)
		} else {
			maps.Copy(sources[pkg].code, imported)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

func imports(file string) (map[string]bool, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		found[imported] = true
	}
	return found, nil
}
