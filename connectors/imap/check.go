package imap

import (
	"context"
	"errors"
)

// A Report is what Check found.
type Report struct {
	Folders []FolderReport
	Idle    bool // the server tells of new messages by itself
}

// A FolderReport is one folder as the server lists it.
type FolderReport struct {
	Name     string
	Messages uint32
	Included bool
	Special  []string // what the server marks it as (RFC 6154)
	Err      error    // it cannot be opened
}

// Check logs in, lists the folders and opens each, read-only. An error is of
// the connection or the log-in.
func (m *Mailbox) Check(ctx context.Context) (*Report, error) {
	leave, err := m.cfg.Budget.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	s, folders, err := m.openListed(ctx, func(ctx context.Context) (*session, error) { return m.connectOnce(ctx, "") })
	if err != nil {
		return nil, err
	}
	rep := &Report{Idle: s.caps.Has("IDLE")}
	for _, l := range folders {
		f := FolderReport{Name: l.name, Included: m.cfg.includes(l)}
		for _, a := range l.attrs {
			f.Special = append(f.Special, string(a))
		}
		err := s.examine(l.name)
		if bad := new(folderError); errors.As(err, &bad) {
			f.Err = err
		} else if err != nil {
			s.abandon()
			return nil, err
		} else {
			f.Messages = s.selected.NumMessages
		}
		rep.Folders = append(rep.Folders, f)
	}
	s.close()
	return rep, nil
}
