package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/disclosure"
	"github.com/closeroll/closeroll/search/foi"
	"github.com/closeroll/closeroll/search/foi/production"
)

// passes are the files that the linter has let pass. It may be asked from many
// goroutines.
type passes struct {
	mu sync.Mutex
	by map[record.Digest]bool
}

func (p *passes) has(digest record.Digest) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.by[digest]
}

func (p *passes) add(digest record.Digest) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.by[digest] = true
}

// natively reports whether an item comes as it was received too: an e-mail that
// is released whole, with each of its attachments.
func (p *plan) natively(it *foi.Item) bool {
	return p.native && it.Kind == record.Email && it.Decision.Decision == "release" &&
		!slices.ContainsFunc(it.Parts, func(r foi.PartRuling) bool { return r.Ruling != nil && r.Ruling.Decision != "release" })
}

// original returns the octets of an e-mail whose record lies open; nil if
// Outlook saved it, whose files are no e-mails.
func (p *plan) original(ctx context.Context, l *lectern, it *foi.Item) ([]byte, error) {
	c, ok := l.opened["data/message.eml"]
	if !ok {
		return nil, nil
	}
	octets, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size))
	if digest := record.Sum(octets); err == nil && !p.passed.has(digest) {
		if _, err = p.linter.Enforce(ctx, fmt.Sprintf("%d.eml", it.No), bytes.NewReader(octets), p.acknowledged); err == nil {
			p.passed.add(digest)
		}
	}
	return octets, err
}

// lint says which findings of the disclosure linter keep an e-mail from being
// produced as it was received.
func (p *plan) lint(ctx context.Context, l *lectern, it *foi.Item) (string, error) {
	_, err := p.original(ctx, l, it)
	if refused := (*disclosure.RefusedError)(nil); errors.As(err, &refused) {
		var codes []string
		for _, c := range refused.Codes {
			codes = append(codes, string(c))
		}
		return fmt.Sprintf("%s: as it was received it has %s: look with closeroll foi lint, then --acknowledge", shortItem(it.Item), strings.Join(codes, ", ")), nil
	}
	return "", err
}

// copy is the redacted copy that is released in place of an item, or of its Nth
// attachment; nil if there is none. It is fetched when it is written, and never
// held whole.
func (p *plan) copy(ctx context.Context, it *foi.Item, n int) *production.Copy {
	by, ok := it.Copied(p.copies, n)
	if !ok {
		return nil
	}
	return &production.Copy{
		Bring: func(take func(string, io.Reader) error) error { return p.bring(ctx, by, take) },
		Check: func(content io.Reader) error { return p.admit(ctx, by, content) },
	}
}

// bring opens a redacted copy and hands it on, if it is the file that was
// attached.
func (p *plan) bring(ctx context.Context, by foi.Copied, take func(string, io.Reader) error) error {
	b, closer, err := p.reader.Bag(ctx, string(by.Record), p.ref)
	if err != nil {
		return opening(err)
	}
	defer closer.Close()
	taken := false
	for f, err := range b.Components() { // to the end: only then the bag is known to be whole
		if err == nil && f.Digest == by.Digest && !taken {
			taken = true
			err = take(f.Name, f)
		}
		if err != nil {
			return err
		}
	}
	if taken {
		return nil
	}
	return advise(fmt.Errorf("the redacted copy of %s is not the file that was attached", shortItem(by.Item)), exitUnverified, "attach it again: closeroll foi attach %s %s FILE", p.ref, shortItem(by.Item))
}

// admit has a redacted copy pass the linter once more before it leaves: what was
// acknowledged when it was attached is acknowledged. A later version of this
// program may find more.
func (p *plan) admit(ctx context.Context, by foi.Copied, content io.Reader) error {
	if p.passed.has(by.Digest) {
		return nil
	}
	codes, err := disclosure.ParseCodes(by.Acknowledged)
	if err != nil {
		return err
	}
	_, err = p.linter.Enforce(ctx, "the redacted copy of "+shortItem(by.Item), content, append(codes, p.acknowledged...))
	var refused *disclosure.RefusedError
	if errors.As(err, &refused) {
		return advise(err, exitUnverified, "nothing was produced; closeroll get %s, look at it with closeroll foi lint, and attach another", by.Record.Short())
	}
	if err == nil {
		p.passed.add(by.Digest)
	}
	return err
}
