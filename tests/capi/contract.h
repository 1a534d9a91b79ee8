// What the generated tests of the C API stand on: valid, stale and new handles, right arguments to spoil, and races.
// Refused() calls with one argument made wrong and expects a code, a text that names the argument, and nothing written.
#ifndef OARLOCK_TESTS_CAPI_CONTRACT_H_
#define OARLOCK_TESTS_CAPI_CONTRACT_H_

#include <gtest/gtest.h>

#include <array>
#include <barrier>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "generated/handles.h"
#include "oarlock/oarlock.h"

namespace oarlock::contract {

// Live handles, one of each type: the calling thread's own tensor, the others shared until the process ends.
const Handles& Valid();
// Handles of each type whose objects were destroyed.
const Handles& Stale();

template <typename T>
T Room() {
  T room;
  std::memset(static_cast<void*>(&room), 0xab, sizeof(room));
  return room;
}

template <typename S>
S Sized() {
  S made;
  std::memset(static_cast<void*>(&made), 0, sizeof(made));
  made.struct_size = sizeof(made);
  return made;
}

template <typename S>
S SizedRoom() {
  S room = Room<S>();
  room.struct_size = sizeof(room);
  return room;
}

// An address that must not be followed before everything else is checked.
template <typename T>
T* Nowhere() {
  alignas(64) static std::array<unsigned char, 256> nothing{};
  return reinterpret_cast<T*>(nothing.data());
}

// The text of an error, and its end.
std::string Taken(oar_error* error);

// `Arguments` hold everything that the call could write to, so one comparison sees any write.
template <typename Arguments, typename Change>
void Refused(oar_code code, std::string_view word, Change change) {
  Arguments arguments;
  change(arguments);
  std::array<unsigned char, sizeof(Arguments)> before;
  std::memcpy(before.data(), static_cast<const void*>(&arguments), sizeof(arguments));
  oar_error* error = nullptr;
  EXPECT_EQ(oar_code_name(arguments.Call(&error)), std::string_view(oar_code_name(code))) << "wrong: " << word;
  ASSERT_NE(error, nullptr) << "wrong: " << word;
  EXPECT_EQ(oar_error_code(error), code);
  EXPECT_NE(Taken(error).find(word), std::string::npos) << "the text does not name " << word;
  EXPECT_EQ(std::memcmp(before.data(), static_cast<const void*>(&arguments), sizeof(arguments)), 0)
      << "something was written although " << word << " is wrong";
  EXPECT_EQ(arguments.Call(nullptr), code) << "without room for a text";
}

// Rounds of a race. Making a predictor or a runtime takes longer than the race itself.
template <typename Handle>
inline constexpr int kRounds = 200;
template <>
inline constexpr int kRounds<oar_runtime> = 50;
template <>
inline constexpr int kRounds<oar_predictor> = 50;

// What is called while its handle ends: it succeeds, or it says why not; it is never a defect of ours.
template <typename Arguments, typename Handle>
void CallOnce(Handle handle, Handle Arguments::*argument) {
  Arguments arguments;
  arguments.*argument = handle;
  oar_error* error = nullptr;
  const oar_code code = arguments.Call(&error);
  EXPECT_NE(code, OAR_INTERNAL);
  EXPECT_NE(code, OAR_UNKNOWN);
  EXPECT_EQ(code != OAR_OK, error != nullptr);
  const std::string text = Taken(error);
  EXPECT_EQ(code != OAR_OK, !text.empty()) << text;
  if (code == OAR_OK) arguments.Release();
}

// Two calls at once may write the same elements, which is their callers' affair and what ThreadSanitizer reports.
#if defined(__SANITIZE_THREAD__)
inline constexpr int kCallers = 1;
#else
inline constexpr int kCallers = 2;
#endif

// Threads call with a handle while this one destroys it.
template <typename Arguments, typename Handle>
void Race(Handle Arguments::*argument) {
  for (int round = 0; round < kRounds<Handle> && !testing::Test::HasFailure(); ++round) {
    const Handle handle = Make<Handle>();
    std::barrier start(kCallers + 1);
    std::vector<std::thread> callers;
    for (int i = 0; i < kCallers; ++i) {
      callers.emplace_back([&] {
        start.arrive_and_wait();
        CallOnce<Arguments>(handle, argument);
      });
    }
    start.arrive_and_wait();
    End(handle);
    for (std::thread& caller : callers) caller.join();
  }
}

// What `work` says in a forked child; a child that ends otherwise says so.
std::string InChild(const std::function<std::string()>& work);

enum AfterFork { kRefusedAfterFork, kLegalAfterFork };

// Empty if the function answers in a forked child as it says.
template <typename Arguments>
std::string CalledAfterFork(const char* function, AfterFork expected) {
  Arguments arguments;
  const oar_code code = arguments.Call(nullptr);
  if ((code == OAR_FAILED_PRECONDITION) == (expected == kRefusedAfterFork)) return "";
  return std::string(function) + " answers " + oar_code_name(code) + "\n";
}

}  // namespace oarlock::contract

#endif  // OARLOCK_TESTS_CAPI_CONTRACT_H_
