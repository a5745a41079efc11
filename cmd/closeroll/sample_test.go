package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/demo"
)

// A sample is an archive of the demo's correspondence, captured once and
// copied into the folder of each script that wants one. Its mail server runs
// until the tests end.
type sample struct {
	mail *demo.Mail
	make func() (string, error)
}

func newSample(t *testing.T) *sample {
	mail, err := demo.StartMail(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(mail.Close)
	dir := t.TempDir()
	s := &sample{mail: mail}
	s.make = sync.OnceValues(func() (string, error) { return dir, s.capture(dir) })
	return s
}

// sampleConfig is the configuration of the scripts' archive.
const sampleConfig = `archive:
  name: Department for Floods (test)
state: state
identity: secrets/daemon.key
store:
  dir: {path: archive}
custodians:
  - {id: minister, name: Minister of State for Floods, role: minister}
  - {id: private-office, name: Private Office, grade: G7}
sources:
  - name: private-office
    custodian: private-office
    poll: "@every 1h"
    imap:
      host: %s
      port: %s
      security: plain
      username: %s
      password_file: secrets/mail
      exclude: [Drafts]
  - name: whatsapp
    custodian: minister
    channel: nccc
    poll: "@every 1h"
    dropfolder:
      path: drop
      stable_for: 1ms
schedule: schedule.yaml
roles:
  officer: {users: ["%[4]d"], certificates: [officer@floods.example]}
  manager: {users: ["%[4]d"], certificates: [manager@floods.example]}
  auditor: {users: ["%[4]d"]}
  operator: {users: ["%[4]d"]}
api:
  socket: closeroll.sock
alerts: none
`

// lay writes the configuration and what it names, but makes no archive.
func (s *sample) lay(dir string) error {
	host, port, err := net.SplitHostPort(s.mail.Addr)
	if err != nil {
		return err
	}
	for _, folder := range []string{"drop", "secrets"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o700); err != nil {
			return err
		}
	}
	for name, data := range map[string][]byte{
		"closeroll.yaml": fmt.Appendf(nil, sampleConfig, host, port, s.mail.User, os.Getuid()),
		"schedule.yaml":  configs.ExampleSchedule(),
		"secrets/mail":   []byte(s.mail.Password + "\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// capture makes the sample archive with real daemons and verbs.
func (s *sample) capture(dir string) error {
	if err := s.lay(dir); err != nil {
		return err
	}
	if err := demo.WriteExports(filepath.Join(dir, "drop")); err != nil {
		return err
	}
	verb := func(args ...string) error {
		cmd := exec.Command("closeroll", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "CLOSEROLL_CONFIG=closeroll.yaml")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("closeroll %s: %w\n%s", args[0], err, out)
		}
		return nil
	}
	if err := verb("init", "--generate-reader", "officer.key", "--generate-reader", "records.key"); err != nil {
		return err
	}
	d, err := startDaemon(dir, filepath.Join(dir, "daemon.log"), "closeroll.yaml", nil)
	if err != nil {
		return err
	}
	captured := verb("capture")
	status, err := d.stop(syscall.SIGTERM)
	if err == nil && status != 0 {
		err = fmt.Errorf("the daemon ended with %d", status)
	}
	return errors.Join(captured, err)
}

// copyTo copies the sample archive, so that a script can do what it likes.
func (s *sample) copyTo(dir string) error {
	from, err := s.make()
	if err != nil {
		return err
	}
	return filepath.WalkDir(from, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, rel)
		switch {
		case entry.IsDir():
			return os.MkdirAll(to, 0o700)
		case !entry.Type().IsRegular():
			return nil // a socket
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, data, 0o600)
	})
}

// A daemonProcess is a daemon in a process of its own.
type daemonProcess struct {
	cmd  *exec.Cmd
	log  string
	done chan struct{} // closed when it has ended
}

// startDaemon starts a daemon in a folder and returns once it is ready.
func startDaemon(dir, log, config string, environ []string) (*daemonProcess, error) {
	f, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d := &daemonProcess{cmd: exec.Command("closeroll", "serve", "--config", config), log: log, done: make(chan struct{})}
	d.cmd.Dir, d.cmd.Stderr, d.cmd.Env = dir, f, append(os.Environ(), environ...)
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(d.done)
		_ = d.cmd.Wait() // the state says it
	}()
	for range 1200 {
		if d.says(`"msg":"ready"`) {
			return d, nil
		}
		select {
		case <-d.done:
			return nil, fmt.Errorf("the daemon ended:\n%s", d.text())
		case <-time.After(50 * time.Millisecond):
		}
	}
	_, err = d.stop(syscall.SIGKILL)
	return nil, errors.Join(errors.New("the daemon is not ready"), err)
}

func (d *daemonProcess) text() string {
	text, err := os.ReadFile(d.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (d *daemonProcess) says(what string) bool { return strings.Contains(d.text(), what) }

// stop signals the daemon and returns its exit status.
func (d *daemonProcess) stop(s os.Signal) (int, error) {
	if err := d.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return 0, err
	}
	select {
	case <-d.done:
		return d.cmd.ProcessState.ExitCode(), nil
	case <-time.After(30 * time.Second):
		return 0, errors.Join(errors.New("the daemon does not stop"), d.cmd.Process.Kill())
	}
}
