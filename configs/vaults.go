package configs

import (
	"fmt"

	"github.com/closeroll/closeroll/archive/record"
)

// A Vault says who may read a vault. Its keys decide who can: this decides
// whose searches list its records, and whom everybody else asks.
type Vault struct {
	Name    string           `yaml:"name" doc:"as closeroll keys vault add founded it: a–z, 0–9 and -"`
	Kind    record.VaultKind `yaml:"kind" doc:"records, or quarantine: what must not be searched before a person has released it (records)"`
	Readers Members          `yaml:"readers" doc:"who may see what it keeps; they are officers or managers besides"`
	Ask     string           `yaml:"ask" doc:"whom others ask for what it keeps: an office, not a person"`
}

// Vault returns what is said of the vault of this name, nil if nothing is:
// then every officer and manager may read it.
func (c *Config) Vault(name string) *Vault {
	for i := range c.Vaults {
		if c.Vaults[i].Name == name {
			return &c.Vaults[i]
		}
	}
	return nil
}

// Quarantine returns the quarantine vault, nil if there is none.
func (c *Config) Quarantine() *Vault {
	for i := range c.Vaults {
		if c.Vaults[i].Kind == record.VaultQuarantine {
			return &c.Vaults[i]
		}
	}
	return nil
}

func (v check) vaults(c *Config) {
	names := make(map[string]bool)
	for i := range c.Vaults {
		vault, path := &c.Vaults[i], fmt.Sprintf("vaults[%d]", i)
		v.name(path+".name", vault.Name)
		if names[vault.Name] && vault.Name != "" {
			v.add(path+".name", "%s is given twice", vault.Name)
		}
		names[vault.Name] = true
		v.oneOf(path+".kind", string(vault.Kind), string(record.VaultRecords), string(record.VaultQuarantine))
		r := vault.Readers
		if len(r.Users)+len(r.Groups)+len(r.Certificates) == 0 {
			v.add(path+".readers", "is missing: nobody could see what it keeps")
		}
		v.need(path+".ask", vault.Ask)
		if vault.Kind != record.VaultQuarantine {
			continue
		}
		if vault.Name == c.Archive.Vault {
			v.add(path+".kind", "%s is the archive's own vault, and cannot be the quarantine", vault.Name)
		}
		if c.Quarantine() != vault {
			v.add(path+".kind", "there is a quarantine vault already: %s", c.Quarantine().Name)
		}
	}
}

// sourceVault wants a source's vault to be the archive's own or one that says
// who reads it.
func (v check) sourceVault(path string, c *Config, name string) {
	switch vault := c.Vault(name); {
	case name == c.Archive.Vault:
	case vault == nil:
		v.add(path, "there is no vault %s under vaults", name)
	case vault.Kind == record.VaultQuarantine:
		v.add(path, "%s is the quarantine vault, which takes what is marked, not a source", name)
	}
}
