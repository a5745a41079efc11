package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/durable"
	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/search/foi/certificate"
)

func (e *env) foiCertificateVerb() *cobra.Command {
	var d daemonFlags
	var v versionFlag
	var out, number string
	var req v1.Certify
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "certificate REF",
		Short: "Certify how a request was searched for: what, where, with what result",
		Long: `Certify the search for a request. The certificate says which sources were searched
and how far each was read, every search with its words and exact total, what could
not be searched and who looked at it, whom else was asked, what was destroyed, the
time taken, and the answers to what the Commissioner usually asks. It is signed
with the archive's key and is in the journal.

It is refused while the answer is incomplete; what is missing is listed with what
to do about it. --check only looks.

It has two forms. The closed one is complete, for the file. The open one is for the
requester and the Commissioner: it names nobody. Words of a query that any message
has among its senders and recipients are concealed in it; allow one with --show.
Read the open form before you send it.

Files are written with -o: FOLDER gets both forms as JSON (with its proof), HTML and
PDF; a name that ends in -open.pdf or -closed.json is that one.`,
		Example: example("closeroll foi certificate FOI-2026-014 --check",
			"closeroll foi certificate FOI-2026-014 --statement 'Whoever dealt with the floods wrote of sandbags.' -o certificate",
			"closeroll foi certificate FOI-2026-014 --show office -o FOI-2026-014-open.pdf"),
		Args: takes("REF"),
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Ref, req.Version = args[0], v.version
			files, err := certificateFiles(out, args[0])
			if err != nil {
				return err
			}
			client, err := e.client(d)
			if err != nil {
				return err
			}
			defer client.Close()
			made := v1.CertifiedSearch{Ref: args[0]}
			if number == "" {
				if err := client.Do(cmd.Context(), http.MethodPost, requestPath(args[0], "/certificates"), req, &made); err != nil {
					return fromDaemon(err)
				}
				if err := e.certified(made, req.Check, asJSON); err != nil {
					return err
				}
				number = "newest"
			}
			if req.Check || out == "" {
				return nil
			}
			return e.writeCertificate(cmd, client, args[0], number, files)
		},
	}
	d.add(cmd)
	v.add(cmd)
	f := cmd.Flags()
	f.StringVarP(&out, "output", "o", "", "write the files: a folder that is not there yet, or a name ending in -open or -closed and .json, .html or .pdf")
	f.StringVar(&req.Statement, "statement", "", "for both forms: why these searches would have found what is asked for")
	f.StringSliceVar(&req.Show, "show", nil, "a word of a query that the open form may show although it is among names and addresses")
	f.BoolVar(&req.Check, "check", false, "make none; say what stands in its way and what the open form would say")
	f.BoolVar(&req.Again, "again", false, "make another although nothing has changed since the last")
	f.StringVar(&number, "number", "", "make none; write the files of this one, or of the newest")
	jsonFlag(cmd, &asJSON)
	e.completeRefs(cmd, &d)
	return cmd
}

// certified says what became of it. An incomplete answer is an error.
func (e *env) certified(made v1.CertifiedSearch, check, asJSON bool) error {
	if asJSON {
		if err := e.writeJSON(made); err != nil {
			return err
		}
	} else {
		e.print().certified(made, check)
	}
	if made.Number == 0 && len(made.Obstacles) > 0 {
		return advise(fmt.Errorf("the answer to %s is INCOMPLETE and cannot be certified", made.Ref), exitIncomplete, "do what is listed, then: closeroll foi certificate %s", made.Ref)
	}
	return nil
}

func (p *printer) certified(made v1.CertifiedSearch, check bool) {
	for _, o := range made.Obstacles {
		p.line("  %s %s", p.mark("INCOMPLETE"), o.What)
		p.line("      %s", o.Next)
	}
	switch {
	case len(made.Obstacles) > 0 && made.Number == 0:
		return
	case check:
		p.line("  nothing stands in the way of a certificate")
	case made.Made:
		p.line("  %s of the search for %s is made", p.bold(fmt.Sprintf("certificate %d", made.Number)), made.Ref)
	default:
		p.line("  nothing has changed since %s of the search for %s; --again makes another", p.bold(fmt.Sprintf("certificate %d", made.Number)), made.Ref)
	}
	p.line("  its open form says of the queries:")
	for _, q := range made.Queries {
		p.line("      %s", clip(q, p.width-6))
	}
	if len(made.Concealed) > 0 {
		p.line("  concealed there, being among names and addresses: %s", strings.Join(made.Concealed, ", "))
		p.line("      %s", p.dim("--show WORD allows one that is nobody's name"))
	}
	if !check {
		p.line("  %s", p.dim("closeroll foi certificate "+made.Ref+" --number newest -o FOLDER writes its files"))
	}
}

// A certificateFile is one file to be written.
type certificateOut struct{ form, name string }

// certificateFiles says which files a name asks for.
func certificateFiles(out, ref string) ([]certificateOut, error) {
	if out == "" {
		return nil, nil
	}
	if _, err := os.Lstat(out); err == nil {
		return nil, advise(fmt.Errorf("%s is there already", out), exitUsage, "name another file or folder")
	}
	ending := strings.ToLower(filepath.Ext(out))
	if ending != ".json" && ending != ".html" && ending != ".pdf" {
		var all []certificateOut
		base := strings.ReplaceAll(ref, "/", "-") + "-certificate-"
		for _, form := range []string{certificate.Open, certificate.Closed} {
			for _, as := range []string{".json", ".html", ".pdf"} {
				all = append(all, certificateOut{form, filepath.Join(out, base+form+as)})
			}
		}
		return all, nil
	}
	for _, form := range []string{certificate.Open, certificate.Closed} {
		if strings.HasSuffix(strings.ToLower(out), "-"+form+ending) {
			return []certificateOut{{form, out}}, nil
		}
	}
	return nil, usage("%s does not say which form: let its name end in -open%s or -closed%[2]s", out, ending)
}

func (e *env) writeCertificate(cmd *cobra.Command, client *api.Client, ref, number string, files []certificateOut) error {
	data := make([][]byte, len(files))
	for i, f := range files {
		var b certificate.Bundle
		path := requestPath(ref, "/certificates/"+query(number)+"?form="+f.form)
		if err := client.Do(cmd.Context(), http.MethodGet, path, nil, &b); err != nil {
			return fromDaemon(err)
		}
		var err error
		if data[i], err = searchCertificateFile(f.name, &b); err != nil {
			return err
		}
	}
	if len(files) > 1 {
		if err := os.Mkdir(filepath.Dir(files[0].name), 0o700); err != nil {
			return err
		}
	}
	for i, f := range files {
		if err := durable.WriteFile(f.name, data[i], 0o600); err != nil {
			return err
		}
		e.print().line("  %s", f.name)
	}
	return nil
}

// searchCertificateFile is a certificate in the form that a file's ending asks
// for.
func searchCertificateFile(name string, b *certificate.Bundle) ([]byte, error) {
	if strings.EqualFold(filepath.Ext(name), ".json") {
		data, err := json.MarshalIndent(b, "", "  ")
		return append(data, '\n'), err
	}
	var c certificate.Certificate
	if err := json.Unmarshal(b.Certificate, &c); err != nil {
		return nil, err
	}
	sheet, err := c.Sheet(b, london())
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if strings.EqualFold(filepath.Ext(name), ".pdf") {
		err = page.WritePDF(&out, sheet)
	} else {
		err = page.WriteHTML(&out, sheet)
	}
	return out.Bytes(), err
}

// readSearchBundle reads a file that foi certificate wrote.
func readSearchBundle(name string) (*certificate.Bundle, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, advise(err, exitUsage, "name a file that closeroll foi certificate wrote")
	}
	b := &certificate.Bundle{}
	if err := json.Unmarshal(data, b); err != nil {
		return nil, advise(fmt.Errorf("%s is no certificate: %w", name, err), exitUnverified, "name the .json file that closeroll foi certificate wrote")
	}
	return b, nil
}

// unverified is how a certificate that does not verify is reported.
func unverified(name string, err error) error {
	if errors.Is(err, certificate.ErrInvalid) {
		return advise(fmt.Errorf("%s: %w", name, err), exitUnverified, "the file was changed, or it is another archive's; ask for it again")
	}
	return err
}
