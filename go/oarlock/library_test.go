package oarlock_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oarlock/oarlock/go/oarlock"
)

func TestTheLibraryIsLookedForWhereProgramsKeepIt(t *testing.T) {
	program, err := os.Executable()
	check(t, err)
	directory := filepath.Dir(program)
	wanted := []string{
		directory + "/liboarlock.so.0", directory + "/lib/liboarlock.so.0", filepath.Dir(directory) + "/lib/liboarlock.so.0",
		"liboarlock.so.0",
	}
	var asked []string
	_, err = oarlock.FindLibrary("", func(path string) (uint32, string) {
		asked = append(asked, path)
		return 0, path + ": cannot open shared object file: No such file or directory"
	})
	equal(t, asked, wanted)
	fails(t, err, oarlock.NotFound, "no liboarlock.so of version 0.1.0 was found")
	for _, path := range wanted {
		if !strings.Contains(err.Error(), "  "+path+": cannot open") {
			t.Errorf("%v does not name %s", err, path)
		}
	}
	for i, path := range wanted {
		found, err := oarlock.FindLibrary("", func(asked string) (uint32, string) {
			if asked == path {
				return 0x000100, ""
			}
			return 0, "none"
		})
		check(t, err)
		if found != wanted[i] {
			t.Errorf("found %s, want %s", found, path)
		}
	}
}

func TestALibraryOfAnotherVersionIsPassedOver(t *testing.T) {
	for version, serves := range map[uint32]bool{
		0x000100: true, 0x000105: true, 0x000200: false, 0x010100: false, 0x000001: false,
	} {
		found, err := oarlock.FindLibrary("/told/liboarlock.so", func(string) (uint32, string) { return version, "" })
		if serves != (err == nil && found == "/told/liboarlock.so") {
			t.Errorf("version %#x: %v", version, err)
		}
		if !serves {
			fails(t, err, oarlock.NotFound, "/told/liboarlock.so: it is of version ")
		}
	}
}

func TestALibraryThatIsToldRelativelyIsNamedWhole(t *testing.T) {
	directory, err := os.Getwd()
	check(t, err)
	for told, want := range map[string]string{
		"lib/liboarlock.so": directory + "/lib/liboarlock.so", "./liboarlock.so": directory + "/liboarlock.so",
		"liboarlock.so.0": "liboarlock.so.0",
	} {
		found, err := oarlock.FindLibrary(told, func(string) (uint32, string) { return 0x000100, "" })
		check(t, err)
		if found != want {
			t.Errorf("%s is %s, want %s", told, found, want)
		}
	}
}
