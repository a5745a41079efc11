package record

// EntrySavedSearch is a query kept under a name, or its being forgotten.
const EntrySavedSearch = "saved search" // body SavedSearch

// A SavedSearch is a query that somebody keeps under a name. It is the text as
// it was then: what a search with it asked for can always be told from the
// journal.
type SavedSearch struct {
	Name      string `json:"name"`
	Query     string `json:"query,omitempty"`
	Shared    bool   `json:"shared,omitempty"` // everybody may use it; else it is its owner's
	Forgotten bool   `json:"forgotten,omitempty"`
}
