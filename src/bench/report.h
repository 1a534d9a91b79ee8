// A comparison as JSON for machines, a Markdown table, and lines for a terminal. Pure functions.
#ifndef OARLOCK_BENCH_REPORT_H_
#define OARLOCK_BENCH_REPORT_H_

#include <string>

#include "base/machine.h"
#include "bench/comparison.h"

namespace oarlock {

struct Report {
  Machine machine;
  Schedule schedule;
  std::string started;  // UTC, ISO 8601
  Comparison comparison;
};

// As Report::started has it.
std::string UtcNow();

// Keys are stable; `schema` is 1. Latencies are microseconds, and null where a target tells none.
std::string ReportJson(const Report& report);
std::string ReportMarkdown(const Report& report);
std::string ReportText(const Report& report);

}  // namespace oarlock

#endif  // OARLOCK_BENCH_REPORT_H_
