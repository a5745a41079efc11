package demo

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"time"

	"github.com/closeroll/closeroll/internal/durable"
)

// The file names of the sample chat exports, as the phones would give them.
const (
	FloodResponse = "WhatsApp Chat - Flood response.zip"
	UptonWardens  = "WhatsApp Chat with Upton wardens.txt"
)

// WriteExports writes the two sample chat exports into dir, which exists. Each
// appears whole or not at all. The octets are the same on every call.
func WriteExports(dir string) error {
	packed, err := packExport("chat/flood-response", time.Date(2026, time.May, 20, 18, 30, 0, 0, time.UTC))
	if err != nil {
		return fmt.Errorf("sample chat export: %w", err)
	}
	plain, err := fs.ReadFile(samples, "chat/upton-wardens.txt")
	if err != nil {
		return err
	}
	if err := durable.WriteFile(filepath.Join(dir, FloodResponse), packed, 0o600); err != nil {
		return err
	}
	return durable.WriteFile(filepath.Join(dir, UptonWardens), plain, 0o600)
}

// packExport zips a directory of samples as an iPhone does: flat, with the
// transcript first. It says of every entry that it was made at the given time.
func packExport(dir string, made time.Time) ([]byte, error) {
	const transcript = "_chat.txt"
	entries, err := fs.ReadDir(samples, dir)
	if err != nil {
		return nil, err
	}
	names := []string{transcript}
	for _, entry := range entries {
		if entry.Name() != transcript {
			names = append(names, entry.Name())
		}
	}
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for _, name := range names {
		octets, err := fs.ReadFile(samples, path.Join(dir, name))
		if err != nil {
			return nil, err
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: made})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(octets); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}
