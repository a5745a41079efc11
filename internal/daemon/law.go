package daemon

import (
	"fmt"
	"os"

	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/search/foi"
)

// law is the rules of law as data: the embedded ones, less what the
// configuration replaces.
type law struct {
	*foi.Book
	codes map[foi.Kind]*foi.Codes
	costs *foi.Costs
}

// LawBook reads the rules of law on deadlines.
func LawBook(rules configs.Rules) (*foi.Book, error) {
	var texts [4][]byte
	for i, rule := range []struct {
		file     configs.Path
		embedded func() []byte
	}{{rules.BankHolidays, configs.BankHolidays}, {rules.FOI, configs.FOIRules}, {rules.EIR, configs.EIRRules}, {rules.SAR, configs.SARRules}} {
		var err error
		if texts[i], err = lawText(rule.file, rule.embedded()); err != nil {
			return nil, err
		}
	}
	return foi.ReadBook(texts[0], texts[1], texts[2], texts[3])
}

// lawText is the file's text, or the embedded one if none is named.
func lawText(file configs.Path, embedded []byte) ([]byte, error) {
	if file == "" {
		return embedded, nil
	}
	return os.ReadFile(string(file))
}

func readLaw(rules configs.Rules) (law, error) {
	book, err := LawBook(rules)
	if err != nil {
		return law{}, err
	}
	l := law{Book: book, codes: make(map[foi.Kind]*foi.Codes)}
	for kind, file := range map[foi.Kind]configs.Path{foi.FOI: rules.FOIExemptions, foi.EIR: rules.EIRExceptions, foi.SAR: rules.SARExemptions} {
		text, err := lawText(file, configs.Exemptions(string(kind)))
		if err != nil {
			return law{}, err
		}
		codes, err := foi.ParseCodes(text)
		if err != nil || codes.Kind != kind {
			return law{}, fmt.Errorf("exemptions of %s: %w", kind, errorOr(err, fmt.Errorf("the file is of kind %s", kindOf(codes))))
		}
		l.codes[kind] = codes
	}
	text, err := lawText(rules.Costs, configs.CostRules())
	if err != nil {
		return law{}, err
	}
	if l.costs, err = foi.ParseCosts(text); err != nil {
		return law{}, fmt.Errorf("cost rules: %w", err)
	}
	return l, nil
}

func kindOf(c *foi.Codes) foi.Kind {
	if c == nil {
		return ""
	}
	return c.Kind
}
