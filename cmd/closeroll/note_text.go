package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"github.com/closeroll/closeroll/connectors/note"
)

// noteText gets a note's text from a file, from standard input, or, on a
// terminal, from the person's editor.
func (e *env) noteText(ctx context.Context, file string) (string, error) {
	terminal, _ := e.stdin.(*os.File)
	switch {
	case file != "" && file != "-":
		f, err := os.Open(file)
		if err != nil {
			return "", advise(err, exitUsage, "name a text file, or - for standard input")
		}
		defer f.Close()
		return readNote(f)
	case file == "" && terminal != nil && term.IsTerminal(int(terminal.Fd())):
		return e.editNote(ctx, terminal)
	}
	return readNote(e.stdin)
}

// readNote reads a text and the one octet more by which it is seen to be too long.
func readNote(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, note.MaxText+1))
	if err == nil && len(b) > note.MaxText {
		err = advise(fmt.Errorf("a note has at most %s", octets(note.MaxText)), exitUsage, "what is longer is a document: mail it to an archived mailbox")
	}
	return string(b), err
}

// editNote lets a person write the text in their editor. The file that editors
// need is in a folder of its own, in memory, and is removed: this machine may be
// the one that the archive's daemon runs on, where no message is ever at rest in
// the clear.
func (e *env) editNote(ctx context.Context, terminal *os.File) (_ string, err error) {
	editor := strings.Fields(cmp.Or(e.getenv("VISUAL"), e.getenv("EDITOR")))
	if len(editor) == 0 {
		return "", advise(errors.New("neither VISUAL nor EDITOR names an editor"), exitUsage, "give the text with --text-file, or on standard input")
	}
	dir, err := inMemory(e.getenv)
	if err != nil {
		return "", err
	}
	if dir, err = os.MkdirTemp(dir, "closeroll-note-*"); err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "note.txt")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return "", err
	}
	run := exec.CommandContext(ctx, editor[0], append(editor[1:], file)...)
	run.Stdin, run.Stdout, run.Stderr = terminal, e.stdout, e.stderr
	if err := run.Run(); err != nil {
		return "", advise(fmt.Errorf("the editor %s ended with an error: %w", editor[0], err), exitFailure, "nothing was captured")
	}
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := readNote(f)
	if err == nil && strings.TrimSpace(text) == "" {
		err = advise(errors.New("nothing was written"), exitUsage, "nothing was captured; write the note and save it")
	}
	return text, err
}

// inMemory returns a folder whose files are in memory and are nobody else's to
// read.
func inMemory(getenv func(string) string) (string, error) {
	for _, dir := range []string{getenv("XDG_RUNTIME_DIR"), "/dev/shm"} {
		if info, err := os.Stat(dir); dir != "" && err == nil && info.IsDir() {
			return dir, nil
		}
	}
	return "", advise(errors.New("there is no folder in memory to edit a note in"), exitUsage, "give the text on standard input, or with --text-file from a disk that you trust")
}
