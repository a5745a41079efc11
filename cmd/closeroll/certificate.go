package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/durable"
	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/retention/disposal"
)

func (e *env) certificateVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:     "certificate",
		Short:   "Certificates of disposal: what went, by whose authority, and the proof",
		Example: example("closeroll certificate list"),
	}, e.certificateListVerb(), e.certificateShowVerb(), e.certificateExportVerb(), e.certificateVerifyVerb())
}

func (e *env) certificateListVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the certificates",
		Example: example("closeroll certificate list"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var list []v1.CertificateLine
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/certificates", nil, &list); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(list)
			}
			p := e.print()
			if len(list) == 0 {
				p.line("  nothing was ever disposed of")
				return nil
			}
			var rows [][]string
			for _, c := range list {
				what := c.Class
				if what == "" {
					what = string(c.Ground)
				}
				rows = append(rows, []string{fmt.Sprint(c.Number), day(c.Issued, london()), c.Batch, what, thousands(c.Records), c.SHA256.String()[:16]})
			}
			p.table([]string{"number", "issued", "batch", "class", "records", "sha256"}, rows)
			return nil
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

// bundle fetches a certificate with its proof.
func (e *env) bundle(cmd *cobra.Command, d daemonFlags, number string) (*disposal.Bundle, *disposal.Certificate, error) {
	b, c := &disposal.Bundle{}, &disposal.Certificate{}
	if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/certificates/"+url.PathEscape(number), nil, b); err != nil {
		return nil, nil, err
	}
	return b, c, json.Unmarshal(b.Certificate, c)
}

func (e *env) certificateShowVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "show NUMBER",
		Short:   "Show a certificate",
		Example: example("closeroll certificate show 3", "closeroll certificate show D-2026-001 --json"),
		Args:    takes("NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, c, err := e.bundle(cmd, d, args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(c)
			}
			e.print().certificate(c)
			return nil
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (p *printer) certificate(c *disposal.Certificate) {
	p.line("  %s", p.bold(fmt.Sprintf("certificate of disposal %d, %s", c.Number, c.Archive.Authority)))
	p.field("batch", "%s, ground: %s", c.Batch, c.Ground)
	if c.Rule != "" {
		p.field("class", "%s", clip(c.Rule, 160))
		p.field("authority", "%s", clip(strings.Join(c.Authority, "; "), 160))
	}
	if c.Reason != "" {
		p.field("reason", "%s", clip(c.Reason, 200))
	}
	for _, t := range c.Transfers {
		p.field("transfer", "package %d, %s: %s confirmed %s on %s", t.Package, count(t.Records, "record", "records"), clip(t.By, 80), clip(t.Reference, 60), t.On.Long())
	}
	p.field("schedule", "%s, sha256 %s", c.Schedule.Version, c.Schedule.Digest)
	p.field("destroyed", "%s, %s, %s", count(c.Records, "record", "records"), count(c.Messages, "message", "messages"), octets(c.Octets))
	if c.Retired > 0 {
		p.field("", "%s ended of records that others have", count(c.Retired, "possession", "possessions"))
	}
	if !c.Content.From.IsZero() {
		p.field("of", "%s to %s", c.Content.From.Long(), c.Content.Until.Long())
	}
	p.field("sources", "%s", counted(c.Sources))
	p.field("custodian", "%s", counted(c.Roles))
	p.field("proposed", "%s by %s", moment(c.Proposed.At, london()), c.Proposed.By)
	for _, a := range c.Approved {
		p.field("approved", "%s by %s as %s, key %s", moment(a.At, london()), a.By, a.Role, a.Key)
	}
	p.field("executed", "%s to %s", moment(c.Begun, london()), moment(c.Finished, london()))
	for i, m := range c.Method {
		p.field(map[bool]string{true: "method"}[i == 0], "%s", m)
	}
	p.field("absence", "%s of %s listed afterwards and absent", thousands(c.Absence.Absent), count(c.Absence.Listed, "object", "objects"))
	for _, x := range c.Exceptions {
		p.field("kept", "%s: %s", count(x.Records, "record", "records"), x.Reason)
	}
	p.field("back-ups", "%s", c.Backups)
	p.field("journal", "%s, tree head %s", count(c.Checkpoint.Entries, "entry", "entries"), c.Checkpoint.Root)
}

func counted(by map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(by)) {
		parts = append(parts, fmt.Sprintf("%s %s", clip(name, 60), thousands(by[name])))
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, " · ")
}

func (e *env) certificateExportVerb() *cobra.Command {
	var d daemonFlags
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "export NUMBER",
		Short: "Write a certificate with its proof to a file, for verification elsewhere",
		Long: `Write a certificate with its proof to a file: the archive's signature, the list of
what went, the journal's signed head and the proof that the certificate is in it.
It can be verified without a daemon, with certificate verify or by the description
in docs/formats.md. A file that ends in .html or .pdf is the certificate for people,
to read, print and file.`,
		Example: example("closeroll certificate export 3 --out certificate-3.json", "closeroll certificate export 3 --out certificate-3.pdf"),
		Args:    takes("NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			b, c, err := e.bundle(cmd, d, args[0])
			if err != nil {
				return err
			}
			if out == "" || asJSON {
				return e.writeJSON(b)
			}
			if _, err := os.Lstat(out); err == nil {
				return advise(fmt.Errorf("%s is there already", out), exitUsage, "name another file")
			}
			data, err := certificateFile(out, b, c)
			if err != nil {
				return err
			}
			if err := durable.WriteFile(out, data, 0o644); err != nil {
				return err
			}
			e.print().line("  certificate %s written to %s", args[0], out)
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&out, "out", "", "the file (standard output)")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// certificateFile is a certificate in the form that a file's ending asks for.
func certificateFile(name string, b *disposal.Bundle, c *disposal.Certificate) ([]byte, error) {
	var write func(io.Writer, *page.Document) error
	switch strings.ToLower(filepath.Ext(name)) {
	case ".html":
		write = page.WriteHTML
	case ".pdf":
		write = page.WritePDF
	default:
		data, err := json.MarshalIndent(b, "", "  ")
		return append(data, '\n'), err
	}
	sheet, err := c.Sheet(b, london())
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = write(&out, sheet)
	return out.Bytes(), err
}

func (e *env) certificateVerifyVerb() *cobra.Command {
	var key string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify FILE…",
		Short: "Verify exported certificates without a daemon",
		Long: `Verify exported certificates, without a daemon: the archive's signature, the list,
and that the journal has them; of several that follow one another, that none was
left out. KEY is the archive's public key, closeroll-…+…, as journal verify prints
it; keep it where the archive's keepers cannot change it.`,
		Example: example("closeroll certificate verify --key closeroll-abc+1234+AQ… certificate-3.json"),
		Args:    cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("FILE is missing")
			}
			verifier, err := note.NewVerifier(key)
			if err != nil {
				return advise(fmt.Errorf("--key: %w", err), exitUsage, "closeroll journal verify prints the archive's key")
			}
			var all []*disposal.Certificate
			for _, file := range args {
				c, err := verifyCertificate(file, verifier)
				if err != nil {
					return err
				}
				all = append(all, c)
			}
			slices.SortFunc(all, func(a, b *disposal.Certificate) int { return a.Number - b.Number })
			for i, c := range all[1:] {
				if c.Number == all[i].Number+1 {
					if err := c.Follows(all[i]); err != nil {
						return advise(err, exitUnverified, "one of them was made otherwise; keep both and tell the archive's owner")
					}
				}
			}
			if asJSON {
				return e.writeJSON(all)
			}
			p := e.print()
			for _, c := range all {
				p.line("  certificate %d verified: batch %s, %s destroyed, finished %s", c.Number, c.Batch, count(c.Records, "record", "records"), moment(c.Finished, london()))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&key, "key", "", "the archive's public key")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "key")
	return cmd
}

func verifyCertificate(file string, key note.Verifier) (*disposal.Certificate, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, advise(err, exitUsage, "name a file that certificate export wrote")
	}
	var b disposal.Bundle
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, advise(fmt.Errorf("%s: %w", file, err), exitUnverified, "name a file that certificate export wrote")
	}
	c, err := b.Verify(key)
	if errors.Is(err, disposal.ErrInvalid) {
		return nil, advise(fmt.Errorf("%s: %w", file, err), exitUnverified, "the file was changed, or it is another archive's; ask for it again")
	}
	return c, err
}
