// The extensions trace and logging over HTTP. Thread-safe.
#ifndef OARLOCK_SERVER_HTTP_SETTINGS_ROUTES_H_
#define OARLOCK_SERVER_HTTP_SETTINGS_ROUTES_H_

#include "server/http/http_answer.h"
#include "server/http/http_call.h"
#include "server/http/route.h"
#include "server/protocol/service.h"

namespace oarlock {

// Of the kinds kTrace, kSetTrace, kLogging and kSetLogging. What is set is told as it is then, as what is asked.
HttpAnswer AnswerSettings(const HttpCall& call, const Route& route, const Service& service);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_SETTINGS_ROUTES_H_
