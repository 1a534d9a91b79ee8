#include "server/protocol/call_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

namespace oarlock {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

std::chrono::system_clock::time_point At(int64_t us) {
  return std::chrono::system_clock::time_point(std::chrono::microseconds(us));
}

std::string LineOf(const CallRecord& record) {
  std::string lines;
  AppendLine(record, "0123456789abcdef", &lines);
  return lines;
}

TEST(CallRecord, AllOfItIsInTheLine) {
  CallRecord record;
  record.time = At(1'769'903'999'000'042);
  record.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  record.request_id = "r-1";
  record.ce_id = "c-1";
  record.protocol = "http";
  record.method = "POST";
  record.route = "model_infer";
  record.model = "net";
  record.version = 3;
  record.model_hash = "abc";
  record.client = "192.0.2.7:41234";
  record.bytes_in = 100;
  record.bytes_out = 50;
  record.queue = std::chrono::nanoseconds(1'999);
  record.compute = std::chrono::microseconds(20);
  record.total = std::chrono::milliseconds(1);
  record.code = absl::StatusCode::kInvalidArgument;
  record.http_status = 400;
  EXPECT_EQ(LineOf(record),
            R"({"time":"2026-01-31T23:59:59.000042Z","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","request_id":"r-1",)"
            R"("ce_id":"c-1","protocol":"http","method":"POST","route":"model_infer","model":"net","version":3,)"
            R"("model_hash":"abc","hardware_fingerprint":"0123456789abcdef","client":"192.0.2.7:41234",)"
            R"("bytes_in":100,"bytes_out":50,"queue_us":1,"compute_us":20,"total_us":1000,)"
            R"("code":"INVALID_ARGUMENT","http_status":400})"
            "\n");
}

TEST(CallRecord, WhatIsNotKnownIsNull) {
  CallRecord record;
  record.time = At(0);
  record.protocol = "grpc";
  EXPECT_EQ(LineOf(record),
            R"({"time":"1970-01-01T00:00:00.000000Z","trace_id":null,"request_id":null,"ce_id":null,"protocol":"grpc",)"
            R"("method":null,"route":null,"model":null,"version":null,"model_hash":null,)"
            R"("hardware_fingerprint":"0123456789abcdef","client":null,"bytes_in":0,"bytes_out":0,"queue_us":0,)"
            R"("compute_us":0,"total_us":0,"code":"OK","http_status":null})"
            "\n");
}

TEST(CallRecord, WhateverATextHoldsTheLineIsOneAndJson) {
  for (int byte = 0; byte < 256; ++byte) {
    CallRecord record;
    record.model = std::string("a\"\\\n\r{") + static_cast<char>(byte) + "}\xC3\xA4\xE2\x80\xA8";
    const std::string line = LineOf(record);
    EXPECT_EQ(line.find('\n'), line.size() - 1) << byte;
    rapidjson::Document document;
    document.Parse<rapidjson::kParseValidateEncodingFlag>(line.c_str());
    ASSERT_FALSE(document.HasParseError()) << line;
    const std::string model(document["model"].GetString(), document["model"].GetStringLength());
    EXPECT_THAT(model, StartsWith("a\"\\\n\r{"));
    EXPECT_THAT(model, EndsWith("}\xC3\xA4\xE2\x80\xA8"));
    EXPECT_TRUE(byte >= 128 || model == record.model) << byte;
  }
}

TEST(CallRecord, DroppedOnesAreTold) {
  std::string lines = "before\n";
  AppendDropped(At(1), 7, &lines);
  EXPECT_EQ(lines, "before\n{\"time\":\"1970-01-01T00:00:00.000001Z\",\"dropped\":7}\n");
}

}  // namespace
}  // namespace oarlock
