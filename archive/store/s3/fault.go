package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/closeroll/closeroll/archive/store"
	"github.com/minio/minio-go/v7"
)

// byCode names S3 error codes in the contract's words.
func byCode(code string) error {
	switch code {
	case "NoSuchKey", "NoSuchVersion":
		return store.ErrNotExist
	case "PreconditionFailed":
		return store.ErrConflict
	case "NoSuchBucket", "ConditionalRequestConflict", "OperationAborted", "NoSuchUpload", "RequestTimeout", "SlowDown":
		return store.ErrUnavailable
	case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "ExpiredToken", "InvalidToken":
		return store.ErrDenied
	case "BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch", "IncompleteBody":
		return store.ErrDigest
	case "EntityTooLarge":
		return store.ErrTooLarge
	case "QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded":
		return store.ErrFull
	case "NotImplemented", "MethodNotAllowed", "ObjectLockConfigurationNotFoundError":
		return store.ErrUnsupported
	}
	return nil
}

// byStatus does the same for answers whose code says nothing. No status at all
// means no answer: a fault of the network, and so temporary.
func byStatus(status int) error {
	switch status {
	case http.StatusNotFound:
		return store.ErrNotExist
	case http.StatusPreconditionFailed:
		return store.ErrConflict
	case http.StatusUnauthorized, http.StatusForbidden:
		return store.ErrDenied
	case http.StatusInsufficientStorage:
		return store.ErrFull
	case http.StatusNotImplemented:
		return store.ErrUnsupported
	case 0, http.StatusTooManyRequests, http.StatusRequestTimeout, http.StatusConflict:
		return store.ErrUnavailable
	}
	if status >= 500 {
		return store.ErrUnavailable
	}
	return nil
}

// known reports whether err is in the contract's words already.
func known(err error) bool {
	for _, e := range []error{
		store.ErrNotExist, store.ErrExist, store.ErrConflict, store.ErrUnavailable, store.ErrDenied, store.ErrFull,
		store.ErrDigest, store.ErrUnsupported, store.ErrKey, store.ErrTooLarge, errBody,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// fault names an error in the contract's words, and keeps it.
func fault(ctx context.Context, err error) error {
	if err == nil || known(err) {
		return err
	}
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	response := minio.ToErrorResponse(err)
	kind := byCode(response.Code)
	if kind == nil {
		kind = byStatus(response.StatusCode)
	}
	if kind == nil {
		return fmt.Errorf("%s: %w", response.Code, err)
	}
	return fmt.Errorf("%w: %w", kind, err)
}
