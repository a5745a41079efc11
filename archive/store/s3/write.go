package s3

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/minio/minio-go/v7"
)

// digestName is the user metadata that keeps an object's SHA-256.
const digestName = "Closeroll-Sha256"

// checksumName is the header by which S3 verifies a SHA-256.
const checksumName = "X-Amz-Checksum-Sha256"

// Put implements [store.Store].
func (s *Store) Put(ctx context.Context, key string, content io.ReadSeeker, size int64, sum record.Digest, opts store.PutOptions) error {
	if err := store.CheckKey(key); err != nil {
		return err
	}
	if err := s.put(ctx, key, content, size, sum, opts); err != nil {
		return fmt.Errorf("put %s: %w", key, err)
	}
	return nil
}

func (s *Store) put(ctx context.Context, key string, content io.ReadSeeker, size int64, sum record.Digest, opts store.PutOptions) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b, err := newBody(content, size)
	if err != nil {
		return err
	}
	defer b.close()
	send := s.putWhole
	if size > s.opts.PartSize {
		if err := s.compare(ctx, key, size, sum); !errors.Is(err, store.ErrNotExist) {
			return err // do not send a gigabyte to learn that it is there
		}
		send = s.putParts
	}
	return s.attempt(ctx, func(earlier bool) error {
		if earlier { // it may have been stored unheard; and a proxy makes a 502 of a refusal that came before the last octet
			if err := s.compare(ctx, key, size, sum); !errors.Is(err, store.ErrNotExist) {
				return err
			}
		}
		err := send(ctx, key, b, sum, putOptions(sum, opts))
		err = fault(ctx, b.failed(err))
		switch {
		case errors.Is(err, store.ErrConflict): // the key is taken: by us, perhaps
			return s.compare(ctx, key, size, sum)
		case opts.Locked() && minio.ToErrorResponse(err).Code == "InvalidRequest":
			return fmt.Errorf("%w: %w", store.ErrUnsupported, err)
		}
		return err
	})
}

// putOptions returns the headers of an object to be created.
func putOptions(sum record.Digest, opts store.PutOptions) minio.PutObjectOptions {
	o := minio.PutObjectOptions{
		UserMetadata:         map[string]string{digestName: sum.String()},
		DisableContentSha256: true, // it is given, so that the body is sent plain and verified whole
		RetainUntilDate:      opts.RetainUntil,
		Mode:                 minio.RetentionMode(opts.Mode),
	}
	if opts.LegalHold {
		o.LegalHold = minio.LegalHoldEnabled
	}
	return o
}

func (s *Store) putWhole(ctx context.Context, key string, b *body, sum record.Digest, opts minio.PutObjectOptions) error {
	opts.UserMetadata[checksumName] = base64.StdEncoding.EncodeToString(sum[:])
	opts.SetMatchETagExcept("*")
	_, err := s.core.PutObject(ctx, s.opts.Bucket, s.prefix+key, b.part(0, b.size), b.size, "", sum.String(), opts)
	return err
}

// compare returns nil if the object has these octets, else ErrExist; or
// ErrNotExist.
func (s *Store) compare(ctx context.Context, key string, size int64, sum record.Digest) error {
	info, err := s.stat(ctx, key)
	if err != nil {
		return err
	}
	if info.Size != size {
		return store.ErrExist
	}
	if info.Digest.IsZero() { // somebody else put it there: only its octets can tell
		r, _, err := s.get(ctx, key)
		if err != nil {
			return err
		}
		defer r.Close()
		if info.Digest, _, err = record.SumReader(r); err != nil {
			return err
		}
	}
	if info.Digest != sum {
		return store.ErrExist
	}
	return nil
}

// Replace implements [store.Store].
func (s *Store) Replace(ctx context.Context, key string, content []byte, ifMatch store.Tag) (store.Tag, error) {
	if err := store.CheckKey(key); err != nil {
		return "", err
	}
	if len(content) > store.MaxReplace {
		return "", fmt.Errorf("replace %s: %w: %d octets", key, store.ErrTooLarge, len(content))
	}
	var tag store.Tag
	err := s.attempt(ctx, func(earlier bool) (err error) {
		tag, err = s.replace(ctx, key, content, ifMatch, earlier)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("replace %s: %w", key, err)
	}
	return tag, nil
}

func (s *Store) replace(ctx context.Context, key string, content []byte, ifMatch store.Tag, earlier bool) (store.Tag, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	sum := record.Sum(content)
	opts := minio.PutObjectOptions{
		UserMetadata:         map[string]string{digestName: sum.String(), checksumName: base64.StdEncoding.EncodeToString(sum[:])},
		DisableContentSha256: true,
	}
	if ifMatch == "" {
		opts.SetMatchETagExcept("*")
	} else {
		opts.SetMatchETag(string(ifMatch))
	}
	up, err := s.core.PutObject(ctx, s.opts.Bucket, s.prefix+key, bytes.NewReader(content), int64(len(content)), "", sum.String(), opts)
	if err == nil {
		return store.Tag(up.ETag), nil
	}
	err = fault(ctx, err)
	if errors.Is(err, store.ErrNotExist) && ifMatch != "" { // S3 says 404 where there is nothing to match
		err = fmt.Errorf("%w: %w", store.ErrConflict, err)
	}
	if !earlier || !errors.Is(err, store.ErrConflict) {
		return "", err
	}
	// An attempt before this one may have succeeded unheard.
	if info, failed := s.stat(ctx, key); failed == nil && info.Digest == sum {
		return info.Tag, nil
	}
	return "", err
}
