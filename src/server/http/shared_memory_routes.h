// The extensions system_shared_memory and cuda_shared_memory over HTTP: regions are registered, told and unregistered.
// Thread-safe.
#ifndef OARLOCK_SERVER_HTTP_SHARED_MEMORY_ROUTES_H_
#define OARLOCK_SERVER_HTTP_SHARED_MEMORY_ROUTES_H_

#include "server/http/http_answer.h"
#include "server/http/http_call.h"
#include "server/http/route.h"
#include "server/protocol/service.h"

namespace oarlock {

// Of the kinds from kShmStatus to kCudaUnregister.
HttpAnswer AnswerSharedMemory(const HttpCall& call, const Route& route, Service* service);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_SHARED_MEMORY_ROUTES_H_
