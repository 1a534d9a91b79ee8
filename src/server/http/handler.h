// What the HTTP server answers: a whole request in, a whole answer out. Knows no sockets. Thread-safe.
//
//   const absl::Status admitted = handler.Admit(&call);   // of its head
//   if (!admitted.ok()) return Send(handler.Refuse(call, HttpAnswer::Error(admitted)));
//   call.body = ...;
//   handler.Handle(std::move(call), [](HttpAnswer answer) { Send(std::move(answer)); });
#ifndef OARLOCK_SERVER_HTTP_HANDLER_H_
#define OARLOCK_SERVER_HTTP_HANDLER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "server/http/http_answer.h"
#include "server/http/http_call.h"
#include "server/http/route.h"
#include "server/protocol/access.h"
#include "server/protocol/access_log.h"
#include "server/protocol/inference.h"
#include "server/protocol/service.h"

namespace oarlock {

class HttpHandler {
 public:
  // Called exactly once, on the caller's thread, one of a predictor's or that of the model control.
  using Done = absl::AnyInvocable<void(HttpAnswer) &&>;

  // Both must outlive it.
  HttpHandler(Service* service, const Access* access) : service_(service), access_(access) {}

  // Before the first request. Requests are logged there; it must outlive the handler.
  void set_log(AccessLog* log) { log_ = log; }
  // The same: what GET /metrics answers.
  void set_metrics(std::function<std::string()> metrics) { metrics_ = std::move(metrics); }

  // May this be asked at all? Before the body of `call` is read, and once for each request that is handled: the one
  // filter of all routes, which no route that is added can go round.
  absl::Status Admit(HttpCall* call) const;
  // What to answer instead of handling it: `refusal`, as it is logged and sent. `call` is what is known so far.
  HttpAnswer Refuse(const HttpCall& call, HttpAnswer refusal);
  // One that was not admitted is an error of ours, and is not handled.
  // The inference that this has begun, for who wants to cancel it: it may be over already. Null if there is none.
  std::shared_ptr<Inference> Handle(HttpCall call, Done done);

 private:
  HttpAnswer Answer(const HttpCall& call, const Route& route) const;
  HttpAnswer ModelAnswer(const Route& route) const;
  HttpAnswer Statistics(const Route& route) const;
  // An error has left `done` alone.
  absl::StatusOr<std::shared_ptr<Inference>> Infer(HttpCall call, const Route& route,
                                                   std::shared_ptr<CallRecord> record, Done* done);

  Service* const service_;
  const Access* const access_;
  AccessLog* log_ = nullptr;
  std::function<std::string()> metrics_ = [] { return std::string(); };
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_HANDLER_H_
