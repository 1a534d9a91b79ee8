#include "table.h"

namespace oarlock::plugin {

void CheckOptions(const char* engine, const oar_engine_options& options) {
  if (options.threads_per_execution < 1 || options.executions < 1) {
    throw Failure(Code::kInvalidArgument, "threads_per_execution is " + std::to_string(options.threads_per_execution) +
                                              " and executions is " + std::to_string(options.executions) +
                                              "; both are at least 1");
  }
  const std::string device = options.device == nullptr ? "auto" : options.device;
  if (device != "auto" && device != "CPU") {
    throw Failure(Code::kInvalidArgument,
                  std::string("the engine ") + engine + " has no device '" + device + "'; it has: CPU");
  }
}

void DoesNotRead(const char* engine, oar_format format) {
  throw Failure(Code::kUnimplemented,
                std::string("the engine ") + engine + " does not read format number " + std::to_string(format));
}

void HasNoCounterparts(const char* engine, size_t type_count) {
  throw Failure(Code::kUnimplemented, std::string("the engine ") + engine + " has no counterpart for " +
                                          std::to_string(type_count) + (type_count == 1 ? " type" : " types") +
                                          " of operator of the model");
}

}  // namespace oarlock::plugin
