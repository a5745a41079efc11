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
}

// TestVerifySearch: so do both forms of a certificate of search.
func TestVerifySearch(t *testing.T) {
	key, err := os.ReadFile("testdata/search-key")
	if err != nil {
		t.Fatal(err)
	}
	k := strings.TrimSpace(string(key))
	for form, changes := range map[string]map[string]string{
		"closed": {`"total": 20`: `"total": 21`, "S1 found": "S2 found", `"form": "closed"`: `"form": "open"`, "search-bundle/1": "disposal-bundle/1"},
		"open":   {`"total": 20`: `"total": 21`, `"form": "open"`: `"form": "closed"`, `"number": 1`: `"number": 2`, `"salt": "`: `"salt": "AA`},
	} {
		data, err := os.ReadFile("testdata/search-" + form + ".json")
		if err != nil {
			t.Fatal(err)
		}
		c, err := verify(data, k)
		if err != nil || c.Form != form || c.Request != "FOI-14" || len(c.Runs) != 2 || c.Runs[0].Total != 20 {
			t.Fatalf("%+v, %v", c, err)
		}
		for from, to := range changes {
			spoilt := bytes.Replace(data, []byte(from), []byte(to), 1)
			if bytes.Equal(spoilt, data) {
				t.Fatalf("the sample has no %s", from)
			}
			if _, err := verify(spoilt, k); err == nil {
				t.Errorf("the %s form with %s for %s verifies", form, to, from)
			}
		}
	}
}

// TestLength: it stays short enough to be read by whoever relies on it.
func TestLength(t *testing.T) {
	source, err := os.ReadFile("main.go")
	if err != nil || bytes.Count(source, []byte("\n")) > 300 {
		t.Errorf("the verifier is longer than 300 lines, %v", err)
	}
}
