package oarlock

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/oarlock/oarlock/go/internal/cabi"
)

// Version is that of this module, and of the library that it was made for.
const Version = cabi.LibraryVersion

// version is a library's: major << 16 | minor << 8 | patch.
type version uint32

func (v version) String() string { return fmt.Sprintf("%d.%d.%d", v>>16, v>>8&0xff, v&0xff) }

// wantedVersion is what this module was made for. A later one of the same major number serves as well; before 1.0, of the
// same minor number.
func wantedVersion() version {
	var major, minor, patch version
	fmt.Sscanf(Version, "%d.%d.%d", &major, &minor, &patch)
	return major<<16 | minor<<8 | patch
}

func (v version) serves(wanted version) bool {
	if wanted>>16 == 0 {
		return v>>8 == wanted>>8 && v >= wanted
	}
	return v>>16 == wanted>>16 && v >= wanted
}

// findLibrary is the first library of the right version: where it was told, else in the program's own directory, in ../lib
// beside that, and where the system looks. A failure lists all of them.
func findLibrary(told string, probe func(path string) (version, string)) (string, error) {
	wanted := wantedVersion()
	var tried []string
	for _, path := range libraryPaths(told, wanted) {
		found, problem := probe(path)
		if problem == "" {
			if found.serves(wanted) {
				return path, nil
			}
			problem = fmt.Sprintf("it is of version %v", found)
		}
		tried = append(tried, fmt.Sprintf("  %s: %s", path, strings.TrimPrefix(problem, path+": ")))
	}
	return "", &Error{Code: NotFound, Message: fmt.Sprintf("no liboarlock.so of version %v was found. Tried:\n%s\n"+
		"Unpack oarlock-%v-linux-x86_64.tar.xz and copy or link its lib directory beside the program:\n"+
		"  ln -s /opt/oarlock-%v-linux-x86_64/lib lib\n"+
		"or name the file: oarlock.NewRuntime(oarlock.RuntimeOptions{Library: \"/opt/.../lib/liboarlock.so\"}).",
		wanted, strings.Join(tried, "\n"), wanted, wanted)}
}

func libraryPaths(told string, wanted version) []string {
	if strings.Contains(told, "/") {
		// The library looks for what belongs to it from where it lies: that must not depend on the working directory.
		if whole, err := filepath.Abs(told); err == nil {
			told = whole
		}
	}
	if told != "" {
		return []string{told}
	}
	name := fmt.Sprintf("liboarlock.so.%d", wanted>>16)
	var paths []string
	if program, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(program); err == nil {
			program = real
		}
		directory := filepath.Dir(program)
		paths = append(paths, filepath.Join(directory, name), filepath.Join(directory, "lib", name),
			filepath.Join(filepath.Dir(directory), "lib", name))
	}
	return append(paths, name)
}
