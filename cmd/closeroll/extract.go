package main

import (
	"bytes"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/connectors/email"
	"github.com/closeroll/closeroll/search/extract"
)

// childVerb is what the binary is started as to read one attachment.
const childVerb = "extract-child"

// extractor reads attachments in children of this binary.
func (e *env) extractor(cfg configs.Extract) ingest.Extractor {
	lg := slog.New(slog.NewJSONHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	return extract.New(lg, []string{e.exe, childVerb}, extract.Options{Memory: int64(cfg.Memory), Time: cfg.Time})
}

// extractChildVerb is the child's side. Its input is hostile.
func (e *env) extractChildVerb() *cobra.Command {
	return &cobra.Command{
		Use:                childVerb,
		Short:              "Read one attachment from standard input (for the daemon)",
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			return extract.Child(e.stdin, e.stdout, readMail, args)
		},
	}
}

// readMail reads a message that lies in an archive file. Its attachments are
// flat: enclosed messages are among its texts.
func readMail(octets []byte) extract.Mail {
	m := email.Parse(bytes.NewReader(octets), int64(len(octets)), email.Options{})
	out := extract.Mail{Texts: slices.Collect(m.SearchableWhole), Status: m.TextStatus}
	for _, a := range m.Attachments {
		if !a.Signature && a.Message == nil {
			out.Files = append(out.Files, extract.MailFile{Name: a.Name, MediaType: a.Type, Encrypted: a.Encrypted, Open: a.Open})
		}
	}
	return out
}

// executable is the path of this binary, for starting children of it: the one
// that it was called by, or else the one that the system knows.
func executable() string {
	if path, err := exec.LookPath(os.Args[0]); err == nil {
		if path, err = filepath.Abs(path); err == nil {
			return path
		}
	}
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}
