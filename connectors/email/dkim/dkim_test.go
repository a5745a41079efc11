package dkim_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	msgauth "github.com/emersion/go-msgauth/dkim"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/email/dkim"
)

const letter = "From: A Field <a.field@floods.example>\r\nTo: m@floods.example\r\nSubject: sandbags\r\nDate: Mon, 4 May 2026 09:00:00 +0100\r\n\r\nWe have 4,000.\r\n"

// sign signs a message for a domain and returns it with the DNS record of the key.
func sign(t testing.TB, message, domain string) (signed, txt string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := msgauth.Sign(&b, strings.NewReader(message), &msgauth.SignOptions{Domain: domain, Selector: "s1", Signer: private}); err != nil {
		t.Fatal(err)
	}
	return b.String(), "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
}

func verify(t testing.TB, message string, lookup dkim.Lookup) []record.Signature {
	return dkim.Verify(t.Context(), strings.NewReader(message), int64(len(message)), lookup, 100*time.Millisecond)
}

// dns answers from a table; every other name does not exist.
func dns(table map[string]string) dkim.Lookup {
	return func(_ context.Context, name string) ([]string, error) {
		if txt, ok := table[name]; ok {
			return []string{txt}, nil
		}
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
}

func TestVerify(t *testing.T) {
	first, firstKey := sign(t, letter, "floods.example")
	both, secondKey := sign(t, first, "relay.example")
	keys := dns(map[string]string{"s1._domainkey.floods.example": firstKey, "s1._domainkey.relay.example": secondKey})
	for name, c := range map[string]struct {
		message string
		lookup  dkim.Lookup
		want    []record.Signature
	}{
		"unsigned": {letter, keys, nil},
		"signed":   {first, keys, []record.Signature{{Domain: "floods.example", Selector: "s1", Verdict: record.SignaturePass, Key: firstKey}}},
		"signed twice": {both, keys, []record.Signature{
			{Domain: "relay.example", Selector: "s1", Verdict: record.SignaturePass, Key: secondKey},
			{Domain: "floods.example", Selector: "s1", Verdict: record.SignaturePass, Key: firstKey}}},
		"altered": {strings.Replace(first, "4,000", "9,000", 1), keys,
			[]record.Signature{{Domain: "floods.example", Selector: "s1", Verdict: record.SignatureFail, Key: firstKey}}},
		"no key": {first, dns(nil), []record.Signature{{Domain: "floods.example", Selector: "s1", Verdict: record.SignatureUnreadable}}},
		"no answer": {first, func(context.Context, string) ([]string, error) { return nil, errors.New("server misbehaving") },
			[]record.Signature{{Domain: "floods.example", Selector: "s1", Verdict: record.SignatureUnanswered}}},
		"nonsense": {"DKIM-Signature: v=1; a=;;=\r\n" + letter, keys, []record.Signature{{Verdict: record.SignatureUnreadable}}},
	} {
		got := verify(t, c.message, c.lookup)
		if len(got) != len(c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %+v, want %+v", name, got[i], c.want[i])
			}
		}
	}
}

// A DNS that never answers costs no more than the patience given.
func TestSilentDNS(t *testing.T) {
	signed, _ := sign(t, letter, "floods.example")
	silent := func(ctx context.Context, _ string) ([]string, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	got := verify(t, signed, silent)
	if len(got) != 1 || got[0].Verdict != record.SignatureUnanswered {
		t.Errorf("%+v", got)
	}
}

func FuzzVerify(f *testing.F) {
	signed, key := sign(f, letter, "floods.example")
	f.Add(signed)
	f.Add("DKIM-Signature: v=1; d=x; s=y; h=from; bh=; b=; a=rsa-sha256; l=-1\n\n")
	f.Fuzz(func(t *testing.T, message string) {
		all := func(context.Context, string) ([]string, error) { return []string{key}, nil }
		if got := verify(t, message, all); len(got) > dkim.MaxSignatures {
			t.Errorf("%d signatures", len(got))
		}
	})
}
