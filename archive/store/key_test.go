package store

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCheckKey(t *testing.T) {
	for _, key := range []string{"closeroll.json", "records/main-2026/7q/7qk", "journal/tile/8/0/x001/234.p/5", "keys/state/j_smith.age"} {
		if err := CheckKey(key); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	for _, key := range []string{"", "/", "a//b", "../a", "a/..", "a/.hidden", "a.", "a:b", "a\nb", strings.Repeat("a", 201)} {
		if err := CheckKey(key); !errors.Is(err, ErrKey) {
			t.Errorf("%q: %v", key, err)
		}
	}
}

func TestCheckPrefix(t *testing.T) {
	for prefix, ok := range map[string]bool{"": true, "a": true, "a/": true, "a/b": true, "/": false, "a//": false, "../": false} {
		if err := CheckPrefix(prefix); (err == nil) != ok {
			t.Errorf("%q: %v", prefix, err)
		}
	}
}

// A valid key is a clean relative path that stays below its root.
func TestValidKeysStayInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.StringMatching(`[a./\-B_]{0,12}`).Draw(t, "key")
		if CheckKey(key) == nil && (path.Clean(key) != key || path.IsAbs(key) || strings.HasPrefix(key, "..")) {
			t.Fatalf("%q is valid", key)
		}
	})
}

func TestTemporary(t *testing.T) {
	for err, want := range map[error]bool{ErrUnavailable: true, ErrFull: true, ErrDenied: false, ErrExist: false, nil: false} {
		if got := Temporary(fmt.Errorf("put: %w", err)); got != want {
			t.Errorf("%v: %v", err, got)
		}
	}
}
