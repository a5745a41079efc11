package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestVerify: a certificate of a real archive verifies, and nothing of it can
// be otherwise.
func TestVerify(t *testing.T) {
	data, err := os.ReadFile("testdata/certificate.json")
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile("testdata/key")
	if err != nil {
		t.Fatal(err)
	}
	k := strings.TrimSpace(string(key))
	c, err := verify(data, k)
	if err != nil || c.Number != 1 || c.Records != 3 {
		t.Fatalf("%+v, %v", c, err)
	}
	for from, to := range map[string]string{
		`"records": 3`: `"records": 2`, "destroyed\\n": "destroyed\\n\\n", `"number": 1`: `"number": 2`, "Department for Floods": "Department of Floods",
		`"index": `: `"index": 1`, `"salt": "`: `"salt": "AA`, "number 1\\n": "number 2\\n", "disposal-bundle/1": "disposal-bundle/2",
	} {
		spoilt := bytes.Replace(data, []byte(from), []byte(to), 1)
		if bytes.Equal(spoilt, data) {
			t.Fatalf("the sample has no %s", from)
		}
		if _, err := verify(spoilt, k); err == nil {
			t.Errorf("with %s for %s it verifies", to, from)
		}
	}
	if _, err := verify(data, "closeroll-other+6b3b7a4a+AQ=="); err == nil {
		t.Error("it verifies with another key")
	}
	source, err := os.ReadFile("main.go")
	if err != nil || bytes.Count(source, []byte("\n")) > 300 {
		t.Errorf("the verifier is longer than 300 lines, %v", err)
	}
}
