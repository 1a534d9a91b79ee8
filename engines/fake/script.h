// The fake engine's model is a text, so that a test writes the engine behaviour that it needs. One line says one thing;
// empty lines and those that start with # say nothing.
//
//   input NAME DTYPE DIMS        DTYPE as in the KServe protocol (FP32); DIMS as in 1,4 or -1,4, or "scalar"
//   output NAME DTYPE DIMS       output i is computed from input i, and has its dtype; a -1 takes the input's dim
//   op identity|double|add N     what is done to every element; "identity" unless given
//   dynamic_output               the outputs' dims are told only after the run, and lent room is not written
//   told_rows N                  the outputs' dim 0 is told as N, whatever the run makes it
//   delay_us N                   every run waits so long; cancel() ends the wait
//   row_delay_us N               and so long for each row of the first input
//   load_delay_us N              so does loading
//   fail_load CODE TEXT          CODE as in UNAVAILABLE
//   fail_run EVERY CODE TEXT     every EVERY-th run of an execution fails
//   unsupported TYPE COUNT       an operator that probing names and loading refuses
//   strict_alignment             inputs that are not 64-byte aligned are copied at each run
//   race_safe                    the inputs' values only ever feed arithmetic
//   keeps_source                 the text is compared with its state at load() in every run; a change fails the run
//   weights N                    the weights given beside the program must be N bytes
//
// Everything is really computed, and a run allocates nothing.
#ifndef OARLOCK_ENGINES_FAKE_SCRIPT_H_
#define OARLOCK_ENGINES_FAKE_SCRIPT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../plugin/failure.h"
#include "../plugin/port.h"
#include "oarlock/engine.h"

namespace oarlock::fake {

using plugin::Code;
using plugin::ElementSizeBytes;
using plugin::Failure;
using plugin::NameOf;
using plugin::Port;

enum class Op { kIdentity, kDouble, kAdd };

struct Script {
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  Op op = Op::kIdentity;
  int64_t add = 0;
  bool dynamic_output = false;
  int64_t told_rows = -1;
  int64_t delay_us = 0;
  int64_t row_delay_us = 0;
  int64_t load_delay_us = 0;
  int32_t load_code = 0;
  std::string load_text;
  int64_t run_fails_every = 0;
  int32_t run_code = 0;
  std::string run_text;
  std::vector<std::pair<std::string, size_t>> unsupported;
  bool strict_alignment = false;
  bool race_safe = false;
  bool keeps_source = false;
  int64_t weights_bytes = 0;
};

// Throws Failure INVALID_ARGUMENT naming the line.
Script ParseScript(std::string_view text);

}  // namespace oarlock::fake

#endif  // OARLOCK_ENGINES_FAKE_SCRIPT_H_
