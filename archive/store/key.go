package store

import (
	"fmt"
	"strings"
)

// maxKey and maxSegment are what S3 (1,024 octets) and common file systems
// (255 a name) hold, with room for a prefix.
const (
	maxKey     = 512
	maxSegment = 200
)

// CheckKey reports whether key is one that every store can hold: segments of
// letters, digits and “-_.” joined by single slashes, none beginning or ending
// with a dot, so that no key can name a place outside the store.
func CheckKey(key string) error {
	if key == "" || len(key) > maxKey {
		return fmt.Errorf("%w: %d octets, where 1 to %d are allowed", ErrKey, len(key), maxKey)
	}
	for segment := range strings.SplitSeq(key, "/") {
		if !validSegment(segment) {
			return fmt.Errorf("%w: %q", ErrKey, key)
		}
	}
	return nil
}

// CheckPrefix is CheckKey for the beginning of keys, which may be empty.
func CheckPrefix(prefix string) error {
	if prefix == "" {
		return nil
	}
	return CheckKey(strings.TrimSuffix(prefix, "/"))
}

func validSegment(s string) bool {
	if s == "" || len(s) > maxSegment || s[0] == '.' || s[len(s)-1] == '.' {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}
