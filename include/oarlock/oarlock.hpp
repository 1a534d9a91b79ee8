// Oarlock for C++17 and later: the C API (oarlock.h) with owners, spans and results. Header-only; link liboarlock.so.
//
//   #include <oarlock/oarlock.hpp>
//
//   oarlock::Runtime runtime = oarlock::Runtime::Create().value();
//   oarlock::Predictor predictor = oarlock::Predictor::Load(runtime, "model.onnx").value();
//   oarlock::Runner runner = oarlock::Runner::Create(predictor).value();
//   std::vector<float> in(16), out(16);
//   runner.BindInput(0, oarlock::Tensor::Of(in, {1, 16}).value()).value();
//   runner.BindOutput(0, oarlock::Tensor::Of(out, {1, 16}).value()).value();
//   runner.Run().value();              as often as you like: no copy, no allocation
//
// What is where:
//   cpp/result.hpp     Result<T>: each function that can fail gives one. value() throws oarlock::Error; without
//                      exceptions ask ok() first
//   cpp/owner.hpp      handles with one owner that ends them; options and descriptions, with the fields of the C
//   structs cpp/span.hpp       Span, Bytes, Dims; which dtype a C++ type is cpp/tensor.hpp     Tensor over your memory
//   or new memory cpp/runtime.hpp    Runtime cpp/predictor.hpp  Predictor: load, describe, Infer, InferAsync,
//   InferBatch cpp/runner.hpp     Runner: bind once, run often cpp/image.hpp      Image: decode, and into a tensor
//   cpp/server.hpp     Server within your process
//
// Threads: the rule of each class is that of the C functions it calls, which its header says. Two threads may use one
// object at the same time where that is "any", and then only its const functions.
// Ownership: an object owns one handle and is moved, not copied. Objects may be destroyed in any order.
// Errors: a code and a text that names the thing, its value and what would be right. No function throws anything but
// what value() throws, and std::bad_alloc.
#ifndef OARLOCK_OARLOCK_HPP_
#define OARLOCK_OARLOCK_HPP_

#if __cplusplus < 201703L
#error "oarlock.hpp needs C++17; oarlock.h is for any C and C++"
#endif

#include "oarlock/cpp/image.hpp"
#include "oarlock/cpp/owner.hpp"
#include "oarlock/cpp/predictor.hpp"
#include "oarlock/cpp/result.hpp"
#include "oarlock/cpp/runner.hpp"
#include "oarlock/cpp/runtime.hpp"
#include "oarlock/cpp/server.hpp"
#include "oarlock/cpp/span.hpp"
#include "oarlock/cpp/tensor.hpp"

#endif  // OARLOCK_OARLOCK_HPP_
