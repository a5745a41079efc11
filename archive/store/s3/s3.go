// Package s3 keeps an archive's objects in a bucket of an S3-compatible server.
//
// It asks more of a server than most programs do, and less of its good will:
//
//   - Creation happens once: every Put carries If-None-Match: * (AWS has it
//     since 2024, versitygw and others too), every Replace If-Match.
//   - Every request carries the SHA-256 of its body, signed, and as
//     x-amz-checksum-sha256, so that the server refuses what arrives damaged.
//   - A 412 after an attempt whose answer was lost may mean our own success: it
//     is settled by comparing digests.
//
// A server that ignores any of these is found out by [Store.Inspect] and
// store.Probe, not believed.
//
// Objects larger than a part are uploaded in parts, each read twice from the
// body (to hash and to send) and never held in memory.
package s3

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/store"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Options say which bucket, and how to reach it. Endpoint, Bucket and the
// credentials are required.
type Options struct {
	Endpoint string // https://host[:port]; http:// is for loopback and tests
	Region   string // us-east-1 if empty
	Bucket   string
	Prefix   string // before every key, without a slash at its end; may be empty

	AccessKey    string
	SecretKey    string
	SessionToken string // of temporary credentials

	VirtualHost bool   // bucket.host/key; otherwise host/bucket/key, which every server understands
	CAFile      string // PEM certificates to trust instead of the system's

	Workers  int           // requests at once, for which connections are kept open; 16 if zero
	PartSize int64         // octets of a part, and of the largest object sent whole; 32 MiB if zero, at least 5 MiB
	Timeout  time.Duration // to connect, and to wait for the beginning of an answer; 60 s if zero
	Attempts int           // of one call before it gives up as unavailable; 4 if zero
}

const (
	minPart  = 5 << 20
	maxParts = 10_000
)

// A Store is a bucket. It implements store.Store, store.Bypasser,
// store.Protector, store.Ruler and store.Inspector.
type Store struct {
	core      minio.Core
	anonymous *http.Client // for trying what someone without credentials can do
	endpoint  *url.URL
	opts      Options
	prefix    string // empty, or ending with a slash
}

// New returns the store that opts describe. It does not talk to the server.
func New(opts Options) (*Store, error) {
	endpoint, err := opts.check()
	if err != nil {
		return nil, err
	}
	transport, err := opts.transport()
	if err != nil {
		return nil, err
	}
	lookup := minio.BucketLookupPath
	if opts.VirtualHost {
		lookup = minio.BucketLookupDNS
	}
	client, err := minio.New(endpoint.Host, &minio.Options{
		Creds:        credentials.NewStaticV4(opts.AccessKey, opts.SecretKey, opts.SessionToken),
		Secure:       endpoint.Scheme == "https",
		Transport:    transport,
		Region:       opts.Region,
		BucketLookup: lookup,
		MaxRetries:   1, // we retry ourselves: only so do we know whether an answer was lost
	})
	if err != nil {
		return nil, fmt.Errorf("s3: %w", err)
	}
	s := &Store{core: minio.Core{Client: client}, anonymous: &http.Client{Transport: transport, Timeout: opts.Timeout}, endpoint: endpoint, opts: opts}
	if opts.Prefix != "" {
		s.prefix = opts.Prefix + "/"
	}
	return s, nil
}

// check reports what is wrong with the options and fills in the defaults.
func (o *Options) check() (*url.URL, error) {
	endpoint, err := url.Parse(o.Endpoint)
	switch {
	case err != nil || endpoint.Host == "" || endpoint.Scheme != "https" && endpoint.Scheme != "http":
		return nil, fmt.Errorf("s3: endpoint %q is no URL like https://host:port", o.Endpoint)
	case strings.Trim(endpoint.Path, "/") != "" || endpoint.User != nil || endpoint.RawQuery != "":
		return nil, errors.New("s3: an endpoint has no path, user or query; give bucket and prefix apart")
	case o.Bucket == "":
		return nil, errors.New("s3: no bucket")
	case o.AccessKey == "" || o.SecretKey == "":
		return nil, errors.New("s3: no credentials")
	case o.PartSize != 0 && o.PartSize < minPart:
		return nil, fmt.Errorf("s3: a part has at least %d octets", minPart)
	}
	if o.Prefix != "" {
		if err := store.CheckKey(o.Prefix); err != nil {
			return nil, fmt.Errorf("s3: prefix: %w", err)
		}
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Workers <= 0 {
		o.Workers = 16
	}
	if o.PartSize == 0 {
		o.PartSize = 32 << 20
	}
	if o.Timeout <= 0 {
		o.Timeout = time.Minute
	}
	if o.Attempts <= 0 {
		o.Attempts = 4
	}
	return endpoint, nil
}

func (o *Options) transport() (http.RoundTripper, error) {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: min(o.Timeout, 15*time.Second), KeepAlive: 30 * time.Second}).DialContext,
		MaxIdleConns:          2 * o.Workers,
		MaxIdleConnsPerHost:   2 * o.Workers,
		IdleConnTimeout:       time.Minute,
		TLSHandshakeTimeout:   min(o.Timeout, 15*time.Second),
		ResponseHeaderTimeout: o.Timeout,
		ExpectContinueTimeout: time.Second,
		DisableCompression:    true, // a stored object is what it is, whatever its headers say
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if o.CAFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(o.CAFile)
	if err != nil {
		return nil, fmt.Errorf("s3: read CA file: %w", err)
	}
	t.TLSClientConfig.RootCAs = x509.NewCertPool()
	if !t.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("s3: %s has no PEM certificate", o.CAFile)
	}
	return t, nil
}

// CreateBucket makes the bucket, with object lock, and so with versions, where
// lock is set: a bucket gets it when it is made or never. It is no error if
// the bucket is there and ours.
func (s *Store) CreateBucket(ctx context.Context, lock bool) error {
	err := s.core.MakeBucket(ctx, s.opts.Bucket, minio.MakeBucketOptions{Region: s.opts.Region, ObjectLocking: lock})
	if minio.ToErrorResponse(err).Code == "BucketAlreadyOwnedByYou" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("create bucket %s: %w", s.opts.Bucket, fault(ctx, err))
	}
	return nil
}

// attempt calls try until it succeeds, fails for good, or has been tried as
// often as one call should. earlier is true once an attempt's answer was lost:
// it may have been carried out.
func (s *Store) attempt(ctx context.Context, try func(earlier bool) error) error {
	pause := 100 * time.Millisecond
	for n := 1; ; n++ {
		err := fault(ctx, try(n > 1))
		if err == nil || !errors.Is(err, store.ErrUnavailable) || n == s.opts.Attempts {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause *= 3
	}
}
