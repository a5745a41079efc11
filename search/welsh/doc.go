// Package welsh tells which Welsh words are forms of one another.
//
// # Mutations
//
// Welsh changes the first consonant of a word by what stands before it: a cat
// is cath, his cat is ei gath, my cat is fy nghath, her cat is ei chath. There
// are three mutations, and h before a vowel:
//
//	radical   soft   nasal   aspirate
//	p         b      mh      ph
//	t         d      nh      th
//	c         g      ngh     ch
//	b         f      m
//	d         dd     n
//	g         –      ng
//	ll        l
//	m         f
//	rh        r
//	vowel                    h (ei hadroddiad, eu hawdurdod)
//
// Read backwards this is ambiguous: fawr may be mawr or bawr, law may be llaw or
// glaw. So a word has several candidates for its radical, itself among them
// ([Radicals]), and two words are forms of one another if they have a candidate
// in common. Nothing decides among the candidates: that takes a dictionary, and
// a name or a new word is in none.
//
// # Endings
//
// Of each candidate the endings of plurals, of verbs and of those who do
// something are taken off (pwyllgorau, penderfynwyd, gweithwyr), so that
// candidates are compared by stem. A vowel that the ending changed is undone as
// a further candidate (byrddau: bwrdd; geiriau: gair), and some common nouns
// whose plurals follow no rule are listed (tai: tŷ; ceisiadau: cais).
//
// # What is found that should not be
//
// Words whose mutated forms meet: query pill finds bill, in Welsh texts only;
// cyngor finds cynghorydd, as penderfynu finds penderfyniad. Words of grammar
// are their own only form, because every text has them: bae does not find mae
// (is), although "ym Mae Caerdydd" has it as a form of bae; [Forms] leaves such
// forms out, so that a person who reads them sees what is not looked for.
//
// Words are as package index folds them: in lower case and without accents.
package welsh
