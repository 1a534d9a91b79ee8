#include "server/protocol/trace_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <random>

namespace oarlock {
namespace {

constexpr std::string_view kPattern = "00-TTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT-SSSSSSSSSSSSSSSS-ff";
constexpr size_t kTraceAt = kPattern.find('T');
constexpr size_t kTraceSize = 32;
constexpr size_t kSpanAt = kPattern.find('S');
constexpr size_t kSpanSize = 16;
constexpr size_t kFlagsAt = kPattern.find('f');

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

// SplitMix64 from a random start: no two alike, and not 0. They name things and guard nothing.
uint64_t NewNumber() {
  static std::atomic<uint64_t> state{(uint64_t{std::random_device()()} << 32) | std::random_device()()};
  for (;;) {
    uint64_t number = state.fetch_add(0x9E3779B97F4A7C15, std::memory_order_relaxed);
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9;
    number = (number ^ (number >> 27)) * 0x94D049BB133111EB;
    number ^= number >> 31;
    if (number != 0) return number;
  }
}

}  // namespace

std::string TraceContext::Text() const { return fmt::format("00-{}-{}-{:02x}", trace_id, span_id, sampled ? 1 : 0); }

std::optional<TraceContext> ParseTraceparent(std::string_view text) {
  if (text.size() != kPattern.size()) return std::nullopt;
  const std::string_view trace = text.substr(kTraceAt, kTraceSize);
  const std::string_view span = text.substr(kSpanAt, kSpanSize);
  const std::string_view flags = text.substr(kFlagsAt);
  const bool framed = text.starts_with("00-") && text[kSpanAt - 1] == '-' && text[kFlagsAt - 1] == '-';
  if (!framed || !IsHex(trace) || !IsHex(span) || !IsHex(flags) || IsZero(trace) || IsZero(span)) return std::nullopt;
  const char low = flags[1];
  const int digit = low <= '9' ? low - '0' : low - 'a' + 10;
  return TraceContext{std::string(trace), std::string(span), (digit & 1) != 0};
}

TraceContext SpanOf(std::string_view traceparent) {
  TraceContext span;
  if (auto caller = ParseTraceparent(traceparent)) {
    span = *std::move(caller);
  } else {
    span.trace_id = fmt::format("{:016x}{:016x}", NewNumber(), NewNumber());
  }
  span.span_id = fmt::format("{:016x}", NewNumber());
  return span;
}

}  // namespace oarlock
