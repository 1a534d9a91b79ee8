package oarlock

// FreeExecutions is how many more runs a predictor would begin at once.
func FreeExecutions(p *Predictor) int { return FreeExecutionsOf(p)() }

// FreeExecutionsOf is FreeExecutions, without keeping the predictor.
func FreeExecutionsOf(p *Predictor) func() int {
	g := p.state.gate
	return func() int {
		count := 0
		for place := uint32(g.free.Load()); place != 0 && count < len(g.slots); place = g.slots[place-1].below.Load() {
			count++
		}
		return count
	}
}

// FindLibrary is findLibrary with versions as numbers.
func FindLibrary(told string, probe func(path string) (uint32, string)) (string, error) {
	return findLibrary(told, func(path string) (version, string) {
		number, problem := probe(path)
		return version(number), problem
	})
}

// IsChecked says that the build tag oarlock_check is set.
const IsChecked = isChecked
