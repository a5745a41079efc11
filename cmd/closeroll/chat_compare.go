package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/internal/collation"
	"github.com/closeroll/closeroll/internal/durable"
)

// shownQuotes is how many messages a finding quotes unless asked for all.
const shownQuotes = 5

// compareFlags are what a comparison can be asked for.
type compareFlags struct {
	daemonFlags
	identityFlags
	zone, order string
	title       string
	html        string
	json, all   bool
}

func (e *env) chatCompareVerb() *cobra.Command {
	var f compareFlags
	cmd := &cobra.Command{
		Use:   "compare A B",
		Short: "Compare two exports of one chat: what vanished, was edited, deleted or altered",
		Long: `Compare two exports of one chat. A is the earlier, B the later. Both are export
files (.zip, .txt or .jsonl), and then nothing is archived and no daemon is needed; or
both are captures: an export record's id, or CHAT:DATE for a captured day
(CHAT:DATE@1 for the first version of it), compared by what the journal knows;
with your identity (-i) the messages that differ are opened here and quoted.

The answer tells what became of A's messages in B, gravest first, with the
evidence and how much it proves, and what proves nothing and why. It says that
copies differ, never who did it.

Exit status: 0 when the two were compared, whatever was found; 1 when they are
not of one chat (--json still prints the answer, with same_chat false) or a file
cannot be read as an export; 2 for a wrong command line; 3 when there is no such
capture.`,
		Example: example(`closeroll chat compare june.zip july.zip`,
			`closeroll chat compare june.zip july.zip --html differences.html`,
			`closeroll chat compare x7c2q 4hd6m --json`,
			`closeroll chat compare "Flood response:2026-05-03@1" "Flood response:2026-05-03"`),
		Args: takes("A", "B"),
		RunE: func(cmd *cobra.Command, args []string) error { return e.compare(cmd.Context(), f, args[0], args[1]) },
	}
	f.daemonFlags.add(cmd)
	f.identityFlags.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.zone, "tz", "Europe/London", "zone that the exporting phones are assumed to have been in")
	fl.StringVar(&f.order, "date-order", "", "pin the order of dates in both files: dmy, mdy or ymd (by evidence)")
	fl.StringVar(&f.title, "title", "", "compare the chats with this title, of files that have several")
	fl.BoolVar(&f.json, "json", false, "print JSON")
	fl.BoolVar(&f.all, "all", false, "quote every message of a finding")
	fl.StringVar(&f.html, "html", "", "write the comparison to this file as one printable page too")
	return cmd
}

func (e *env) compare(ctx context.Context, f compareFlags, a, b string) error {
	files, err := bothFiles(a, b)
	if err != nil {
		return err
	}
	if files {
		return e.compareFiles(ctx, f, a, b)
	}
	return e.compareCaptures(ctx, f, a, b)
}

// bothFiles reports whether two arguments name files. One file and one
// capture cannot be compared: a capture's words are sealed.
func bothFiles(a, b string) (bool, error) {
	var is [2]bool
	for i, name := range []string{a, b} {
		info, err := os.Stat(name)
		is[i] = err == nil && info.Mode().IsRegular()
		switch ext := strings.ToLower(filepath.Ext(name)); {
		case err == nil || !errors.Is(err, fs.ErrNotExist):
		case ext == ".txt", ext == ".zip", ext == ".jsonl", strings.ContainsRune(name, filepath.Separator):
			return false, advise(err, exitUsage, "name two export files, or two captures as closeroll chat list shows them")
		}
	}
	if is[0] != is[1] {
		return false, usage("a file and a capture cannot be compared: a capture is known by its digests; capture the file first")
	}
	return is[0], nil
}

func (e *env) compareFiles(ctx context.Context, f compareFlags, a, b string) error {
	zone, err := time.LoadLocation(f.zone)
	if err != nil {
		return advise(err, exitUsage, "a zone is named as Europe/London")
	}
	opt := chat.Options{Zone: zone, DateOrder: strings.ToUpper(f.order)}
	var parcels [2]*exportFile
	for i, name := range []string{a, b} {
		var closer func() error
		if parcels[i], closer, err = openExport(ctx, name, opt); err != nil {
			return err
		}
		defer closer()
	}
	exports, err := f.pair(parcels)
	if err != nil {
		return err
	}
	var sides [2]chat.Side
	var shown [2]collation.Side
	for i, name := range []string{a, b} {
		sides[i] = chat.SideOf(exports[i], nil)
		shown[i] = collation.FromExport([]string{"A", "B"}[i], filepath.Base(name), exports[i])
	}
	c := chat.Compare(sides[0], sides[1])
	if err := errors.Join(exports[0].Err(), exports[1].Err()); err != nil {
		return err
	}
	return e.collate(f, c, c, shown)
}

// pair chooses the exports to compare: those of the chat asked for by its
// title, or of the one chat that each file has.
func (f *compareFlags) pair(parcels [2]*exportFile) (pair [2]*chat.Export, err error) {
	for i, p := range parcels {
		of := slices.DeleteFunc(slices.Clone(p.Exports), func(x *chat.Export) bool { return f.title != "" && x.Title != f.title })
		switch {
		case len(of) == 0:
			return pair, advise(fmt.Errorf("%s has no chat with the title %q", []string{"A", "B"}[i], f.title), exitFailure, "closeroll inspect lists the chats of a file")
		case len(of) > 1:
			return pair, advise(fmt.Errorf("%s has %d chats", []string{"A", "B"}[i], len(of)), exitUsage, "say which with --title; closeroll inspect lists them")
		}
		pair[i] = of[0]
	}
	return pair, nil
}

// openExport reads an export file, which stays open until the func is called.
func openExport(ctx context.Context, name string, opt chat.Options) (*exportFile, func() error, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, nil, advise(err, exitUsage, "name a file that you may read")
	}
	info, err := file.Stat()
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	x, err := openParcel(ctx, filepath.Base(name), file, info.Size(), opt)
	var refused *chat.Refusal
	if errors.As(err, &refused) {
		err = advise(fmt.Errorf("%s: %w", filepath.Base(name), err), exitFailure, "closeroll inspect says what is wrong with a file")
	}
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return x, func() error { return errors.Join(x.Close(), file.Close()) }, nil
}

// collate prints a comparison as it was asked for; answer is its JSON.
func (e *env) collate(f compareFlags, c chat.Comparison, answer any, sides [2]collation.Side) error {
	laid := collation.New(c, sides[0], sides[1])
	if f.html != "" {
		var page bytes.Buffer
		if err := laid.WritePage(&page, "closeroll "+version, e.now()); err != nil {
			return err
		}
		if err := durable.WriteFile(f.html, page.Bytes(), 0o600); err != nil {
			return err
		}
	}
	var err error
	switch {
	case f.json:
		err = e.writeJSON(answer)
	case c.SameChat:
		limit := shownQuotes
		if f.all {
			limit = 0
		}
		err = laid.WriteText(e.stdout, e.print().width, limit)
	}
	if err == nil && !c.SameChat {
		err = advise(fmt.Errorf("%s and %s are not two exports of one chat", sides[0].Name, sides[1].Name), exitFailure,
			"two exports of a chat share messages; compare exports whose times overlap")
	}
	return err
}
