// Mutated requests: none crashes, and none is accepted that a second, fully validating parser refuses.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstring>
#include <memory>
#include <random>

#include "base/rounds_test.h"
#include "server/http/infer_request_parser.h"

namespace oarlock {
namespace {

constexpr std::string_view kSeeds[] = {
    R"({"id":"r1","inputs":[{"name":"x","datatype":"INT32","shape":[2,2],"data":[[1,2],[3,4]]}]})",
    R"({"inputs":[{"name":"x","datatype":"FP32","shape":[3],"data":[0.1,-2.5e3,1e-7]}],"outputs":[{"name":"y"}]})",
    R"({"inputs":[{"name":"s","shape":[2],"datatype":"BYTES","data":["a\u00e9","\\\n"]},)"
    R"({"name":"b","shape":[1],"datatype":"BOOL","data":[true]}],"x":{"y":[null,false,{"z":1.5}]}})",
    R"({"parameters":{"binary_data_output":true,"timeout":9,"priority":1,"own":"v"},"inputs":[{"name":"x",)"
    R"("datatype":"UINT8","shape":[4],"parameters":{"binary_data_size":4}}],)"
    R"("outputs":[{"name":"y","parameters":{"classification":2,"binary_data":false}}]})",
    R"({"inputs":[{"name":"x","datatype":"FP32","shape":[2],"parameters":{"shared_memory_region":"r",)"
    R"("shared_memory_byte_size":8,"shared_memory_offset":0}}],"outputs":[{"name":"y","parameters":)"
    R"({"shared_memory_region":"r","shared_memory_byte_size":8}}]})",
};

// Pieces that turn one kind of JSON into another.
constexpr std::string_view kPieces[] = {"[",        "]",    "{",    "}",    ",",
                                        ":",        "\"",   "\\",   "0",    "-1",
                                        "1e9",      "null", "true", "\\u0", " ",
                                        "\n",       "[]",   "{}",   "\"",   "1e99",
                                        "\"data\"", "[[",   "\xC3", "\0",   "9999999999999999999"};

void Mutate(std::mt19937* random, std::string* json) {
  std::mt19937& r = *random;
  for (size_t changes = r() % 3 + 1; changes > 0 && !json->empty(); --changes) {
    const size_t at = r() % json->size();
    const std::string_view piece = kPieces[r() % std::size(kPieces)];
    switch (r() % 6) {
      case 0:
        (*json)[at] = static_cast<char>(r());
        break;
      case 1:
        json->erase(at, r() % 4 + 1);
        break;
      case 2:
        json->insert(at, piece);
        break;
      case 3:
        json->replace(at, std::min<size_t>(r() % 4 + 1, json->size() - at), piece);
        break;
      case 4:
        json->insert(at, json->substr(r() % json->size(), r() % 24));
        break;
      default:
        json->resize(at);
        break;
    }
  }
}

bool HasLongInteger(std::string_view json) {
  size_t digits = 0;
  for (const char c : json) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits > 18) return true;
  }
  return false;
}

TEST(InferRequestFuzz, MutationsNeverCrashAndOnlyJsonIsAccepted) {
  std::mt19937 random(20240608);
  Limits limits;
  limits.request_elements_max = 1 << 16;
  int accepted = 0;
  for (int round = 0; round < Rounds(20'000); ++round) {
    std::string json(kSeeds[static_cast<size_t>(round) % std::size(kSeeds)]);
    Mutate(&random, &json);
    // On the heap to the byte, so that a sanitizer sees a read beyond the padding.
    const std::string binary(json.find("binary_data_size") == std::string::npos ? 0 : 4, 'x');
    const size_t size = json.size() + binary.size();
    const std::unique_ptr<char[]> body(new char[size + kBodyPaddingBytes]);
    std::memcpy(body.get(), json.data(), json.size());
    std::memcpy(body.get() + json.size(), binary.data(), binary.size());
    std::memset(body.get() + size, ']', kBodyPaddingBytes);
    const auto request = ParseInferRequest(std::as_bytes(std::span<const char>(body.get(), size)), json.size(), limits);
    if (!request.ok()) {
      ASSERT_FALSE(request.status().message().empty());
      continue;
    }
    ++accepted;
    for (const ParsedInput& input : request->inputs) {
      if (input.shared_memory) continue;
      ASSERT_EQ(CheckView(input.view, {"input", input.name}), absl::OkStatus());
    }
    simdjson::dom::parser parser;
    const auto error = parser.parse(json).error();
    // That parser refuses integers beyond 64 bits, which FP32 and custom parameters may hold.
    if (error == simdjson::NUMBER_ERROR && HasLongInteger(json)) continue;
    ASSERT_EQ(error, simdjson::SUCCESS) << json;
  }
  EXPECT_GT(accepted, 500);
}

}  // namespace
}  // namespace oarlock
