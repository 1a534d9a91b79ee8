// Calls of the C API with their errors taken care of, and handles that end by themselves.
//   EXPECT_TRUE(Ok(oar_tensor_slice, tensor.get(), 0, 1, 2, slice.out()));
//   EXPECT_TRUE(Fails(OAR_OUT_OF_RANGE, "dim 7", oar_tensor_slice, tensor.get(), 7, 0, 1, slice.out()));
#ifndef OARLOCK_TESTS_CAPI_CALLS_H_
#define OARLOCK_TESTS_CAPI_CALLS_H_

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "generated/handles.h"
#include "oarlock/oarlock.h"

namespace oarlock::capi_test {

// How a call ended.
struct Answer {
  oar_code code;
  std::string text;
};

// The text of an error, and its end.
inline std::string Taken(oar_error* error) {
  std::string text = oar_error_message(error);
  oar_error_free(error);
  return text;
}

// A code and its error always agree; a failure always has a text.
template <typename Function, typename... Arguments>
Answer Ask(Function function, Arguments... arguments) {
  oar_error* error = nullptr;
  const oar_code code = function(arguments..., &error);
  EXPECT_EQ(oar_error_code(error), code);
  EXPECT_EQ(error == nullptr, code == OAR_OK);
  Answer answer{code, Taken(error)};
  EXPECT_EQ(answer.text.empty(), code == OAR_OK) << oar_code_name(code);
  return answer;
}

template <typename Function, typename... Arguments>
testing::AssertionResult Ok(Function function, Arguments... arguments) {
  const Answer answer = Ask(function, arguments...);
  if (answer.code == OAR_OK) return testing::AssertionSuccess();
  return testing::AssertionFailure() << oar_code_name(answer.code) << ": " << answer.text;
}

template <typename Function, typename... Arguments>
testing::AssertionResult Fails(oar_code code, std::string_view word, Function function, Arguments... arguments) {
  const Answer answer = Ask(function, arguments...);
  if (answer.code == code && answer.text.find(word) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << oar_code_name(answer.code) << ": " << answer.text << "; wanted "
                                     << oar_code_name(code) << " with '" << word << "'";
}

// Ends its handle.
template <typename Handle>
class Owned {
 public:
  Owned() = default;
  explicit Owned(Handle handle) : handle_(handle) {}
  Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, Handle{0})) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Owned() { Reset(); }

  Handle get() const { return handle_; }
  // For a call to write to.
  Handle* out() {
    Reset();
    return &handle_;
  }
  void Reset() {
    if (handle_.value != 0) contract::End(std::exchange(handle_, Handle{0}));
  }

 private:
  Handle handle_{0};
};

template <typename S>
S Sized() {
  S made;
  std::memset(static_cast<void*>(&made), 0, sizeof(made));
  made.struct_size = sizeof(made);
  return made;
}

}  // namespace oarlock::capi_test

#endif  // OARLOCK_TESTS_CAPI_CALLS_H_
