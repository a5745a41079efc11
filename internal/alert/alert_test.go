package alert_test

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/internal/alert"
)

// An outbox keeps what was sent, and fails on demand.
type outbox struct {
	subjects []string
	bodies   []string
	err      error
}

func (o *outbox) Send(_ context.Context, subject, body string) error {
	o.subjects = append(o.subjects, subject)
	o.bodies = append(o.bodies, body)
	return o.err
}

func TestATroubleIsToldOnceADayAndWhenItIsOver(t *testing.T) {
	now := time.Date(2026, 5, 14, 9, 0, 0, 0, time.UTC)
	var out outbox
	b := alert.NewBoard(slog.New(slog.DiscardHandler), func() time.Time { return now }, &out)
	for range 3 {
		b.Raise(t.Context(), alert.SourceFailing, "private-office", "login refused")
		now = now.Add(time.Hour)
	}
	if len(out.subjects) != 1 || out.subjects[0] != "closeroll: source failing private-office" {
		t.Fatalf("sent: %q", out.subjects)
	}
	now = now.Add(24 * time.Hour)
	b.Raise(t.Context(), alert.SourceFailing, "private-office", "login refused")
	if len(out.subjects) != 2 {
		t.Fatalf("after a day: %q", out.subjects)
	}
	if open := b.Open(); len(open) != 1 || !strings.Contains(open[0], "2026-05-14 09:00") {
		t.Fatalf("open: %q", open)
	}
	b.Clear(t.Context(), alert.SourceFailing, "private-office")
	b.Clear(t.Context(), alert.SourceFailing, "private-office")
	if len(out.subjects) != 3 || !strings.Contains(out.subjects[2], "over") || len(b.Open()) != 0 {
		t.Fatalf("when over: %q", out.subjects)
	}
}

func TestDigestSaysWhetherThereIsTrouble(t *testing.T) {
	var out outbox
	b := alert.NewBoard(slog.New(slog.DiscardHandler), time.Now, &out)
	b.Digest(t.Context(), []string{"46 items seen"}, nil)
	b.Raise(t.Context(), alert.DiskFull, "spool", "1 % free")
	out.err = errors.New("no route") // must not stop anything
	b.Digest(t.Context(), []string{"46 items seen"}, []string{"custodian minister: overdue export 1"})
	if len(out.subjects) != 3 || !strings.Contains(out.subjects[0], "no trouble") || !strings.Contains(out.subjects[2], "2 to look at") ||
		!strings.Contains(out.bodies[2], "custodian minister: overdue export 1") ||
		!strings.Contains(out.bodies[2], "disk full spool") {
		t.Fatalf("digests: %q %q", out.subjects, out.bodies)
	}
}

func TestCommandGetsSubjectAndBody(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out")
	c := alert.Command{"sh", "-c", `echo "$CLOSEROLL_SUBJECT" > "$1"; cat >> "$1"`, "sh", file}
	if err := c.Send(t.Context(), "closeroll: disk full", "1 % free\n"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != "closeroll: disk full\n1 % free\n" {
		t.Fatalf("%q, %v", got, err)
	}
	if err := (alert.Command{"false"}).Send(t.Context(), "s", "b"); err == nil {
		t.Error("a failing command went unnoticed")
	}
}

// TestSMTPSpeaksToAServer holds the client's side of a conversation against a
// server that answers as RFC 5321 says.
func TestSMTPSpeaksToAServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := make(chan string, 1)
	go serveSMTP(l, got)
	s := &alert.SMTP{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: "plain", From: "closeroll@dept.example",
		To: []string{"it@dept.example"}, Now: func() time.Time { return time.Unix(0, 0).UTC() }}
	if err := s.Send(t.Context(), "closeroll: source silent büro", "since Monday\n"); err != nil {
		t.Fatal(err)
	}
	mail := <-got
	for _, want := range []string{"Subject: =?utf-8?q?closeroll:_source_silent_b=C3=BCro?=", "Auto-Submitted: auto-generated", "since Monday"} {
		if !strings.Contains(mail, want) {
			t.Errorf("the mail lacks %q:\n%s", want, mail)
		}
	}
	s.Security = "starttls"
	if err := s.Send(t.Context(), "x", "y"); err == nil {
		t.Error("a server without STARTTLS was spoken to in the clear")
	}
}

func serveSMTP(l net.Listener, got chan<- string) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		in := bufio.NewScanner(conn)
		reply := func(s string) { conn.Write([]byte(s + "\r\n")) }
		reply("220 test")
		var mail strings.Builder
		for data := false; in.Scan(); {
			switch line := in.Text(); {
			case data && line == ".":
				data = false
				got <- mail.String()
				reply("250 taken")
			case data:
				mail.WriteString(line + "\n")
			case line == "DATA":
				data = true
				reply("354 go on")
			case strings.HasPrefix(line, "STARTTLS"):
				reply("502 no")
			case line == "QUIT":
				reply("221 bye")
				conn.Close()
			default:
				reply("250 ok")
			}
		}
		conn.Close()
	}
}
