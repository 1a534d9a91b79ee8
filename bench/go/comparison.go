package main

// The names of the targets of one caller.
const (
	oursRaw        = "oar_runner_run in C"
	oursRawInfer   = "oar_runner_infer in C"
	oursRawNew     = "oar_runner_infer in C, new tensors"
	oursRunner     = "Runner.Run"
	oursInfer      = "Predictor.Infer"
	oursNew        = "Predictor.Infer, new tensors"
	theirsRaw      = "OrtApi::Run in C"
	theirsAdvanced = "AdvancedSession.Run"
	theirsDynamic  = "DynamicAdvancedSession.Run"
	theirsNew      = "DynamicAdvancedSession.Run, new tensors"
)

// overhead is what one binding adds to the loop in C.
type overhead struct {
	Name         string   `json:"name"`
	Raw          string   `json:"raw"`
	DifferenceUs interval `json:"difference_us"`
}

// comparison is of the same work through both bindings: the time of a call, and what it adds to its loop in C.
type comparison struct {
	Ours   string `json:"ours"`
	Theirs string `json:"theirs"`
	// CallDifferenceUs and CallRatio are of whole calls, ours minus and over theirs.
	CallDifferenceUs interval `json:"call_difference_us"`
	CallRatio        interval `json:"call_ratio"`
	// OverheadDifferenceUs is what ours adds minus what theirs adds.
	OverheadDifferenceUs interval `json:"overhead_difference_us"`
}

type callsReport struct {
	Model       string       `json:"model"`
	Targets     []calls      `json:"targets"`
	Overheads   []overhead   `json:"overheads"`
	Comparisons []comparison `json:"comparisons"`
}

func reportCalls(model string, measured []calls) callsReport {
	report := callsReport{Model: model, Targets: measured}
	rounds := map[string][]float64{}
	for _, each := range measured {
		rounds[each.Name] = each.RoundsUs
	}
	added := func(name, raw string) []float64 { return paired(rounds[name], rounds[raw], difference) }
	for _, each := range [][2]string{
		{oursRaw, theirsRaw}, {oursRawInfer, oursRaw}, {oursRawNew, oursRaw},
		{oursRunner, oursRaw}, {oursInfer, oursRawInfer}, {oursNew, oursRawNew},
		{theirsAdvanced, theirsRaw}, {theirsDynamic, theirsRaw}, {theirsNew, theirsRaw},
	} {
		report.Overheads = append(report.Overheads, overhead{each[0], each[1], intervalOf(added(each[0], each[1]))})
	}
	for _, each := range [][2]string{{oursRunner, theirsAdvanced}, {oursInfer, theirsDynamic}, {oursNew, theirsNew}} {
		a, b := rounds[each[0]], rounds[each[1]]
		report.Comparisons = append(report.Comparisons, comparison{
			Ours: each[0], Theirs: each[1],
			CallDifferenceUs:     intervalOf(paired(a, b, difference)),
			CallRatio:            intervalOf(paired(a, b, ratio)),
			OverheadDifferenceUs: intervalOf(paired(added(each[0], oursRaw), added(each[1], theirsRaw), difference)),
		})
	}
	return report
}
