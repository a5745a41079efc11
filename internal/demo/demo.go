// Package demo holds the sample correspondence that `closeroll demo` captures,
// and a mail server to capture it from.
//
// The subject is a flood, one week in May 2026, at a department that does not
// exist: the mailbox of a minister's private office, and two WhatsApp chats,
// one exported from an iPhone as a zip with media, one from an Android phone
// as plain text. People, places' doings and addresses are invented (addresses
// end in .example, RFC 2606; telephone numbers are from Ofcom's drama range).
//
// The samples are files, octet for octet as a server or a phone would give
// them: mail/FOLDER/RECEIVED-NAME.eml and chat/. Among them are the things
// that a mailbox really holds: threads, attachments of several kinds, HTML
// without plain text, seven charsets, sealed mail that nobody here can read, a
// message forwarded as an attachment, one with a broken structure, one dated
// 1980, one that was never sent, and the same message in two folders.
package demo

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"
)

//go:embed mail all:chat
var samples embed.FS

// The folders of the sample mailbox.
const (
	Inbox  = "INBOX"
	Sent   = "Sent"
	Upton  = "Floods – Upton" // a name that IMAP has to encode (RFC 3501, section 5.1.3)
	Drafts = "Drafts"         // holds one message that was never sent; captures leave it out
)

// folders gives each directory of samples its name in the mailbox.
var folders = []struct{ dir, name string }{
	{"inbox", Inbox},
	{"sent", Sent},
	{"upton", Upton},
	{"drafts", Drafts},
}

// A Letter is one message of the sample mailbox.
type Letter struct {
	Name     string    // what the sample shows, in a word or two
	Folder   string    // where the mailbox keeps it
	Received time.Time // when the server took it in: its INTERNALDATE
	Octets   []byte    // RFC 5322 octets, or nearly
}

// Letters returns the sample mailbox: folder by folder, oldest first. It is
// the same on every call.
func Letters() ([]Letter, error) {
	var letters []Letter
	for _, folder := range folders {
		dir := path.Join("mail", folder.dir)
		entries, err := fs.ReadDir(samples, dir)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			octets, err := fs.ReadFile(samples, path.Join(dir, entry.Name()))
			if err != nil {
				return nil, err
			}
			received, name, err := parseName(entry.Name())
			if err != nil {
				return nil, err
			}
			letters = append(letters, Letter{Name: name, Folder: folder.name, Received: received, Octets: octets})
		}
	}
	return letters, nil
}

// parseName takes 20260514-081204-sandbags-field.eml apart. The time is UTC.
func parseName(file string) (received time.Time, name string, err error) {
	const layout = "20060102-150405"
	base, ok := strings.CutSuffix(file, ".eml")
	if !ok || len(base) <= len(layout) {
		return time.Time{}, "", fmt.Errorf("sample %s is not named RECEIVED-NAME.eml", file)
	}
	received, err = time.Parse(layout, base[:len(layout)])
	if err != nil {
		return time.Time{}, "", fmt.Errorf("sample %s: %w", file, err)
	}
	return received, base[len(layout)+1:], nil
}
