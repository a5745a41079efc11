package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// size adds up the files under dir; an empty name is nothing.
func size(dir string) (total int64, err error) {
	if dir == "" {
		return 0, nil
	}
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}

func tableVerb(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("table", flag.ContinueOnError)
	results := flags.String("results", "", "the file of measurements")
	if err := flags.Parse(args); err != nil {
		return err
	}
	all, err := readResults(*results)
	if err != nil {
		return err
	}
	writeTable(os.Stdout, all)
	return nil
}

// writeTable prints the measurements as a Markdown table, and below it the
// ratios that the budgets speak of.
func writeTable(w io.Writer, all []measurement) {
	fmt.Fprintln(w, "| step | time | messages/s | CPU | peak memory | stored | index |")
	fmt.Fprintln(w, "|---|--:|--:|--:|--:|--:|--:|")
	wall := map[string]float64{}
	for _, m := range all {
		wall[m.Name] = m.Wall
		fmt.Fprintf(w, "| %s | %.1f s | %.0f | %.1f s | %s | %s | %s |\n", describe(m), m.Wall, float64(m.Count)/m.Wall,
			m.CPU, megabytes(m.Memory), megabytes(m.Stored), megabytes(m.Index))
	}
	if ours := wall["closeroll"]; ours > 0 {
		peers := wall["mbsync"] + wall["restic"] + wall["mu"]
		fmt.Fprintf(w, "\nmbsync + restic + mu take %.1f s: %.2f × closeroll's time.\n", peers, peers/ours)
		fmt.Fprintf(w, "closeroll takes %.2f × the time of its parts, bare and overlapped.\n", ours/wall["floor"])
	}
}

func describe(m measurement) string { return strings.TrimSuffix(m.Name+": "+m.Note, ": ") }

func megabytes(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
