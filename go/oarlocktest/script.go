package oarlocktest

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/oarlock/oarlock/go/internal/driver"
	"github.com/oarlock/oarlock/go/oarlock"
)

func memoryBytes(m driver.Memory) []byte { return unsafe.Slice((*byte)(m.Data), m.SizeBytes) }

// parse makes a model of the fake engine's script: those of its lines that say something about what callers see.
func parse(text string) (Model, error) {
	var model Model
	script := &script{code: oarlock.Internal}
	for number, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if err := script.line(&model, words); err != nil {
			return model, &oarlock.Error{Code: oarlock.InvalidArgument, Message: fmt.Sprintf("line %d: %v", number+1, err)}
		}
	}
	if len(model.Inputs) == 0 || len(model.Inputs) != len(model.Outputs) {
		return model, &oarlock.Error{Code: oarlock.InvalidArgument, Message: "as many outputs as inputs are wanted"}
	}
	script.outputs = len(model.Outputs)
	model.Run = script.run
	if script.delay > 0 {
		model.Run = Takes(script.delay, script.run)
	}
	if script.dynamic {
		for i := range model.Outputs {
			model.Outputs[i].Shape = nil
		}
	}
	return model, nil
}

type script struct {
	op      string
	add     float64
	delay   time.Duration
	every   int64
	code    oarlock.Code
	message string
	dynamic bool
	outputs int
}

func (s *script) line(model *Model, words []string) (err error) {
	number := func(i int) int64 {
		if i >= len(words) {
			err = fmt.Errorf("'%s' wants more", words[0])
			return 0
		}
		n, failed := strconv.ParseInt(words[i], 10, 64)
		if failed != nil {
			err = failed
		}
		return n
	}
	switch words[0] {
	case "input", "output":
		port, failed := portOf(words)
		if failed != nil {
			return failed
		}
		if words[0] == "input" {
			model.Inputs = append(model.Inputs, port)
		} else {
			model.Outputs = append(model.Outputs, port)
		}
	case "op":
		if len(words) < 2 {
			return fmt.Errorf("'op' wants a name")
		}
		if s.op = words[1]; s.op == "add" {
			s.add = float64(number(2))
		}
	case "delay_us":
		s.delay = time.Duration(number(1)) * time.Microsecond
	case "dynamic_output":
		s.dynamic = true
	case "fail_run", "fail_load":
		at := 1
		if words[0] == "fail_run" {
			s.every = number(1)
			at = 2
		}
		if len(words) <= at {
			return fmt.Errorf("'%s' wants a code", words[0])
		}
		code, message := codeOf(words[at]), strings.Join(words[at+1:], " ")
		if words[0] == "fail_load" {
			model.LoadErr = &oarlock.Error{Code: code, Message: message}
		} else {
			s.code, s.message = code, message
		}
	case "load_delay_us", "row_delay_us", "strict_alignment", "race_safe", "keeps_source", "weights", "told_rows":
	default:
		return fmt.Errorf("'%s' is no word of the script", words[0])
	}
	return err
}

func codeOf(name string) oarlock.Code {
	for code := oarlock.OK; code <= oarlock.Unauthenticated; code++ {
		if code.String() == name {
			return code
		}
	}
	return oarlock.Unknown
}

func portOf(words []string) (oarlock.Port, error) {
	if len(words) != 4 {
		return oarlock.Port{}, fmt.Errorf("'%s' wants a name, a type and dims", words[0])
	}
	port := oarlock.Port{Name: words[1], Shape: oarlock.Shape{}}
	for dtype := oarlock.Bool; dtype <= oarlock.Bytes; dtype++ {
		if dtype.String() == words[2] {
			port.DType = dtype
		}
	}
	if port.DType == 0 {
		return port, fmt.Errorf("'%s' is no type", words[2])
	}
	if words[3] == "scalar" {
		return port, nil
	}
	for _, word := range strings.Split(words[3], ",") {
		dim, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return port, err
		}
		port.Shape = append(port.Shape, dim)
	}
	return port, nil
}

func (s *script) run(c *Call) ([]oarlock.Value, error) {
	if s.every > 0 && c.Number%s.every == 0 {
		return nil, &oarlock.Error{Code: s.code, Message: s.message}
	}
	outputs := make([]oarlock.Value, s.outputs)
	for i := range outputs {
		switch v := c.Inputs[i].(type) {
		case *oarlock.Tensor[float32]:
			outputs[i] = mapped(v, func(x float32) float32 { return float32(s.of(float64(x))) })
		case *oarlock.Tensor[float64]:
			outputs[i] = mapped(v, s.of)
		case *oarlock.Tensor[int32]:
			outputs[i] = mapped(v, func(x int32) int32 { return int32(s.of(float64(x))) })
		case *oarlock.Tensor[int64]:
			outputs[i] = mapped(v, func(x int64) int64 { return int64(s.of(float64(x))) })
		default:
			if s.op != "" && s.op != "identity" {
				return nil, &oarlock.Error{Code: oarlock.Unimplemented, Message: fmt.Sprintf("'%s' of %v", s.op, v.DType())}
			}
			outputs[i] = v
		}
	}
	return outputs, nil
}

func (s *script) of(x float64) float64 {
	switch s.op {
	case "add":
		return x + s.add
	case "double":
		return 2 * x
	}
	return x
}

func mapped[T oarlock.Element](from *oarlock.Tensor[T], of func(T) T) oarlock.Value {
	to := from.Clone()
	for i, x := range to.Data() {
		to.Data()[i] = of(x)
	}
	return to
}
