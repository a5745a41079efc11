package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/reader"
)

// defaultSocket is where a daemon listens unless its configuration says
// otherwise.
const defaultSocket = "/run/closeroll/closeroll.sock"

// daemonFlags say which daemon a verb talks to.
type daemonFlags struct {
	socket, config         string
	remote, cert, key, cas string
}

func (d *daemonFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&d.socket, "socket", "", "the daemon's Unix socket (CLOSEROLL_SOCKET, or "+defaultSocket+")")
	f.StringVar(&d.config, "config", "", "the daemon's configuration file, for its socket (CLOSEROLL_CONFIG)")
	f.StringVar(&d.remote, "daemon", "", "address of a daemon on another machine, https://host:port (CLOSEROLL_DAEMON)")
	f.StringVar(&d.cert, "cert", "", "your client certificate for it, PEM (CLOSEROLL_CERT)")
	f.StringVar(&d.key, "key", "", "its private key, PEM (CLOSEROLL_KEY)")
	f.StringVar(&d.cas, "ca", "", "authorities to trust instead of the system's, PEM (CLOSEROLL_CA)")
}

// client returns a client of the daemon that the flags or the environment name.
func (e *env) client(d daemonFlags) (*api.Client, error) {
	or := func(flag, name string) string {
		if flag == "" {
			return e.getenv(name)
		}
		return flag
	}
	if u := or(d.remote, "CLOSEROLL_DAEMON"); u != "" {
		r := api.Remote{URL: u, CertFile: or(d.cert, "CLOSEROLL_CERT"), KeyFile: or(d.key, "CLOSEROLL_KEY"), CAFile: or(d.cas, "CLOSEROLL_CA")}
		if r.CertFile == "" || r.KeyFile == "" {
			return nil, advise(errors.New("a daemon on another machine knows you by a certificate, and none was given"), exitUsage,
				"give it and its key with --cert and --key, or in CLOSEROLL_CERT and CLOSEROLL_KEY")
		}
		c, err := api.NewRemoteClient(r, version)
		if err != nil {
			return nil, remoteFault(err)
		}
		return c, nil
	}
	socket := or(d.socket, "CLOSEROLL_SOCKET")
	if file := or(d.config, "CLOSEROLL_CONFIG"); socket == "" && file != "" {
		cfg, err := loadConfig(file)
		if err != nil {
			return nil, err
		}
		socket = string(cfg.API.Socket)
	}
	if socket == "" {
		socket = defaultSocket
	}
	return api.NewClient(socket, version), nil
}

// remoteFault says what is wrong with what a remote daemon is called with.
func remoteFault(err error) error {
	if said := (*api.Error)(nil); errors.As(err, &said) {
		return fromDaemon(err)
	}
	return advise(err, exitUsage, "--cert, --key and --ca name files in PEM form")
}

// call makes one call of the daemon.
func (e *env) call(ctx context.Context, d daemonFlags, method, path string, req, resp any) error {
	c, err := e.client(d)
	if err != nil {
		return err
	}
	defer c.Close()
	return fromDaemon(c.Do(ctx, method, path, req, resp))
}

// fromDaemon gives a daemon's error its hint and exit status.
func fromDaemon(err error) error {
	var said *api.Error
	if errors.As(err, &said) {
		return &advice{err: err, hint: said.Hint, status: exitStatus(said.Code.ExitStatus())}
	}
	return err
}

// query escapes a value for the query of a call.
func query(s string) string { return url.QueryEscape(s) }

// identityFlags name a reader's identity files.
type identityFlags struct{ files []string }

func (i *identityFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVarP(&i.files, "identity", "i", nil, "your identity file, to open records with (default: identity.age in closeroll's user configuration folder)")
}

// opener returns what opens records, or nil if no identity is given and there
// is none at the default place.
func (e *env) opener(i identityFlags) (*seal.Opener, error) {
	files := i.files
	if len(files) == 0 {
		dir, err := os.UserConfigDir()
		if err != nil {
			return nil, nil // nowhere to look is like nothing there
		}
		name := seal.DefaultIdentity(dir)
		if _, err := os.Stat(name); err != nil {
			return nil, nil
		}
		files = []string{name}
	}
	o, err := seal.LoadOpener(files, e.passphrase)
	if err != nil {
		return nil, advise(err, exitUsage, "give a file with an age identity or an SSH private key with -i")
	}
	return o, nil
}

// reader returns the reader's side of the archive. It fails without an identity.
func (e *env) reader(d daemonFlags, i identityFlags) (*reader.Reader, *api.Client, error) {
	opener, err := e.opener(i)
	if err != nil {
		return nil, nil, err
	}
	if opener == nil {
		return nil, nil, advise(errors.New("records are opened with an identity, and none was given"), exitUsage, "give your identity file with -i")
	}
	client, err := e.client(d)
	if err != nil {
		return nil, nil, err
	}
	return reader.New(client, opener), client, nil
}

// passphrase asks at the terminal for the passphrase of an identity file.
func (e *env) passphrase(name string) ([]byte, error) {
	f, ok := e.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, fmt.Errorf("%s is protected by a passphrase, and there is no terminal to ask for it", filepath.Base(name))
	}
	fmt.Fprintf(e.stderr, "Passphrase of %s: ", name)
	defer fmt.Fprintln(e.stderr)
	return term.ReadPassword(int(f.Fd()))
}
