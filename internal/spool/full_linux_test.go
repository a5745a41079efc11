package spool

import (
	"errors"
	"os"
	"testing"
)

func TestFullDiskIsNamed(t *testing.T) {
	s := newSpooler(t, Limits{Small: 1})
	w := s.Create()
	defer w.Cancel()
	if _, err := w.Write(data(10)); err != nil {
		t.Fatal(err)
	}
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.file.f.Close()
	w.file.f = full
	if _, err := w.Write(data(chunkSize)); !errors.Is(err, ErrFull) {
		t.Errorf("Write: %v", err)
	}
	if _, err := w.Finish(); !errors.Is(err, ErrFull) {
		t.Errorf("Finish: %v", err)
	}
}
