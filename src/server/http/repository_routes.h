// The extension model_repository over HTTP, and routes of ours: index, load and unload of models, and how their
// requests are shared out between versions. Thread-safe.
#ifndef OARLOCK_SERVER_HTTP_REPOSITORY_ROUTES_H_
#define OARLOCK_SERVER_HTTP_REPOSITORY_ROUTES_H_

#include "server/http/handler.h"

namespace oarlock {

// Of the kinds kRepositoryIndex, kModelLoad, kModelUnload, kModelRoute and kSetModelRoute. `done` is called on this
// thread, or on that of the service's model control.
void AnswerRepository(const HttpCall& call, const Route& route, Service* service, HttpHandler::Done done);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_REPOSITORY_ROUTES_H_
