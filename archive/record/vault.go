package record

// A VaultKind says what a vault is for.
type VaultKind string

// The kinds of vault.
const (
	// VaultRecords keeps records that are searched.
	VaultRecords VaultKind = "records"
	// VaultQuarantine keeps records that must not be searched until a person
	// has released them. Its readers are its own: the departmental records
	// officer and a deputy, not those who answer requests.
	VaultQuarantine VaultKind = "quarantine"
)

// A KeyChange is a change of keys: a vault or an epoch made, a reader granted
// or revoked. What it says of a recipient is what records are sealed to: a
// recipient in the bucket that no KeyChange vouches for is not used.
type KeyChange struct {
	Change    string    `json:"change"` // a Change constant
	Vault     string    `json:"vault,omitempty"`
	Kind      VaultKind `json:"kind,omitempty"`
	Epoch     string    `json:"epoch,omitempty"`
	Reader    string    `json:"reader,omitempty"`
	Readers   []string  `json:"readers,omitempty"` // of a new epoch, by the names that keys are wrapped under
	Recipient string    `json:"recipient,omitempty"`
}

// Changes of keys.
const (
	ChangeVault = "vault founded" // with its first epoch
)
