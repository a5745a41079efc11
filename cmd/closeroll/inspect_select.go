package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/selection"
	"github.com/closeroll/closeroll/internal/durable"
)

// A selecting is what inspect --select did, for machines.
type selecting struct {
	Ticks     string                `json:"ticks"`               // the tick-list
	Selection string                `json:"selection,omitempty"` // the side file, once the list is marked
	Chats     int                   `json:"chats"`
	Messages  int                   `json:"messages"`
	Excluded  map[record.Reason]int `json:"excluded"`
}

// selectFrom writes the tick-list of an export; or, where there is one, reads it
// and writes the selection that it makes.
func (e *env) selectFrom(ctx context.Context, path string, in inspection) error {
	parcel, err := openParcel(ctx, in.name, in.file, in.size, in.opt)
	var refused *chat.Refusal
	if errors.As(err, &refused) {
		return advise(fmt.Errorf("%s: %w", in.name, err), exitFailure, "messages are selected from a chat export, .zip or .txt")
	}
	if err != nil {
		return err
	}
	defer parcel.Close()
	if _, err := in.file.Seek(0, 0); err != nil {
		return err
	}
	digest, _, err := record.SumReader(in.file)
	if err != nil {
		return err
	}
	out := selecting{Ticks: path + selection.TicksSuffix, Chats: len(parcel.Exports), Excluded: map[record.Reason]int{}}
	for _, x := range parcel.Exports {
		out.Messages += x.Count()
	}
	marked, err := readTicks(out.Ticks)
	if errors.Is(err, fs.ErrNotExist) {
		return e.writeTicks(in, parcel.Exports, digest, out)
	}
	if err != nil {
		return err
	}
	s, err := selection.ParseTicks(marked, digest, parcel.Exports)
	if err != nil {
		return advise(fmt.Errorf("%s:\n%w", out.Ticks, err), exitUsage, "mend the list, or remove it and begin again; nothing was written")
	}
	out.Excluded = s.Count()
	out.Selection = path + selection.Suffix
	if err := durable.WriteFile(out.Selection, s.YAML(), 0o600); err != nil {
		return err
	}
	if in.json {
		return e.writeJSON(out)
	}
	p := e.print()
	p.field("selection", "%s", out.Selection)
	p.field("left out", "%s", selected(out))
	p.line("  put it into the drop folder before the export or with it, or beside the export for\n  upload and import; then remove %s, which is in the clear", out.Ticks)
	return nil
}

// maxTicks bounds a tick-list, in octets: a million messages.
const maxTicks = 256 << 20

func readTicks(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxTicks {
		return nil, fmt.Errorf("%s has more than %d octets", name, maxTicks)
	}
	return os.ReadFile(name)
}

func (e *env) writeTicks(in inspection, exports []*chat.Export, digest record.Digest, out selecting) error {
	var list bytes.Buffer
	if err := selection.WriteTicks(&list, in.name, digest, exports); err != nil {
		return err
	}
	if err := durable.WriteFile(out.Ticks, list.Bytes(), 0o600); err != nil {
		return err
	}
	if in.json {
		return e.writeJSON(out)
	}
	p := e.print()
	of := ""
	if out.Chats > 1 {
		of = " of " + count(out.Chats, "chat", "chats")
	}
	p.field("list", "%s, %s%s", out.Ticks, count(out.Messages, "message", "messages"), of)
	p.line("  mark in it, in any editor, what is not to be kept; then run this again")
	return nil
}

// selected says how many messages a selection leaves out and why.
func selected(s selecting) string {
	var parts []string
	total := 0
	for _, r := range selection.Reasons() {
		if n := s.Excluded[r]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", thousands(n), spaced(string(r))))
			total += n
		}
	}
	if total == 0 {
		return "nothing: no message is marked"
	}
	return fmt.Sprintf("%s of %s: %s", thousands(total), count(s.Messages, "message", "messages"), strings.Join(parts, ", "))
}
