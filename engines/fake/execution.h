// A compiled model of the fake engine and its places to run.
#ifndef OARLOCK_ENGINES_FAKE_EXECUTION_H_
#define OARLOCK_ENGINES_FAKE_EXECUTION_H_

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "../plugin/model.h"
#include "script.h"

struct oar_engine {};

// Ports are the script's, with what a caller is told of them.
struct oar_engine_model : oarlock::plugin::Model<oarlock::fake::Port> {
  oarlock::fake::Script script;
  std::string_view source;  // lent
  std::string source_at_load;
};

struct oar_engine_execution {
 public:
  explicit oar_engine_execution(const oar_engine_model& model);

  oar_copy_reason BindInput(size_t index, const oar_view& view);
  oar_copy_reason BindOutput(size_t index, const oar_view* room);
  void OutputShape(size_t index, int32_t* rank, int64_t* dims) const;
  void Run();
  bool Cancel();
  oar_copy_reason Output(size_t index, oar_view* view) const;

 private:
  struct BoundInput {
    bool bound = false;
    oar_view view{};
    std::vector<std::byte> copy;  // filled at each run, for memory that strict_alignment cannot take
  };
  struct BoundOutput {
    std::vector<std::byte> own;
    void* room = nullptr;
    size_t room_bytes = 0;
    oar_view result{};
    oar_copy_reason reason = OAR_COPY_NONE;
    bool ready = false;
  };
  bool FitsRoom(size_t index) const;
  // False if cancelled.
  bool Wait();

  const oar_engine_model& model_;
  std::vector<BoundInput> inputs_;
  std::vector<BoundOutput> outputs_;
  int64_t run_count_ = 0;

  std::mutex mutex_;
  std::condition_variable woken_;
  bool waiting_ = false;
  bool cancelled_ = false;
};

#endif  // OARLOCK_ENGINES_FAKE_EXECUTION_H_
