package checkdigit

import (
	"strings"
	"testing"
)

// Numbers that carriers' documentation and trackers publish.
func TestRealNumbersAreValid(t *testing.T) {
	for rule, numbers := range map[string][]string{
		"dhl-express":   {"3318810025", "8487135506", "1099255990", "3821724944"},
		"air-waybill":   {"17612345675", "02081140743", "58981140743"},
		"fedex-express": {"986578788855", "477179081230", "799531274483", "790535312317"},
	} {
		for _, number := range numbers {
			want := Verdict{Rule: rule, Status: Valid}
			for _, name := range []string{rule, "by-length"} {
				if got := byName(t, name).Check(number); got != want {
					t.Errorf("%s: %s is %+v, want %+v", name, number, got, want)
				}
			}
		}
	}
}

func TestAWrongDigitIsInvalidAndTheRightOneIsTold(t *testing.T) {
	for number, want := range map[string]Verdict{
		"3318810010":   {"dhl-express", Invalid, "4"},   // 331881001 = 7 x 47411571 + 4
		"17612345674":  {"air-waybill", Invalid, "5"},   // 1234567 = 7 x 176366 + 5
		"99912345674":  {"air-waybill", Invalid, "5"},   // the airline does not count
		"996578788855": {"fedex-express", Invalid, "6"}, // 226 = 11 x 20 + 6
		"000000000001": {"fedex-express", Invalid, "0"},
	} {
		if got := byName(t, "by-length").Check(number); got != want {
			t.Errorf("%s is %+v, want %+v", number, got, want)
		}
	}
}

// 3 x 7 = 21 = 11 + 10.
func TestARemainderOfTenBecomesZero(t *testing.T) {
	if got, want := FedExExpress.Check("700000000000"), (Verdict{Rule: "fedex-express", Status: Valid}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestEverySingleMisreadDigitOfAnAirWaybillShowsUnlessItDiffersBySeven(t *testing.T) {
	const number = "17612345675"
	for i := 3; i < len(number); i++ {
		for digit := byte('0'); digit <= '9'; digit++ {
			misread := number[:i] + string(digit) + number[i+1:]
			difference := int(digit) - int(number[i])
			want := Invalid
			if difference == 0 || (i < 10 && difference%7 == 0) {
				want = Valid
			}
			if got := AirWaybill.Check(misread).Status; got != want {
				t.Errorf("%s is %s, want %s", misread, got, want)
			}
		}
	}
}

func TestOtherNumbersAreUnchecked(t *testing.T) {
	for _, name := range Names() {
		for _, number := range []string{"", "1", "123456789", "1234567890123", "12345678x0", "1234567８0", "-234567890", " 12345678901"} {
			if got, want := byName(t, name).Check(number), (Verdict{Status: Unchecked}); got != want {
				t.Errorf("%s: %q is %+v, want %+v", name, number, got, want)
			}
		}
	}
	if got, want := byName(t, "none").Check("3318810025"), (Verdict{Status: Unchecked}); got != want {
		t.Errorf("none: got %+v, want %+v", got, want)
	}
	if got, want := DHLExpress.Check("17612345675"), (Verdict{Status: Unchecked}); got != want {
		t.Errorf("eleven digits by DHL's rule: got %+v, want %+v", got, want)
	}
}

func TestAnUnknownRuleIsToldWithThoseThereAre(t *testing.T) {
	_, err := ByName("luhn")
	if err == nil {
		t.Fatal("no error")
	}
	for _, word := range append(Names(), `"luhn"`) {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not name %s", err, word)
		}
	}
}

func byName(t *testing.T, name string) Rule {
	t.Helper()
	rule, err := ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return rule
}
