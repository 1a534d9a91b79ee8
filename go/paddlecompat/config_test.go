package paddlecompat_test

import (
	"bytes"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/oarlock/oarlock/go/oarlock"
	paddle "github.com/oarlock/oarlock/go/paddlecompat"
)

// Every switch, as the old API's own test turns it, and what the config says then.
func TestConfigRemembers(t *testing.T) {
	c := paddle.NewConfig()
	check := func(name string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v; want %v", name, got, want)
		}
	}
	check("UseFcPadding", c.UseFcPadding(), true)
	check("IrOptim", c.IrOptim(), true)
	check("MemoryPoolInitSizeMb", c.MemoryPoolInitSizeMb(), int32(100))
	check("CpuMathLibraryNumThreads", c.CpuMathLibraryNumThreads(), int32(1))
	for name, get := range map[string]func() bool{
		"UseGpu": c.UseGpu, "UseXpu": c.UseXpu, "UseNpu": c.UseNpu, "ONNXRuntimeEnabled": c.ONNXRuntimeEnabled,
		"TensorRtEngineEnabled": c.TensorRtEngineEnabled, "TensorRtDynamicShapeEnabled": c.TensorRtDynamicShapeEnabled,
		"TunedTensorRtDynamicShape": c.TunedTensorRtDynamicShape, "TrtAllowBuildAtRuntime": c.TrtAllowBuildAtRuntime,
		"ShapeRangeInfoCollected": c.ShapeRangeInfoCollected, "TensorrtOssEnabled": c.TensorrtOssEnabled,
		"TensorrtDlaEnabled": c.TensorrtDlaEnabled, "LiteEngineEnabled": c.LiteEngineEnabled, "MkldnnEnabled": c.MkldnnEnabled,
		"MkldnnQuantizerEnabled": c.MkldnnQuantizerEnabled, "MkldnnBfloat16Enabled": c.MkldnnBfloat16Enabled,
		"ThreadLocalStreamEnabled": c.ThreadLocalStreamEnabled, "ModelFromMemory": c.ModelFromMemory,
		"MemoryOptimEnabled": c.MemoryOptimEnabled, "ProfileEnabled": c.ProfileEnabled, "GlogInfoDisabled": c.GlogInfoDisabled,
	} {
		check("a new config's "+name, get(), false)
	}

	c.SetModel("m", "p")
	check("files", []string{c.ProgFile(), c.ParamsFile(), c.ModelDir()}, []string{"m", "p", ""})
	c.SetModelDir("d")
	check("directory", []string{c.ProgFile(), c.ParamsFile(), c.ModelDir()}, []string{"", "", "d"})
	c.SetProgFile("m2")
	c.SetParamsFile("p2")
	check("files one by one", []string{c.ProgFile(), c.ParamsFile(), c.ModelDir()}, []string{"m2", "p2", ""})
	c.SetModelBuffer("a", "b")
	check("ModelFromMemory", c.ModelFromMemory(), true)
	check("files of a buffer", []string{c.ProgFile(), c.ParamsFile(), c.ModelDir()}, []string{"", "", ""})
	c.SetModel("m", "p")
	check("ModelFromMemory", c.ModelFromMemory(), false)

	c.DisableFCPadding()
	check("UseFcPadding", c.UseFcPadding(), false)
	c.SwitchIrOptim(false)
	check("IrOptim", c.IrOptim(), false)
	c.EnableUseGpu(300, 2)
	check("UseGpu", c.UseGpu(), true)
	check("GpuDeviceId", c.GpuDeviceId(), int32(2))
	check("MemoryPoolInitSizeMb", c.MemoryPoolInitSizeMb(), int32(300))
	check("FractionOfGpuMemoryForPool", c.FractionOfGpuMemoryForPool(), float32(0))
	c.EnableXpu(1<<20, true, true, "file", "int16", true, true)
	check("UseXpu", c.UseXpu(), true)
	check("XpuDeviceId", c.XpuDeviceId(), int32(0))
	c.EnableNpu(3)
	check("UseNpu", c.UseNpu(), true)
	check("NpuDeviceId", c.NpuDeviceId(), int32(3))
	c.EnableTensorRtEngine(1<<30, 16, 3, paddle.PrecisionHalf, false, false)
	check("TensorRtEngineEnabled", c.TensorRtEngineEnabled(), true)
	shapes := map[string][]int32{"image": {-1, 3, 100, 100}}
	c.SetTRTDynamicShapeInfo(shapes, shapes, shapes, false)
	check("TensorRtDynamicShapeEnabled", c.TensorRtDynamicShapeEnabled(), true)
	c.SetTRTDynamicShapeInfo(nil, nil, nil, false)
	check("TensorRtDynamicShapeEnabled", c.TensorRtDynamicShapeEnabled(), false)
	c.EnableTunedTensorRtDynamicShape("shapes.txt", true)
	check("TunedTensorRtDynamicShape", c.TunedTensorRtDynamicShape(), true)
	check("TrtAllowBuildAtRuntime", c.TrtAllowBuildAtRuntime(), true)
	c.CollectShapeRangeInfo("out.txt")
	check("ShapeRangeInfoPath", c.ShapeRangeInfoPath(), "out.txt")
	check("ShapeRangeInfoCollected", c.ShapeRangeInfoCollected(), true)
	c.DisableTensorRtOPs([]string{"mul"})
	c.EnableTensorRtOSS()
	check("TensorrtOssEnabled", c.TensorrtOssEnabled(), true)
	c.EnableVarseqlen()
	c.EnableTensorRtDLA(0)
	check("TensorrtDlaEnabled", c.TensorrtDlaEnabled(), true)
	c.EnableLiteEngine(paddle.PrecisionInt8, true, []string{"a"}, nil)
	check("LiteEngineEnabled", c.LiteEngineEnabled(), true)
	c.EnableONNXRuntime()
	check("ONNXRuntimeEnabled", c.ONNXRuntimeEnabled(), true)
	c.EnableORTOptimization()
	c.DisableONNXRuntime()
	check("ONNXRuntimeEnabled", c.ONNXRuntimeEnabled(), false)
	c.EnableMKLDNN()
	c.EnableONEDNN()
	check("MkldnnEnabled", c.MkldnnEnabled(), true)
	c.SetMkldnnCacheCapacity(4)
	c.SetOnednnCacheCapacity(4)
	c.SetMKLDNNOp([]string{"fc"})
	c.SetONEDNNOp([]string{"fc"})
	c.SetBfloat16Op(nil)
	c.EnableMkldnnQuantizer()
	check("MkldnnQuantizerEnabled", c.MkldnnQuantizerEnabled(), true)
	c.EnableMkldnnBfloat16()
	check("MkldnnBfloat16Enabled", c.MkldnnBfloat16Enabled(), true)
	c.SetCpuMathLibraryNumThreads(4)
	check("CpuMathLibraryNumThreads", c.CpuMathLibraryNumThreads(), int32(4))
	c.EnableGpuMultiStream()
	check("ThreadLocalStreamEnabled", c.ThreadLocalStreamEnabled(), true)
	c.SwitchIrDebug(true)
	c.EnableMemoryOptim(true)
	check("MemoryOptimEnabled", c.MemoryOptimEnabled(), true)
	c.EnableProfile()
	check("ProfileEnabled", c.ProfileEnabled(), true)
	c.DisableGlogInfo()
	check("GlogInfoDisabled", c.GlogInfoDisabled(), true)
	check("IsValid", c.IsValid(), true)
	c.SetOptimCacheDir("cache")

	c.AppendPass("b")
	c.InsertPass(0, "a")
	c.InsertPass(9, "c")
	c.AppendPass("b")
	check("AllPasses", c.AllPasses(), []string{"a", "b", "c", "b"})
	c.DeletePass("b")
	check("AllPasses", c.AllPasses(), []string{"a", "c"})

	summary := c.Summary()
	for _, line := range []string{"model_file                 m\n", "params_file                p\n", "cpu_math_thread            4\n",
		"use_gpu                    true\n", "optim_cache_dir            cache\n", "EnableTensorRtEngine, ", "SwitchIrOptim(false)"} {
		if !strings.Contains(summary, line) {
			t.Errorf("the summary has no %q:\n%s", line, summary)
		}
	}
}

// No switch may panic, with nothing at all in it.
func TestEveryCallOfAConfigTakesZeroes(t *testing.T) {
	config := reflect.ValueOf(&paddle.Config{})
	if n := config.NumMethod(); n < 75 {
		t.Fatalf("a config has %d methods", n)
	}
	for i := range config.NumMethod() {
		method := config.Method(i)
		var args []reflect.Value
		for in := range method.Type().NumIn() {
			args = append(args, reflect.Zero(method.Type().In(in)))
		}
		method.Call(args)
	}
}

func TestCallsWithoutAMeaningAreLoggedAndChangeNothing(t *testing.T) {
	needLibrary(t)
	for _, quiet := range []bool{false, true} {
		log := logged(t)
		config := paddle.NewConfig()
		config.SetModel(file("paddle/mlp/inference.pdmodel"), "")
		config.EnableTensorRtEngine(1<<20, 1, 3, paddle.PrecisionHalf, false, false)
		config.EnableLiteEngine(paddle.PrecisionInt8, true, nil, nil)
		config.AppendPass("p")
		if quiet {
			config.DisableGlogInfo()
		}
		predictor := paddle.NewPredictor(config)
		expect(t, predict(t, predictor, file("paddle/mlp")), file("paddle/mlp"))
		predictor.Close()
		said := strings.Contains(log.String(), `calls="EnableTensorRtEngine, EnableLiteEngine, AppendPass, InsertPass or DeletePass"`)
		if said == quiet || strings.Contains(log.String(), "ERROR") {
			t.Errorf("quiet %v: the log is %q", quiet, log)
		}
	}
}

func TestConfigChoosesEngineThreadsAndCache(t *testing.T) {
	needLibrary(t)
	config := paddle.NewConfig()
	config.SetModel(file("paddle/mlp/inference.pdmodel"), "")
	cache := t.TempDir()
	config.SetOptimCacheDir(cache)
	config.EnableONNXRuntime()
	config.SetCpuMathLibraryNumThreads(1)
	single := paddle.NewPredictor(config)
	defer single.Close()
	config.SetCpuMathLibraryNumThreads(1000) // more than there are cores leaves one run at a time
	wide := paddle.NewPredictor(config)
	defer wide.Close()
	expect(t, predict(t, wide, file("paddle/mlp")), file("paddle/mlp"))
	if engine := single.Oarlock().Model().Engine; engine != "onnxruntime" {
		t.Errorf("the engine is %q", engine)
	}
	if executions := wide.Oarlock().Model().Executions; executions != 1 {
		t.Errorf("%d runs at once; want 1", executions)
	}
	if files, err := os.ReadDir(cache); err != nil || len(files) == 0 {
		t.Errorf("the cache has %v (%v)", files, err)
	}
}

// bfloat16 falls back to float32 where the engine has none, as ONNX Runtime.
func TestBfloat16IsAHint(t *testing.T) {
	needLibrary(t)
	log := logged(t)
	config := paddle.NewConfig()
	config.SetModel(file("paddle/mlp/inference.pdmodel"), "")
	config.EnableONNXRuntime()
	config.EnableMkldnnBfloat16()
	predictor := paddle.NewPredictor(config)
	if predictor.Err() != nil {
		t.Fatal(predictor.Err())
	}
	defer predictor.Close()
	if precision := predictor.Oarlock().Model().Precision; precision != oarlock.PrecisionF32 {
		t.Errorf("the precision is %v", precision)
	}
	if !strings.Contains(log.String(), "float32 is used") {
		t.Errorf("the log is %q", log)
	}
}

func TestProfileIsLoggedWithTheLastPredictor(t *testing.T) {
	needLibrary(t)
	config := paddle.NewConfig()
	config.SetModel(file("paddle/mlp/inference.pdmodel"), "")
	config.EnableProfile()
	predictor := paddle.NewPredictor(config)
	predict(t, predictor, file("paddle/mlp"))
	clone := predictor.Clone()
	predict(t, clone, file("paddle/mlp"))
	log := logged(t)
	predictor.Close()
	if log.Len() > 0 {
		t.Errorf("with a clone left, the log is %q", log)
	}
	clone.Close()
	if !strings.Contains(log.String(), "model=inference runs=") || !strings.Contains(log.String(), "compute=") {
		t.Errorf("the log is %q", log)
	}
}

func TestSetRuntime(t *testing.T) {
	needLibrary(t)
	var lines bytes.Buffer
	own, err := oarlock.NewRuntime(oarlock.RuntimeOptions{CacheDir: "none", Logger: slog.New(slog.NewTextHandler(&lines, nil))})
	if err != nil {
		t.Fatal(err)
	}
	config := paddle.NewConfig()
	config.SetModel(file("paddle/mlp/inference.pdmodel"), "")
	config.SetRuntime(own)
	predictor := paddle.NewPredictor(config)
	expect(t, predict(t, predictor, file("paddle/mlp")), file("paddle/mlp"))
	predictor.Close()
	if _, err := own.Engines(); err != nil {
		t.Errorf("the runtime was closed with the predictor: %v", err)
	}
	own.Close()
	fails(t, func() error { _, err := paddle.NewPredictorE(config); return err }(), oarlock.ErrClosed)
}

func TestConfigMayBeUsedAgain(t *testing.T) {
	needLibrary(t)
	config := paddle.NewConfig()
	for _, example := range []string{"paddle/mlp", "paddle/lenet"} {
		config.SetModel(file(example, "inference.pdmodel"), file(example, "inference.pdiparams"))
		predictor := paddle.NewPredictor(config)
		expect(t, predict(t, predictor, file(example)), file(example))
		predictor.Close()
	}
}

func TestVersion(t *testing.T) {
	if parts := strings.Split(paddle.Version(), " "); len(parts) != 2 || parts[0] != "oarlock" || strings.Count(parts[1], ".") != 2 {
		t.Errorf("it is %q; want oarlock and a version", paddle.Version())
	}
	values := []int32{int32(paddle.Unk), int32(paddle.Float32), int32(paddle.Int32), int32(paddle.Int64), int32(paddle.Uint8), int32(paddle.Int8)}
	if !slices.Equal(values, []int32{-1, 0, 1, 2, 3, 4}) {
		t.Errorf("the data types are %v, which programs may have stored", values)
	}
}
