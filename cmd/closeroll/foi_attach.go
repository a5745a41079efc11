package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/bag"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/disclosure"
)

// attachFlags are an attachment of a redacted copy as the command line gives it.
type attachFlags struct {
	daemonFlags
	acknowledged []string
	note         string
	remove       bool
	json         bool
}

func (e *env) foiAttachVerb() *cobra.Command {
	var f attachFlags
	cmd := &cobra.Command{
		Use:   "attach REF ITEM FILE",
		Short: "Bring back the redacted copy of a picture, a scan or an office file",
		Long: `Bring back the copy of an item that your department's own redaction tool made of
what closeroll foi handoff took out. It is what is released in place of the item.

The copy goes through the disclosure linter first (closeroll foi lint) and is
refused while it holds what it does not show, unless you accept each finding's
code with --acknowledge; what you accepted is journalled. It is sealed on this
machine, to the vault that the original is in: the daemon never has it in clear.
It becomes a record of its own, of the kind redacted-copy, and is kept as long as
its schedule says. Another copy takes the place of the one before; --remove takes
it away, and the item is released as plain text again.`,
		Example: example("closeroll foi attach FOI-2026-014 7qk2m/1+2 photo-redacted.jpg",
			"closeroll foi attach FOI-2026-014 7qk2m/1+1 plan.pdf --acknowledge properties",
			"closeroll foi attach FOI-2026-014 7qk2m/1+1 --remove"),
		Args: func(cmd *cobra.Command, args []string) error {
			if f.remove {
				return operands(cmd, args, []string{"REF", "ITEM"}, 2)
			}
			return operands(cmd, args, []string{"REF", "ITEM", "FILE"}, 3)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			codes, err := acknowledgements(f.acknowledged)
			if err != nil {
				return err
			}
			client, err := e.client(f.daemonFlags)
			if err != nil {
				return err
			}
			defer client.Close()
			item, err := oneItem(cmd.Context(), client, args[0], args[1])
			if err != nil {
				return err
			}
			if f.remove {
				return e.detach(cmd.Context(), client, args[0], item, &f)
			}
			return e.attach(cmd.Context(), client, v1.BeginCopy{Ref: args[0], Item: item}, args[2], codes, &f)
		},
	}
	f.daemonFlags.add(cmd)
	acknowledgeFlag(cmd, &f.acknowledged)
	cmd.Flags().StringVar(&f.note, "note", "", "what was redacted and why, for the internal schedule")
	cmd.Flags().BoolVar(&f.remove, "remove", false, "release no copy in place of the item any more")
	jsonFlag(cmd, &f.json)
	e.completeRefs(cmd, &f.daemonFlags)
	return cmd
}

// oneItem returns the whole id of the one item of a set that is meant.
func oneItem(ctx context.Context, client *api.Client, ref, item string) (string, error) {
	s, err := fetchSet(ctx, client, ref, widest)
	if err != nil {
		return "", fromDaemon(err)
	}
	targets, err := targetsIn(s, ref, []string{item})
	if err != nil {
		return "", err
	}
	if len(targets) != 1 {
		return "", usage("%q is %d items: name one, as closeroll foi set prints it", item, len(targets))
	}
	return targets[0].ID, nil
}

// widest asks for as many messages around those of chats as there may be.
const widest = 50

// attach lints a copy, seals it here and brings it to the daemon.
func (e *env) attach(ctx context.Context, client *api.Client, to v1.BeginCopy, path string, codes []disclosure.Code, f *attachFlags) error {
	r, err := e.lintFile(ctx, path, codes)
	var refused *disclosure.RefusedError
	if errors.As(err, &refused) {
		if !f.json {
			e.print().lintReport(r, codes)
		}
		return advise(refused, exitUnverified, "nothing was attached; do what closeroll foi lint says, or accept a finding with --acknowledge CODE")
	} else if err != nil {
		return err
	}
	content, err := os.Open(path)
	if err != nil {
		return advise(err, exitUsage, "name a file")
	}
	defer content.Close()
	to.File = record.Component{Path: record.CopyPath, Name: filepath.Base(path), Size: r.Size, Digest: r.Digest}
	req := v1.AttachCopy{BeginCopy: to, Findings: r.Counts(), Note: f.note}
	for _, c := range r.Codes() {
		req.Acknowledged = append(req.Acknowledged, string(c))
	}
	done, err := bringCopy(ctx, client, req, content)
	if err != nil {
		return fromDaemon(err)
	}
	if f.json {
		return e.writeJSON(done)
	}
	p := e.print()
	p.line("  attached to %s: %s, %s, as record %s", shortItem(done.Item), clip(r.File, 80), octets(done.Size), done.Record.Short())
	if len(done.Acknowledged) > 0 {
		p.line("  acknowledged: %s", strings.Join(done.Acknowledged, ", "))
	}
	return nil
}

// bringCopy seals a copy as the daemon says, and sends it. What is linted is what
// is sealed: the bag refuses other octets than those of the report's digest.
func bringCopy(ctx context.Context, client *api.Client, req v1.AttachCopy, content io.ReaderAt) (done v1.Copied, err error) {
	var to v1.CopyTo
	if err := client.Do(ctx, http.MethodPost, requestPath(req.Ref, "/copies/begin"), req.BeginCopy, &to); err != nil {
		return done, err
	}
	if want := []record.Component{req.File}; !slices.Equal(to.Record.Components, want) || to.Record.Kind != record.RedactedCopy {
		return done, errors.New("the daemon asks for another file to be sealed than the one that was checked")
	}
	req.Epoch, req.Known = to.Epoch, to.Known
	recipient, err := seal.ParseRecipient(to.Recipient)
	if err != nil {
		return done, fmt.Errorf("the vault's recipient: %w", err)
	}
	sealer, err := seal.NewSealer(recipient)
	if err != nil {
		return done, err
	}
	head, err := json.Marshal(req)
	if err != nil {
		return done, err
	}
	read, write := io.Pipe()
	sealed := make(chan error, 1)
	go func() {
		err := sealCopy(write, sealer, to.Record, content)
		sealed <- errors.Join(err, write.CloseWithError(err))
	}()
	err = client.Send(ctx, http.MethodPost, requestPath(req.Ref, "/copies"), io.MultiReader(bytes.NewReader(append(head, '\n')), read), &done)
	// What is left of the pipe is not wanted any more: the sealing ends.
	if failed := errors.Join(read.Close(), <-sealed); err == nil {
		err = failed
	}
	return done, err
}

func sealCopy(w io.Writer, sealer *seal.Sealer, rec record.Record, content io.ReaderAt) error {
	sw, err := sealer.Seal(w)
	if err != nil {
		return err
	}
	if err := bag.Write(sw, rec, map[string]io.ReaderAt{record.CopyPath: content}); err != nil {
		return err
	}
	return sw.Close()
}

// detach says that no copy is released in place of an item any more.
func (e *env) detach(ctx context.Context, client *api.Client, ref, item string, f *attachFlags) error {
	var r v1.Request
	if err := client.Do(ctx, http.MethodGet, requestPath(ref, ""), nil, &r); err != nil {
		return fromDaemon(err)
	}
	set, err := fetchSet(ctx, client, ref, widest)
	if err != nil {
		return fromDaemon(err)
	}
	targets, err := targetsIn(set, ref, []string{item})
	if err != nil {
		return err
	}
	// What is released may have been attached to another copy of the item.
	by, ok := targets[0].Item.Copied(r.Copies(), partNumber(item))
	req := v1.RemoveCopy{Item: by.Item, Known: by.Entry, Note: f.note}
	if !ok {
		return advise(fmt.Errorf("there is no copy of %s", shortItem(item)), exitNotFound, "closeroll foi show %s lists what is attached", ref)
	}
	if err := client.Do(ctx, http.MethodPost, requestPath(ref, "/copies/remove"), req, &r); err != nil {
		return fromDaemon(err)
	}
	if f.json {
		return e.writeJSON(r)
	}
	e.print().line("  nothing is released in place of %s any more; the copy stays a record", shortItem(item))
	return nil
}
