// Package checkdigit says whether the last digit of a waybill's number is the one that its other digits call for. A misread
// digit nearly always shows there.
package checkdigit

import (
	"fmt"
	"strings"
)

// Rule is how a carrier computes check digits. Implementations may be used by any goroutine. A rule of your own is a type with
// this method, passed where the service is put together.
type Rule interface {
	// Check judges a number, which need not consist of digits or have the right length.
	Check(number string) Verdict
}

// Status is how a check came out.
type Status string

const (
	// Valid: the last digit is the right one.
	Valid Status = "valid"
	// Invalid: it is another one.
	Invalid Status = "invalid"
	// Unchecked: the rule does not speak of numbers like this one.
	Unchecked Status = "unchecked"
)

// Verdict is what a rule says of a number.
type Verdict struct {
	// Rule is the name of the rule that was applied; "" if none was.
	Rule string `json:"rule,omitempty"`
	// Status is how it came out.
	Status Status `json:"status"`
	// Expected is the digit that should be last; "" unless the number is invalid.
	Expected string `json:"expected,omitempty"`
}

// rules are the names that -rule takes, in the order of its help.
var rules = []struct {
	name string
	rule Rule
}{
	{"by-length", byLength{}},
	{DHLExpress.name, DHLExpress},
	{AirWaybill.name, AirWaybill},
	{FedExExpress.name, FedExExpress},
	{"none", none{}},
}

// Names are the rules that ByName knows.
func Names() []string {
	names := make([]string, len(rules))
	for i, known := range rules {
		names[i] = known.name
	}
	return names
}

// ByName is the rule of that name. An error lists those there are.
func ByName(name string) (Rule, error) {
	for _, known := range rules {
		if known.name == name {
			return known.rule, nil
		}
	}
	return nil, fmt.Errorf("rule %q is unknown; there are: %s", name, strings.Join(Names(), ", "))
}
