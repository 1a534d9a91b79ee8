package httpapi

import (
	"fmt"

	"github.com/oarlock/oarlock/examples/go-ocr/checkdigit"
)

// text is an answer for people: number, confidence and check, a line each.
func (a answer) text() string {
	return fmt.Sprintf("单号: %s\n置信度: %.2f%%\n校验: %s\n", a.Number, a.Confidence*100, checkText(a.Check))
}

func checkText(check checkdigit.Verdict) string {
	switch check.Status {
	case checkdigit.Valid:
		return fmt.Sprintf("通过 (%s)", check.Rule)
	case checkdigit.Invalid:
		return fmt.Sprintf("未通过 (%s, 末位应为 %s)", check.Rule, check.Expected)
	default:
		return "未检查"
	}
}
