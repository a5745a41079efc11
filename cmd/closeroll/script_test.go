package main

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/closeroll/closeroll/internal/demo"
)

// scriptCommands are what the scripts can say besides testscript's own words.
//
//	archive [empty]          the sample archive in this folder; or only its configuration
//	daemon [CONFIG]          start a daemon here, and wait until it is ready
//	halt                     end it with SIGTERM, which must drain and succeed
//	status N COMMAND…        run a command that must end with this exit status
//	field PATH VALUE         the last standard output is JSON and has this value there
//	take VARIABLE PATH       keep such a value in a variable
//	snake                    every key of that JSON is snake_case
//	edit FILE OLD NEW        replace all of a text in a file
//	fill FILE COLUMN TEXT    put a text into every row of a CSV file's column
//	tamper FILE              change one octet in the middle of a file
//	object VARIABLE ID       the file in which the store keeps a record
//	transcript FILE          what the sample iOS export had as its transcript
//	take-uid VARIABLE        the number of the user who runs this
//	signer KEY [WHO…]        make an SSH key, and allow it to whoever runs this, or to WHO
//	recipient VARIABLE FILE  the public half of an identity file
//	certificates             make certificates for the TLS listener here
func scriptCommands(s *sample) map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"archive": func(ts *testscript.TestScript, _ bool, args []string) {
			make := s.copyTo
			if slices.Equal(args, []string{"empty"}) {
				make = s.lay
			}
			ts.Check(make(ts.Getenv("WORK")))
		},
		"daemon":       startInScript,
		"halt":         haltInScript,
		"status":       checkStatus,
		"field":        checkField,
		"take":         takeField,
		"snake":        checkSnake,
		"edit":         edit,
		"fill":         fill,
		"tamper":       tamper,
		"object":       findObject,
		"transcript":   transcript,
		"take-uid":     func(ts *testscript.TestScript, _ bool, args []string) { ts.Setenv(args[0], strconv.Itoa(os.Getuid())) },
		"recipient":    recipient,
		"certificates": certificates,
		"signer":       makeSigner,
	}
}

// running is the key of a script's daemons.
type running struct{}

func daemons(ts *testscript.TestScript) *[]*daemonProcess {
	return ts.Value(running{}).(*[]*daemonProcess)
}

func startInScript(ts *testscript.TestScript, _ bool, args []string) {
	config := "closeroll.yaml"
	if len(args) > 0 {
		config = args[0]
	}
	d, err := startDaemon(ts.Getenv("WORK"), ts.MkAbs("daemon.log"), config, nil)
	ts.Check(err)
	all := daemons(ts)
	*all = append(*all, d)
	ts.Defer(func() {
		if _, err := d.stop(syscall.SIGTERM); err != nil {
			ts.Fatalf("%v:\n%s", err, d.text())
		}
	})
}

// haltInScript ends the newest daemon.
func haltInScript(ts *testscript.TestScript, _ bool, _ []string) {
	all := *daemons(ts)
	d := all[len(all)-1]
	status, err := d.stop(syscall.SIGTERM)
	ts.Check(err)
	if status != 0 {
		ts.Fatalf("the daemon ended with %d:\n%s", status, d.text())
	}
}

func checkStatus(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
	if want != 0 && want != 5 {
		said := ts.ReadFile("stderr")
		if !strings.Contains(said, "closeroll: error: ") || strings.Count(said, "closeroll: hint: ") != 1 {
			ts.Fatalf("an error has its text and one hint: %q", said)
		}
	}
}

// at returns what the last standard output has at a path: hits.0.kind. The
// path .len is a list's length.
func at(ts *testscript.TestScript, path string) any {
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &v))
	for key := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[key]
		case []any:
			if key == "len" {
				v = len(in)
				continue
			}
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(in) {
				ts.Fatalf("there is no %s in a list of %d", key, len(in))
			}
			v = in[i]
		default:
			v = nil
		}
	}
	return v
}

func checkField(ts *testscript.TestScript, neg bool, args []string) {
	if got := fmt.Sprint(at(ts, args[0])); (got == args[1]) == neg {
		ts.Fatalf("%s is %s", args[0], got)
	}
}

func takeField(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], fmt.Sprint(at(ts, args[1])))
}

// named are maps whose keys are data: classes, reasons, kinds, people.
var named = []string{"classes", "excluded", "failed", "by_kind", "messages_by_kind", "readers", "name_map", "by_source", "by_custodian_role", "by_class", "by_channel"}

// countedBy are the same in the figures of requests.
var countedBy = []string{"received", "backlog", "outcomes", "exemptions", "reviews", "review_failures", "hours", "minutes", "decided"}

var snakeCase = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

func checkSnake(ts *testscript.TestScript, _ bool, _ []string) {
	d := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout")))
	for n := 0; ; n++ {
		var v any
		err := d.Decode(&v)
		if errors.Is(err, io.EOF) && n > 0 {
			return
		}
		ts.Check(err)
		for _, key := range keys(v) {
			if !snakeCase.MatchString(key) {
				ts.Fatalf("key %q is not snake_case", key)
			}
		}
	}
}

func keys(v any) (all []string) {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			all = append(all, k)
			if !slices.Contains(named, k) && !slices.Contains(countedBy, k) {
				all = append(all, keys(inner)...)
			}
		}
	case []any:
		for _, inner := range v {
			all = append(all, keys(inner)...)
		}
	}
	return all
}

func edit(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s does not say %q", args[0], args[1])
	}
	text = strings.ReplaceAll(text, args[1], strings.ReplaceAll(args[2], `\n`, "\n"))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

func fill(ts *testscript.TestScript, _ bool, args []string) {
	text := strings.TrimPrefix(ts.ReadFile(args[0]), "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	ts.Check(err)
	column := slices.Index(rows[0], args[1])
	for _, row := range rows[1:] {
		row[column] = args[2]
	}
	var b strings.Builder
	ts.Check(csv.NewWriter(&b).WriteAll(rows))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o600))
}

func tamper(ts *testscript.TestScript, _ bool, args []string) {
	data := []byte(ts.ReadFile(args[0]))
	data[len(data)/2] ^= 1
	ts.Check(os.Chmod(ts.MkAbs(args[0]), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o600))
}

func findObject(ts *testscript.TestScript, _ bool, args []string) {
	found, err := filepath.Glob(ts.MkAbs("archive/records/*/*/" + args[1]))
	ts.Check(err)
	if len(found) != 1 {
		ts.Fatalf("%d objects of record %s", len(found), args[1])
	}
	ts.Setenv(args[0], found[0])
}

// recipient reads the public key that an identity file says of itself.
func recipient(ts *testscript.TestScript, _ bool, args []string) {
	_, rest, found := strings.Cut(ts.ReadFile(args[1]), "# public key: ")
	key, _, _ := strings.Cut(rest, "\n")
	if !found {
		ts.Fatalf("%s does not say its public key", args[1])
	}
	ts.Setenv(args[0], key)
}

// transcript writes the transcript of the sample's iOS export.
func transcript(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs("exports")
	ts.Check(os.MkdirAll(dir, 0o700))
	ts.Check(demo.WriteExports(dir))
	zips, err := filepath.Glob(filepath.Join(dir, "*.zip"))
	ts.Check(err)
	r, err := zip.OpenReader(zips[0])
	ts.Check(err)
	defer r.Close()
	text, err := fs.ReadFile(r, "_chat.txt")
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}

// certificates makes them, and names an address to listen on in LISTEN.
func certificates(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(makeCertificates(ts.Getenv("WORK")))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv("LISTEN", l.Addr().String())
	ts.Check(l.Close())
}

// makeSigner makes a key with ssh-keygen and adds it to allowed_signers.
func makeSigner(ts *testscript.TestScript, _ bool, args []string) {
	me, err := user.Current()
	ts.Check(err)
	who := []string{me.Username}
	if len(args) > 1 {
		who = args[1:]
	}
	ts.Check(ts.Exec("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", args[0]))
	f, err := os.OpenFile(ts.MkAbs("allowed_signers"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	ts.Check(err)
	_, err = fmt.Fprintf(f, "%s %s", strings.Join(who, ","), ts.ReadFile(args[0]+".pub"))
	ts.Check(errors.Join(err, f.Close()))
}
