package v1

import "github.com/closeroll/closeroll/archive/record"

// A NewVault is a vault to be founded. Its key pair was made, and its identity
// wrapped to each reader, on the machine of the person who founds it.
type NewVault struct {
	Name      string            `json:"name"`
	Kind      record.VaultKind  `json:"kind"`
	Recipient string            `json:"recipient"`
	Wrapped   map[string][]byte `json:"wrapped"` // the identity by reader, as age files
}

// A KeptVault is a vault in its current epoch.
type KeptVault struct {
	Name      string           `json:"name"`
	Kind      record.VaultKind `json:"kind"`
	Epoch     string           `json:"epoch"`
	Strength  string           `json:"strength"`
	Recipient string           `json:"recipient"`
	Readers   []string         `json:"readers"`       // names that its identity is wrapped under
	Own       bool             `json:"own,omitempty"` // the archive's own: where records go unless a source says otherwise
	Ask       string           `json:"ask,omitempty"` // whom those ask who may not read it
}

// An Elsewhere says how much of an answer is in a vault that the caller may not
// read, and whom to ask for it.
type Elsewhere struct {
	Vault    string `json:"vault"`
	Messages int    `json:"messages"`
	Ask      string `json:"ask"`
}
