package paddlecompat

import (
	"fmt"

	"github.com/oarlock/oarlock/go/oarlock"
)

// device is what was said of devices other than the CPU.
type device struct {
	asked         string // the call that asked for one, as it was written; "" = none did
	gpu, xpu, npu bool
	gpuID, npuID  int32
	gpuMemoryMB   uint64
	multiStream   bool
}

// refusal is the error of a config that asks for a device. It is no hint: results may depend on it, and times do.
func (d *device) refusal() error {
	if d.asked == "" {
		return nil
	}
	return failed(oarlock.Unimplemented, "%s asks for a device that no engine here runs on; without the call the CPU is used", d.asked)
}

// EnableUseGpu asks for a GPU, which no engine here runs on: NewPredictor fails. memorySize is in MB.
func (config *Config) EnableUseGpu(memorySize uint64, deviceId int32) {
	d := &config.device
	d.gpu, d.gpuMemoryMB, d.gpuID = true, memorySize, deviceId
	d.asked = fmt.Sprintf("EnableUseGpu(%d, %d)", memorySize, deviceId)
}

// EnableXpu asks for a Kunlun XPU, which no engine here runs on: NewPredictor fails.
func (config *Config) EnableXpu(l3Size int32, l3Locked bool, convAutotune bool, convAutotuneFile string,
	transformerEncoderPrecision string, transformerEncoderAdaptiveSeqlen bool, enableMultiStream bool) {
	config.device.xpu = true
	config.device.asked = fmt.Sprintf("EnableXpu(%d, ...)", l3Size)
}

// EnableNpu asks for an Ascend NPU, which no engine here runs on: NewPredictor fails.
func (config *Config) EnableNpu(deviceId int32) {
	config.device.npu, config.device.npuID = true, deviceId
	config.device.asked = fmt.Sprintf("EnableNpu(%d)", deviceId)
}

// UseGpu says whether EnableUseGpu was called.
func (config *Config) UseGpu() bool { return config.device.gpu }

// UseXpu says whether EnableXpu was called.
func (config *Config) UseXpu() bool { return config.device.xpu }

// UseNpu says whether EnableNpu was called.
func (config *Config) UseNpu() bool { return config.device.npu }

// GpuDeviceId is that of EnableUseGpu, or 0.
func (config *Config) GpuDeviceId() int32 { return config.device.gpuID }

// XpuDeviceId is 0: EnableXpu takes none.
func (config *Config) XpuDeviceId() int32 { return 0 }

// NpuDeviceId is that of EnableNpu, or 0.
func (config *Config) NpuDeviceId() int32 { return config.device.npuID }

// MemoryPoolInitSizeMb is what EnableUseGpu was told, or Paddle's default of 100 MB.
func (config *Config) MemoryPoolInitSizeMb() int32 {
	if !config.device.gpu {
		return 100
	}
	return int32(min(config.device.gpuMemoryMB, 1<<31-1))
}

// FractionOfGpuMemoryForPool is 0: there is no GPU whose memory could be taken.
func (config *Config) FractionOfGpuMemoryForPool() float32 { return 0 }

// EnableGpuMultiStream has no meaning without a GPU.
func (config *Config) EnableGpuMultiStream() { config.device.multiStream = true }

// ThreadLocalStreamEnabled says whether EnableGpuMultiStream was called.
func (config *Config) ThreadLocalStreamEnabled() bool { return config.device.multiStream }
