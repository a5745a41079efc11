package main

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/bag"
	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/messenger"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/reader"
	"github.com/closeroll/closeroll/search/foi"
)

func (e *env) foiHandoffVerb() *cobra.Command {
	var d daemonFlags
	var i identityFlags
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "handoff REF ITEM… -o DIR",
		Short: "Take originals out, to redact them with your department's own tool",
		Long: `Take originals out of a request's set into a new folder, byte for byte, with a
manifest (manifest.csv and manifest.json: item, file, digest), for a redaction tool
that can do what closeroll does not: pictures, scans, office files. ITEM+1 is the
first attachment; an e-mail by itself is the message as a file, a chat message by
itself all its media. Records are opened here with your identity.

What was taken out, and by whom, is in the journal before the folder is there.
Bring each copy back with closeroll foi attach, and remove the folder.`,
		Example: example("closeroll foi handoff FOI-2026-014 7qk2m/1+2 9xw4c/3 -o to-redact -i officer.key",
			"closeroll foi attach FOI-2026-014 7qk2m/1+2 to-redact/redacted.jpg"),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return operands(cmd, args, []string{"REF", "ITEM"}, 2)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			r, client, err := e.reader(d, i)
			if err != nil {
				return err
			}
			defer client.Close()
			h := &handoff{env: e, client: client, ref: args[0], out: out, opener: originals{reader: r, ref: args[0]}}
			if err := h.run(cmd.Context(), args[1:]); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(h.manifest)
			}
			e.print().line("  %s in %s", count(len(h.manifest), "file", "files"), out)
			for _, f := range h.manifest {
				e.print().line("    %-9s %s", octets(f.Size), f.File)
			}
			return nil
		},
	}
	d.add(cmd)
	i.add(cmd)
	jsonFlag(cmd, &asJSON)
	cmd.Flags().StringVarP(&out, "output", "o", "", "folder to make")
	needs(cmd, "output")
	e.completeRefs(cmd, &d)
	return cmd
}

// An originals opens the files that items of a set are. It keeps one record
// open at a time: some are large.
type originals struct {
	reader *reader.Reader
	ref    string // what it is read for
	id     string // of the record that is open
	record record.Record
	opened ingest.Opened
}

// of returns the files of an item: it is of message RECORD-ID/N, and the first
// of them is the message itself.
func (o *originals) of(ctx context.Context, item string) ([]ingest.Original, error) {
	id, n := messagePart(item)
	if o.id != id {
		var err error
		o.id, o.opened = "", nil
		if o.record, o.opened, err = o.reader.Open(ctx, id, o.ref); err != nil {
			return nil, opening(err)
		}
		o.id = id
	}
	return ingest.OriginalsOf(ctx, messenger.All{}, o.record, o.opened, n)
}

// A handedFile is a line of a manifest.
type handedFile struct {
	record.HandedOff
	File string `json:"file"`
	Name string `json:"name,omitempty"` // as its sender called it
}

// A handoff is originals being taken out.
type handoff struct {
	*env
	client   *api.Client
	ref, out string
	opener   originals
	manifest []handedFile
}

// run leaves a whole folder, or none.
func (h *handoff) run(ctx context.Context, items []string) error {
	s, err := fetchSet(ctx, h.client, h.ref, widest)
	if err != nil {
		return fromDaemon(err)
	}
	targets, err := targetsIn(s, h.ref, items)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(h.out); err == nil {
		return advise(fmt.Errorf("%s is there already", h.out), exitUsage, "name another folder with -o")
	}
	if err := os.MkdirAll(filepath.Dir(h.out), 0o700); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(h.out), ".closeroll-handoff-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// Records are opened one after another, each once.
	slices.SortStableFunc(targets, func(a, b foi.Target) int { return strings.Compare(a.ID, b.ID) })
	bar := h.progress("originals")
	for i, t := range targets {
		bar.set(int64(i), int64(len(targets)))
		if err := h.take(ctx, dir, t); err != nil {
			bar.end()
			return err
		}
	}
	bar.end()
	if err := h.writeManifest(dir); err != nil {
		return err
	}
	req := v1.HandOff{}
	for _, f := range h.manifest {
		req.Items = append(req.Items, f.HandedOff)
	}
	if err := h.client.Do(ctx, http.MethodPost, requestPath(h.ref, "/handoffs"), req, nil); err != nil {
		return fromDaemon(err)
	}
	return os.Rename(dir, h.out)
}

// take writes the files that one id names.
func (h *handoff) take(ctx context.Context, dir string, t foi.Target) error {
	files, err := h.opener.of(ctx, t.Item.Item)
	if err != nil {
		return err
	}
	whole, part, isPart := strings.Cut(t.ID, "+")
	wanted := []int{0}
	switch k, _ := strconv.Atoi(part); {
	case isPart && k < len(files):
		wanted = []int{k}
	case isPart:
		return advise(fmt.Errorf("%s has no attachment %d", shortItem(whole), k), exitNotFound, "closeroll foi set %s -i IDENTITY lists attachments", h.ref)
	case files[0].Open == nil:
		wanted = nil
		for k := 1; k < len(files); k++ {
			wanted = append(wanted, k)
		}
	}
	taken := 0
	for _, k := range wanted {
		if files[k].Open == nil {
			continue
		}
		id := whole
		if k > 0 {
			id += "+" + strconv.Itoa(k)
		}
		if err := h.write(dir, id, files[k]); err != nil {
			return err
		}
		taken++
	}
	if taken == 0 {
		return advise(fmt.Errorf("%s is no file", shortItem(t.ID)), exitNotFound, "its words are redacted with closeroll foi redact %s %s", h.ref, shortItem(t.ID))
	}
	return nil
}

// write writes one file, under a name that tells what it is and can harm no
// folder.
func (h *handoff) write(dir, id string, f ingest.Original) (err error) {
	name := strings.NewReplacer("/", "-", "+", "-").Replace(shortItem(id)) + "-" + bag.Segment(f.Name)
	if slices.ContainsFunc(h.manifest, func(o handedFile) bool { return o.Item == id }) {
		return nil // named twice
	}
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, sum), in)
	h.manifest = append(h.manifest, handedFile{record.HandedOff{Item: id, Digest: record.Digest(sum.Sum(nil)), Size: n}, name, f.Name})
	return err
}

// writeManifest says what each file is, for people and for programs.
func (h *handoff) writeManifest(dir string) error {
	octets, err := json.MarshalIndent(h.manifest, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), append(octets, '\n'), 0o600); err != nil {
		return err
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	rows := [][]string{{"item", "file", "sha256", "octets"}}
	for _, f := range h.manifest {
		rows = append(rows, []string{f.Item, f.File, f.Digest.String(), strconv.FormatInt(f.Size, 10)})
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "manifest.csv"), []byte(b.String()), 0o600)
}
