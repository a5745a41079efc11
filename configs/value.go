package configs

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// A Path names a file or folder. After loading it is absolute, or empty.
type Path string

// maxSecret bounds what is read from a file that holds a secret, in bytes.
const maxSecret = 64 << 10

// Secret returns what the file holds, without the line end that editors add.
// An error names the file and never what is in it.
func (p Path) Secret() ([]byte, error) {
	info, err := os.Stat(string(p))
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: is not a file", p)
	case info.Size() > maxSecret:
		return nil, fmt.Errorf("%s: larger than %d bytes", p, maxSecret)
	}
	data, err := os.ReadFile(string(p))
	if err != nil {
		return nil, err
	}
	secret := strings.TrimRight(string(data), "\r\n")
	if secret == "" {
		return nil, fmt.Errorf("%s: is empty", p)
	}
	return []byte(secret), nil
}

func (p Path) in(dir string) Path {
	if p == "" || filepath.IsAbs(string(p)) {
		return p
	}
	return Path(filepath.Join(dir, string(p)))
}

// A Size is a number of bytes. It is written with a unit: 64MiB, 8GiB, 500kB.
type Size int64

var sizeUnits = []struct {
	name  string
	bytes int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}}

// UnmarshalText implements [encoding.TextUnmarshaler]. A size is positive.
func (s *Size) UnmarshalText(b []byte) error {
	for _, u := range sizeUnits {
		digits, ok := strings.CutSuffix(string(b), u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n <= 0 || n > math.MaxInt64/u.bytes {
			break
		}
		*s = Size(n * u.bytes)
		return nil
	}
	return fmt.Errorf("%q is not a size: write it as 64MiB or 8GiB", b)
}

// A Cron is a checked cron expression; its times are UTC, so that no run is
// skipped or doubled when the clocks change.
type Cron struct {
	text     string
	schedule cron.Schedule
}

// ParseCron reads an expression of five fields, or @hourly, @daily, @every 10m
// and their like. One that would never fire is refused, and so is a time zone
// (the library panics on some of those).
func ParseCron(s string) (c Cron, err error) {
	defer func() {
		if recover() != nil {
			c, err = Cron{}, fmt.Errorf("%q is not a cron expression", s)
		}
	}()
	if strings.Contains(s, "TZ=") {
		return Cron{}, fmt.Errorf("%q names a time zone: times are UTC", s)
	}
	schedule, err := cron.ParseStandard(s)
	if err != nil {
		return Cron{}, fmt.Errorf("%q is not a cron expression: five fields, as */5 * * * *, or @hourly, or @every 10m", s)
	}
	// The library gives up after five years, which a 29 February may outlast;
	// a schedule that rare is refused with those that never come.
	if schedule.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return Cron{}, fmt.Errorf("%q never comes", s)
	}
	return Cron{s, schedule}, nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]; see [ParseCron].
func (c *Cron) UnmarshalText(b []byte) (err error) {
	*c, err = ParseCron(string(b))
	return err
}

// String returns the expression, or "" for none.
func (c Cron) String() string { return c.text }

// IsZero reports whether there is no expression.
func (c Cron) IsZero() bool { return c.schedule == nil }

// Next returns the first time after t, in UTC; zero if there is no expression.
func (c Cron) Next(t time.Time) time.Time {
	if c.IsZero() {
		return time.Time{}
	}
	return c.schedule.Next(t.UTC())
}
