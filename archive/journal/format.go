// Package journal is the archive's append-only log: a Merkle tree over every
// event, with a signed checkpoint as its head. What is captured, searched,
// read, put on hold, approved or disposed of is an entry here before it takes
// effect, and the catalog is derived from nothing else.
//
// One daemon at a time holds the pen. [Open] takes it, by replacing the
// checkpoint; whoever had it before fails at its next [Journal.Append] with
// [ErrPenLost], for ever. [OpenReader] reads without the pen.
//
// # What it guarantees
//
// When Append returns nil the entries are durable and signed. Nothing before a
// signed checkpoint can be changed, left out or reordered without
// [Reader.Verify] showing it, to anyone who has the log's verifier key. Who has
// an older checkpoint can show that nothing before that was changed either
// ([Reader.ProveExtension]); who has none cannot tell a log that was rolled
// back, whole, to an earlier checkpoint, and so the daemon should keep the
// newest one outside of the store ([Options.Known]).
//
// A disposal may remove entries' bodies ([Journal.Strip]). Their headers stay,
// the tree stays as it is, and verification accepts a missing body only if a
// later disposal entry names the entry.
//
// # Format of an entry
//
// Integers are big-endian and unsigned; ‖ joins octets. An entry has
//
//	header   a JSON object: type, time (RFC 3339, UTC), actor, subjects
//	salt     32 random octets
//	body     one JSON value
//	content  SHA-256(salt ‖ body)
//
// header and body are hashed in the octets in which they were first written,
// and are never written anew. The entry's leaf hash in the tree is that of
// RFC 6962, section 2.1, over 64 octets:
//
//	leaf = SHA-256(0x00 ‖ SHA-256(header) ‖ content)
//
// Without salt and body an entry still has its header and content, and hence
// its leaf. The salt keeps a guessed body from being confirmed by its hash.
//
// # Objects
//
//	journal/checkpoint                   the signed head
//	journal/batch/FIRST-ROOT             entries
//	journal/tile/L/N, …/N.p/W            hashes of the tree
//
// The checkpoint is a C2SP tlog-checkpoint without extension lines: the log's
// origin, the number of entries in decimal, the root hash in base64, each
// ended by a line feed, as a C2SP signed-note with an Ed25519 signature whose
// key name is the origin.
//
// A batch is named by the index of its first entry, in 19 decimal digits, and
// the root of the tree after its last entry, in 64 hexadecimal digits, lower
// case. It has at most 1,024 entries and 16 MiB:
//
//	"closeroll-journal-batch/1" LF
//	1 octet: length of the key id ‖ key id
//	32 octets: random seed
//	8 octets: index of the first entry
//	4 octets: number of entries
//	32 octets each: leaf hashes
//	AES-256-GCM ciphertext and its 16-octet tag
//
// The ciphertext's nonce is twelve zero octets, its additional data is
// everything before it, and its key, of 32 octets, is used for nothing else:
//
//	HKDF-SHA-256(secret: the subkey named by the key id, salt: seed,
//	             info: "closeroll-journal-batch/1" LF ‖ the object's key)
//
// where the object's key is the whole name from “journal/”. The plaintext is,
// for each entry:
//
//	4 octets: length of header ‖ header
//	32 octets: content
//	1 octet: 1, or 0 if the body was removed, and then nothing more
//	32 octets: salt
//	4 octets: length of body ‖ body
//
// Tiles follow C2SP tlog-tiles, with eight levels of the tree a tile and
// 256 hashes in a complete one. There are no entry bundles: batches stand in
// their place. Tiles are derived. While a daemon runs those of the last
// complete 256 entries are there, with the incomplete tiles above them; closing
// writes the incomplete ones of the whole tree. In between the leaves that are
// in no tile yet stand in clear in the newest batches.
//
// # Which batches are real
//
// Appending writes the batch, then replaces the checkpoint (the commit point),
// then writes tiles. A crash or a lost race leaves a batch that no checkpoint
// names. So a reader believes the checkpoint: a batch belongs to the log if its
// leaves are the leaves of the signed tree, and every other one is ignored.
package journal
