package report

import "github.com/closeroll/closeroll/internal/page"

// Formats says what kinds of file the archive keeps, by the media types that
// their senders or their names gave them.
type Formats struct {
	Head  `json:"head"`
	Files []FormatLine `json:"files"` // the most frequent first
}

// A FormatLine counts the files of one media type.
type FormatLine struct {
	MediaType string `json:"media_type"` // "" if nothing says
	Files     int64  `json:"files"`
	Octets    int64  `json:"octets"`
}

func (r *Formats) lay(d *page.Document) {
	const shown = 12
	t := page.Table{Name: "files", Caption: "Files by media type", Empty: "Nothing is kept.",
		Columns: []page.Column{{Title: "Media type"}, {Title: "Files", Number: true}, {Title: "Size", Key: "octets", Number: true}}}
	chart := page.Bars{Title: "Files by media type", Unit: "files"}
	var files, octets, rest int64
	for i, f := range r.Files {
		name := f.MediaType
		if name == "" {
			name = "not known"
		}
		t.Rows = append(t.Rows, page.Row(page.Text(name), page.Number(f.Files), sizeCell(f.Octets)))
		files, octets = files+f.Files, octets+f.Octets
		if i < shown {
			chart.Bars = append(chart.Bars, page.Bar{Label: name, Value: f.Files})
		} else {
			rest += f.Files
		}
	}
	if rest > 0 {
		chart.Bars = append(chart.Bars, page.Bar{Label: "all others", Value: rest})
	}
	t.Total = page.Row(page.Text("All"), page.Number(files), sizeCell(octets))
	if len(chart.Bars) > 0 {
		d.Add(chart)
	}
	d.Add(t, page.Paragraph{Soft: true, Text: "The types are those that senders and file names declare. A message’s attachments are inside the message and are not counted apart."})
}

func sizeCell(n int64) page.Cell { return page.Cell{Text: page.Octets(n), Raw: page.Number(n).Raw} }
