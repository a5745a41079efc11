package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/durable"
	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/internal/reader"
	"github.com/closeroll/closeroll/search/foi"
	"github.com/closeroll/closeroll/search/foi/production"
)

// scheduleFlags say which schedule of documents is made.
type scheduleFlags struct {
	daemonFlags
	identityFlags
	public, json               bool
	format, out, titles, roles string
}

func (e *env) foiScheduleVerb() *cobra.Command {
	var f scheduleFlags
	cmd := &cobra.Command{
		Use:   "schedule REF",
		Short: "List the documents of a request with what was decided: for the file, or to send",
		Long: `Make the schedule of documents: each item of the set, and with your identity each
attachment, with its number, date, type, sender, title, decision, exemptions and
how much of it is redacted.

The internal schedule (the default) has everything, with records, custodians and
notes, and is not to be sent. The public one (--public) has what is within the
request and what its production shows: a subject and a sender as redacted where the
document is released, and neither where it is withheld; messages of a chat that
follow one another and are decided alike are one line. --titles gives documents
other titles (a CSV table with the columns no and title), --roles senders their
roles (name and role). Pages are counted as 3,000 characters of plain text.

--format is text, csv, html or pdf; -o FILE writes a file, whose ending says which.`,
		Example: example("closeroll foi schedule FOI-2026-014", "closeroll foi schedule FOI-2026-014 --public -o schedule.pdf -i officer.key",
			"closeroll foi schedule FOI-2026-014 --public --titles titles.csv --roles roles.csv -o schedule.csv -i officer.key"),
		Args: takes("REF"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.format == "" {
				f.format = strings.TrimPrefix(filepath.Ext(f.out), ".")
			}
			if f.format == "" || f.format == "txt" {
				f.format = "text"
			}
			if !slices.Contains([]string{"text", "csv", "html", "pdf"}, f.format) {
				return usage("%q is no format: text, csv, html or pdf", f.format)
			}
			if f.format == "pdf" && f.out == "" {
				return usage("PDF is written to a file: name it with -o")
			}
			return e.schedule(cmd.Context(), &f, args[0])
		},
	}
	f.daemonFlags.add(cmd)
	f.identityFlags.add(cmd)
	fl := cmd.Flags()
	fl.BoolVar(&f.public, "public", false, "the schedule that may be sent")
	fl.StringVar(&f.format, "format", "", "text, csv, html or pdf")
	fl.StringVarP(&f.out, "output", "o", "", "file to write (standard output)")
	fl.StringVar(&f.titles, "titles", "", "table of other titles: no, title")
	fl.StringVar(&f.roles, "roles", "", "table of roles: name, role")
	jsonFlag(cmd, &f.json)
	completes(cmd, "format", "text", "csv", "html", "pdf")
	e.completeRefs(cmd, &f.daemonFlags)
	return cmd
}

// A scheduler makes the lines of a schedule.
type scheduler struct {
	*plan
	public bool
	opened bool // there is an identity to open items with
	titles map[string]string
	roles  map[string]string
	lines  []production.Line
	thread []threaded // the e-mails of the thread that is being listed
}

// A threaded is an e-mail of a thread: its line, and its words.
type threaded struct {
	line int
	text string
}

func (e *env) schedule(ctx context.Context, f *scheduleFlags, ref string) error {
	s := &scheduler{public: f.public, lines: []production.Line{}}
	var err error
	if s.titles, err = pairs(f.titles, "no", "title"); err == nil {
		s.roles, err = pairs(f.roles, "name", "role")
	}
	if err != nil {
		return err
	}
	client, err := e.client(f.daemonFlags)
	if err != nil {
		return err
	}
	defer client.Close()
	var basis v1.ProductionBasis
	if err := client.Do(ctx, http.MethodGet, requestPath(ref, "/production"), nil, &basis); err != nil {
		return fromDaemon(err)
	}
	set, err := fetchSet(ctx, client, ref, 0)
	if err != nil {
		return fromDaemon(err)
	}
	in, err := fetchRedactions(ctx, client, ref)
	if err != nil {
		return fromDaemon(err)
	}
	var request v1.Request
	if err := client.Do(ctx, http.MethodGet, requestPath(ref, ""), nil, &request); err != nil {
		return fromDaemon(err)
	}
	s.plan = &plan{set: set, in: in, copies: request.Copies()}
	opener, err := e.opener(f.identityFlags)
	if err != nil {
		return err
	}
	if s.opened = opener != nil; s.opened {
		s.plan.lectern = e.lectern(reader.New(client, opener), ref)
	}
	if err := s.list(ctx, e.progress("items")); err != nil {
		return err
	}
	if s.public {
		s.lines = production.Publish(s.lines)
	}
	if f.json {
		return e.writeJSON(s.lines)
	}
	return e.writeSchedule(f, production.About{Request: ref, Law: basis.Law, Authority: basis.Authority, Program: "closeroll " + version, Made: e.now(), Zone: london()}, s.lines)
}

// pairs reads a table of two columns.
func pairs(name, key, value string) (map[string]string, error) {
	all := make(map[string]string)
	if name == "" {
		return all, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, advise(err, exitUsage, "name a CSV table with the columns %s and %s", key, value)
	}
	defer file.Close()
	rows, err := readTable(file, key, value)
	if err != nil {
		return nil, advise(fmt.Errorf("%s: %w", name, err), exitUsage, "it is a CSV table with the columns %s and %s", key, value)
	}
	for _, r := range rows {
		all[strings.ToLower(strings.TrimSpace(r[key]))] = strings.TrimSpace(r[value])
	}
	return all, nil
}

// list makes the lines of all items. Those that are to be opened are opened
// several at once.
func (s *scheduler) list(ctx context.Context, b *bar) error {
	defer b.end()
	var items []*foi.Item
	for k := range s.set.Items {
		if it := &s.set.Items[k].Item; s.opens(it) {
			items = append(items, it)
		}
	}
	next, stop := iter.Pull2(eachItem(ctx, s.lectern, items, s.read))
	defer stop()
	group := ""
	for k := range s.set.Items {
		b.set(int64(k), int64(len(s.set.Items)))
		it := &s.set.Items[k].Item
		var made *production.Item
		if s.opens(it) {
			var err error
			if made, err, _ = next(); err != nil {
				return err
			}
		}
		if it.Group != group {
			s.contained()
			group = it.Group
		}
		s.item(it, made)
	}
	s.contained()
	return nil
}

// opens reports whether an item is opened for the schedule.
func (s *scheduler) opens(it *foi.Item) bool {
	return s.opened && it.Disposed == "" && !unlisted(it) && !(s.public && it.Decision == nil)
}

// unlisted reports whether an item is only shown around what was found, and not
// decided about.
func unlisted(it *foi.Item) bool { return it.Decision == nil && it.Context }

func (s *scheduler) read(ctx context.Context, l *lectern, it *foi.Item) (*production.Item, error) {
	with := *it
	if with.Decision == nil {
		with.Decision = &foi.Ruling{}
	}
	made, _, err := s.plan.item(ctx, l, &with)
	return made, err
}

// contained says of the e-mails of one thread which are contained in a later one.
func (s *scheduler) contained() {
	texts := make([]string, len(s.thread))
	for i, t := range s.thread {
		texts[i] = t.text
	}
	for i, in := range foi.Contained(texts) {
		if in >= 0 {
			s.lines[s.thread[i].line].Contained = s.lines[s.thread[in].line].No
		}
	}
	s.thread = s.thread[:0]
}

// item adds the lines of an item, which was opened or was not.
func (s *scheduler) item(it *foi.Item, made *production.Item) {
	if unlisted(it) {
		return
	}
	l := production.Line{No: strconv.Itoa(it.No), Record: it.Item, Type: "email", From: it.Sender, Title: it.Display, Group: it.Group, Duplicates: it.Copies,
		Decision: "undecided", Redactions: len(s.in[it.Item].Spans), Sent: "undated"}
	if it.Kind == record.ChatDay {
		l.Type, l.Title, l.Size = "chat_message", it.Chat, 1
	} else if it.Kind != record.Email {
		l.Type = string(it.Kind)
	}
	if !it.Sent.IsZero() {
		l.Sent = it.Sent.In(london()).Format("2006-01-02 15:04")
	}
	for _, h := range it.Holders {
		if !slices.Contains(l.Custodians, h.Custodian) {
			l.Custodians = append(l.Custodians, h.Custodian)
		}
	}
	s.decided(&l, it.Decision)
	s.copied(&l, it, 0)
	s.describe(&l, made)
	if made != nil && l.Type == "email" {
		s.thread = append(s.thread, threaded{len(s.lines), made.Whole.Rendering.Text[made.Whole.Body:]})
	}
	s.lines = append(s.lines, l)
	if made != nil {
		s.attachments(it, &l, made)
	}
}

// copied says that an item, or its Nth attachment, is released as a redacted
// copy, with what was noted of it.
func (s *scheduler) copied(l *production.Line, it *foi.Item, n int) {
	c, ok := it.Copied(s.copies, n)
	if !ok || !released(l.Decision) {
		return
	}
	l.Copied, l.Redactions = true, 0
	if c.Note != "" {
		l.Notes = strings.TrimPrefix(l.Notes+"; "+c.Note, "; ")
	}
}

// decided fills a line in from a decision.
func (s *scheduler) decided(l *production.Line, r *foi.Ruling) {
	if r == nil {
		return
	}
	l.Decision, l.Exemptions, l.Public, l.Notes = r.Decision, r.Exemptions, r.PublicInterest, r.Note
}

// describe fills in who wrote what to whom. What a public schedule says of it
// is what the production shows: nothing of a document that is withheld.
func (s *scheduler) describe(l *production.Line, made *production.Item) {
	if made != nil {
		l.Hash = made.Whole.Digest.String()[:12]
		l.To = recipients(made)
		if l.Type != "chat_message" {
			l.Size = production.Pages(made.Whole.Rendering.Text)
		}
		if !s.public {
			if subject, ok := made.Whole.Field("Subject"); ok {
				l.Title = made.Whole.Rendering.Text[subject.From:subject.To]
			}
		}
	}
	if !s.public {
		return
	}
	l.From, l.Title = "", production.Title(l.Type, l.Sent)
	if made != nil && released(l.Decision) {
		shown := made.Whole.Released("Subject")
		if shown != "" && l.Type != "chat_message" {
			l.Title = shown
		}
		l.From = s.role(withoutAddress(made.Whole.Released("From")))
		if sent := made.Whole.Released("Sent"); strings.Contains(sent, "[REDACTED") {
			l.Sent = "[REDACTED]"
			if shown == "" {
				l.Title = production.Title(l.Type, "")
			}
		}
	}
	if title, ok := s.titles[l.No]; ok {
		l.Title = title
	}
}

// recipients says how many an e-mail has.
func recipients(made *production.Item) string {
	n := 0
	for _, name := range []string{"To", "Cc", "Bcc"} {
		if f, ok := made.Whole.Field(name); ok {
			n += 1 + strings.Count(made.Whole.Rendering.Text[f.From:f.To], ">, ")
		}
	}
	if n == 0 {
		return ""
	}
	return count(n, "recipient", "recipients")
}

// withoutAddress is a sender's name without the address after it.
func withoutAddress(from string) string {
	name, _, _ := strings.Cut(from, " <")
	return name
}

func (s *scheduler) role(name string) string {
	if role, ok := s.roles[strings.ToLower(strings.TrimSpace(name))]; ok {
		return role
	}
	return name
}

// attachments adds the lines of an item's attachments.
func (s *scheduler) attachments(it *foi.Item, whole *production.Line, made *production.Item) {
	for k := range made.Parts {
		p := &made.Parts[k]
		l := production.Line{No: fmt.Sprintf("%s.%d", whole.No, k+1), Record: p.Item, Parent: whole.No, Sent: whole.Sent, Type: "attachment",
			Decision: whole.Decision, Exemptions: whole.Exemptions, Public: whole.Public, Redactions: len(p.Spans), Hash: p.Digest.String()[:12], Size: production.Pages(p.Rendering.Text)}
		s.decided(&l, partRuling(it, k+1))
		s.copied(&l, it, k+1)
		field := fmt.Sprintf("Attachment %d", k+1)
		if name, ok := made.Whole.Field(field); ok {
			l.Title = made.Whole.Rendering.Text[name.From:name.To]
		}
		if p.Wordless() {
			l.Size = 0
		}
		if s.public {
			l.Title = production.Title(l.Type, "")
			if released(whole.Decision) && released(l.Decision) {
				l.Title = made.Whole.Released(field)
			}
			if title, ok := s.titles[l.No]; ok {
				l.Title = title
			}
		}
		s.lines = append(s.lines, l)
	}
}

func (e *env) writeSchedule(f *scheduleFlags, a production.About, lines []production.Line) error {
	d := production.Schedule(a, lines, f.public)
	var b bytes.Buffer
	var err error
	switch f.format {
	case "csv":
		tables := d.Tables()
		b.WriteString("\ufeff")
		err = page.WriteCSV(&b, tables[len(tables)-1])
	case "html":
		err = page.WriteHTML(&b, d)
	case "pdf":
		err = page.WritePDF(&b, d)
	default:
		p := e.print()
		err = page.WriteText(&b, d, page.Screen{Width: p.width, Bold: p.bold, Dim: p.dim})
	}
	if err != nil {
		return err
	}
	if f.out == "" || f.out == "-" {
		_, err := e.stdout.Write(b.Bytes())
		return err
	}
	if err := durable.Create(f.out, b.Bytes(), 0o600); errors.Is(err, fs.ErrExist) {
		return advise(fmt.Errorf("%s is there already", f.out), exitUsage, "name another file with -o")
	} else if err != nil {
		return err
	}
	e.print().line("  %s: %s", f.out, count(len(lines), "document", "documents"))
	return nil
}
