// Package transfer makes packages of records for a place of deposit: The
// National Archives, or a local archive. It knows what such a package may hold,
// how its metadata are written, and how it is made so that making it can be
// broken off.
//
// A package is a BagIt bag on disk (RFC 8493), in the clear, with the keys of
// bag-info.txt and the metadata file that Transfer Digital Records (TDR), the
// service of The National Archives, asks for:
//
//	NAME/bagit.txt
//	NAME/bag-info.txt            Source-Organization, Consignment-Series, Contact-Name, …
//	NAME/manifest-sha256.txt
//	NAME/file-metadata.csv       a row a file: see [Columns]
//	NAME/data/NAME/2006-05-05_RECORD-ID/message.eml
//	NAME/tagmanifest-sha256.txt
//
// [Divide] plans which records go into which package, within [Limits].
// [Draft] writes the metadata as far as the archive knows them; whether a file
// is open or closed is for people to say, and [Check] does not let a row pass
// without it. [Writer] makes a package of records that somebody opened, and
// [Verify] reads a package on disk as a stranger would.
//
// The rules are those of TNA's published schemas (nationalarchives/
// da-metadata-schema) and of its guidance to departments. Identifying formats
// (PRONOM) is left to TDR, which does it itself when files are uploaded: no
// identifier is written that nobody established. What is sensitive, and whether
// the Advisory Council agreed to a closure, no program can tell.
package transfer
