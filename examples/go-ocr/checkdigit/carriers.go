package checkdigit

import (
	"strconv"
	"strings"
)

// The rules of three carriers. Their numbers differ in length, so by-length can tell which applies.
var (
	// DHLExpress: 10 digits; the last is the first nine, as one number, modulo 7.
	DHLExpress = carrier{"dhl-express", 10, func(digits string) int { return remainder(digits, 7) }}
	// AirWaybill: 11 digits, IATA resolution 600a: three of the airline, a serial number of seven, and that modulo 7. The
	// airline's digits do not count.
	AirWaybill = carrier{"air-waybill", 11, func(digits string) int { return remainder(digits[3:], 7) }}
	// FedExExpress: 12 digits; the last is the sum of the first eleven, weighted 3, 1, 7, 3, 1, 7, ..., modulo 11, of which
	// ten becomes zero.
	FedExExpress = carrier{"fedex-express", 12, func(digits string) int { return weighted(digits, [3]int{3, 1, 7}) % 11 % 10 }}
)

// carrier is a rule for numbers of one length.
type carrier struct {
	name   string
	length int
	// last is the check digit of those before it, which are digits.
	last func(digits string) int
}

// Check judges numbers of the carrier's length.
func (c carrier) Check(number string) Verdict {
	if len(number) != c.length || strings.Trim(number, "0123456789") != "" {
		return Verdict{Status: Unchecked}
	}
	front, last := number[:c.length-1], number[c.length-1:]
	if expected := strconv.Itoa(c.last(front)); expected != last {
		return Verdict{Rule: c.name, Status: Invalid, Expected: expected}
	}
	return Verdict{Rule: c.name, Status: Valid}
}

// byLength applies the rule of the carrier whose numbers are that long.
type byLength struct{}

func (byLength) Check(number string) Verdict {
	for _, carrier := range []carrier{DHLExpress, AirWaybill, FedExExpress} {
		if len(number) == carrier.length {
			return carrier.Check(number)
		}
	}
	return Verdict{Status: Unchecked}
}

// none checks nothing.
type none struct{}

func (none) Check(string) Verdict { return Verdict{Status: Unchecked} }

// remainder is that of digits, as one decimal number of any length, divided by n.
func remainder(digits string, n int) int {
	rest := 0
	for _, digit := range []byte(digits) {
		rest = (rest*10 + int(digit-'0')) % n
	}
	return rest
}

// weighted is the sum of the digits, each times its weight; the weights repeat.
func weighted(digits string, weights [3]int) int {
	sum := 0
	for i, digit := range []byte(digits) {
		sum += int(digit-'0') * weights[i%len(weights)]
	}
	return sum
}
