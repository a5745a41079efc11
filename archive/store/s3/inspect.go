package s3

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/lifecycle"
)

// The objects that Inspect writes, besides the probe's own. The locked one
// stays for lockTime, and the next inspection removes it.
const (
	versionsKey = store.ProbeKey + "-versions"
	lockKey     = store.ProbeKey + "-lock"
	lockTime    = time.Minute
)

// maxSkew is how far the server's clock may be from ours: retention times are
// compared with it, and S3 refuses requests that are 15 minutes off.
const maxSkew = time.Minute

// Inspect implements [store.Inspector].
func (s *Store) Inspect(ctx context.Context, now func() time.Time) []store.Finding {
	versions, lock := s.inspectVersions(ctx), s.inspectLock(ctx, now)
	public, clock := s.inspectAnonymous(ctx, now) // after the lock: its object is there to be read
	return []store.Finding{versions, lock, s.inspectLifecycle(ctx), s.inspectPolicy(ctx), public, clock}
}

// finding judges an error: what the server has no call for is unchecked.
func finding(check string, must bool, err error, good string) store.Finding {
	f := store.Finding{Check: check, Must: must, Result: store.Passed, Detail: good}
	switch {
	case errors.Is(err, store.ErrUnsupported), errors.Is(err, store.ErrDenied), errors.Is(err, store.ErrUnavailable):
		f.Result, f.Detail = store.Unchecked, err.Error()
	case err != nil:
		f.Result, f.Detail = store.Failed, err.Error()
	}
	return f
}

// inspectVersions overwrites an object and looks for what it was before.
func (s *Store) inspectVersions(ctx context.Context) store.Finding {
	const check = "keep old versions"
	defer s.purge(ctx, versionsKey)
	info, err := s.stat(ctx, versionsKey)
	if err != nil && !errors.Is(err, store.ErrNotExist) {
		return finding(check, false, err, "")
	}
	tag := info.Tag
	for i := range 2 {
		if tag, err = s.Replace(ctx, versionsKey, fmt.Appendf(nil, "closeroll probe, version %d after %s", i, info.Tag), tag); err != nil {
			return finding(check, false, err, "")
		}
	}
	versions := 0
	for v, err := range s.Versions(ctx, versionsKey) {
		if err != nil {
			return finding(check, false, err, "")
		}
		if !v.Marker {
			versions++
		}
	}
	if versions < 2 {
		return finding(check, false, errors.New("versioning is off: what is overwritten or deleted by someone else is gone"), "")
	}
	return finding(check, false, nil, "versioning is on")
}

// inspectLock locks an object for a minute and tries to delete it.
func (s *Store) inspectLock(ctx context.Context, now func() time.Time) store.Finding {
	const check = "refuse to delete what is locked"
	s.purge(ctx, lockKey)
	data := fmt.Appendf(nil, "closeroll probe, locked at %s", now().UTC().Format(time.RFC3339Nano))
	err := s.Put(ctx, lockKey, bytes.NewReader(data), int64(len(data)), record.Sum(data),
		store.PutOptions{Mode: store.Compliance, RetainUntil: now().Add(lockTime)})
	switch {
	case errors.Is(err, store.ErrUnsupported):
		return finding(check, false, errors.New("the bucket has no object lock; a bucket gets it when it is made"), "")
	case errors.Is(err, store.ErrExist): // an earlier check's is still locked
	case err != nil:
		return finding(check, false, err, "")
	}
	switch err := s.purge(ctx, lockKey); {
	case errors.Is(err, store.ErrDenied):
		return finding(check, false, nil, "object lock works")
	case err != nil:
		return finding(check, false, err, "")
	}
	return store.Finding{Check: check, Result: store.Failed, Detail: "it took the lock and deleted the object all the same"}
}

func (s *Store) purge(ctx context.Context, key string) error {
	var ids []string
	for v, err := range s.Versions(ctx, key) {
		if err != nil {
			return err
		}
		ids = append(ids, v.ID)
	}
	for _, id := range ids {
		if err := s.DeleteVersion(ctx, key, id); err != nil {
			return err
		}
	}
	return nil
}

// inspectLifecycle looks for rules that would destroy records behind the
// archive's back, or move them where they take hours to read.
func (s *Store) inspectLifecycle(ctx context.Context) store.Finding {
	const check = "no lifecycle rule expires or moves objects"
	rules, err := s.core.GetBucketLifecycle(ctx, s.opts.Bucket)
	if minio.ToErrorResponse(err).Code == "NoSuchLifecycleConfiguration" {
		return finding(check, true, nil, "there are no rules")
	}
	if err != nil {
		return finding(check, true, fault(ctx, err), "")
	}
	return finding(check, true, errors.Join(harmful(rules, s.prefix)), "")
}

// Expiring implements [store.Ruler].
func (s *Store) Expiring(ctx context.Context) error {
	rules, err := s.core.GetBucketLifecycle(ctx, s.opts.Bucket)
	if minio.ToErrorResponse(err).Code == "NoSuchLifecycleConfiguration" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("lifecycle rules: %w", fault(ctx, err))
	}
	if destroys, _ := harmful(rules, s.prefix); destroys != nil {
		return fmt.Errorf("%w: %w", store.ErrExpires, destroys)
	}
	return nil
}

// harmful returns what the rules do to objects below prefix that must not be
// done: which of them destroy, and which move.
func harmful(rules *lifecycle.Configuration, prefix string) (destroys, moves error) {
	var errs, moving []error
	for _, r := range rules.Rules {
		scope := r.Prefix + r.RuleFilter.Prefix + r.RuleFilter.And.Prefix
		if !strings.EqualFold(r.Status, "Enabled") || !strings.HasPrefix(scope, prefix) && !strings.HasPrefix(prefix, scope) {
			continue
		}
		e := r.Expiration
		if !e.IsDaysNull() || !e.IsDateNull() || bool(e.DeleteAll) || !r.AllVersionsExpiration.IsNull() {
			errs = append(errs, fmt.Errorf("rule %q expires objects", r.ID))
		}
		if !r.NoncurrentVersionExpiration.IsDaysNull() || r.NoncurrentVersionExpiration.NewerNoncurrentVersions > 0 {
			errs = append(errs, fmt.Errorf("rule %q expires old versions", r.ID))
		}
		if !r.Transition.IsNull() || r.NoncurrentVersionTransition.StorageClass != "" {
			moving = append(moving, fmt.Errorf("rule %q moves objects to another storage class", r.ID))
		}
	}
	return errors.Join(errs...), errors.Join(moving...)
}

// inspectPolicy reads the bucket's policy for grants to everyone.
func (s *Store) inspectPolicy(ctx context.Context) store.Finding {
	const check = "no policy lets everyone in"
	policy, err := s.core.Client.GetBucketPolicy(ctx, s.opts.Bucket)
	if err != nil {
		return finding(check, true, fault(ctx, err), "")
	}
	if policy == "" {
		return finding(check, true, nil, "there is no policy")
	}
	return finding(check, true, grantsEveryone([]byte(policy)), "")
}

// grantsEveryone returns an error if a statement allows anything to everyone
// without a condition.
func grantsEveryone(policy []byte) error {
	var p struct {
		Statement []struct {
			Sid       string
			Effect    string
			Principal json.RawMessage
			Condition json.RawMessage
		}
	}
	if err := json.Unmarshal(policy, &p); err != nil {
		return fmt.Errorf("the bucket's policy cannot be read: %w", err)
	}
	for _, statement := range p.Statement {
		everyone := bytes.Contains(statement.Principal, []byte(`"*"`))
		if statement.Effect == "Allow" && everyone && len(statement.Condition) == 0 {
			return fmt.Errorf("statement %q of the bucket's policy lets everyone in", statement.Sid)
		}
	}
	return nil
}

// inspectAnonymous tries what someone without credentials can do, and compares
// the clocks on the way.
func (s *Store) inspectAnonymous(ctx context.Context, now func() time.Time) (public, clock store.Finding) {
	const refuse, tell = "refuse everyone without credentials", "agree on the time"
	var open []string
	var date string
	for what, path := range map[string]string{"list the bucket": "?list-type=2", "read an object": "/" + s.prefix + lockKey} {
		status, said, err := s.anonymousGet(ctx, path)
		if err != nil {
			err = fmt.Errorf("%w: %w", store.ErrUnavailable, err)
			return finding(refuse, true, err, ""), finding(tell, true, err, "")
		}
		if status < 300 {
			open = append(open, what)
		}
		date = said
	}
	public = finding(refuse, true, nil, "")
	if len(open) > 0 {
		public = finding(refuse, true, fmt.Errorf("without credentials anyone can %s", strings.Join(open, " and ")), "")
	}
	server, err := http.ParseTime(date)
	if err != nil {
		return public, store.Finding{Check: tell, Result: store.Unchecked, Detail: "the server does not say what time it is", Must: true}
	}
	skew := now().Sub(server).Round(time.Second)
	if skew.Abs() > maxSkew {
		return public, finding(tell, true, fmt.Errorf("our clock is %s from the server's", skew), "")
	}
	return public, finding(tell, true, nil, fmt.Sprintf("our clock is %s from the server's", skew))
}

// anonymousGet asks for a path in the bucket without credentials.
func (s *Store) anonymousGet(ctx context.Context, path string) (status int, date string, err error) {
	u := *s.endpoint
	base := u.Scheme + "://" + u.Host + "/" + s.opts.Bucket
	if s.opts.VirtualHost {
		base = u.Scheme + "://" + s.opts.Bucket + "." + u.Host
		if !strings.HasPrefix(path, "/") {
			base += "/"
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	if err != nil {
		return 0, "", err
	}
	answer, err := s.anonymous.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20))
	return answer.StatusCode, answer.Header.Get("Date"), err
}
