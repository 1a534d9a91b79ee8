#include "server/grpc/call_queue.h"

#include "base/signals.h"

namespace oarlock {

void CallQueue::Start(int threads) {
  const BlockSignals block;
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

void CallQueue::Work() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) QueuedOperation::Of(tag)->Complete(ok);
}

void CallQueue::Stop() {
  if (stopped_) return;
  stopped_ = true;
  queue_->Shutdown();
  for (std::thread& thread : threads_) thread.join();
  if (threads_.empty()) Work();  // a queue must be empty before it goes
}

}  // namespace oarlock
