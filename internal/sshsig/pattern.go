package sshsig

import (
	"errors"
	"fmt"
	"strings"
)

// maxPattern bounds what matching can cost, in octets.
const maxPattern = 1024

// patterns splits a pattern list (PATTERNS in ssh_config(5)).
func patterns(s string) ([]string, error) {
	if len(s) > maxPattern {
		return nil, fmt.Errorf("the list is longer than %d octets", maxPattern)
	}
	list := strings.Split(s, ",")
	positive := false
	for _, p := range list {
		if p == "" || p == "!" {
			return nil, errors.New("a pattern is empty")
		}
		positive = positive || p[0] != '!'
	}
	if !positive {
		return nil, errors.New("a list that only excludes allows nothing")
	}
	return list, nil
}

// matchList reports whether a pattern of the list matches the whole of s and
// none that begins with ! does.
func matchList(s string, list []string) bool {
	matched := false
	for _, p := range list {
		excluding := strings.HasPrefix(p, "!")
		switch hit := match(strings.TrimPrefix(p, "!"), s); {
		case hit && excluding:
			return false
		case hit:
			matched = true
		}
	}
	return matched
}

// match reports whether the pattern matches the whole of s: * stands for any
// octets, ? for one. It never takes longer than len(pattern) × len(s).
func match(pattern, s string) bool {
	star, retry := -1, 0
	p, i := 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, retry = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			retry++
			p, i = star+1, retry
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
