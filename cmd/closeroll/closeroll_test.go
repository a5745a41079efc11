package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/connectors/connectortest"
)

// TestMain lets the test binary be closeroll too, for the scripts, for daemons
// that are killed, and for the children that read attachments.
//
// A program built with the race detector lingers for a second when it exits,
// to hear of late races. A story runs dozens of verbs, and the stories together
// nearly a thousand: the suite waited longer than it worked.
func TestMain(m *testing.M) {
	if os.Getenv(raceOptions) == "" {
		os.Setenv(raceOptions, "atexit_sleep_ms=20")
	}
	testscript.Main(m, map[string]func(){"closeroll": main})
}

// raceOptions is the environment variable that the race detector reads.
const raceOptions = "GORACE"

// toTheEnd refuses stories that end early: stop is testscript's own word, and
// nothing after it is run.
func toTheEnd(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatal("there are no stories", err)
	}
	for _, name := range scripts {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if stops.Match(text) {
			t.Errorf("%s: stop ends the story there; halt ends the daemon", name)
		}
	}
}

var stops = regexp.MustCompile(`(?m)^stop\b`)

// TestScripts runs the user stories in testdata, each in a folder of its own.
func TestScripts(t *testing.T) {
	toTheEnd(t)
	sample := newSample(t)
	// A mail server that takes bearer tokens, and who gives them: the mailbox's
	// owner agrees to everything.
	tokens := connectortest.StartTokenServer(t, connectortest.User)
	tokens.Agree()
	bearing := connectortest.StartServer(t, connectortest.WithTokens(tokens))
	bearing.Folder("INBOX").Add(connectortest.Mail(1), connectortest.Mail(2))
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Cmds:                scriptCommands(sample),
		Setup: func(e *testscript.Env) error {
			e.Setenv("CLOSEROLL_CONFIG", "closeroll.yaml")
			e.Setenv(raceOptions, os.Getenv(raceOptions))
			e.Setenv("TODAY", time.Now().In(london()).Format(time.DateOnly))
			e.Values[running{}] = &[]*daemonProcess{}
			e.Setenv("TOKEN_SERVER", tokens.URL)
			e.Setenv("TOKEN_MAIL_PORT", strconv.Itoa(bearing.Addr.Port))
			e.Setenv("XDG_CONFIG_HOME", e.WorkDir+"/xdg")
			return nil
		},
	})
}

// TestEveryVerbIsDescribed walks the verbs: each has a summary and an example,
// and each that prints data prints it as JSON too.
func TestEveryVerbIsDescribed(t *testing.T) {
	textOnly := map[string]bool{"demo": true, "serve": true, "man": true, "extract-child": true, "lint-child": true, "bash": true, "fish": true, "zsh": true,
		"powershell": true, "reference": true, "example": true, "place": false, "help": true}
	var verbs int
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		verbs++
		path := c.CommandPath()
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: summary %q", path, c.Short)
		}
		if c.Example == "" && c.Name() != childVerb && c.Name() != lintVerb {
			t.Errorf("%s has no example", path)
		}
		for line := range strings.Lines(c.Example) {
			if !strings.HasPrefix(line, "  ") {
				t.Errorf("%s: example is not indented: %q", path, line)
			}
		}
		if !c.HasSubCommands() && !textOnly[c.Name()] && c.Flags().Lookup("json") == nil {
			t.Errorf("%s prints no JSON", path)
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(&env{}))
	if verbs < 40 {
		t.Errorf("only %d verbs were looked at", verbs)
	}
}

// TestHelp runs every verb's --help: it goes to standard output and succeeds.
func TestHelp(t *testing.T) {
	var walk func(*cobra.Command, []string)
	walk = func(c *cobra.Command, path []string) {
		if c.Name() == childVerb || c.Name() == lintVerb {
			return
		}
		var out, errs bytes.Buffer
		status := run(t.Context(), env{args: append(path, "--help"), stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: func(string) string { return "" }, now: time.Now})
		if status != 0 || errs.Len() > 0 || !strings.Contains(out.String(), "Examples:\n  ") {
			t.Errorf("%v --help: status %d, stderr %q, stdout:\n%s", path, status, errs.String(), out.String())
		}
		for line := range strings.Lines(c.Long) {
			if n := len([]rune(strings.TrimRight(line, "\n"))); n > 100 {
				t.Errorf("%v: a help line of %d characters: %s", path, n, line)
			}
		}
		for _, sub := range c.Commands() {
			walk(sub, append(path[:len(path):len(path)], sub.Name()))
		}
	}
	walk(newRoot(&env{}), nil)
}

// TestInterrupted wants one plain word for what a person did themself.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var errs bytes.Buffer
	status := run(ctx, env{args: []string{"status", "--socket", t.TempDir() + "/s"}, stdin: strings.NewReader(""), stdout: os.Stdout, stderr: &errs, getenv: func(string) string { return "" }, now: time.Now})
	if want := "closeroll: error: interrupted\ncloseroll: hint: "; status != 1 || !strings.HasPrefix(errs.String(), want) {
		t.Errorf("status %d, stderr %q", status, errs.String())
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -999: "-999"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

// TestClip wants nothing of a hostile subject to reach the terminal's own
// language, and no line to be longer than asked for.
func TestClip(t *testing.T) {
	for in, want := range map[string]string{
		"short":             "short",
		"\x1b[2Jcleared":    " [2Jcleared",
		"a\u202eb\u2066c\n": "a b c ",
		"exactly ten":       "exactly ten",
		"of eleven or more": "of eleven…",
	} {
		if got := clip(in, 11); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	got := strings.Join(wrap("the identity is on the file system of the state", 16), "|")
	if want := "the identity is|on the file|system of the|state"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
