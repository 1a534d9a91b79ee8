// Which trace a call belongs to, as W3C's header `traceparent` (or gRPC's metadata of that name) says it. Values.
//
//   const TraceContext span = SpanOf(traceparent);   // ours, in the caller's trace
//   answer.headers.emplace_back("traceparent", span.Text());
//
// Thread rule: pure functions, but for numbers that are never the same; any thread. Ownership: owns its texts.
#ifndef OARLOCK_SERVER_PROTOCOL_TRACE_CONTEXT_H_
#define OARLOCK_SERVER_PROTOCOL_TRACE_CONTEXT_H_

#include <optional>
#include <string>
#include <string_view>

namespace oarlock {

struct TraceContext {
  std::string trace_id;  // 32 lower-case hexadecimal digits, not all of them 0
  std::string span_id;   // 16 such
  bool sampled = false;

  std::string Text() const;  // "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
};

// Nothing unless it is of version 00 and well-formed to the letter.
std::optional<TraceContext> ParseTraceparent(std::string_view text);

// A span of our own: in the trace that `traceparent` names, or in a new one if it names none.
TraceContext SpanOf(std::string_view traceparent);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_TRACE_CONTEXT_H_
