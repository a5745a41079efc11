package report

import (
	"fmt"
	"strings"

	"github.com/closeroll/closeroll/internal/page"
)

// Keys says which vaults there are, who can open them, and who holds the keys
// by which the archive is recovered. A lost key is a lost record.
type Keys struct {
	Head    `json:"head"`
	Vaults  []VaultLine  `json:"vaults"`
	Holders []HolderLine `json:"holders"`
}

// A VaultLine is a vault in its current epoch.
type VaultLine struct {
	Vault    string   `json:"vault"`
	Kind     string   `json:"kind"`
	Epoch    string   `json:"epoch"`
	Strength string   `json:"strength"`
	Readers  []string `json:"readers"`
}

// A HolderLine says to how many people a key is sealed, and to whom.
type HolderLine struct {
	Key     string   `json:"key"` // state, note, or a vault's epoch
	Holders []string `json:"holders"`
}

// Single lists the vaults that one reader alone can open.
func (r *Keys) Single() (names []string) {
	for _, v := range r.Vaults {
		if len(v.Readers) < 2 {
			names = append(names, v.Vault)
		}
	}
	return names
}

func (r *Keys) lay(d *page.Document) {
	if s := r.Single(); len(s) > 0 {
		d.Add(page.Notice{Tone: page.Red, Label: "One reader alone", Text: fmt.Sprintf("Vault %s can be opened by one reader only. If that key is lost, so are the records.", strings.Join(s, ", "))})
	} else {
		d.Add(page.Notice{Tone: page.Green, Label: "More than one reader", Text: "Every vault can be opened by at least two readers."})
	}
	vaults := page.Table{Name: "vaults", Caption: "Vaults, each in its current epoch", Empty: "There is no vault.",
		Columns: []page.Column{{Title: "Vault"}, {Title: "Kind"}, {Title: "Epoch"}, {Title: "Key pair", Key: "strength"}, {Title: "Readers", Number: true}, {Title: "Who"}}}
	for _, v := range r.Vaults {
		vaults.Rows = append(vaults.Rows, page.Row(page.Text(v.Vault), page.Text(v.Kind), page.Text(v.Epoch), page.Text(v.Strength), page.Number(len(v.Readers)), page.Text(strings.Join(v.Readers, ", "))))
	}
	holders := page.Table{Name: "holders", Caption: "Who holds a copy of each key, sealed to them", Empty: "There is none.",
		Columns: []page.Column{{Title: "Key"}, {Title: "Holders", Number: true}, {Title: "Who"}}}
	for _, h := range r.Holders {
		holders.Rows = append(holders.Rows, page.Row(page.Text(h.Key), page.Number(len(h.Holders)), page.Text(strings.Join(h.Holders, ", "))))
	}
	d.Add(vaults, holders, page.Paragraph{Soft: true, Text: "The daemon has no key that opens a record: it seals to each vault’s public half. The state and note keys open the journal, the catalog and the index; their recovery holders can start the archive again elsewhere."})
}
