package extract

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
)

// zip reads a zip file: as the document format that it holds, or each entry as
// a document of its own, after its name.
func (x *extraction) zip(d document) error {
	z, err := zip.NewReader(bytes.NewReader(d.octets), int64(len(d.octets)))
	if err != nil {
		return err
	}
	if len(z.File) > maxEntries {
		return errLimit
	}
	files := make(map[string]*zip.File, len(z.File))
	for _, f := range z.File {
		if _, dup := files[f.Name]; !dup {
			files[f.Name] = f
		}
	}
	p := &packed{x: x, files: files}
	switch {
	case files["word/document.xml"] != nil:
		return p.word()
	case files["xl/workbook.xml"] != nil:
		return p.sheet()
	case files["ppt/presentation.xml"] != nil:
		return p.slides()
	case files["content.xml"] != nil && files["META-INF/manifest.xml"] != nil:
		return p.odf()
	case d.kind != zipFile:
		return errors.New("not the document that it says it is")
	}
	return x.zipEntries(z.File, d.depth)
}

func (x *extraction) zipEntries(files []*zip.File, depth int) error {
	for _, f := range files {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if err := x.out.line(f.Name); err != nil {
			return err
		}
		if f.Flags&1 != 0 { // APPNOTE, section 4.4.4
			x.document(document{name: f.Name, kind: sealed})
			continue
		}
		r, err := f.Open()
		if err == nil {
			err = x.entry(f.Name, "", r, depth)
			r.Close()
		}
		if err != nil {
			if errors.Is(err, errLimit) {
				return err
			}
			x.document(document{kind: failed})
		}
	}
	return nil
}

// failed is the kind of an entry that could not be unpacked.
const failed kind = "failed"

// entry reads one entry of an archive file, or of a message in one, as a
// document.
func (x *extraction) entry(name, mediaType string, r io.Reader, depth int) error {
	if x.entries++; x.entries > maxEntries {
		return errLimit
	}
	octets, err := x.unpack(r)
	if err != nil {
		return err
	}
	k := kindOf(path.Base(name), mediaType, octets[:min(len(octets), sniffLen)])
	if k == compound && savedByOutlook(octets) {
		k = mail
	}
	if slices.Contains([]kind{zipFile, tarFile, gzipFile, mail}, k) && depth+1 > maxDepth {
		return errLimit
	}
	if len(octets) > 0 {
		x.document(document{name: name, kind: k, octets: octets, depth: depth + 1})
	}
	return x.out.line("")
}

// unpack reads one entry whole, within the limits.
func (x *extraction) unpack(r io.Reader) ([]byte, error) {
	limit := min(maxEntry, x.unpacked)
	octets, err := io.ReadAll(io.LimitReader(r, limit+1))
	x.unpacked -= int64(len(octets))
	if int64(len(octets)) > limit {
		return nil, errLimit
	}
	return octets, err
}

func (x *extraction) tar(d document) error { return x.tarEntries(bytes.NewReader(d.octets), d.depth) }

func (x *extraction) tarEntries(r io.Reader, depth int) error {
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if err := x.out.line(h.Name); err != nil {
			return err
		}
		if err := x.entry(h.Name, "", t, depth); err != nil {
			return err
		}
	}
}

// gzip reads a gzip file: a tar file, or one document whose name is the file's
// without ".gz".
func (x *extraction) gzip(d document) error {
	z, err := gzip.NewReader(bytes.NewReader(d.octets))
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(d.name, path.Ext(d.name))
	if z.Name != "" {
		name = z.Name
	}
	if strings.EqualFold(path.Ext(d.name), ".tgz") {
		name += ".tar"
	}
	return x.entry(name, "", z, d.depth)
}

// packed is a document that is a zip file of XML parts.
type packed struct {
	x     *extraction
	files map[string]*zip.File
}

// matching returns the names with a prefix and suffix, in natural order: slide2
// before slide10.
func (p *packed) matching(prefix, suffix string) []string {
	var names []string
	for name := range p.files {
		if strings.HasPrefix(name, prefix) && strings.HasSuffix(name, suffix) && !strings.Contains(name[len(prefix):], "/") {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return names
}

// open opens a part for streaming, counting it against the limits.
func (p *packed) open(name string) (io.ReadCloser, error) {
	f := p.files[name]
	if f == nil {
		return io.NopCloser(strings.NewReader("")), nil
	}
	if f.Flags&1 != 0 {
		return nil, errEncrypted
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	return &counted{r: r, x: p.x, left: maxEntry}, nil
}

// counted reads a part, and fails with errLimit rather than let it unfold
// without end.
type counted struct {
	r    io.ReadCloser
	x    *extraction
	left int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.left -= int64(n)
	c.x.unpacked -= int64(n)
	if c.left < 0 || c.x.unpacked < 0 {
		return n, errLimit
	}
	return n, err
}

func (c *counted) Close() error { return c.r.Close() }
