package oarlock_test

import (
	"math"
	"syscall"
	"testing"

	"github.com/oarlock/oarlock/go/oarlock"
)

func errno(number int32) error {
	if number == 0 {
		return nil
	}
	return syscall.Errno(number)
}

// The value of a half is (-1)^s 2^(e-15) (1+f/1024), of a subnormal one (-1)^s 2^-14 f/1024 (IEEE 754-2019, 3.4).
func halfByDefinition(bits uint16) float64 {
	sign := 1.0
	if bits>>15 == 1 {
		sign = -1
	}
	exponent, fraction := int(bits>>10&31), float64(bits&1023)/1024
	switch exponent {
	case 0:
		return sign * math.Ldexp(fraction, -14)
	case 31:
		if fraction != 0 {
			return math.NaN()
		}
		return sign * math.Inf(1)
	}
	return sign * math.Ldexp(1+fraction, exponent-15)
}

func TestEveryHalfIsItsNumberAndComesBack(t *testing.T) {
	for bits := range 1 << 16 {
		half := oarlock.Float16(bits)
		got, want := float64(half.Float32()), halfByDefinition(uint16(bits))
		if math.IsNaN(want) {
			if !math.IsNaN(got) || !math.IsNaN(float64(oarlock.ToFloat16(half.Float32()).Float32())) {
				t.Fatalf("%#x is no NaN", bits)
			}
			continue
		}
		if got != want || math.Signbit(got) != math.Signbit(want) {
			t.Fatalf("%#x is %v, want %v", bits, got, want)
		}
		if back := oarlock.ToFloat16(half.Float32()); back != half {
			t.Fatalf("%#x comes back as %#x", bits, back)
		}
	}
}

// Between two neighbours the nearer is taken, and the even one from the middle.
func TestHalvesAreRoundedToTheNearestEven(t *testing.T) {
	for bits := range uint16(0x7c00) {
		low, high := halfByDefinition(bits), halfByDefinition(bits+1)
		if bits == 0x7bff {
			high = 65536 // beyond the largest, rounding is as if there were more
		}
		middle := float32((low + high) / 2)
		even := bits + bits&1
		for _, of := range []struct {
			value float32
			want  uint16
		}{
			{math.Nextafter32(middle, 0), bits}, {middle, even}, {math.Nextafter32(middle, 1e9), bits + 1},
		} {
			if got := oarlock.ToFloat16(of.value); uint16(got) != of.want {
				t.Fatalf("%v becomes %#x, want %#x", of.value, got, of.want)
			}
			if got := oarlock.ToFloat16(-of.value); uint16(got) != of.want|0x8000 {
				t.Fatalf("%v becomes %#x, want %#x", -of.value, got, of.want|0x8000)
			}
		}
	}
	if got := oarlock.ToFloat16(math.MaxFloat32); got != 0x7c00 {
		t.Errorf("the largest float32 becomes %#x, want infinity", got)
	}
}

func TestBFloat16(t *testing.T) {
	for _, of := range []struct {
		value float32
		want  oarlock.BFloat16
	}{
		{1, 0x3f80}, {-2, 0xc000}, {math.Float32frombits(0x3f808000), 0x3f80}, {math.Float32frombits(0x3f818000), 0x3f82},
		{math.Float32frombits(0x3f808001), 0x3f81}, {math.MaxFloat32, 0x7f80}, {float32(math.Inf(-1)), 0xff80},
	} {
		if got := oarlock.ToBFloat16(of.value); got != of.want {
			t.Errorf("%v becomes %#x, want %#x", of.value, got, of.want)
		}
	}
	for _, bits := range []uint32{0x7f800001, 0xffffffff} {
		if back := oarlock.ToBFloat16(math.Float32frombits(bits)).Float32(); back == back {
			t.Errorf("the NaN %#x becomes %v", bits, back)
		}
	}
	if got := oarlock.BFloat16(0x3fc0).Float32(); got != 1.5 {
		t.Errorf("0x3fc0 is %v", got)
	}
}

func TestTypesHaveNamesAndSizes(t *testing.T) {
	for dtype, want := range map[oarlock.DType]string{
		oarlock.Bool: "BOOL 1", oarlock.Float32: "FP32 4", oarlock.BF16: "BF16 2", oarlock.Bytes: "BYTES 0", 77: "DType(77) 0",
	} {
		if got := dtype.String() + " " + string(rune('0'+dtype.Size())); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
