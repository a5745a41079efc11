package v1

// KnownItems asks which items of a source are accounted for already, so that a
// delivery that was broken off goes on where it was.
type KnownItems struct {
	Keys []string `json:"keys"` // 1,000 at most
}

// MaxKnownItems is the number of keys that one call takes.
const MaxKnownItems = 1000
