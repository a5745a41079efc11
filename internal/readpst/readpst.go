// Package readpst unpacks Outlook data files (.pst, .ost; [MS-PST]) into
// messages, by the program readpst of libpst, which Debian has in pst-utils. It
// is a program rather than a library because no library in Go reads these files
// soundly; it runs only where a person calls for it, never in the daemon.
//
// What readpst writes it makes from the properties that Outlook keeps: not the
// octets that once came over the wire. It puts random numbers into the boundaries
// between a message's parts and into the names of the calendars that it makes of
// meetings, and the present time into those: two unpackings of one file would be
// two sets of records. These are replaced by what is the same each time.
package readpst

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ErrMissing says that the program is not installed.
var ErrMissing = errors.New("an Outlook data file takes the program readpst, which is not installed here")

// Is reports whether a file that begins with head is an Outlook data file
// ([MS-PST], section 2.2.2.6).
func Is(head []byte) bool { return bytes.HasPrefix(head, []byte("!BDN")) }

// Unpack writes what file holds below dir, which is empty: a folder for each of
// Outlook's, a numbered .eml for each message with its attachments inside,
// deleted ones included; appointments and contacts in files of their own.
func Unpack(ctx context.Context, file, dir string) error {
	program, err := exec.LookPath("readpst")
	if err != nil {
		return ErrMissing
	}
	if file, err = filepath.Abs(file); err != nil {
		return err
	}
	// -j 0: parallel jobs hand out numbers in another order each time.
	cmd := exec.CommandContext(ctx, program, "-q", "-e", "-D", "-j", "0", "-o", dir, file)
	cmd.Env = []string{"LANG=C.UTF-8", "TZ=UTC"}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("readpst could not unpack it: %w: %s", err, lastLine(said.String()))
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || filepath.Ext(path) != ".eml" {
			return err
		}
		return settleFile(path)
	})
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

func settleFile(path string) error {
	octets, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, settle(octets), 0o600)
}

// What differs from one unpacking to the next, random numbers and the present
// time, with what stands before it and after.
var (
	random = regexp.MustCompile(`(boundary-LibPST-iamunique-|name="i)([0-9]+)(_-_-|\.ics")`)
	stamp  = regexp.MustCompile(`(PRODID:LibPST [^\n]*\n(?:[^\n]*\n){0,8}?DTSTAMP:)[0-9]{8}T[0-9]{6}Z`)
)

// settle numbers boundaries and calendars in the order in which they stand in a
// message, and dates the calendars that readpst made to the beginning of time:
// when it made them is no part of the message.
func settle(octets []byte) []byte {
	numbers := make(map[string]string)
	octets = random.ReplaceAllFunc(octets, func(found []byte) []byte {
		m := random.FindSubmatch(found)
		key := string(m[2])
		n, ok := numbers[key]
		if !ok {
			n = strconv.Itoa(len(numbers) + 1)
			numbers[key] = n
		}
		return slices.Concat(m[1], []byte(n), m[3])
	})
	return stamp.ReplaceAll(octets, []byte("${1}19700101T000000Z"))
}
