// Package index keeps the words of an archive's messages so that they can be
// found, sealed at rest. It is the only package that knows Bleve.
//
// # What it holds
//
// One [Document] for each message, under the message's number, made of what
// never changes about it: words, addresses, dates, attachments, size. What can
// change (class, holdings, holds, thread, copy group) is the catalog's, which
// answers with bitmaps of the same numbers; package search joins the two.
//
// Nothing in the index is needed to keep a record. It is derived from the
// archive and may be deleted and built again, hence generations: DIR/000001,
// DIR/000002, … A new generation is built beside the live one, takes in what
// is captured meanwhile, and replaces it when it is complete ([Index.Build],
// [Building.Swap]). Another [Mapping] version means a new generation.
//
// # How a text becomes terms
//
// A text is cut into words by [Tokens]. Each word has an exact form, in lower
// case, without accents, compatibility forms unified (NFKD), and, in a
// language that has a stemmer here, a stem. Both stand in the same field at
// the same position: the exact form bare, the stem behind a mark that names
// its language. So a bare word can match by stem, a prefix or =word on exact
// forms only, and a phrase on exact forms that follow one another. Every word
// is kept, stop words too, since phrases contain them. Punctuation separates:
// FOI-2026/0123 is three words in a row, and is found as those three.
//
// An English stem that equals its own word is not written twice: see
// [Word].
//
// # How it is asked
//
// A [Reader] is one consistent view. It answers one condition at a time with
// the exact set of message numbers, uncapped: no scoring and no "top N" stand
// between the postings and the answer. A message too long for one document of
// the index is written as several that overlap; a reader sees one message.
//
// # What is sealed
//
// Bleve's hooks seal every chunk of every segment and every value of its root
// file with AES-256-GCM under a sub-key for each file (see seal.go). Sizes,
// the number of segments and the names of generations stay visible.
package index
