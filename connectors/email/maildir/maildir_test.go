package maildir_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/closeroll/closeroll/connectors/email/maildir"
)

func TestIs(t *testing.T) {
	box := fstest.MapFS{"a/cur/1": {}, "a/new/2": {}, "a/tmp/3": {}, "b/cur/1": {}, "b/new/1": {}, "b/tmp": {}}
	for name, want := range map[string]bool{"a": true, "b": false, "a/cur": false} {
		entries, err := box.ReadDir(name)
		if err != nil || maildir.Is(entries) != want {
			t.Errorf("%s: %v, want %v (%v)", name, !want, want, err)
		}
	}
}

func TestFlags(t *testing.T) {
	for name, want := range map[string][]string{
		"1.host": nil, "1.host:2,": nil, "1.host:2,FRS": {`\Flagged`, `\Answered`, `\Seen`},
		"1.host;2,DPT": {`\Draft`, "$Forwarded", `\Deleted`}, "1:2,S:2,F": {`\Flagged`}, "1:2,xyzS": {`\Seen`},
	} {
		if got := maildir.Flags(name); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
