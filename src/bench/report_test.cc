#include "bench/report.h"

#include <gmock/gmock.h>

#include "bench/measured_test.h"
#include "simdjson.h"

namespace oarlock {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ReportTest : public ::testing::Test {
 protected:
  ReportTest() {
    report_.started = "2020-02-03T04:05:06Z";
    report_.machine.fingerprint = "0123456789abcdef";
    report_.machine.cpu = "a \"cpu\"";
    report_.schedule.rounds = 2;
    report_.schedule.load.duration = std::chrono::milliseconds(50);
    report_.comparison.measured = {MadeUp("ours", 1), WithoutLatencies("theirs")};
    Anatomy& anatomy = report_.comparison.measured[0].anatomy;
    anatomy.stages_us = {{"prepare", 1.5}, {"compute", 2}};
    anatomy.copies_per_call["unaligned"] = {1, 64};
    anatomy.own_allocations_per_call = 0;
    anatomy.engine_allocations_per_call = 2.5;
    report_.comparison.measured[1].errors = 3;
    report_.comparison.measured[1].first_error = "503 busy";
    Versus versus;
    versus.ours = "ours";
    versus.theirs = "theirs";
    versus.call_ratio = {1.5, 1.25, 1.75};
    report_.comparison.versus = {versus};
  }

  simdjson::dom::element Json() { return parser_.parse(simdjson::padded_string(ReportJson(report_))); }
  static std::vector<std::string> Keys(simdjson::dom::element object) {
    std::vector<std::string> keys;
    for (const auto field : simdjson::dom::object(object)) keys.emplace_back(field.key);
    return keys;
  }

  Report report_;
  simdjson::dom::parser parser_;
};

TEST_F(ReportTest, JsonHasTheKeysThatOthersRead) {
  const auto json = Json();
  EXPECT_THAT(Keys(json), ElementsAre("schema", "version", "started", "machine", "load", "targets", "comparisons"));
  EXPECT_THAT(Keys(json["machine"]),
              ElementsAre("fingerprint", "cpu", "cpu_features", "cores", "memory_bytes", "kernel", "compiler"));
  EXPECT_THAT(Keys(json["load"]), ElementsAre("arrivals", "concurrency", "block_ms", "rounds", "seed"));
  EXPECT_THAT(Keys(json["targets"].at(0)),
              ElementsAre("name", "requests", "errors", "requests_per_s", "call_us", "latency_us", "blocks",
                          "stages_us", "copies_per_call", "own_allocations_per_call", "engine_allocations_per_call"));
  EXPECT_THAT(Keys(json["targets"].at(0)["latency_us"]), ElementsAre("mean", "p50", "p90", "p99", "p99.9", "max"));
  EXPECT_THAT(Keys(json["comparisons"].at(0)),
              ElementsAre("ours", "theirs", "call_ratio", "call_difference_us", "throughput_ratio"));
}

TEST_F(ReportTest, JsonHasTheValues) {
  const auto json = Json();
  EXPECT_EQ(int64_t(json["schema"]), 1);
  EXPECT_EQ(std::string_view(json["machine"]["cpu"]), "a \"cpu\"");
  EXPECT_EQ(std::string_view(json["load"]["arrivals"]), "closed");
  EXPECT_EQ(double(json["load"]["block_ms"]), 50);
  const auto ours = json["targets"].at(0);
  EXPECT_EQ(double(ours["latency_us"]["p99"]), 99);
  EXPECT_EQ(simdjson::dom::array(ours["blocks"]).size(), 2U);
  EXPECT_EQ(int64_t(ours["blocks"].at(1)["requests"]), 100);
  EXPECT_EQ(double(ours["blocks"].at(1)["elapsed_ms"]), 50);
  EXPECT_EQ(double(ours["blocks"].at(1)["p50_us"]), 50);
  EXPECT_EQ(double(ours["stages_us"]["compute"]), 2);
  EXPECT_EQ(int64_t(ours["copies_per_call"]["unaligned"]["bytes"]), 64);
  EXPECT_EQ(double(ours["own_allocations_per_call"]), 0);
  EXPECT_EQ(double(json["comparisons"].at(0)["call_ratio"]["low95"]), 1.25);
}

TEST_F(ReportTest, LatenciesThatAreNotToldAreNull) {
  const auto theirs = Json()["targets"].at(1);
  EXPECT_TRUE(theirs["latency_us"].is_null());
  EXPECT_TRUE(theirs["blocks"].at(0)["p50_us"].error());
  EXPECT_TRUE(theirs["own_allocations_per_call"].error());
}

TEST_F(ReportTest, ErrorsAreCountedAndTheFirstIsShown) {
  const auto json = Json();
  EXPECT_EQ(int64_t(json["targets"].at(1)["errors"]), 3);
  EXPECT_EQ(std::string_view(json["targets"].at(1)["first_error"]), "503 busy");
  EXPECT_TRUE(json["targets"].at(0)["first_error"].error());
  EXPECT_THAT(ReportText(report_), HasSubstr("  3 errors; the first: 503 busy\n"));
}

TEST_F(ReportTest, AnOpenLoadTellsItsRate) {
  report_.schedule.load.arrivals = Arrivals::kPoisson;
  report_.schedule.load.rate_per_s = 250;
  const auto load = Json()["load"];
  EXPECT_EQ(std::string_view(load["arrivals"]), "poisson");
  EXPECT_EQ(double(load["rate_per_s"]), 250);
}

TEST_F(ReportTest, BatchesAreToldWhereRequestsWentThroughTheQueue) {
  report_.comparison.measured[0].batches = BatchCounts{{{1, 20}, {8, 310}}, {{"eager", 20}, {"full", 310}}, 5};
  const auto json = Json();
  const auto batches = json["targets"].at(0)["batches"];
  EXPECT_EQ(int64_t(batches["runs"]["8"]), 310);
  EXPECT_EQ(int64_t(batches["closed"]["eager"]), 20);
  EXPECT_EQ(int64_t(batches["padding_rows"]), 5);
  EXPECT_TRUE(json["targets"].at(1)["batches"].error());
  EXPECT_THAT(ReportText(report_),
              HasSubstr("  batches by rows: 1 x20, 8 x310; closed: eager 20, full 310; rows of padding: 5\n"));
}

TEST_F(ReportTest, TextAndTableTellTheSame) {
  const std::string text = ReportText(report_);
  EXPECT_THAT(text, HasSubstr("ours\n  2000 requests/s, 500 us per call; p50 50.00 p90 90.00 p99 99.00"));
  EXPECT_THAT(text, HasSubstr("  prepare 1.50, compute 2.00 us\n"));
  EXPECT_THAT(text,
              HasSubstr("allocations per call: 0.0 ours, 2.5 in the engine; copies per call: unaligned x1 (64 bytes)"));
  EXPECT_THAT(text, HasSubstr("time per call 1.500 (1.250 to 1.750) of it"));
  const std::string table = ReportMarkdown(report_);
  EXPECT_THAT(table, HasSubstr("| ours | 2000 | 500 | 50.00 | 90.00 | 99.00 | 100 | 0 |\n"));
  EXPECT_THAT(table, HasSubstr("| theirs | 2000 | 500 |  |  |  |  | 3 |\n"));
  EXPECT_THAT(table, HasSubstr("| theirs | 1.500 (1.250 to 1.750) |"));
}

}  // namespace
}  // namespace oarlock
