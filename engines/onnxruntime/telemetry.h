// ONNX Runtime from 1.29 on tells its makers what is run, over the network and in files of the user's cache, unless a
// variable of the environment says no. A library that runs other people's models says no for them.
#ifndef OARLOCK_ENGINES_ONNXRUNTIME_TELEMETRY_H_
#define OARLOCK_ENGINES_ONNXRUNTIME_TELEMETRY_H_

namespace oarlock::onnxruntime {

// Before the library is opened. A variable that is set already, whatever it says, is the user's word and stays.
void DisableTelemetry();

}  // namespace oarlock::onnxruntime

#endif  // OARLOCK_ENGINES_ONNXRUNTIME_TELEMETRY_H_
