package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A measurement is what one step of the benchmark took.
type measurement struct {
	Name   string  `json:"name"`
	Wall   float64 `json:"wall_s"`
	CPU    float64 `json:"cpu_s"`    // of the process itself, not of the servers it talks to
	Memory int64   `json:"rss_anon"` // highest RssAnon seen, octets
	Stored int64   `json:"stored"`   // octets in the store afterwards, where the step stores
	Index  int64   `json:"index"`    // octets of index afterwards, where it indexes
	Count  int     `json:"n"`        // messages
	Note   string  `json:"note"`     // what the row means, where its name does not say
}

// sampleEvery is how often a process's memory is read.
const sampleEvery = 20 * time.Millisecond

func measureVerb(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("measure", flag.ContinueOnError)
	m := measurement{}
	flags.StringVar(&m.Name, "name", "", "what the step is called in the table")
	flags.StringVar(&m.Note, "note", "", "what it means")
	flags.IntVar(&m.Count, "n", 0, "how many messages it handles")
	results := flags.String("results", "", "file to add the measurement to")
	until := flags.String("until", "", "shell command: the step is over when it succeeds, and is then told to end")
	log := flags.String("log", "", "file for the command's output")
	stored := flags.String("stored", "", "directory to add up afterwards as what was stored")
	index := flags.String("index", "", "directory to add up afterwards as the index")
	if err := flags.Parse(args); err != nil {
		return err
	}
	out, err := os.Create(*log)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.CommandContext(ctx, flags.Arg(0), flags.Args()[1:]...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := m.follow(ctx, cmd, *until); err != nil {
		return fmt.Errorf("%s: %w (its output is in %s)", m.Name, err, *log)
	}
	if m.Stored, err = size(*stored); err != nil {
		return err
	}
	if m.Index, err = size(*index); err != nil {
		return err
	}
	return m.add(*results)
}

// follow runs the command, to its end or until a condition holds, and fills in
// what it took.
func (m *measurement) follow(ctx context.Context, cmd *exec.Cmd, until string) error {
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	holds := condition(ctx, until)
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			m.Memory = max(m.Memory, rssAnon(cmd.Process.Pid))
		case <-holds:
			m.Wall = time.Since(start).Seconds()
			holds = nil
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				return err
			}
		case err := <-ended:
			m.CPU = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
			switch {
			case m.Wall > 0:
			case until != "":
				return errors.Join(errors.New("it ended before its work was done"), err)
			default:
				m.Wall = time.Since(start).Seconds()
			}
			return err
		}
	}
}

// condition tries a shell command again and again, and closes the channel when
// it succeeds. Without a command nothing is awaited.
func condition(ctx context.Context, command string) <-chan struct{} {
	if command == "" {
		return nil
	}
	holds := make(chan struct{})
	go func() {
		for exec.CommandContext(ctx, "sh", "-c", command).Run() != nil {
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
				return
			}
		}
		close(holds)
	}()
	return holds
}

// rssAnon reads how much memory a process has that is not a file's. It is 0
// once the process has ended.
func rssAnon(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			if err != nil {
				return 0
			}
			return kib << 10
		}
	}
	return 0
}

// add appends the measurement to the results, one JSON object a line.
func (m *measurement) add(results string) error {
	f, err := os.OpenFile(results, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	fmt.Printf("  %-16s %7.1f s\n", m.Name, m.Wall)
	return errors.Join(json.NewEncoder(f).Encode(m), f.Close())
}

// read returns the measurements of a results file.
func readResults(name string) ([]measurement, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []measurement
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var m measurement
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, lines.Err()
}
