package index

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
)

// crashDir is set in the process that is to be killed.
const crashDir = "CLOSEROLL_TEST_INDEX_CRASH"

// TestCrash kills a process while it indexes, several times over, and looks
// for every message that was acknowledged.
func TestCrash(t *testing.T) {
	if dir := os.Getenv(crashDir); dir != "" {
		indexUntilKilled(t, dir)
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "index")
	acknowledged := 0
	for round := range 6 {
		cmd := exec.Command(self, "-test.run=^TestCrash$", "-test.v")
		cmd.Env = append(os.Environ(), crashDir+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for seen := 0; seen < 3+round*5 && lines.Scan(); {
			if n, err := strconv.Atoi(lines.Text()); err == nil {
				acknowledged, seen = n, seen+1
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		cmd.Wait() //nolint:errcheck // it was killed
	}
	ix := openTest(t, dir)
	if got := len(matches(t, ix, In{body, Word{Text: "durable"}})); got < acknowledged || acknowledged == 0 {
		t.Errorf("%d messages were acknowledged, %d are found", acknowledged, got)
	}
}

func indexUntilKilled(t *testing.T, dir string) {
	ix, err := Open(context.Background(), slog.New(slog.DiscardHandler), dir, testKey())
	if err != nil {
		t.Fatal(err)
	}
	n, err := ix.Count()
	if err != nil {
		t.Fatal(err)
	}
	for {
		var docs []*Document
		for range 25 {
			n++
			docs = append(docs, &Document{No: record.MessageNo(n), Body: fmt.Sprintf("durable message number %d", n)})
		}
		if err := ix.Add(context.Background(), docs); err != nil {
			t.Fatal(err)
		}
		fmt.Println(n)
	}
}
