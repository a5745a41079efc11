package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/connectors/mailfiles"
	"github.com/closeroll/closeroll/connectors/selection"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) uploadVerb() *cobra.Command {
	var d daemonFlags
	var custodian, source, side string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "upload FILE",
		Short: "Send one chat export or mail file to the archive for a custodian",
		Long: `Send one chat export or mail file to the archive, as if it had been put into the
custodian's drop folder: it takes the same way through the pipeline and into the
same accounting, under your name. The file stays where it is. Uploading it again
captures nothing new, and says so. For a chat export the receipt is printed: counts,
gaps, when the next one is due. With receipts: smtp the custodian gets it by e-mail.

What is left out of an export is in the selection beside it, or in the one that
--select names (see inspect --select).`,
		Example: example(`closeroll upload "WhatsApp Chat - Flood response.zip" --custodian minister`,
			"closeroll upload _chat.txt --custodian minister --source minister-whatsapp --json"),
		Args: takes("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			info, err := os.Stat(args[0])
			if err != nil {
				return advise(err, exitUsage, "name a file")
			}
			if info.IsDir() {
				return advise(fmt.Errorf("%s is a folder", args[0]), exitUsage, "closeroll import takes folders")
			}
			client, err := e.client(d)
			if err != nil {
				return err
			}
			defer client.Close()
			to, err := dropFolderOf(cmd.Context(), client, custodian, source)
			if err != nil {
				return err
			}
			return e.bring(cmd.Context(), client, to, args[0], side, asJSON)
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	cmd.Flags().StringVar(&custodian, "custodian", "", "whose it is, by the id in the configuration")
	cmd.Flags().StringVar(&source, "source", "", "the drop folder, where the custodian has several")
	selectFlag(cmd, &side)
	needs(cmd, "custodian")
	return cmd
}

// dropFolderOf finds the drop folder that a custodian's files go into.
func dropFolderOf(ctx context.Context, client *api.Client, custodian, source string) (string, error) {
	var s v1.Status
	if err := client.Do(ctx, http.MethodGet, "/v1/status", nil, &s); err != nil {
		return "", fromDaemon(err)
	}
	var found []string
	for _, src := range s.Sources {
		if src.Custodian == custodian && src.Kind == v1.KindDropFolder && (source == "" || src.Name == source) {
			found = append(found, src.Name)
		}
	}
	switch {
	case len(found) == 0:
		return "", advise(fmt.Errorf("custodian %q has no drop folder here", custodian), exitNotFound, "closeroll status lists the sources; closeroll import takes any of them")
	case len(found) > 1:
		return "", advise(errors.New("the custodian has several drop folders: "+strings.Join(found, ", ")), exitUsage, "name one with --source")
	}
	return found[0], nil
}

// selectFlag names a selection that does not stand beside its export.
func selectFlag(cmd *cobra.Command, side *string) {
	cmd.Flags().StringVar(side, "select", "", "the selection of the export, if it does not stand beside it as FILE"+selection.Suffix)
}

// bring delivers what is at a path to a source and says what became of it. side
// names the selection of a single export, if any.
func (e *env) bring(ctx context.Context, client *api.Client, source, path, side string, asJSON bool) error {
	in := importing{client: client, source: source}
	if side != "" {
		var err error
		if in.side, err = readSelection(path, side); err != nil {
			return err
		}
	}
	total, err := mailfiles.Total(path)
	if err != nil {
		return err
	}
	bar := e.progress("octets")
	in.progress = func(done int64) { bar.set(min(done, total), total) }
	err = in.run(ctx, path)
	bar.end()
	if err != nil {
		return errors.Join(fromDaemon(err), in.soFar())
	}
	if asJSON {
		return e.writeJSON(in.Imported)
	}
	p := e.print()
	p.field("taken", "%s   for %s", accounting(in.Counts), source)
	if in.Counts.FailedTotal() > 0 {
		p.field("", "closeroll failures --source %s says why, and what to do", source)
	}
	for _, r := range in.Receipts {
		p.line("")
		p.receipt(r)
	}
	return nil
}

// readSelection reads the selection that is named for the export at path.
func readSelection(path, side string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		err = advise(fmt.Errorf("%s is a folder: --select is of one export", path), exitUsage, "put each selection beside its export")
	}
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(side)
	if err != nil {
		return nil, advise(err, exitUsage, "name the file that inspect --select wrote")
	}
	if _, err := selection.Parse(b); err != nil {
		return nil, advise(fmt.Errorf("%s:\n%w", side, err), exitUsage, "closeroll inspect FILE --select writes one; nothing was sent")
	}
	return b, nil
}
