package record

import (
	"fmt"
	"strconv"
	"strings"
)

// Numbers is a set of message numbers in rising order. Its text form is runs:
// "3-17,20,22-25".
type Numbers []MessageNo

// String returns the runs.
func (n Numbers) String() string {
	var b []byte
	for i := 0; i < len(n); {
		last := i
		for last+1 < len(n) && n[last+1] == n[last]+1 {
			last++
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(n[i]), 10)
		if last > i {
			b = append(b, '-')
			b = strconv.AppendUint(b, uint64(n[last]), 10)
		}
		i = last + 1
	}
	return string(b)
}

// maxNumbers bounds a set that is read back.
const maxNumbers = 10_000_000

// ParseNumbers reads runs as [Numbers.String] writes them. Numbers that do not
// rise are an error.
func ParseNumbers(s string) (Numbers, error) {
	var n Numbers
	if s == "" {
		return n, nil
	}
	next := uint64(1)
	for run := range strings.SplitSeq(s, ",") {
		low, high, ranged := strings.Cut(run, "-")
		from, err := strconv.ParseUint(low, 10, 63)
		if err != nil {
			return nil, fmt.Errorf("%q is no run of message numbers", run)
		}
		to := from
		if ranged {
			if to, err = strconv.ParseUint(high, 10, 63); err != nil {
				return nil, fmt.Errorf("%q is no run of message numbers", run)
			}
		}
		if from < next || to < from || uint64(len(n))+to-from >= maxNumbers {
			return nil, fmt.Errorf("message numbers do not rise at %q", run)
		}
		for no := from; no <= to; no++ {
			n = append(n, MessageNo(no))
		}
		next = to + 1
	}
	return n, nil
}

// MarshalText implements [encoding.TextMarshaler].
func (n Numbers) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (n *Numbers) UnmarshalText(b []byte) (err error) {
	*n, err = ParseNumbers(string(b))
	return err
}
