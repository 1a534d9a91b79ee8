#include "contract.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "picture.h"

namespace oarlock::contract {
namespace {

// A fixture that cannot be made is no finding of a test.
void Require(oar_code code, oar_error* error, const char* what) {
  if (code == OAR_OK) return;
  std::fprintf(stderr, "contract: %s: %s\n", what, Taken(error).c_str());
  std::abort();
}

// A server of one model, made and not started.
constexpr char kConfig[] = "schema: 1\nmodels:\n  - path: " OARLOCK_SOURCE_DIR "/tests/models/fake/add.fake\n";

oar_runtime SharedRuntime() {
  static const oar_runtime runtime = Make<oar_runtime>();
  return runtime;
}

oar_predictor SharedPredictor() {
  static const oar_predictor predictor = Make<oar_predictor>();
  return predictor;
}

oar_tensor SharedTensor() {
  static const oar_tensor tensor = Make<oar_tensor>();
  return tensor;
}

void Ignore(void*, oar_log_level, const char*) {}

}  // namespace

template <>
oar_runtime Make<oar_runtime>() {
  oar_runtime_options options = Sized<oar_runtime_options>();
  options.thread_budget = 2;
  options.engine_path = OARLOCK_BUILD_DIR "/lib/oarlock/engines";
  options.cache_dir = "none";
  options.log = Ignore;
  oar_runtime runtime;
  oar_error* error = nullptr;
  Require(oar_runtime_create(&options, &runtime, &error), error, "a runtime");
  return runtime;
}

template <>
oar_tensor Make<oar_tensor>() {
  const int64_t dims[] = {1, 16};
  oar_tensor tensor;
  oar_error* error = nullptr;
  Require(oar_tensor_allocate(OAR_DTYPE_F32, dims, 2, &tensor, &error), error, "a tensor");
  void* data;
  Require(oar_tensor_data(tensor, &data, &error), error, "its memory");
  std::memset(data, 0, 16 * sizeof(float));
  return tensor;
}

template <>
oar_predictor Make<oar_predictor>() {
  oar_load_options options = Sized<oar_load_options>();
  options.engine = "fake";
  options.warm_up = OAR_WARM_UP_NONE;
  options.cache = OAR_CACHE_NONE;
  oar_predictor predictor;
  oar_error* error = nullptr;
  Require(oar_predictor_load(SharedRuntime(), OARLOCK_SOURCE_DIR "/tests/models/fake/add.fake", &options, &predictor,
                             &error),
          error, "a predictor");
  return predictor;
}

template <>
oar_runner Make<oar_runner>() {
  oar_runner runner;
  oar_error* error = nullptr;
  Require(oar_runner_create(SharedPredictor(), &runner, &error), error, "a runner");
  Require(oar_runner_bind_input(runner, 0, SharedTensor(), &error), error, "its input");
  return runner;
}

template <>
oar_image Make<oar_image>() {
  oar_image image;
  oar_error* error = nullptr;
  Require(oar_image_decode(kPicture, sizeof(kPicture), OAR_COLOR_GRAY, &image, &error), error, "a picture");
  return image;
}

template <>
oar_server Make<oar_server>() {
  oar_server_options options = Sized<oar_server_options>();
  options.config_text = kConfig;
  options.http = "127.0.0.1:0";
  oar_server server;
  oar_error* error = nullptr;
  const oar_code code = oar_server_create(SharedRuntime(), &options, &server, &error);
  if (code == OAR_UNIMPLEMENTED) {  // the tests of servers fail then, and no others
    std::fprintf(stderr, "contract: no server: %s\n", Taken(error).c_str());
    return {0};
  }
  Require(code, error, "a server");
  return server;
}

std::string Taken(oar_error* error) {
  std::string text = oar_error_message(error);
  oar_error_free(error);
  return text;
}

std::string InChild(const std::function<std::string()>& work) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    const std::string said = work();
    const bool whole = write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size());
    _exit(whole ? 0 : 1);
  }
  close(ends[1]);
  std::string said;
  std::array<char, 1024> part;
  for (ssize_t size = 0; (size = read(ends[0], part.data(), part.size())) > 0;) {
    said.append(part.data(), static_cast<size_t>(size));
  }
  close(ends[0]);
  int status = 0;
  if (waitpid(child, &status, 0) != child || status != 0)
    said += "the child ended with status " + std::to_string(status);
  return said;
}

const Handles& Valid() {
  static const Handles shared = MakeAll();
  // Calls of several threads at once must not write the same elements.
  struct Own {
    Handles all = shared;
    Own() { all.tensor = Make<oar_tensor>(); }
    ~Own() { End(all.tensor); }
  };
  thread_local const Own own;
  return own.all;
}

const Handles& Stale() {
  static const Handles all = [] {
    const Handles made = MakeAll();
    EndAll(made);
    return made;
  }();
  return all;
}

}  // namespace oarlock::contract
