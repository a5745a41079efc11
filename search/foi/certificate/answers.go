package certificate

import (
	"fmt"
	"strings"
)

// Answer fills in the questions that are usually put to an authority about its
// searches, with what the certificate has to say to each.
func (c *Certificate) Answer() { c.Questions = c.answers() }

func (c *Certificate) answers() []Question {
	return []Question{
		{"What searches were carried out, and why would they have found the information?", c.searches()},
		{"Which terms were used?", c.terms()},
		{"Were personal devices, private accounts and what is kept locally included?", c.elsewhere()},
		{"Could anything not be searched?", c.unsearched()},
		{"Was the information ever held and then deleted? When, and is there a record of it?", c.deleted()},
		{"What does the retention policy say?", fmt.Sprintf("Schedule %s was in force (SHA-256 %s). It gives each class its period, action and authority; closeroll retention schedule prints it.", c.Schedule.Version, c.Schedule.Digest)},
		{"Might copies exist elsewhere, or in back-ups?", upperFirst(c.Backups) + "."},
		{"Is there a business purpose or a statutory requirement for it to be held?", "The schedule cites the authority for each class. Nothing more is known to the archive."},
	}
}

func (c *Certificate) searches() string {
	read := 0
	for _, s := range c.Sources {
		if s.Kind != Former {
			read++
		}
	}
	text := fmt.Sprintf("%s of the whole archive (%s), each over subjects, texts, attachments, chats, names and addresses unless its terms say otherwise. "+
		"Totals are exact; nothing is cut off. Together they found %s.", searches(len(c.Runs)), plural(read, "source"), plural(c.Set.Items, "item"))
	if c.Statement != "" {
		text += " " + c.Statement
	}
	return text
}

func searches(n int) string {
	if n == 1 {
		return "1 search"
	}
	return fmt.Sprintf("%d searches", n)
}

func (c *Certificate) terms() string {
	var all []string
	for _, r := range c.Runs {
		all = append(all, r.Name+": "+r.Parsed)
	}
	return strings.Join(all, "; ")
}

func (c *Certificate) elsewhere() string {
	private, asked := 0, map[string]int{}
	for _, s := range c.Sources {
		if s.Channel == "nccc" {
			private++
		}
	}
	for _, a := range c.Asks {
		asked[a.Result]++
	}
	text := fmt.Sprintf("%s of the archive are non-corporate channels (messaging on telephones, private accounts).", upperFirst(plural(private, "source")))
	if private == 1 {
		text = "1 source of the archive is a non-corporate channel (messaging on telephones, private accounts)."
	}
	if len(c.Asks) == 0 {
		return text + " Nobody was asked for what they hold elsewhere."
	}
	var parts []string
	for _, result := range []string{"found", "nothing", "refused", "not_searched"} {
		if n := asked[result]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", strings.ReplaceAll(result, "_", " "), n))
		}
	}
	return text + fmt.Sprintf(" %s put for what is not in it; replies: %s.", was(len(c.Asks), "question"), strings.Join(parts, ", "))
}

func (c *Certificate) unsearched() string {
	var parts []string
	if n := c.Unread.Messages; n > 0 {
		parts = append(parts, fmt.Sprintf("%s had text that no program could read (%s); people looked at them: %s", plural(n, "message"), tally(c.Unread.Reasons), tally(c.Unread.Results)))
	}
	if n := c.Set.Dating; n > 0 {
		parts = append(parts, plural(n, "item")+" had no date to rely on, and was decided about by a person")
	}
	if n := c.Unread.Quarantine; n > 0 {
		parts = append(parts, plural(n, "message")+" in quarantine may not be searched by anybody; whoever may read the vault was told by number")
	}
	if parts == nil {
		return "No. Every message of the archive was searched whole."
	}
	return upperFirst(strings.Join(parts, "; ")) + "."
}

func (c *Certificate) deleted() string {
	if len(c.Gone) == 0 {
		return fmt.Sprintf("Nothing that may have been within the request was destroyed; %s of destroyed records were looked at.", plural(c.Looked, "stub"))
	}
	var parts []string
	for _, g := range c.Gone {
		parts = append(parts, fmt.Sprintf("%s on %s (certificate %d)", plural(g.Certain+g.Perhaps, "record"), g.On.Long(), g.Certificate))
	}
	return "Records that may have been within it were destroyed, each with a certificate: " + strings.Join(parts, "; ") + ". Their words are gone, so that it cannot be said whether they were."
}

// was is so many things with the verb: 2 questions were.
func was(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " was"
	}
	return plural(n, noun) + " were"
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
