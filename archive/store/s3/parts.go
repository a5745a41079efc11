package s3

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/minio/minio-go/v7"
)

// putParts uploads a large object part by part. The object comes into being
// when the upload is completed, and then only if the key is still free.
func (s *Store) putParts(ctx context.Context, key string, b *body, sum record.Digest, opts minio.PutObjectOptions) (err error) {
	name := s.prefix + key
	opts.UserMetadata["X-Amz-Checksum-Algorithm"] = "SHA256"
	id, err := s.core.NewMultipartUpload(ctx, s.opts.Bucket, name, opts)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil { // the server keeps, and bills, the parts of an upload that nobody ended
			ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			s.core.AbortMultipartUpload(ending, s.opts.Bucket, name, id)
		}
	}()
	parts, err := s.sendParts(ctx, name, id, b, sum)
	if err != nil {
		return err
	}
	complete := minio.PutObjectOptions{}
	complete.SetMatchETagExcept("*")
	_, err = s.core.CompleteMultipartUpload(ctx, s.opts.Bucket, name, id, parts, complete)
	return err
}

// sendParts sends every part, and checks on the way that the whole is sum.
func (s *Store) sendParts(ctx context.Context, name, id string, b *body, sum record.Digest) ([]minio.CompletePart, error) {
	size := max(s.opts.PartSize, (b.size+maxParts-1)/maxParts)
	whole := sha256.New()
	var parts []minio.CompletePart
	for off := int64(0); off < b.size; off += size {
		n := min(size, b.size-off)
		part, err := sumPart(whole, b.part(off, n))
		if err != nil {
			return nil, err
		}
		if off+n == b.size && record.Digest(whole.Sum(nil)) != sum {
			return nil, store.ErrDigest
		}
		done, err := s.sendPart(ctx, name, id, len(parts)+1, b.part(off, n), part)
		if err != nil {
			return nil, err
		}
		parts = append(parts, done)
	}
	return parts, nil
}

// sumPart returns the digest of a part, which it adds to that of the whole.
func sumPart(whole hash.Hash, r io.Reader) (record.Digest, error) {
	part, _, err := record.SumReader(io.TeeReader(r, whole))
	return part, err
}

// sendPart sends one part, again if need be: no answer is lost for good here,
// since a part can be overwritten.
func (s *Store) sendPart(ctx context.Context, name, id string, number int, r *io.SectionReader, sum record.Digest) (minio.CompletePart, error) {
	checksum := base64.StdEncoding.EncodeToString(sum[:])
	done := minio.CompletePart{PartNumber: number, ChecksumSHA256: checksum}
	err := s.attempt(ctx, func(bool) error {
		fresh := io.NewSectionReader(r, 0, r.Size())
		up, err := s.core.PutObjectPart(ctx, s.opts.Bucket, name, id, number, fresh, r.Size(), minio.PutObjectPartOptions{
			Sha256Hex: hex.EncodeToString(sum[:]), DisableContentSha256: true,
			CustomHeader: http.Header{checksumName: []string{checksum}},
		})
		done.ETag = up.ETag
		return err
	})
	if err != nil {
		return done, fmt.Errorf("part %d: %w", number, err)
	}
	return done, nil
}
