package main

import (
	"fmt"
	"net/http"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/foi/certificate"
)

// A verifiedSearch is the outcome of foi verify.
type verifiedSearch struct {
	Request     string           `json:"request"`
	Number      int              `json:"number"`
	Form        string           `json:"form"`
	Authentic   bool             `json:"authentic"` // signature, journal, lists
	Runs        []v1.RerunResult `json:"runs,omitempty"`
	Unexplained int              `json:"unattributed"`
}

func (e *env) foiVerifyVerb() *cobra.Command {
	var d daemonFlags
	var key string
	var offline, asJSON bool
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Verify a certificate of search: that it is authentic, and what its searches find now",
		Long: `Verify a certificate of search, the .json file. First without the archive: its
signature, that the journal under its signed head has it, and that its lists are
what each search counted. Then every search is run again, and each difference from
what was found then is put down to its cause: a destruction (by certificate), a later
capture, another version of the index, something that has changed about a message. A
difference without a cause is a failure, with exit status 4.

With --offline only the first part is done, and no daemon is needed. KEY is the
archive's public key, as journal verify prints it; without --archive-key the daemon is asked
for it, which is no proof against the daemon.`,
		Example: example("closeroll foi verify certificate/FOI-2026-014-certificate-closed.json --archive-key closeroll-abc+1234+AQ…",
			"closeroll foi verify FOI-2026-014-certificate-open.json --offline --archive-key closeroll-abc+1234+AQ…"),
		Args: takes("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if offline && key == "" {
				return usage("--offline needs --archive-key: no daemon is asked for it")
			}
			b, err := readSearchBundle(args[0])
			if err != nil {
				return err
			}
			if key == "" {
				var v v1.Verification
				if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/journal/verification", nil, &v); err != nil {
					return err
				}
				key = v.Key
			}
			verifier, err := note.NewVerifier(key)
			if err != nil {
				return advise(fmt.Errorf("--archive-key: %w", err), exitUsage, "closeroll journal verify prints the archive's key")
			}
			c, err := b.Verify(verifier)
			if err != nil {
				return unverified(args[0], err)
			}
			out := verifiedSearch{Request: c.Request, Number: c.Number, Form: c.Form, Authentic: true}
			if !offline {
				if err := e.reruns(cmd, d, c, &out); err != nil {
					return err
				}
			}
			return e.searchVerified(c, out, asJSON)
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&key, "archive-key", "", "the archive's public key (the daemon's word)")
	cmd.Flags().BoolVar(&offline, "offline", false, "verify without a daemon, and run no search")
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (e *env) reruns(cmd *cobra.Command, d daemonFlags, c *certificate.Certificate, out *verifiedSearch) error {
	req := v1.CheckRuns{Runs: []v1.CheckedRun{}}
	for _, r := range c.Runs {
		req.Runs = append(req.Runs, v1.CheckedRun{Name: r.Name, Total: r.Total, Digest: r.Digest})
	}
	err := e.call(cmd.Context(), d, http.MethodPost, requestPath(c.Request, "/reruns"), req, &out.Runs)
	for _, r := range out.Runs {
		if out.Unexplained += r.Unexplained; !r.Journalled {
			out.Unexplained++
		}
	}
	return err
}

func (e *env) searchVerified(c *certificate.Certificate, out verifiedSearch, asJSON bool) error {
	if asJSON {
		if err := e.writeJSON(out); err != nil {
			return err
		}
	} else {
		p := e.print()
		p.line("  certificate %d of the search for %s, %s form: authentic", out.Number, out.Request, out.Form)
		p.line("      signed by the archive and in its journal at %s; made %s", count(c.Head.Entries, "entry", "entries"), moment(c.Made, london()))
		for _, r := range out.Runs {
			p.rerun(r)
		}
	}
	if out.Unexplained > 0 {
		return advise(fmt.Errorf("what %s found cannot be found again, and nothing explains it", c.Request), exitUnverified, "keep the certificate, and have somebody run closeroll journal verify and closeroll rebuild index")
	}
	return nil
}

// rerun says what a search finds now.
func (p *printer) rerun(r v1.RerunResult) {
	switch {
	case !r.Journalled:
		p.line("  %s  %s", p.bold(r.Name), p.mark("the journal has another run of this name, or none"))
		return
	case len(r.Differences) == 0:
		p.line("  %s  %s found then, the same now", p.bold(r.Name), count(r.Then, "message", "messages"))
		return
	}
	p.line("  %s  %s found then, %s now", p.bold(r.Name), count(r.Then, "message", "messages"), thousands(r.Now))
	for _, d := range r.Differences {
		way := "not found now"
		if d.Added {
			way = "found besides"
		}
		text := fmt.Sprintf("%s %s: %s", thousands(d.Messages), way, d.Text)
		if d.Cause == certificate.Unknown {
			text = p.mark(text)
		}
		p.line("      %s", text)
		if d.Cause == certificate.Unknown {
			for _, id := range d.First {
				p.line("          %s", id)
			}
		}
	}
}
