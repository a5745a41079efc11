package extract

import (
	"strings"
	"testing"
)

// BenchmarkChild is the price of a process for each attachment.
func BenchmarkChild(b *testing.B) {
	e := newExtractor(b, Options{})
	content := docx(`<w:p><w:t>` + strings.Repeat("sandbags ", 1000) + `</w:t></w:p>`)
	for b.Loop() {
		e.Text(b.Context(), "a.docx", "", strings.NewReader(content), int64(len(content)))
	}
}
