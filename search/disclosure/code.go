package disclosure

import (
	"fmt"
	"slices"
	"strings"
)

// A Code names a sort of finding. It is what an officer acknowledges.
type Code string

// The codes.
const (
	CannotBeChecked Code = "cannot_be_checked"

	HiddenSheet     Code = "hidden_sheet"
	VeryHiddenSheet Code = "very_hidden_sheet"
	HiddenRows      Code = "hidden_rows"
	HiddenColumns   Code = "hidden_columns"
	FilteredRows    Code = "filtered_rows"
	PivotCache      Code = "pivot_cache"
	HiddenName      Code = "hidden_name"
	DataConnection  Code = "data_connection"

	ExternalLink   Code = "external_link"
	TrackedChanges Code = "tracked_changes"
	Comments       Code = "comments"
	HiddenText     Code = "hidden_text"
	InvisibleText  Code = "invisible_text"
	EmbeddedObject Code = "embedded_object"
	CustomXML      Code = "custom_xml"
	OldVersions    Code = "old_versions"
	FileNames      Code = "file_names"
	Macros         Code = "macros"
	Properties     Code = "properties"
	Thumbnail      Code = "thumbnail"

	HiddenSlide  Code = "hidden_slide"
	SpeakerNotes Code = "speaker_notes"
	OffPage      Code = "off_page"
	HiddenObject Code = "hidden_object"
	CroppedImage Code = "cropped_image"

	BlackBox    Code = "black_box"
	Redactions  Code = "redactions_not_applied"
	Annotations Code = "annotations"
	Layers      Code = "layers"
	FormData    Code = "form_data"

	Location     Code = "location"
	TrailingData Code = "trailing_data"

	BlindCopies Code = "blind_copies"
	MailRoute   Code = "mail_route"
	HiddenParts Code = "hidden_parts"
)

// A Severity says how grave a finding is. Every finding has to be acknowledged,
// whatever its severity.
type Severity string

// The severities.
const (
	Serious Severity = "serious" // content that is not seen, as often as not what must not be released
	Look    Severity = "look"    // may hold such content: look
	Minor   Severity = "minor"   // tells of how the file was made, or by whom
)

// A rule says of a code how grave it is, what was found, and what to do.
type rule struct {
	code     Code
	severity Severity
	what     string
	do       string
}

// rules is the table of codes, in the order in which people read them.
var rules = []rule{
	{CannotBeChecked, Serious, "this could not be read, so nobody knows what it holds",
		"open it in the program that made it, save it in a form that is read here (.docx, .xlsx, .pptx, .odt, .ods, .odp, PDF, JPEG or PNG), and check that; or print it and release the scan. Where somebody has looked through all of it, accept this finding and note why"},

	{VeryHiddenSheet, Serious, "a sheet that is hidden so that Excel's own menus do not list it",
		"copy what is to be released into a new workbook; do not just delete the sheet"},
	{HiddenSheet, Serious, "a sheet that is hidden",
		"copy what is to be released into a new workbook, and release that"},
	{PivotCache, Serious, "the whole of the data behind a pivot table or slicer, kept in the file whether its sheet is there or not",
		"copy the pivot table and paste it as values into a new workbook"},
	{HiddenRows, Serious, "rows that are hidden and hold data", "copy the visible cells alone into a new workbook"},
	{HiddenColumns, Serious, "columns that are hidden and hold data", "copy the visible cells alone into a new workbook"},
	{FilteredRows, Serious, "rows that a filter hides", "copy the visible cells alone into a new workbook"},
	{HiddenName, Look, "a name that is hidden, or that points into a hidden sheet", "copy what is to be released into a new workbook"},
	{DataConnection, Look, "a connection to a data source, with its address, and perhaps its query or password", "paste the data as values into a new workbook"},

	{TrackedChanges, Serious, "changes that were tracked: what was deleted is still in the file", "accept or reject every change, and check again"},
	{HiddenText, Serious, "text that is marked as hidden", "show hidden text, delete what is not to be released, and check again"},
	{InvisibleText, Serious, "text in the colour of what is behind it, or drawn without ink", "select all of it and set one colour, or make a new file of what is seen"},
	{Comments, Serious, "comments or notes by readers", "delete the comments, and check again"},
	{EmbeddedObject, Serious, "a whole file inside this one, such as the workbook behind a chart", "replace it by a picture of what is seen"},
	{OldVersions, Serious, "earlier versions of the document", "print it to a new file: saving it again keeps them"},
	{CustomXML, Look, "data of another program, which is not shown", "remove it with the document inspector, or copy what is seen into a new document"},
	{ExternalLink, Look, "a link to another file or server, with its path, and perhaps a copy of what was there", "break the links, and check again"},
	{Macros, Look, "macros", "save it as a format without macros"},
	{FileNames, Look, "a header or footer with the name or path of a file", "take it out of the header or footer if it tells of other documents or people"},
	{Thumbnail, Look, "a small picture of the file as it was at some time, perhaps before it was redacted", "save it without a preview picture"},
	{Properties, Minor, "properties of the file, such as who wrote it and when, and with what", "remove them with the program's document inspector, or acknowledge them"},

	{HiddenSlide, Serious, "a slide that is hidden", "delete the slide, and check again"},
	{SpeakerNotes, Serious, "notes for the speaker", "delete the notes, and check again"},
	{OffPage, Serious, "something that lies outside of the page and is not seen", "delete it, and check again"},
	{HiddenObject, Serious, "an object that is hidden", "delete it, and check again"},
	{CroppedImage, Serious, "a picture of which a part was cropped: the whole of it is in the file", "compress the picture with the option that deletes cropped areas, and check again"},

	{BlackBox, Serious, "text that something was drawn over: whoever copies it can read it", "redact with a tool that removes the text; a box over it removes nothing"},
	{Redactions, Serious, "redactions that were marked and never applied", "apply the redactions in the tool that marked them, and check again"},
	{Annotations, Look, "annotations: notes, highlights, stamps or boxes that lie on top of the page", "delete or flatten them, and check again"},
	{Layers, Look, "layers that can be switched on and off", "flatten the layers, and check again"},
	{FormData, Look, "form fields, which may hold what was typed into them", "flatten the form, and check again"},

	{Location, Serious, "where the picture was taken, as coordinates", "remove the picture's metadata, and check again"},
	{TrailingData, Serious, "data outside of what any program shows, such as the rest of a picture that was cropped in place, or another file", "save the file anew with another program, and check again"},

	{BlindCopies, Serious, "who received a blind copy", "release a plain rendering instead of the message"},
	{MailRoute, Minor, "the way that the message took: names and addresses of computers", "release a plain rendering instead of the message, or acknowledge it"},
	{HiddenParts, Look, "parts of the message that mail programs do not show, such as another version of its text", "release a plain rendering instead of the message"},
}

// Codes lists every code.
func Codes() []Code {
	codes := make([]Code, len(rules))
	for i, r := range rules {
		codes[i] = r.code
	}
	return codes
}

// ParseCodes reads codes as people type them: separated by commas or not, with
// hyphens or underscores. It names those that it does not know.
func ParseCodes(typed []string) ([]Code, error) {
	var codes []Code
	for _, list := range typed {
		for s := range strings.SplitSeq(list, ",") {
			c := Code(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), "-", "_"))
			if !slices.Contains(Codes(), c) {
				return nil, fmt.Errorf("%q is no code of a finding", s)
			}
			codes = append(codes, c)
		}
	}
	return codes, nil
}

// ruleOf returns the rule of a code.
func ruleOf(c Code) rule {
	return rules[slices.IndexFunc(rules, func(r rule) bool { return r.code == c })]
}
