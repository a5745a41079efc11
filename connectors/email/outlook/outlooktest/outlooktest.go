// Package outlooktest writes .msg files for tests: compound files of version 3
// ([MS-CFB]) with the streams that a test names.
package outlooktest

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

const (
	sector     = 512
	small      = 64   // sector of the mini stream
	cutoff     = 4096 // streams below it are in the mini stream
	free       = 0xffffffff
	end        = 0xfffffffe
	tableOwner = 0xfffffffd
)

// Compound returns a compound file with these streams by path, the storages
// that they are in separated by slashes.
func Compound(streams map[string][]byte) []byte {
	w := &writer{children: make(map[string][]string), at: make(map[string]int)}
	w.entry("", "Root Entry", 5)
	paths := make([]string, 0, len(streams))
	for p := range streams {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	for _, p := range paths {
		w.place(p, 2)
	}
	for _, p := range paths {
		w.fill(p, streams[p])
	}
	return w.file()
}

type writer struct {
	entries  []*entry
	at       map[string]int
	children map[string][]string
	mini     []byte
	miniFAT  []uint32
	data     []byte
	fat      []uint32
}

type entry struct {
	name  string
	kind  byte
	start uint32
	size  int
	path  string
}

func (w *writer) entry(path, name string, kind byte) {
	w.at[path] = len(w.entries)
	w.entries = append(w.entries, &entry{name: name, kind: kind, path: path, start: end})
}

func (w *writer) place(path string, kind byte) {
	if _, ok := w.at[path]; ok {
		return
	}
	parent, name := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		parent, name = path[:i], path[i+1:]
		w.place(parent, 1)
	}
	w.entry(path, name, kind)
	w.children[parent] = append(w.children[parent], path)
}

// fill puts a stream's octets where its size says.
func (w *writer) fill(path string, octets []byte) {
	e := w.entries[w.at[path]]
	e.size = len(octets)
	if len(octets) == 0 {
		return
	}
	if len(octets) < cutoff {
		e.start = chain(&w.miniFAT, &w.mini, octets, small)
		return
	}
	e.start = chain(&w.fat, &w.data, octets, sector)
}

// chain appends octets in sectors of this size, and their chain to the table.
func chain(fat *[]uint32, to *[]byte, octets []byte, size int) uint32 {
	start := uint32(len(*fat))
	n := (len(octets) + size - 1) / size
	for i := range n {
		next := start + uint32(i) + 1
		if i == n-1 {
			next = end
		}
		*fat = append(*fat, next)
	}
	*to = append(append(*to, octets...), make([]byte, n*size-len(octets))...)
	return start
}

func (w *writer) file() []byte {
	root := w.entries[0]
	if root.size = len(w.mini); len(w.mini) > 0 {
		root.start = chain(&w.fat, &w.data, w.mini, sector)
	}
	miniFATStart := uint32(end)
	miniSectors := 0
	if len(w.miniFAT) > 0 {
		table := numbers(pad(w.miniFAT, sector/4))
		miniFATStart, miniSectors = chain(&w.fat, &w.data, table, sector), len(table)/sector
	}
	directory := chain(&w.fat, &w.data, w.directory(), sector)
	first := len(w.fat)
	tables := (first + sector/4 - 1) / (sector/4 - 1)
	for range tables {
		w.fat = append(w.fat, tableOwner)
	}
	var head bytes.Buffer
	head.Write([]byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1})
	head.Write(make([]byte, 16))
	for _, v := range []uint16{0x3e, 3, 0xfffe, 9, 6} {
		binary.Write(&head, binary.LittleEndian, v)
	}
	head.Write(make([]byte, 6))
	binary.Write(&head, binary.LittleEndian, []uint32{0, uint32(tables), directory, 0, cutoff, miniFATStart, uint32(miniSectors), end, 0})
	for i := range 109 {
		at := uint32(free)
		if i < tables {
			at = uint32(first + i)
		}
		binary.Write(&head, binary.LittleEndian, at)
	}
	return slices.Concat(head.Bytes(), w.data, numbers(pad(w.fat, sector/4)))
}

func pad(table []uint32, to int) []uint32 {
	for len(table)%to != 0 {
		table = append(table, free)
	}
	return table
}

func numbers(table []uint32) []byte {
	b := make([]byte, 0, 4*len(table))
	for _, v := range table {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

// directory writes the entries; those of one storage hang on one another to
// the right.
func (w *writer) directory() []byte {
	right, child := make([]uint32, len(w.entries)), make([]uint32, len(w.entries))
	for i := range w.entries {
		right[i], child[i] = free, free
	}
	for parent, list := range w.children {
		child[w.at[parent]] = uint32(w.at[list[0]])
		for i := 1; i < len(list); i++ {
			right[w.at[list[i-1]]] = uint32(w.at[list[i]])
		}
	}
	var b bytes.Buffer
	for i, e := range w.entries {
		name := make([]byte, 64)
		units := utf16.Encode([]rune(e.name))
		for j, u := range units {
			binary.LittleEndian.PutUint16(name[2*j:], u)
		}
		b.Write(name)
		binary.Write(&b, binary.LittleEndian, uint16(2*len(units)+2))
		b.Write([]byte{e.kind, 1})
		binary.Write(&b, binary.LittleEndian, []uint32{free, right[i], child[i]})
		b.Write(make([]byte, 36))
		binary.Write(&b, binary.LittleEndian, []uint32{e.start, uint32(e.size), 0})
	}
	for b.Len()%sector != 0 {
		b.Write(make([]byte, 128))
	}
	return b.Bytes()
}

// Unicode is the octets of a Unicode string property.
func Unicode(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// Properties is a property stream: a header of this many octets and fixed
// values, numbers and times, by property id.
func Properties(header int, values map[uint16]any) []byte {
	b := make([]byte, header)
	for id, v := range values {
		var kind uint16
		var value [8]byte
		switch v := v.(type) {
		case int:
			kind = 3
			binary.LittleEndian.PutUint32(value[:], uint32(v))
		case time.Time:
			kind = 0x40
			binary.LittleEndian.PutUint64(value[:], uint64(v.Unix()+11644473600)*10_000_000)
		}
		b = binary.LittleEndian.AppendUint16(b, kind)
		b = binary.LittleEndian.AppendUint16(b, id)
		b = binary.LittleEndian.AppendUint32(b, 6)
		b = append(b, value[:]...)
	}
	return b
}
