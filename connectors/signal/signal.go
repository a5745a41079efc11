// Package signal reads the plaintext chat history that Signal's own apps export
// ("Export chat history", 2026) into the vocabulary of connectors/chat.
//
// # The format
//
// A folder, or a zip file of it, with
//
//	main.jsonl                one JSON object a line: a frame of Signal's backup format
//	metadata.json             {"version": 1}
//	files/XX/NAME.EXT         the media, in folders by the name's first two letters
//
// Signal publishes no description of it. The frames are those of the Backup
// protocol buffer of its open-source apps (Backup.proto in signalapp/Signal-Android;
// ts/services/backups in signalapp/Signal-Desktop, where this export is the
// type "plaintext-export") in the JSON form of protocol buffers: 64-bit numbers
// are strings, bytes are base64, a choice is the name of the field that is
// there. Independent readers of real exports bear that out, among them
// bepaald/signalbackup-tools issue 382 and the "qronicle" importer: account,
// recipient, chat and chatItem frames; chatItem.dateSent in milliseconds since
// 1970; standardMessage.text.body; attachments[].pointer.locatorInfo.plaintextHash,
// the SHA-256 of the file's octets. Media are found by that hash and by nothing
// else, because what their names are made of has changed between versions.
//
// Not verified against a real export: the frames of calls, polls, group changes
// and administrators' deletions (their names are from the protocol buffer), and
// whether the apps themselves ever write a zip file. A frame or an update of a
// kind that is not known here is kept, counted and shown as an unknown system
// line, and nothing is concluded from it.
//
// # What it means as evidence
//
// Times are exact instants and not what somebody read on a phone: they are shown
// on the clock of the configured zone. Messages under a timer are exported with
// it, and say so; a message deleted for everyone leaves a tombstone; an edited
// one keeps its earlier versions, which are in the record's octets. What was
// deleted for oneself leaves nothing, as in any app. Chats and people are
// numbered anew by some versions in each export, so that a day's octets differ
// from one export to the next where nothing was changed: successive exports are
// compared by what the messages say.
//
// One file holds every chat of an account. Each becomes an export of its own,
// made up of its own lines; what belongs to no chat (the account, the contacts)
// is kept beside them, and all of them together are the file again.
package signal

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/chat/container"
)

// App is the value of [chat.Export.App].
const App = "signal"

// Platform is the value of [chat.Export.Platform]: the export does not say
// which of Signal's apps wrote it.
const Platform chat.Platform = "signal"

// transcriptName is the file that has the messages.
const transcriptName = "main.jsonl"

// headSize is how much of a file is read to see whether it is an export.
const headSize = 64 << 10

// Looks reports whether a file is probably a Signal export: a zip file with a
// main.jsonl, or that file alone, whose first lines are frames.
func Looks(r io.ReaderAt, size int64) bool {
	if !container.Is(r) {
		head := make([]byte, min(size, headSize))
		n, err := r.ReadAt(head, 0)
		return (err == nil || err == io.EOF) && looksLike(string(head[:n]))
	}
	files, err := container.Directory(r, size, chat.Limits{}.WithDefaults())
	if err != nil {
		return false
	}
	return transcriptOf(files) != nil
}

// frameKeys are the members of which a line of an export has one.
var frameKeys = []string{"account", "recipient", "chat", "chatItem", "backupTimeMs", "stickerPack", "adHocCall", "notificationProfile", "chatFolder"}

// looksLike reports whether nearly all of a text's first lines are frames.
func looksLike(head string) bool {
	frames, others := 0, 0
	for line := range strings.Lines(head) {
		if len(head) >= headSize && !strings.HasSuffix(line, "\n") {
			break // cut
		}
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		var keys map[string]json.RawMessage
		if json.Unmarshal([]byte(line), &keys) != nil {
			others++
			continue
		}
		for _, key := range frameKeys {
			if bytes.HasPrefix(keys[key], []byte("{")) || key == "backupTimeMs" && keys[key] != nil {
				frames++
			}
		}
	}
	return frames > 4*others
}

// Open reads an export: a zip file of the folder, or main.jsonl alone. name is
// the file's name as the source gave it. r must stay readable as long as the
// export is used: main.jsonl is not held if it is long, but read anew, where it
// is or where Options.Keep has put it, whenever messages are asked for. What is
// held is sixteen octets a message, and who is in the chats.
//
// An error is a [chat.Refusal] unless reading r failed or ctx ended.
func Open(ctx context.Context, name string, r io.ReaderAt, size int64, opt chat.Options) (*chat.Parcel, error) {
	opt.Limits = opt.Limits.WithDefaults()
	if container.Is(r) {
		return openZip(ctx, name, r, size, opt)
	}
	t, err := textOf(r, size, opt.Limits)
	if err != nil {
		return nil, err
	}
	return newFile(t, nil, opt).parcel(container.BaseName(name), chat.File{})
}

func openZip(ctx context.Context, name string, r io.ReaderAt, size int64, opt chat.Options) (*chat.Parcel, error) {
	files, err := container.Directory(r, size, opt.Limits)
	if err != nil {
		return nil, err
	}
	main := transcriptOf(files)
	if main == nil {
		return nil, chat.Refuse(record.ReasonNotAChat, "no entry of the zip file is a %s", transcriptName)
	}
	packed := chat.File{Name: name}
	if packed.Digest, packed.Size, err = record.SumReader(io.NewSectionReader(r, 0, size)); err != nil {
		return nil, err
	}
	entries, err := container.Entries(ctx, files)
	if err != nil {
		return nil, err
	}
	for i, f := range files {
		switch {
		case f == main:
			entries[i].Role = chat.RoleTranscript
		case container.BaseName(f.Name) == "metadata.json":
			entries[i].Role = chat.RolePackaging
		}
	}
	t, err := entryText(main, opt)
	if err != nil {
		return nil, err
	}
	p, err := newFile(t, entries, opt).parcel(main.Name, packed)
	if err != nil {
		t.close()
	}
	return p, err
}

// transcriptOf finds main.jsonl, in whatever folder, by its name and content.
func transcriptOf(files []*zip.File) *zip.File {
	for _, f := range files {
		if container.BaseName(f.Name) == transcriptName && container.Role(f) == chat.RoleOrphan && looksLike(container.Head(f, headSize)) {
			return f
		}
	}
	return nil
}
