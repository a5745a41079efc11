package daemon

import (
	"errors"

	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/dir"
	"github.com/closeroll/closeroll/archive/store/s3"
	"github.com/closeroll/closeroll/configs"
)

// OpenStore opens the store that a configuration names.
func OpenStore(cfg configs.Store, getenv func(string) string) (store.Store, error) {
	if cfg.Dir != nil {
		return dir.Open(string(cfg.Dir.Path))
	}
	opts := s3.Options{Endpoint: cfg.S3.Endpoint, Region: cfg.S3.Region, Bucket: cfg.S3.Bucket, Prefix: cfg.S3.Prefix,
		VirtualHost: !cfg.S3.PathStyle, CAFile: string(cfg.S3.CAFile)}
	if cfg.S3.AccessKeyFile == "" {
		opts.AccessKey, opts.SecretKey, opts.SessionToken = getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN")
		if opts.AccessKey == "" {
			return nil, errors.New("store.s3 names no key files, and AWS_ACCESS_KEY_ID is not set")
		}
		return s3.New(opts)
	}
	access, err := cfg.S3.AccessKeyFile.Secret()
	if err != nil {
		return nil, err
	}
	secret, err := cfg.S3.SecretKeyFile.Secret()
	if err != nil {
		return nil, err
	}
	opts.AccessKey, opts.SecretKey = string(access), string(secret)
	return s3.New(opts)
}
