// Package disposal is the one way out of the archive: a list of records is
// proposed, looked through, approved by another person, left to cool off,
// executed, and certified.
//
//	propose ─▶ exclude ─▶ approve ─▶ cooling-off ─▶ grant ─▶ destroy ─▶ prove absence ─▶ certify
//
// A [Batch] is what the journal's entries of its name add up to, and nothing
// else: there is no state beside the journal. [Judge] is asked about every
// record at the moment at which it is freed to be deleted, under the lock under
// which that is journalled, so that a hold is either in the journal before, and
// seen, or after. It fails closed.
//
// Who does what: the daemon proposes, checks, journals and verifies; it needs no
// permission to delete. [Execute] runs where the disposer is, with a credential
// that the disposer brings; it calls [Destroy], the only function of this
// program that deletes anything of a record. Everything can be broken off and
// repeated: what a grant freed and nobody finished is checked again, and either
// taken back or finished.
//
// What remains is a stub of each record, and a [Certificate] that anyone can
// verify without this program (docs/formats.md).
package disposal
