package examples

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const source = `package boat

// Boat floats.
type Boat[T any] struct { Oars int; crew []T }

// New makes one.
func New() (*Boat[int], error) { return nil, nil }

// Row moves it.
func (b *Boat[T]) Row() {}

func (b *Boat[T]) sink() {}

// Weather is data.
type Weather struct { Wind, Rain int }

// Knots are miles per hour.
type Knots int

// Floats says so.
type Floats interface { Float() }

// Pi needs no example.
const Pi = 3
`

// all has what source wants, but for Weather.
const all = `package boat_test

func ExampleBoat() {
	// Output:
}
func ExampleNew() {
	println(Forecast().Wind)
	// Output: 1
}
func ExampleBoat_Row() {
	// Unordered output: 1
}
func ExampleKnots() {
	// Output: 1
}
func ExampleFloats() {
	// Output: 1
}
`

func problemsOf(t *testing.T, tests string, shownBy map[string]string) []string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"boat.go": source, "boat_test.go": tests} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	problems, err := Problems(dir, shownBy)
	if err != nil {
		t.Fatal(err)
	}
	return problems
}

func TestWhatHasNoExampleIsNamed(t *testing.T) {
	got := problemsOf(t, "package boat_test\n", nil)
	want := []string{
		"Boat has no example; want func ExampleBoat",
		"Boat.Row has no example; want func ExampleBoat_Row",
		"Floats has no example; want func ExampleFloats",
		"Knots has no example; want func ExampleKnots",
		"New has no example; want func ExampleNew",
		"Weather has no example; want func ExampleWeather",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestExamplesMustBeRun(t *testing.T) {
	got := problemsOf(t, all+"func ExampleWeather() {}\n", nil)
	if want := []string{"func ExampleWeather is not run: it ends with no // Output: comment"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestExcusesAreChecked(t *testing.T) {
	for _, of := range []struct {
		name, shownBy string
		want          []string
	}{
		{"Weather", "ExampleNew", nil},
		{"Weather", "ExampleBoat_Row", []string{"func ExampleBoat_Row is said to show Weather, and uses none of its fields"}},
		{"Weather", "ExampleStorm", []string{"Weather is said to be shown by func ExampleStorm, which is no example"}},
		{"Storm", "ExampleNew", []string{
			"Storm is said to be shown by ExampleNew, and is not exported", "Weather has no example; want func ExampleWeather",
		}},
		{"Knots", "ExampleNew", []string{
			"Knots has an example of its own, and is still said to be shown by ExampleNew",
			"Weather has no example; want func ExampleWeather",
		}},
	} {
		if got := problemsOf(t, all, map[string]string{of.name: of.shownBy}); !slices.Equal(got, of.want) {
			t.Errorf("%s shown by %s: got %q, want %q", of.name, of.shownBy, got, of.want)
		}
	}
}

// Only mere data is excused: a struct that hides something, one with methods, and what is no struct have a use to show.
func TestOnlyDataIsExcused(t *testing.T) {
	got := problemsOf(t, "package boat_test\nfunc ExampleNew() {\n\tprintln(x.Oars)\n\t// Output:\n}\n", map[string]string{
		"Boat": "ExampleNew", "Boat.Row": "ExampleNew", "Knots": "ExampleNew", "Floats": "ExampleNew", "Weather": "ExampleNew",
	})
	want := []string{
		"Boat is no struct of mere data, and wants an example of its own: func ExampleBoat",
		"Boat.Row is no struct of mere data, and wants an example of its own: func ExampleBoat_Row",
		"Floats is no struct of mere data, and wants an example of its own: func ExampleFloats",
		"Knots is no struct of mere data, and wants an example of its own: func ExampleKnots",
		"func ExampleNew is said to show Weather, and uses none of its fields",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestADirectoryWithoutGoIsAnError(t *testing.T) {
	if _, err := Problems(t.TempDir(), nil); err == nil {
		t.Error("an empty directory has no problems")
	}
}
