package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/delivery"
	"github.com/closeroll/closeroll/connectors/mailfiles"
	"github.com/closeroll/closeroll/connectors/selection"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) importVerb() *cobra.Command {
	var d daemonFlags
	var source, side string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "import PATH",
		Short: "Bring mail and chat exports that lie in files into the archive",
		Long: `Bring mail and chat exports that lie in files into the archive, as items of a
source: .eml files, mailbox files in any dialect, Maildirs, Apple Mail's .emlx,
Outlook's .msg, and WhatsApp exports. PATH is a file or a folder on this machine;
nothing in it is changed. What is no mail is counted as excluded. A selection beside
a chat export (see inspect --select) is followed, or --select names the one of a
single export; for each export that is captured a receipt is printed.

An import that was broken off goes on where it was when it is started again, and
one that is repeated captures nothing new. An Outlook data file (.pst, .ost),
named by itself, is unpacked by the program readpst, of the Debian package
pst-utils, into a folder of yours that is removed again.`,
		Example: example("closeroll import ~/old-mail --source private-office",
			"closeroll import archive.pst --source private-office",
			"closeroll import Inbox.mbox --source private-office --json"),
		Args: takes("PATH"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			client, err := e.client(d)
			if err != nil {
				return err
			}
			defer client.Close()
			if _, err := os.Stat(args[0]); err != nil {
				return advise(err, exitUsage, "name a file or a folder")
			}
			root, remove, err := e.unpacked(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, remove()) }()
			return e.bring(cmd.Context(), client, source, root, side, asJSON)
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	cmd.Flags().StringVar(&source, "source", "", "the source that the items are captured for; closeroll status lists them")
	selectFlag(cmd, &side)
	needs(cmd, "source")
	return cmd
}

// Imported is what import prints for machines.
type Imported struct {
	Source   string        `json:"source"`
	Counts   record.Counts `json:"counts"`
	Receipts []v1.Receipt  `json:"receipts"` // for the chat exports among it
}

// An importing is one import under way.
type importing struct {
	client   *api.Client
	source   string
	side     []byte // what is left out of the one export that is brought; nil: what stands beside it says
	progress func(octets int64)
	done     int64 // octets

	Imported
}

// importBatch is how many items go in one delivery: what is acknowledged
// together.
const importBatch = v1.MaxKnownItems

func (in *importing) run(ctx context.Context, root string) error {
	in.Source, in.Receipts = in.source, []v1.Receipt{}
	var batch []*mailfiles.Found
	for f, err := range mailfiles.Walk(ctx, root) {
		if err != nil {
			return err
		}
		if err := in.choose(f); err != nil {
			return err
		}
		if batch = append(batch, f); len(batch) == importBatch {
			if err := in.deliver(ctx, batch); err != nil {
				return err
			}
			batch = nil
		}
	}
	return in.deliver(ctx, batch)
}

// choose gives an export the selection that was named for it.
func (in *importing) choose(f *mailfiles.Found) error {
	switch {
	case in.side == nil:
		return nil
	case f.Form != connectors.FormChatExport:
		return advise(fmt.Errorf("%s is no chat export: --select says what is left out of one", f.Name), exitUsage, "leave --select away")
	case f.Selection != nil:
		return advise(fmt.Errorf("there is a selection beside %s already", f.Name), exitUsage, "leave --select away, or move %s away", f.Name+selection.Suffix)
	}
	f.Select(in.side)
	return nil
}

// deliver sends what the daemon does not know yet.
func (in *importing) deliver(ctx context.Context, batch []*mailfiles.Found) error {
	if len(batch) == 0 {
		return nil
	}
	ask := v1.KnownItems{Keys: make([]string, len(batch))}
	for i, f := range batch {
		ask.Keys[i] = f.Key
	}
	path := "/v1/sources/" + url.PathEscape(in.source)
	var known v1.KnownItems
	if err := in.client.Do(ctx, http.MethodPost, path+"/known", ask, &known); err != nil {
		return err
	}
	settled := make(map[string]bool, len(known.Keys))
	for _, key := range known.Keys {
		settled[key] = true
	}
	fresh := slices.DeleteFunc(slices.Clone(batch), func(f *mailfiles.Found) bool { return settled[f.Key] })
	in.Counts.Add(record.AlreadyArchived, "", int64(len(batch)-len(fresh)))
	if len(fresh) > 0 {
		if err := in.send(ctx, path+"/items", fresh); err != nil {
			return err
		}
	}
	for _, f := range batch {
		in.done += f.Size
	}
	in.progress(in.done)
	return nil
}

// send streams items to the daemon and adds up what became of them.
func (in *importing) send(ctx context.Context, path string, items []*mailfiles.Found) error {
	r, w := io.Pipe()
	wrote := make(chan error, 1)
	go func() {
		err := in.write(w, items)
		w.CloseWithError(err)
		wrote <- err
	}()
	var run v1.Run
	err := in.client.Send(ctx, http.MethodPost, path, r, &run)
	r.CloseWithError(errSent)
	if failed := <-wrote; failed != nil && !errors.Is(failed, errSent) {
		return failed // it is why the call failed, too
	}
	if err != nil {
		return err
	}
	add(&in.Counts, run.Counts)
	in.Receipts = append(in.Receipts, run.Receipts...)
	return nil
}

// errSent ends a pipe whose other end has its answer.
var errSent = errors.New("the call has ended")

func (in *importing) write(w io.Writer, items []*mailfiles.Found) error {
	out, sent := delivery.NewWriter(w), in.done
	for _, f := range items {
		if err := writeItem(out, f); err != nil {
			return err
		}
		sent += f.Size
		in.progress(sent)
	}
	return nil
}

func writeItem(out *delivery.Writer, f *mailfiles.Found) error {
	h := delivery.Header{Key: f.Key, Form: f.Form, Name: f.Name, Folder: f.Folder, Received: f.Received, Flags: f.Flags,
		Reason: f.Reason, Excluded: f.Excluded}
	if f.Err != nil {
		h.Detail = importFault(f.Err)
	}
	if f.Reason != "" || f.Excluded != "" {
		return out.Write(h, nil)
	}
	h.Size, h.Digest, h.Select = f.Size, f.Digest, int64(len(f.Selection))
	octets, err := f.Open()
	if err != nil {
		return err
	}
	defer octets.Close()
	return out.Write(h, io.MultiReader(bytes.NewReader(f.Selection), octets))
}

// importFault says why a file could not be imported, for the list of failures.
func importFault(err error) string {
	if errors.Is(err, mailfiles.ErrOutlookData) {
		return err.Error() + ": import it by itself, and it is unpacked (closeroll import FILE)"
	}
	return plainly(err)
}

// add adds the accounting of a delivery to that of the import.
func add(sum *record.Counts, c record.Counts) {
	sum.Add(record.CapturedNew, "", c.Captured)
	sum.Add(record.AlreadyArchived, "", c.AlreadyArchived)
	for _, r := range slices.Sorted(maps.Keys(c.Excluded)) {
		sum.Add(record.Excluded, r, c.Excluded[r])
	}
	for _, r := range slices.Sorted(maps.Keys(c.Failed)) {
		sum.Add(record.Failed, r, c.Failed[r])
	}
}

// soFar says what an import that was broken off has done.
func (in *importing) soFar() error {
	if in.Counts.Seen == 0 {
		return nil
	}
	return advise(fmt.Errorf("before that: %s", strings.TrimSpace(accounting(in.Counts))), exitFailure,
		"what was taken before is archived; run the same command again to go on")
}
