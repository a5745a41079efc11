package whatsapp

import (
	"archive/zip"
	"context"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/chat/container"
)

// OpenAll reads every chat of a file: of a zip file that somebody packed several
// exports into, each, in the container's order, with its own transcript and the
// media that it mentions. What of the container belongs to no chat goes with the
// one that [Open] returns. A transcript that a message of another mentions is an
// attachment, and no chat of the file.
//
// Errors are as of Open; a file is refused whole or read whole.
func OpenAll(ctx context.Context, name string, r io.ReaderAt, size int64, opt Options) ([]*chat.Export, error) {
	opt = withDefaults(opt)
	if !container.Is(r) {
		e, err := openBeside(ctx, name, r, size, opt)
		if err != nil {
			return nil, err
		}
		return []*chat.Export{e}, nil
	}
	files, first, err := openZip(ctx, name, r, size, opt)
	if err != nil {
		return nil, err
	}
	var all []*chat.Export
	left := false
	for i := range first.Entries {
		switch first.Entries[i].Role {
		case chat.RoleTranscript:
			all = append(all, first)
			continue
		case chat.RoleOtherTranscript:
		default:
			continue
		}
		e, err := beside(ctx, first, files, i, opt)
		if err != nil {
			return nil, err
		}
		if e == nil {
			left = true
			continue
		}
		all = append(all, e)
	}
	divide(first, all)
	if !left {
		first.Flags = slices.DeleteFunc(first.Flags, func(f string) bool { return f == chat.FlagOtherTranscripts })
	}
	return all, nil
}

// openBeside reads a bare transcript with what came with it. Where that is none
// of its media, nothing is missing from it either: it was exported without.
func openBeside(ctx context.Context, name string, r io.ReaderAt, size int64, opt Options) (*chat.Export, error) {
	e, err := OpenLoose(ctx, name, r, size, opt.Beside, opt)
	if err != nil || opt.Beside == nil {
		return e, err
	}
	if e.Linked == 0 {
		return OpenLoose(ctx, name, r, size, nil, opt)
	}
	for i := range e.Entries {
		if e.Entries[i].Role == chat.RoleOrphan {
			e.Entries[i].Role = chat.RoleElsewhere
		}
	}
	forgetContainer(e)
	return e, nil
}

// beside reads another transcript of the container that the first export is in.
// It returns none if that only resembles one: it stays a file.
func beside(ctx context.Context, first *chat.Export, files []*zip.File, at int, opt Options) (*chat.Export, error) {
	name := first.Entries[at].Name
	if looksLike(name, container.Head(files[at], headSize)) == 0 {
		return nil, nil
	}
	e := &chat.Export{App: App, Zone: opt.Zone, Container: first.Container, Entries: slices.Clone(first.Entries)}
	for i := range e.Entries {
		switch e.Entries[i].Role {
		case chat.RoleMedia: // it may be this one's too
			e.Entries[i].Role = chat.RoleOrphan
		case chat.RoleTranscript, chat.RoleOtherTranscript, chat.RoleCopy:
			e.Entries[i].Role = chat.RoleElsewhere
		}
	}
	e.Entries[at].Role = chat.RoleTranscript
	opt = outer(opt, files[at])
	e.Title, e.TitleFrom = titleWithin(name)
	t, err := entryText(files[at], &opt)
	if err != nil {
		return nil, err
	}
	if err := fill(ctx, e, name, t, opt); err != nil {
		t.close()
		if chat.ReasonOf(err) == record.ReasonNotAChat {
			err = nil
		}
		return nil, err
	}
	return e, nil
}

// divide gives each of several exports of a container its own entries: what
// belongs to none is the first's, and what a message of another mentions is not.
func divide(first *chat.Export, all []*chat.Export) {
	for _, e := range all {
		if e == first {
			continue
		}
		for i := range e.Entries {
			switch e.Entries[i].Role {
			case chat.RoleTranscript:
				first.Entries[i].Role = chat.RoleElsewhere
			case chat.RoleMedia:
				if first.Entries[i].Role == chat.RoleOrphan {
					first.Entries[i].Role = chat.RoleElsewhere
					first.Orphans = slices.DeleteFunc(first.Orphans, func(name string) bool { return name == first.Entries[i].Name })
				}
			default:
				e.Entries[i].Role = chat.RoleElsewhere
			}
		}
		forgetContainer(e)
	}
}

// forgetContainer takes from an export what is said of a container, or of what
// the transcript came with, and not of the chat.
func forgetContainer(e *chat.Export) {
	e.Orphans, e.UnsafeNames, e.Duplicates = nil, nil, nil
	e.Flags = slices.DeleteFunc(e.Flags, func(f string) bool {
		return f == chat.FlagDuplicateNames || f == chat.FlagUnsafeNames
	})
}

// titleWithin finds a chat's title in the name of its transcript in a container,
// or in that of the folder that it is in there.
func titleWithin(name string) (title, where string) {
	if title, where = titleOf(name, "entry name"); title != "" {
		return title, where
	}
	if folder := path.Dir(strings.ReplaceAll(name, `\`, "/")); folder != "." {
		return titleOf(folder, "folder name")
	}
	return "", ""
}
