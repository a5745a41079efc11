package main

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/durable"
)

func (e *env) chatVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:     "chat",
		Short:   "Chats: list, read and compare them, and get an export back as it was",
		Example: example("closeroll chat list"),
	}, e.chatListVerb(), e.chatShowVerb(), e.chatTimelineVerb(), e.chatCompareVerb(), e.chatReceiptVerb(), e.chatJoinVerb(), e.chatPartVerb(), e.exportOriginalVerb())
}

func (e *env) chatListVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list [CHAT]",
		Short:   "List chats with their exports and notices",
		Example: example("closeroll chat list", `closeroll chat list "Flood response" --json`),
		Args:    mayTake("CHAT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			which := ""
			if len(args) > 0 {
				which = args[0]
			}
			var list []v1.Chat
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/chats?chat="+query(which), nil, &list); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(list)
			}
			if len(list) == 0 && which != "" {
				return advise(fmt.Errorf("there is no chat %q", which), exitNotFound, "closeroll chat list lists them")
			}
			p := e.print()
			for _, c := range list {
				p.line("  %s  %s", p.bold(clip(c.Title, 80)), p.dim(c.ID))
				p.line("      %s on %s, %s to %s; %s", count(c.Messages, "message", "messages"), count(c.Days, "day", "days"), c.From, c.Until, c.Platform)
				for _, x := range c.Exports {
					p.line("      %s", exportLine(x))
				}
				p.parts(c)
				for _, n := range c.Notices {
					if !n.Superseded {
						p.line("      %s", p.mark(clip(e.noticeText(n), 300)))
					}
				}
			}
			return nil
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

// A written export is what export-original prints for machines.
type written struct {
	File   string    `json:"file"`
	Export record.ID `json:"export"`
	// What a selection left out at capture: the file is without it.
	Omitted []ingest.Omission `json:"omitted,omitempty"`
}

func (e *env) exportOriginalVerb() *cobra.Command {
	var d daemonFlags
	var i identityFlags
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "export-original EXPORT -o FILE",
		Short: "Write a captured export's transcript again, byte for byte",
		Long: `Write a captured export's transcript again, byte for byte, from the chat-day
records that it was taken apart into. EXPORT is an export record's id, as chat
list shows it. The result is compared with the digest that was recorded at
capture; if it differs nothing is left behind. What a selection left out at
capture is nowhere in the archive: the file is then what was kept, and where and
why something is missing is printed.`,
		Example: example("closeroll chat export-original x7c2q -o _chat.txt -i officer.key"),
		Args:    takes("EXPORT"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			export, err := e.getRecord(cmd.Context(), d, args[0])
			if err != nil {
				return err
			}
			if export.Kind != record.Export {
				return advise(fmt.Errorf("record %s is no export but of kind %s", export.ID.Short(), export.Kind), exitUsage, "closeroll chat list shows each chat's exports")
			}
			r, client, err := e.reader(d, i)
			if err != nil {
				return err
			}
			defer client.Close()
			f, err := os.CreateTemp(filepath.Dir(out), durable.TempPrefix+"*")
			if err != nil {
				return err
			}
			defer os.Remove(f.Name())
			defer f.Close()
			omitted, err := r.Original(cmd.Context(), string(export.ID), f)
			if err != nil {
				return opening(err)
			}
			if err := f.Close(); err != nil {
				return err
			}
			if err := os.Rename(f.Name(), out); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(written{out, export.ID, omitted})
			}
			p := e.print()
			p.line("  %s", out)
			p.omitted(omitted)
			return nil
		},
	}
	d.add(cmd)
	i.add(cmd)
	jsonFlag(cmd, &asJSON)
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write")
	needs(cmd, "output")
	return cmd
}

// omitted says what a selection left out of an export, by reason.
func (p *printer) omitted(all []ingest.Omission) {
	counts := make(map[record.Reason]int)
	for _, o := range all {
		counts[o.Reason] += o.Messages
	}
	for _, r := range slices.Sorted(maps.Keys(counts)) {
		p.line("  %s", p.mark(fmt.Sprintf("%s left out at capture as %s: the file is not the whole export", count(counts[r], "message was", "messages were"), spaced(string(r)))))
	}
}
