// What is seen of a request besides its answer: the trace it belongs to, and its line in the access log.
//
//   const auto record = log != nullptr ? RecordOf(call, route) : nullptr;
//   done = Observed(call, record, log, std::move(done));
//   ...                                          // whoever answers fills in what it knows
//   std::move(done)(std::move(answer));          // and here the record goes to the log
//
// Thread rule: pure functions; the record is written by whoever handles the request, one thread at a time, and is done
// with once the answer is there. Ownership: `log` must outlive the request.
#ifndef OARLOCK_SERVER_HTTP_OBSERVED_CALL_H_
#define OARLOCK_SERVER_HTTP_OBSERVED_CALL_H_

#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "server/http/http_answer.h"
#include "server/http/http_call.h"
#include "server/http/route.h"
#include "server/protocol/access_log.h"

namespace oarlock {

// What is known of a request before it is answered. `route` may be the error of one that leads nowhere.
std::shared_ptr<CallRecord> RecordOf(const HttpCall& call, const absl::StatusOr<Route>& route);

// `done` as it is to be called: the answer gets a `traceparent` if the request has one or is logged, is compressed as
// the client wishes, and goes to the log. `record` is null if it is not logged.
absl::AnyInvocable<void(HttpAnswer) &&> Observed(const HttpCall& call, std::shared_ptr<CallRecord> record,
                                                 AccessLog* log, absl::AnyInvocable<void(HttpAnswer) &&> done);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_OBSERVED_CALL_H_
