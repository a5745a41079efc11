package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/demo"
)

func (e *env) demoVerb() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Watch mail and chats being captured, sealed, found, explained and verified",
		Long: `Watch sample mail and chats being captured, sealed, found, explained and verified,
for real: an archive with its keys, a mail server on this machine, a drop folder
with two chat exports, and a daemon. Everything is in a temporary folder that is
removed at the end, or in --dir, where it is kept.`,
		Example: example("closeroll demo", "closeroll demo --dir ./closeroll-demo"),
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			kept := dir != ""
			if !kept {
				temp, err := os.MkdirTemp("", "closeroll-demo-")
				if err != nil {
					return err
				}
				defer os.RemoveAll(temp)
				dir = temp
			}
			dir, err := filepath.Abs(dir)
			if err != nil {
				return err
			}
			d := &demonstration{env: e, p: e.print(), dir: dir, kept: kept}
			return d.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "a folder to do it in, and to keep")
	return cmd
}

// A demonstration is one run of the demo. What it shows are the verbs
// themselves, run as a person would run them.
type demonstration struct {
	*env
	p    *printer
	dir  string
	kept bool
	mail *demo.Mail
}

func (d *demonstration) run(ctx context.Context) error {
	if entries, err := os.ReadDir(d.dir); err == nil && len(entries) > 0 {
		return advise(fmt.Errorf("%s is not empty", d.dir), exitUsage, "name a folder that is empty or not there yet")
	}
	d.p.line("closeroll demo   everything below happens for real, in %s", d.dir)
	d.p.line("")
	var err error
	if d.mail, err = demo.StartMail(ctx); err != nil {
		return err
	}
	defer d.mail.Close()
	cfg, err := d.prepare(ctx)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	done, err := d.start(ctx, cfg)
	if err != nil {
		stop()
		return err
	}
	shown := d.show(ctx, cfg)
	stop()
	return errors.Join(shown, <-done)
}

// path names a file of the demo.
func (d *demonstration) path(name string) string { return filepath.Join(d.dir, name) }

// prepare makes the configuration, the archive with its keys, and the drop
// folder.
func (d *demonstration) prepare(ctx context.Context) (*configs.Config, error) {
	for _, folder := range []string{"drop", "secrets"} {
		if err := os.MkdirAll(d.path(folder), 0o700); err != nil {
			return nil, err
		}
	}
	host, port, err := net.SplitHostPort(d.mail.Addr)
	if err != nil {
		return nil, err
	}
	for name, data := range map[string][]byte{
		"closeroll.yaml": fmt.Appendf(nil, demoConfig, host, port, d.mail.User, os.Getuid()),
		"schedule.yaml":  configs.ExampleSchedule(),
		"secrets/mail":   []byte(d.mail.Password + "\n"),
	} {
		if err := os.WriteFile(d.path(name), data, 0o600); err != nil {
			return nil, err
		}
	}
	if err := demo.WriteExports(d.path("drop")); err != nil {
		return nil, err
	}
	if _, err := d.verb(ctx, "init", "--config", d.path("closeroll.yaml"), "--generate-reader", d.path("officer.key"), "--generate-reader", d.path("records.key")); err != nil {
		return nil, err
	}
	return loadConfig(d.path("closeroll.yaml"))
}

// demoConfig is the demo's configuration, less what differs from run to run.
const demoConfig = `archive:
  name: Department for Floods (demo)
state: state
identity: secrets/daemon.key
store:
  dir: {path: archive}
custodians:
  - {id: minister, name: Minister of State for Floods, role: minister}
  - {id: private-office, name: Private Office, role: official}
sources:
  - name: private-office
    custodian: private-office
    poll: "@every 1m"
    imap:
      host: %s
      port: %s
      security: plain
      username: %s
      password_file: secrets/mail
      exclude: [Drafts]
      connections: 1
  - name: whatsapp
    custodian: minister
    channel: nccc
    poll: "@every 1m"
    dropfolder:
      path: drop
      stable_for: 1ms
schedule: schedule.yaml
roles:
  officer: {users: ["%[4]d"]}
  manager: {users: ["%[4]d"]}
  auditor: {users: ["%[4]d"]}
  operator: {users: ["%[4]d"]}
api:
  socket: closeroll.sock
alerts: none
`

// start runs the daemon in this process until ctx ends.
func (d *demonstration) start(ctx context.Context, cfg *configs.Config) (<-chan error, error) {
	log, err := os.OpenFile(d.path("daemon.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	lg := slog.New(slog.NewJSONHandler(log, nil))
	ready := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		defer log.Close()
		done <- d.serve(ctx, cfg, lg, func() { close(ready) })
	}()
	select {
	case <-ready:
		return done, nil
	case err := <-done:
		return nil, err
	}
}

// verb runs a verb as the command line would, and returns what it printed.
func (d *demonstration) verb(ctx context.Context, args ...string) (string, error) {
	var out, errs bytes.Buffer
	e := *d.env
	e.args, e.stdout, e.stderr = args, &out, &errs
	e.getenv = func(name string) string {
		if name == "CLOSEROLL_CONFIG" {
			return d.path("closeroll.yaml")
		}
		return d.getenv(name)
	}
	if status := run(ctx, e); status != int(exitOK) && status != int(exitIncomplete) {
		return "", fmt.Errorf("closeroll %s: %s", args[0], strings.TrimSpace(errs.String()))
	}
	return out.String(), nil
}

// show waits for the capture and prints the transcript.
func (d *demonstration) show(ctx context.Context, cfg *configs.Config) error {
	began := d.now()
	if _, err := d.verb(ctx, "capture"); err != nil {
		return err
	}
	took := d.now().Sub(began)
	client := api.NewClient(string(cfg.API.Socket), version)
	defer client.Close()
	var s v1.Status
	if err := client.Do(ctx, http.MethodGet, "/v1/status", nil, &s); err != nil {
		return err
	}
	d.captured(s, took)
	for _, step := range []func(context.Context) error{d.searches, d.explained, d.due, d.verified} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return d.exit(ctx, client, s)
}

func (d *demonstration) captured(s v1.Status, took time.Duration) {
	p := d.p
	p.field("keys", "vault %s is sealed to 2 readers; this daemon holds no key that opens a record", p.bold(s.Vault))
	var sources []string
	all := s.Sources[0].Counts
	for i, src := range s.Sources {
		where := src.Kind
		if src.Kind == "imap" {
			where += " " + src.Where
		}
		sources = append(sources, p.bold(src.Name)+"  "+where)
		if i > 0 {
			all.Seen, all.Captured, all.AlreadyArchived = all.Seen+src.Counts.Seen, all.Captured+src.Counts.Captured, all.AlreadyArchived+src.Counts.AlreadyArchived
			for r, n := range src.Counts.Failed {
				all.Failed[r] += n
			}
		}
	}
	p.field("sources", "%s", strings.Join(sources, "      "))
	p.field("capture", "%s   %s", accounting(all), p.dim(fmt.Sprintf("%.1f s", took.Seconds())))
	p.field("", "%s", totals(s.Totals))
	for _, n := range slices.Backward(s.Notices) { // the newest is listed first
		p.field("notice", "%s  %s", day(n.At, london()), p.mark(clip(n.Text, 200)))
	}
}

// commands runs a verb and shows it with what it printed.
func (d *demonstration) command(ctx context.Context, shown string, args ...string) error {
	out, err := d.verb(ctx, args...)
	if err != nil {
		return err
	}
	d.p.line("\n  %s", d.p.bold("$ closeroll "+shown))
	_, err = fmt.Fprint(d.stdout, out)
	return err
}

// demoQueries are what the demo searches for.
var demoQueries = []string{
	"sandbags AND from:field sent:2026-05",
	`kind:chat AND ("third lorry" OR "timer in here")`,
	"attachment:(rota OR rates)",
}

func (d *demonstration) searches(ctx context.Context) error {
	for _, q := range demoQueries {
		if err := d.command(ctx, "search '"+q+"' -i officer.key", "search", q, "-i", d.path("officer.key"), "--limit", "3"); err != nil {
			return err
		}
	}
	return nil
}

// explained shows why the newest hit of the first search is kept.
func (d *demonstration) explained(ctx context.Context) error {
	id, err := d.firstHit(ctx)
	if err != nil {
		return err
	}
	return d.command(ctx, "explain "+id, "explain", id)
}

func (d *demonstration) firstHit(ctx context.Context) (string, error) {
	cfg, err := loadConfig(d.path("closeroll.yaml"))
	if err != nil {
		return "", err
	}
	client := api.NewClient(string(cfg.API.Socket), version)
	defer client.Close()
	var a v1.Answer
	if err := client.Do(ctx, http.MethodPost, "/v1/search", v1.Search{Query: demoQueries[0], Limit: 1}, &a); err != nil {
		return "", err
	}
	if len(a.Hits) == 0 {
		return "", errors.New("the demo's first search found nothing")
	}
	return a.Hits[0].ID.Short(), nil
}

func (d *demonstration) due(ctx context.Context) error {
	return d.command(ctx, "retention due --within P3Y --limit 3", "retention", "due", "--within", "P3Y", "--limit", "3")
}

func (d *demonstration) verified(ctx context.Context) error {
	return d.command(ctx, "journal verify", "journal", "verify")
}

// exit shows that a record can be opened without closeroll.
func (d *demonstration) exit(ctx context.Context, client *api.Client, s v1.Status) error {
	id, err := d.firstHit(ctx)
	if err != nil {
		return err
	}
	var r v1.Record
	if err := client.Do(ctx, http.MethodGet, "/v1/records/"+id, nil, &r); err != nil {
		return err
	}
	p := d.p
	p.line("")
	p.field("exit", "age -d -i officer.key archive/keys/vault/%s/officer.age > v.key      %s", s.Vault, p.dim("age 1.3 or newer"))
	p.field("", "age -d -i v.key archive/%s | zstd -d | tar -t", r.ID.Key(r.Epoch))
	p.line("")
	if d.kept {
		p.line("Everything is kept in %s. Go on from there:", d.dir)
		p.line("  closeroll serve --config %s", d.path("closeroll.yaml"))
		p.line("  closeroll status --config %s", d.path("closeroll.yaml"))
		p.line("  closeroll get %s -o out --config %s -i %s", id, d.path("closeroll.yaml"), d.path("officer.key"))
		p.line("%s", p.dim("The demo's mail server has ended, so the daemon will report that source as failing."))
		return nil
	}
	p.line("%s", p.dim("Removed again. With --dir DIR it is kept, and can be gone on with."))
	return nil
}
