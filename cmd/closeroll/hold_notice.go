package main

import (
	"bytes"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/durable"
	"github.com/closeroll/closeroll/internal/page"
)

func (e *env) holdNoticeVerb() *cobra.Command {
	var d daemonFlags
	var req v1.NoticeAsked
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "notice NAME",
		Short: "Write the notice of a hold for its custodians, and keep who was told",
		Long: `Write the notice of a hold for its custodians: what to keep, what to stop, and
that to destroy or conceal what was asked for is an offence. Those whom the hold
names are told, or all, unless --custodian names some. That they were told is
journalled; closeroll hold acknowledge records that they have read it.

The notice is printed as text; with -o it is written for each custodian as text
and as one HTML file.`,
		Example: example("closeroll hold notice inquiry-7", "closeroll hold notice inquiry-7 --custodian minister -o notices"),
		Args:    takes("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var n v1.HoldNotice
			if err := e.call(cmd.Context(), d, http.MethodPost, holdPath(args[0], "notice"), req, &n); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(n)
			}
			p := e.print()
			for i, c := range n.Custodians {
				if i > 0 && out == "" {
					p.line("")
				}
				doc := holdNotice(n, c)
				if out == "" {
					if err := page.WriteText(e.stdout, doc, page.Screen{Width: p.width, Bold: p.bold, Dim: p.dim}); err != nil {
						return err
					}
					continue
				}
				if err := writeNotice(out, n.Hold, c.ID, doc); err != nil {
					return advise(err, exitUsage, "name a folder that you can write to with -o")
				}
			}
			if out != "" {
				p.line("  %s written to %s; closeroll hold acknowledge records who has read theirs", count(len(n.Custodians), "notice", "notices"), out)
			}
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringSliceVar(&req.Custodians, "custodian", nil, "only these custodians")
	cmd.Flags().StringVarP(&out, "output", "o", "", "folder to write text and HTML files to")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// writeNotice writes a custodian's notice as text and as HTML.
func writeNotice(dir, hold, custodian string, doc *page.Document) error {
	name := filepath.Join(dir, fileName(hold)+"-"+fileName(custodian))
	if err := durable.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var text, html bytes.Buffer
	if err := page.WriteText(&text, doc, page.Screen{Width: 78}); err != nil {
		return err
	}
	if err := page.WriteHTML(&html, doc); err != nil {
		return err
	}
	if err := durable.WriteFile(name+".txt", text.Bytes(), 0o600); err != nil {
		return err
	}
	return durable.WriteFile(name+".html", html.Bytes(), 0o600)
}

// fileName makes a name safe in any file system.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, s)
}

// offence reminds of what the law says about destroying what was asked for, by
// the hold's type.
func offence(kind string) string {
	switch kind {
	case "inquiry":
		return "During an inquiry it is an offence to suppress or conceal a document that the panel would be likely to wish to see, or to alter or destroy it (Inquiries Act 2005, section 35)."
	case "restriction":
		return "While processing is restricted, personal data are kept, and used otherwise only with the person’s consent, for legal claims, or for the rights of others (UK GDPR, Article 18(2)). Do not erase them."
	case "sar":
		return "After a request for personal data it is an offence to alter, erase, destroy or conceal information to prevent its disclosure (Data Protection Act 2018, section 173)."
	case "eir":
		return "After a request for environmental information it is an offence to alter, erase, destroy or conceal it to prevent its disclosure (Environmental Information Regulations 2004, regulation 19)."
	}
	return "After a request for information it is an offence to alter, deface, block, erase, destroy or conceal a record to prevent its disclosure (Freedom of Information Act 2000, section 77)."
}

// holdNotice is what a custodian is told.
func holdNotice(n v1.HoldNotice, c v1.Person) *page.Document {
	doc := &page.Document{Title: "Notice to keep records", Subtitle: n.Matter, Authority: n.Authority, Marking: n.Marking, Reference: n.Hold, Program: "closeroll " + version}
	facts := page.Facts{Pairs: []page.Pair{{Label: "To", Value: c.Name}, {Label: "Matter", Value: n.Matter}, {Label: "Kind", Value: n.Type},
		{Label: "Hold", Value: n.Hold}, {Label: "In force since", Value: day(n.Placed, london())}, {Label: "It covers", Value: scopeWords(n.Scope)}}}
	for _, p := range []page.Pair{{Label: "By authority of", Value: n.HoldPlaced.Authority}, {Label: "Who answers for it", Value: n.Owner}, {Label: "It ends", Value: n.Ends}} {
		if p.Value != "" {
			facts.Pairs = append(facts.Pairs, p)
		}
	}
	doc.Add(facts,
		page.Paragraph{Text: "From now on, and until you are told in writing that this hold has ended, keep everything about this matter: e-mail, messages in WhatsApp and other apps, texts, notes and papers, on the department's devices and on your own, in whatever account they are."},
		page.Heading{Text: "What to do"},
		page.List{Items: []string{
			"Delete nothing about the matter, anywhere.",
			"Turn off disappearing messages in every chat where it is spoken of, and automatic deletion in every mailbox.",
			"Do not give back, reset, replace or wipe a telephone or computer before its messages were exported.",
			"Export the chats and hand the exports in; export them again while the matter goes on.",
			"Tell the records manager if anything was deleted already, or is about to be.",
			"Say that you have read this.",
		}},
		page.Notice{Label: "The law", Text: offence(n.Type)},
		page.Paragraph{Soft: true, Text: "The archive keeps what it has captured. It cannot stop deletion on your devices or in your accounts: that is for you."},
		page.Signatures{Statement: "I have read this notice and will keep what it covers.", People: []string{c.Name}})
	return doc
}

// An acknowledged notice is what acknowledge prints for machines.
type acknowledged struct {
	Hold string `json:"hold"`
	v1.Acknowledgement
}

func (e *env) holdAcknowledgeVerb() *cobra.Command {
	var d daemonFlags
	var req v1.Acknowledgement
	var on string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "acknowledge NAME",
		Short:   "Record that a custodian has read the notice of a hold",
		Example: example("closeroll hold acknowledge inquiry-7 --custodian minister --on 2026-06-01 --note 'signed form'"),
		Args:    takes("NAME"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if on != "" {
				if req.On, err = calendarDay(on); err != nil {
					return err
				}
			}
			if err := e.call(cmd.Context(), d, http.MethodPost, holdPath(args[0], "acknowledgement"), req, nil); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(acknowledged{args[0], req})
			}
			e.print().line("  %s has read the notice of hold %s", req.Custodian, args[0])
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&req.Custodian, "custodian", "", "who has read it")
	cmd.Flags().StringVar(&on, "on", "", "the day (today)")
	cmd.Flags().StringVar(&req.Note, "note", "", "how it was said: a signed form, an e-mail")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "custodian")
	return cmd
}
