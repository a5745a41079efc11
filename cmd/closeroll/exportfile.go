package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/messenger"
	"github.com/closeroll/closeroll/internal/spool"
)

// An exportFile is a chat export that was opened, and what of it had to be kept
// to be read at random: sealed, in a temporary folder, to a key that only this
// process has.
type exportFile struct {
	*chat.Parcel
	dir   string
	spool *spool.Spooler
	kept  []*spool.Content
}

// openParcel reads an export out of a file, which must stay open until the
// export is closed.
func openParcel(ctx context.Context, name string, file io.ReaderAt, size int64, opt chat.Options) (_ *exportFile, err error) {
	x := &exportFile{}
	opt.Keep = x.keep
	if x.Parcel, err = (messenger.All{}).Open(ctx, name, file, size, opt); err != nil {
		return nil, errors.Join(err, x.Close())
	}
	return x, nil
}

func (x *exportFile) keep(r io.Reader) (chat.Kept, error) {
	if x.spool == nil {
		var err error
		if x.dir, err = os.MkdirTemp("", "closeroll-"); err != nil {
			return nil, err
		}
		if x.spool, err = spool.New(x.dir, spool.Limits{}); err != nil {
			return nil, err
		}
	}
	w := x.spool.Create()
	defer w.Cancel()
	if _, err := io.Copy(w, r); err != nil {
		return nil, err
	}
	c, err := w.Finish()
	if err != nil {
		return nil, err
	}
	x.kept = append(x.kept, c)
	return c, nil
}

// Err is the first error of reading the exports' messages: what was made of them
// before it was asked is not to be printed.
func (x *exportFile) Err() error {
	for _, e := range x.Exports {
		if err := e.Err(); err != nil {
			return err
		}
	}
	return nil
}

// Close lets go of what was kept.
func (x *exportFile) Close() (err error) {
	for _, c := range x.kept {
		err = errors.Join(err, c.Close())
	}
	if x.dir != "" {
		err = errors.Join(err, os.RemoveAll(x.dir))
	}
	x.kept, x.dir, x.spool = nil, "", nil
	return err
}
