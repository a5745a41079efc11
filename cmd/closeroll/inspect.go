package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/email"
	"github.com/closeroll/closeroll/connectors/selection"
)

func (e *env) inspectVerb() *cobra.Command {
	var zone, order string
	var asJSON, selecting bool
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Show what capture would make of a file, archiving nothing",
		Long: `Show what capture would make of a file, archiving nothing: a WhatsApp export
(.zip or .txt); a Signal export (.zip of its folder, or main.jsonl), which has
every chat of an account; or a message (.eml, .msg). What cannot be read as any
of them is refused with the reason.

--select is for leaving out of a chat what is not official: personal,
party-political or constituency messages. The first run writes FILE` + selection.TicksSuffix + `, a
list with one line a message, under its chat where the file has several, to be
marked in any editor; the second reads it back, strictly, and writes the selection
FILE` + selection.Suffix + `, which goes beside the export in a drop folder,
or beside it for upload and import. Of what it leaves out
only the number and the reason are kept; while a hold covers the custodian it is put
into quarantine instead. An export that was mailed comes without one: the e-mail is
a record itself, and is kept whole.`,
		Example: example(`closeroll inspect "WhatsApp Chat - Flood response.zip"`,
			"closeroll inspect _chat.txt --tz Europe/London --json",
			"closeroll inspect message.eml --json",
			`closeroll inspect "WhatsApp Chat - Flood response.zip" --select`),
		Args: takes("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := os.Open(args[0])
			if err != nil {
				return advise(err, exitUsage, "name a file")
			}
			defer f.Close()
			info, err := f.Stat()
			if err != nil {
				return err
			}
			if info.IsDir() {
				return advise(fmt.Errorf("%s is a folder", args[0]), exitUsage, "name one file in it")
			}
			location, err := time.LoadLocation(zone)
			if err != nil {
				return advise(err, exitUsage, "a zone is named as Europe/London")
			}
			if order != "" && !slices.Contains([]string{"dmy", "mdy", "ymd"}, strings.ToLower(order)) {
				return usage("--date-order: %q is none of dmy, mdy and ymd", order)
			}
			in := inspection{file: f, name: filepath.Base(args[0]), size: info.Size(),
				opt: chat.Options{Zone: location, DateOrder: strings.ToUpper(order)}, json: asJSON}
			if selecting {
				return e.selectFrom(cmd.Context(), args[0], in)
			}
			return e.inspect(cmd.Context(), in)
		},
	}
	cmd.Flags().BoolVar(&selecting, "select", false, "write a list of the messages to mark, or the selection that a marked list makes")
	cmd.Flags().StringVar(&zone, "tz", "Europe/London", "zone that the exporting phone is assumed to have been in")
	cmd.Flags().StringVar(&order, "date-order", "", "pin the order of dates: dmy, mdy or ymd (by evidence)")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// An inspection is one file to be looked at.
type inspection struct {
	file *os.File
	name string
	size int64
	opt  chat.Options
	json bool
}

func (e *env) inspect(ctx context.Context, in inspection) error {
	if isMessage(in) {
		m := email.Parse(in.file, in.size, email.Options{})
		if in.json {
			return e.writeJSON(m)
		}
		e.print().message(m)
		return nil
	}
	parcel, err := openParcel(ctx, in.name, in.file, in.size, in.opt)
	var refused *chat.Refusal
	if errors.As(err, &refused) {
		return advise(fmt.Errorf("%s: %w", in.name, err), exitFailure, "capture would refuse it too, as %s, and keep it in refused/", strings.ReplaceAll(string(refused.Reason), "_", " "))
	}
	if err != nil {
		return err
	}
	defer parcel.Close()
	if in.json {
		described := describeParcel(parcel.Parcel)
		if err := parcel.Err(); err != nil {
			return err
		}
		return e.writeJSON(described)
	}
	var days [][]*chat.Day
	for _, x := range parcel.Exports {
		days = append(days, x.Days())
	}
	if err := parcel.Err(); err != nil {
		return err
	}
	for i, x := range parcel.Exports {
		label := "chat"
		if i > 0 {
			e.print().line("")
		}
		if len(parcel.Exports) > 1 {
			label = fmt.Sprintf("chat %d", i+1) // as a selection calls it
		}
		e.print().export(label, x, days[i])
	}
	return nil
}

// describeParcel describes the export that a file is, or the list of those that
// it holds.
func describeParcel(p *chat.Parcel) any {
	if len(p.Exports) == 1 && p.Whole == nil {
		return chat.Describe(p.Exports[0])
	}
	all := make([]chat.Description, len(p.Exports))
	for i, x := range p.Exports {
		all[i] = chat.Describe(x)
	}
	return struct {
		Chats []chat.Description `json:"chats"`
	}{all}
}

// isMessage reports whether the file is mail: by its name, or because its
// beginning is a header field that mail has.
func isMessage(in inspection) bool {
	switch strings.ToLower(filepath.Ext(in.name)) {
	case ".eml", ".msg":
		return true
	case ".zip", ".txt", ".jsonl":
		return false
	}
	return email.Looks(in.file)
}

func (p *printer) message(m *email.Message) {
	line := func(label, value string) {
		if value != "" {
			p.field(label, "%s", clip(value, 300))
		}
	}
	names := func(list []email.Address) string {
		var all []string
		for _, a := range list {
			all = append(all, a.String())
		}
		return strings.Join(all, ", ")
	}
	line("from", names(m.From))
	line("to", names(m.To))
	line("cc", names(m.Cc))
	line("subject", m.Subject)
	line("id", m.MessageID)
	p.field("sent", "%s", moment(m.Date, london()))
	line("text", strings.Join(strings.Fields(m.Text), " "))
	for _, a := range m.Attachments {
		p.field("file", "%-9s %s  %s  %s…", octets(a.Size), clip(a.Name, 80), a.Type, a.Digest.String()[:12])
	}
	for _, d := range m.Defects {
		p.field("defect", "%s", d)
	}
}

func (p *printer) export(label string, x *chat.Export, days []*chat.Day) {
	p.field(label, "%s   (%s, %s)", p.bold(clip(x.Title, 100)), x.Platform, x.Grade)
	order := x.DateOrder.Used
	if x.DateOrder.Default {
		order += ", by default: nothing in the file proves it"
	} else if x.DateOrder.Proof != "" {
		order += ", proved by " + strings.ReplaceAll(x.DateOrder.Proof, "_", " ")
	}
	p.field("dates", "%s", order)
	if x.Calendar != "" {
		p.field("calendar", "%s", x.Calendar)
	}
	p.field("holds", "%s on %s; %s with it, %s missing, %s that no message mentions", count(x.Count(), "message", "messages"),
		count(len(days), "day", "days"), count(x.Linked, "media file", "media files"), thousands(len(x.Missing)), thousands(len(x.Orphans)))
	for _, f := range x.Flags {
		p.field("flag", "%s", p.mark(strings.ReplaceAll(f, "_", " ")))
	}
	for _, d := range days {
		p.field("day", "%s  %s, %s", d.Date, count(d.Count, "message", "messages"), octets(d.Size()))
	}
}
