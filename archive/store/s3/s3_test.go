package s3_test

import (
	"testing"

	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

func TestConformance(t *testing.T) {
	server := storetest.StartVersityGW(t)
	t.Run("plain", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) store.Store { return server.Bucket(t) })
	})
	t.Run("parts-and-prefix", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) store.Store {
			opts := server.BucketOptions(t)
			opts.Prefix, opts.PartSize = "archives/main", 5<<20
			return storetest.OpenBucket(t, opts)
		})
	})
}
