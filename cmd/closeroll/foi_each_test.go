package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/search/foi"
)

// TestSittings: items of one record that follow one another are made of one
// opening, and their order stands.
func TestSittings(t *testing.T) {
	var items []*foi.Item
	for _, id := range []string{"a/1", "a/2", "b/1", "a/3", "c/1", "c/2"} {
		items = append(items, &foi.Item{Item: id})
	}
	ids, sittings := sit[int](items)
	if got := fmt.Sprint(ids); got != "[a b a c]" {
		t.Error(got)
	}
	var order []string
	for _, s := range sittings {
		for _, it := range s.items {
			order = append(order, it.Item)
		}
	}
	if got := strings.Join(order, " "); got != "a/1 a/2 b/1 a/3 c/1 c/2" {
		t.Error(got)
	}
}
