// What a call gives: a value, or a code and a text.
//
//   oarlock::Result<oarlock::Predictor> predictor = oarlock::Predictor::Load(runtime, "model.onnx");
//   if (!predictor) return Say(predictor.message());        without exceptions
//   oarlock::Predictor predictor = oarlock::Predictor::Load(runtime, "model.onnx").value();   with: throws Error
//
// value(), * and -> of a failed result throw oarlock::Error. Without exceptions (-fno-exceptions, or
// OARLOCK_NO_EXCEPTIONS defined before the include), which is as with std::optional a defect of the caller, they print
// the text and abort. Files compiled either way may be linked together.
//
// Threads: as any value. Ownership: a result owns its value and its text.
#ifndef OARLOCK_CPP_RESULT_HPP_
#define OARLOCK_CPP_RESULT_HPP_

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "oarlock/oarlock.h"

namespace oarlock {
inline namespace v1 {

#if defined(OARLOCK_NO_EXCEPTIONS) || !defined(__cpp_exceptions)
inline constexpr bool kThrows = false;
#else
inline constexpr bool kThrows = true;
#endif

// What value() throws. what() is "INVALID_ARGUMENT: " and the text.
class Error : public std::runtime_error {
 public:
  Error(oar_code code, const std::string& message)
      : std::runtime_error(std::string(oar_code_name(code)) + ": " + message), code_(code) {}
  oar_code code() const noexcept { return code_; }

 private:
  oar_code code_;
};

// Why something failed; a Result of any type is made of one, so that it can be passed on.
class Failure {
 public:
  Failure(oar_code code, std::string message) : code_(code), message_(std::move(message)) {}
  // Takes the error of a call, and frees it.
  static Failure Take(oar_code code, oar_error* error) {
    Failure failure(code, oar_error_message(error));
    oar_error_free(error);
    return failure;
  }
  oar_code code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }

  // Of one file that throws and of one that does not, these are two functions, as value() below is.
  template <bool kThrow>
  [[noreturn]] void Raise() const {
#if !defined(OARLOCK_NO_EXCEPTIONS) && defined(__cpp_exceptions)
    if constexpr (kThrow) throw Error(code_, message_);
#endif
    std::fprintf(stderr, "oarlock: %s: %s\n", oar_code_name(code_), message_.c_str());
    std::abort();
  }

 private:
  oar_code code_;
  std::string message_;
};

// What results of all types have.
class Outcome {
 public:
  bool ok() const noexcept { return !failure_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }
  // OAR_OK and "" if there is a value.
  oar_code code() const noexcept { return ok() ? oar_code{OAR_OK} : failure_->code(); }
  const char* message() const noexcept { return ok() ? "" : failure_->message().c_str(); }
  // Only of a failed result.
  const Failure& failure() const noexcept { return *failure_; }

 protected:
  Outcome() = default;
  explicit Outcome(Failure failure) : failure_(std::move(failure)) {}
  template <bool kThrow>
  void Check() const {
    if (!ok()) failure_->Raise<kThrow>();
  }

 private:
  std::optional<Failure> failure_;
};

// Of an rvalue, value() and * give the value itself and not a reference, so that
// `for (float y : runner.Output<float>(0).value())` is right.
template <typename T>
class [[nodiscard]] Result : public Outcome {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Failure failure) : Outcome(std::move(failure)) {}

  template <bool kThrow = kThrows>
  T& value() & {
    Check<kThrow>();
    return *value_;
  }
  template <bool kThrow = kThrows>
  const T& value() const& {
    Check<kThrow>();
    return *value_;
  }
  template <bool kThrow = kThrows>
  T value() && {
    Check<kThrow>();
    return *std::move(value_);
  }
  template <bool kThrow = kThrows>
  T& operator*() & {
    return value<kThrow>();
  }
  template <bool kThrow = kThrows>
  const T& operator*() const& {
    return value<kThrow>();
  }
  template <bool kThrow = kThrows>
  T operator*() && {
    return std::move(*this).template value<kThrow>();
  }
  template <bool kThrow = kThrows>
  T* operator->() {
    return &value<kThrow>();
  }
  template <bool kThrow = kThrows>
  const T* operator->() const {
    return &value<kThrow>();
  }

 private:
  std::optional<T> value_;
};

template <>
class [[nodiscard]] Result<void> : public Outcome {
 public:
  Result() = default;
  Result(Failure failure) : Outcome(std::move(failure)) {}
  template <bool kThrow = kThrows>
  void value() const {
    Check<kThrow>();
  }
};

// Calls function(arguments..., &error), for a result without a value.
template <typename Function, typename... Arguments>
Result<void> Call(Function function, Arguments... arguments) {
  oar_error* error = nullptr;
  const oar_code code = function(arguments..., &error);
  if (code == OAR_OK) return {};
  return Failure::Take(code, error);
}

// Calls function(arguments..., &made, &error), for what it wrote into `made`.
template <typename Made, typename Function, typename... Arguments>
Result<Made> Get(Made made, Function function, Arguments... arguments) {
  oar_error* error = nullptr;
  const oar_code code = function(arguments..., &made, &error);
  if (code == OAR_OK) return made;
  return Failure::Take(code, error);
}

}  // namespace v1
}  // namespace oarlock

#endif  // OARLOCK_CPP_RESULT_HPP_
