package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestGuideNamesWhatThereIs looks up every verb and flag that the guides for
// records managers and for FOI officers name.
func TestGuideNamesWhatThereIs(t *testing.T) {
	for name, begins := range map[string]string{"retention.md": "^", "foi.md": "^ {4}"} {
		t.Run(name, func(t *testing.T) { checkGuide(t, "../../docs/"+name, begins) })
	}
}

// checkGuide looks at the commands between backticks and on lines of their own,
// which begin so.
func checkGuide(t *testing.T, name, begins string) {
	guide, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	e := env{getenv: func(string) string { return "" }}
	lines := regexp.MustCompile("(?m)(?:"+begins+"|`)closeroll ([a-z][^`\n]*)").FindAllStringSubmatch(string(guide), -1)
	if len(lines) < 30 {
		t.Fatalf("only %d verbs were found in the guide", len(lines))
	}
	for _, m := range lines {
		line, _, _ := strings.Cut(m[1], " #")
		typeable(t, line)
		words := strings.Fields(line)
		cmd, rest, err := newRoot(&e).Find(words)
		if err != nil || cmd.Parent() == nil || cmd.HasSubCommands() && len(rest) > 0 && cmd.Name() != "search" {
			t.Errorf("there is no verb closeroll %s", line)
			continue
		}
		for _, w := range rest {
			name, isFlag := strings.CutPrefix(w, "--")
			name, _, _ = strings.Cut(name, "=")
			if isFlag && cmd.Flags().Lookup(name) == nil {
				t.Errorf("closeroll %s: %s has no flag --%s", line, cmd.CommandPath(), name)
			}
		}
	}
}

// TestExamplesCanBeTyped looks at the examples that every verb has in its help.
func TestExamplesCanBeTyped(t *testing.T) {
	e := env{getenv: func(string) string { return "" }}
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		for line := range strings.Lines(cmd.Example) {
			typeable(t, line)
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(&e))
}

var quoted = regexp.MustCompile(`'[^']*'|"[^"]*"`)

// typeable refuses a command that a shell reads otherwise than it is meant, such
// as one with the section s.40(2) outside quotation marks.
func typeable(t *testing.T, line string) {
	if rest := quoted.ReplaceAllString(line, ""); strings.Contains(strings.ReplaceAll(rest, "<(", ""), "(") || strings.ContainsAny(rest, "'\"") {
		t.Errorf("a shell does not take this as it stands: %s", line)
	}
}
