// What the HTTP server answers: a whole request in, a whole answer out. Knows no sockets. Thread-safe.
#ifndef OARLOCK_SERVER_HTTP_HANDLER_H_
#define OARLOCK_SERVER_HTTP_HANDLER_H_

#include "absl/functional/any_invocable.h"
#include "server/http/http_answer.h"
#include "server/http/http_call.h"
#include "server/http/route.h"
#include "server/protocol/service.h"

namespace oarlock {

class HttpHandler {
 public:
  // Called exactly once, on the caller's thread, one of a predictor's or that of the model control.
  using Done = absl::AnyInvocable<void(HttpAnswer) &&>;

  // `service` must outlive it.
  explicit HttpHandler(Service* service) : service_(service) {}

  void Handle(HttpCall call, Done done);

 private:
  HttpAnswer Answer(const HttpCall& call, const Route& route) const;
  HttpAnswer ModelAnswer(const Route& route) const;
  HttpAnswer Statistics(const Route& route) const;
  // An error has left `done` alone.
  absl::Status Infer(HttpCall call, const Route& route, Done* done);

  Service* const service_;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_HANDLER_H_
