// What the HTTP server answers: a whole request in, a whole answer out. Knows no sockets. Thread-safe.
#ifndef OARLOCK_SERVER_HTTP_HANDLER_H_
#define OARLOCK_SERVER_HTTP_HANDLER_H_

#include <atomic>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "base/limits.h"
#include "runtime/repository.h"
#include "server/http/http_answer.h"
#include "server/http/http_call.h"
#include "server/http/route.h"

namespace oarlock {

class HttpHandler {
 public:
  // Called exactly once, on the caller's thread or one of a predictor's.
  using Done = absl::AnyInvocable<void(HttpAnswer) &&>;

  HttpHandler(Repository* repository, const Limits& limits) : repository_(repository), limits_(limits) {}

  void Handle(HttpCall call, Done done);
  // Not ready: before the models are loaded, and once the server is on its way out. Inference is refused then.
  void set_ready(bool ready) { ready_ = ready; }
  // Live from the first moment of being ready: clients take it for "usable".
  void set_live(bool live) { live_ = live; }

 private:
  HttpAnswer Answer(const HttpCall& call, const Route& route) const;
  HttpAnswer Statistics(const Route& route) const;
  std::vector<int64_t> VersionsOf(std::string_view name) const;
  absl::Status Infer(HttpCall call, const Route& route, Done* done);

  Repository* const repository_;
  const Limits limits_;
  std::atomic<bool> ready_{false};
  std::atomic<bool> live_{false};
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_HANDLER_H_
