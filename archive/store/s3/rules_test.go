package s3

import (
	"encoding/xml"
	"errors"
	"testing"

	"github.com/minio/minio-go/v7/pkg/lifecycle"
)

func TestHarmfulLifecycleRules(t *testing.T) {
	for rule, harm := range map[string]bool{
		`<Expiration><Days>30</Days></Expiration>`:                                                                             true,
		`<Filter><Prefix>archive/records/</Prefix></Filter><Expiration><Days>30</Days></Expiration>`:                           true,
		`<Filter><And><Prefix>arch</Prefix></And></Filter><Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration>`:          true,
		`<Filter><Prefix>other/</Prefix></Filter><Expiration><Days>30</Days></Expiration>`:                                     false,
		`<Transition><Days>30</Days><StorageClass>GLACIER</StorageClass></Transition>`:                                         true,
		`<NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration>`:                       true,
		`<AbortIncompleteMultipartUpload><DaysAfterInitiation>3</DaysAfterInitiation></AbortIncompleteMultipartUpload>`:        false,
		`<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>`:                                 false,
		`<Prefix>archive/</Prefix><Transition><Date>2030-01-01T00:00:00Z</Date><StorageClass>DEEP</StorageClass></Transition>`: true,
	} {
		for status, counts := range map[string]bool{"Enabled": true, "Disabled": false} {
			var c lifecycle.Configuration
			text := `<LifecycleConfiguration><Rule><ID>r</ID><Status>` + status + `</Status>` + rule + `</Rule></LifecycleConfiguration>`
			if err := xml.Unmarshal([]byte(text), &c); err != nil || len(c.Rules) != 1 {
				t.Fatalf("%s: %v", rule, err)
			}
			if err := errors.Join(harmful(&c, "archive/")); (err != nil) != (harm && counts) {
				t.Errorf("%s, %s: %v", rule, status, err)
			}
		}
	}
}

func TestGrantsEveryone(t *testing.T) {
	for policy, open := range map[string]bool{
		`{"Statement":[]}`: false,
		`{"Statement":[{"Effect":"Allow","Principal":"*"}]}`:                                                         true,
		`{"Statement":[{"Effect":"Allow","Principal":{"AWS":["*"]}}]}`:                                               true,
		`{"Statement":[{"Effect":"Deny","Principal":"*"}]}`:                                                          false,
		`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::1:root"}}]}`:                               false,
		`{"Statement":[{"Effect":"Allow","Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}`: false,
		`not json`: true,
	} {
		if err := grantsEveryone([]byte(policy)); (err != nil) != open {
			t.Errorf("%s: %v", policy, err)
		}
	}
}

func TestOptionsThatAreRefused(t *testing.T) {
	good := Options{Endpoint: "https://s3.example.org", Bucket: "b", AccessKey: "a", SecretKey: "s"}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Options){
		"no endpoint":   func(o *Options) { o.Endpoint = "" },
		"no scheme":     func(o *Options) { o.Endpoint = "s3.example.org" },
		"other scheme":  func(o *Options) { o.Endpoint = "ftp://s3.example.org" },
		"a path":        func(o *Options) { o.Endpoint += "/bucket" },
		"a user":        func(o *Options) { o.Endpoint = "https://me@s3.example.org" },
		"no bucket":     func(o *Options) { o.Bucket = "" },
		"no access key": func(o *Options) { o.AccessKey = "" },
		"no secret key": func(o *Options) { o.SecretKey = "" },
		"small parts":   func(o *Options) { o.PartSize = 1 << 20 },
		"bad prefix":    func(o *Options) { o.Prefix = "../x" },
		"slash prefix":  func(o *Options) { o.Prefix = "x/" },
		"no CA file":    func(o *Options) { o.CAFile = "no-such-file" },
		"bad CA file":   func(o *Options) { o.CAFile = "s3.go" },
	} {
		opts := good
		spoil(&opts)
		if _, err := New(opts); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
