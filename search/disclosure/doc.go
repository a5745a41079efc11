// Package disclosure is the linter that everything goes through before it is
// released in the form it was made in: it says what a file holds that whoever
// looks at it does not see.
//
// In August 2023 the Police Service of Northern Ireland answered a request with
// a spreadsheet. The sheet that people saw was right. A hidden one behind it had
// the name, rank and post of every officer. Nobody who approved the file could
// see that, and every program could have said it. The first test of this package
// is that file, made again with invented people.
//
// [Check] reads a file and reports each finding with a [Code], the place where
// it is, how grave it is, and what an officer should do. It looks by content and
// not by name: a part of a document counts as what its root element says, so
// that a worksheet cannot be hidden by filing it elsewhere. Files within files
// are looked at too, media and embedded workbooks among them.
//
// A finding is no accusation: much of what is found is harmless, and only a
// person can tell. So the linter refuses nothing by itself. [Report.Refusal]
// says which findings nobody has acknowledged; who releases a file asks it, and
// does not release the file before it is nil.
//
// What cannot be read to its end, or is of a format that nobody here reads,
// comes back as [CannotBeChecked], which is refused like any other finding. A
// report without findings means that none of the things in [Codes] were found,
// and no more: a linter is no replacement for making a new, plain rendering,
// which is what closeroll foi export does wherever it can.
//
// Findings name places, such as a sheet, a page or a part, and never quote what
// is there. A place may name a sheet, which is content too: codes and counts are
// for logs and journals, places for the person who has the file.
//
// Files are hostile until shown otherwise. What one may unfold to is bounded,
// and a [Linter] runs Check in a child process of its own.
package disclosure
