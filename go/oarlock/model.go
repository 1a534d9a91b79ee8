package oarlock

import "github.com/oarlock/oarlock/go/internal/driver"

// Port is an input or an output of a model.
type Port struct {
	// Name is its name.
	Name string
	// DType is the type of its elements.
	DType DType
	// Shape is its dims, -1 = any; nil = even their number is known only after a run.
	Shape Shape
	// TakesPictures says that it is an input of encoded JPEG or PNG files, one per element.
	TakesPictures bool
}

// Model is what a loaded model is.
type Model struct {
	// Name and Version are what it is called.
	Name    string
	Version int64
	// Identity is the SHA-256 of its files, in hexadecimal digits.
	Identity string
	// Format is that of its files.
	Format Format
	// Engine and EngineVersion are what runs it.
	Engine        string
	EngineVersion string
	// Precision is what it was compiled for; never PrecisionAuto.
	Precision Precision
	// Inputs and Outputs are in the order that Infer takes them.
	Inputs  []Port
	Outputs []Port
	// Executions is the runs at once.
	Executions int
	// MaxBatchSize is the rows of one run; 0 = no batching.
	MaxBatchSize int
	// IsConverted says that the engine runs an ONNX model that was made of it.
	IsConverted bool
	// Warnings are those of the load; each went to the log, too.
	Warnings []string
}

func modelOf(m driver.Model) Model {
	return Model{
		Name: m.Name, Version: m.Version, Identity: m.Identity, Format: Format(m.Format), Engine: m.Engine,
		EngineVersion: m.EngineVersion, Precision: Precision(m.Precision), Inputs: portsOf(m.Inputs),
		Outputs: portsOf(m.Outputs), Executions: m.Executions, MaxBatchSize: int(m.MaxBatchSize),
		IsConverted: m.IsConverted, Warnings: m.Warnings,
	}
}

func portsOf(ports []driver.Port) []Port {
	out := make([]Port, len(ports))
	for i, p := range ports {
		out[i] = Port{Name: p.Name, DType: DType(p.DType), TakesPictures: p.TakesPictures}
		if p.IsRankKnown {
			out[i].Shape = append(Shape{}, p.Dims...)
		}
	}
	return out
}

// isStatic says that its size is known before a run.
func (p *Port) isStatic() bool { return p.Shape != nil && p.Shape.isStatic() && p.DType != Bytes }

// Input is the index of the input of that name.
func (m *Model) Input(name string) (int, error) { return find("input", name, m.Name, m.Inputs) }

// Output is the index of the output of that name.
func (m *Model) Output(name string) (int, error) { return find("output", name, m.Name, m.Outputs) }

func find(what, name, model string, ports []Port) (int, error) {
	names := make([]string, len(ports))
	for i := range ports {
		if ports[i].Name == name {
			return i, nil
		}
		names[i] = ports[i].Name
	}
	return 0, failed(NotFound, "model '%s' has no %s '%s'; it has %q", model, what, name, names)
}
