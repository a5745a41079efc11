package record

// Entries about transfer to a place of deposit. They belong to a batch of
// ground [GroundConfirmed], between its approval and its execution: what is
// transferred is destroyed here only when the place of deposit has confirmed
// that it has it.
const (
	EntryPackage      = "transfer package"      // body TransferPackaged: a package was made of records of the batch
	EntryConfirmation = "transfer confirmation" // body TransferConfirmed: the place of deposit has it
)

// TransferPackaged says which records a package has and by which digests it can
// be known again. The packages of one plan are made one after another; a
// package of another plan takes the place of all that were made before.
type TransferPackaged struct {
	Batch    string `json:"batch"`
	Package  int    `json:"package"`     // from 1
	Of       int    `json:"of"`          // packages of the plan
	Plan     Digest `json:"plan_sha256"` // of what goes into which package
	Manifest Digest `json:"bag_sha256"`  // of the bag's tagmanifest-sha256.txt, and so of everything in it
	Metadata Digest `json:"csv_sha256"`  // of its file-metadata.csv
	Series   string `json:"series"`      // as the place of deposit names it
	Records  []ID   `json:"records"`
	Files    int    `json:"files"`
	Octets   int64  `json:"octets"`
}

// TransferConfirmed says that the place of deposit has confirmed that it has a
// package.
type TransferConfirmed struct {
	Batch     string `json:"batch"`
	Package   int    `json:"package"`
	Reference string `json:"reference"` // the place of deposit's own: TDR-2026-XYZ
	On        Date   `json:"on"`        // day of the confirmation
	By        string `json:"by"`        // who confirmed it there: an office, not a person
	File      Digest `json:"file_sha256"`
	Size      int64  `json:"file_octets"` // of the confirmation as it was received
}
