#include "bench/http_target.h"

#include <charconv>
#include <chrono>
#include <cstring>

#include "base/status.h"
#include "bench/random_tensor.h"
#include "bench/statistics.h"
#include "simdjson.h"
#include "tensor/json_text.h"

namespace oarlock {
namespace {

// Asked for by this header, told in this one (W3C Server-Timing: "name;dur=MILLISECONDS, ...").
constexpr std::string_view kAskForTiming = "x-server-timing: 1\r\n";

template <typename T>
void WriteNumbers(const TensorView& view, JsonText* json) {
  for (size_t i = 0; i < view.size_bytes / sizeof(T); ++i) {
    T value{};
    std::memcpy(&value, view.data + i * sizeof(T), sizeof value);
    if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>) {
      json->Value(value);
    } else if constexpr (std::is_signed_v<T>) {
      json->Value(static_cast<int64_t>(value));
    } else {
      json->Value(static_cast<uint64_t>(value));
    }
  }
}

absl::Status WriteData(const NamedTensor& input, JsonText* json) {
  const TensorView view = input.tensor.view();
  switch (view.dtype) {
    case DType::kBool:
      for (size_t i = 0; i < view.size_bytes; ++i) json->Value(view.data[i] != std::byte{0});
      return absl::OkStatus();
    case DType::kF32:
      return WriteNumbers<float>(view, json), absl::OkStatus();
    case DType::kF64:
      return WriteNumbers<double>(view, json), absl::OkStatus();
    case DType::kI8:
      return WriteNumbers<int8_t>(view, json), absl::OkStatus();
    case DType::kI16:
      return WriteNumbers<int16_t>(view, json), absl::OkStatus();
    case DType::kI32:
      return WriteNumbers<int32_t>(view, json), absl::OkStatus();
    case DType::kI64:
      return WriteNumbers<int64_t>(view, json), absl::OkStatus();
    case DType::kU8:
      return WriteNumbers<uint8_t>(view, json), absl::OkStatus();
    case DType::kU16:
      return WriteNumbers<uint16_t>(view, json), absl::OkStatus();
    case DType::kU32:
      return WriteNumbers<uint32_t>(view, json), absl::OkStatus();
    case DType::kU64:
      return WriteNumbers<uint64_t>(view, json), absl::OkStatus();
    default:
      return InvalidArgument("input '{}' is {}, which JSON cannot say; use --binary", Printable(input.name),
                             NameOf(view.dtype));
  }
}

std::string RequestOf(const ServerUrl& url, const InferBody& body, std::string_view more_headers) {
  const bool is_model = url.path.find("/v2/models/") != std::string::npos;
  std::string text =
      fmt::format("POST {}{} HTTP/1.1\r\nHost: {}:{}\r\nContent-Length: {}\r\n", url.path.empty() ? "/" : url.path,
                  is_model ? "/infer" : "", url.host, url.port, body.bytes.size());
  if (body.binary) {
    text += fmt::format("Content-Type: application/octet-stream\r\nInference-Header-Content-Length: {}\r\n",
                        body.json_size_bytes);
  } else {
    text += "Content-Type: application/json\r\n";
  }
  text += more_headers;
  return text + "\r\n" + body.bytes;
}

absl::StatusOr<Port> ReadPort(simdjson::dom::element input) {
  Port port;
  std::string_view name;
  std::string_view dtype;
  simdjson::dom::array shape;
  if (input["name"].get(name) || input["datatype"].get(dtype) || input["shape"].get(shape)) {
    return FailedPrecondition("the server's metadata has an input without name, datatype or shape");
  }
  port.name = name;
  port.dtype = DTypeFromName(dtype).value_or(DType::kInvalid);
  std::vector<int64_t> dims;
  for (simdjson::dom::element dim : shape) {
    int64_t value = 0;
    if (dim.get(value)) return FailedPrecondition("the shape of input '{}' is no list of integers", port.name);
    dims.push_back(value);
  }
  OAR_ASSIGN_OR_RETURN(port.shape, Shape::From(dims));
  return port;
}

// "parse;dur=0.003" -> ("parse", 3.0 us)
void AddStages(std::string_view header, std::vector<std::pair<std::string, double>>* sums) {
  while (!header.empty()) {
    const size_t comma = header.find(',');
    std::string_view part = header.substr(0, comma);
    header = comma == std::string_view::npos ? std::string_view() : header.substr(comma + 1);
    while (part.starts_with(' ')) part.remove_prefix(1);
    const size_t mark = part.find(";dur=");
    if (mark == std::string_view::npos) continue;
    double ms = 0;
    std::from_chars(part.data() + mark + 5, part.data() + part.size(), ms);
    const std::string name(part.substr(0, mark));
    auto found = std::find_if(sums->begin(), sums->end(), [&name](const auto& sum) { return sum.first == name; });
    if (found == sums->end()) found = sums->insert(sums->end(), {name, 0.0});
    found->second += ms * 1000;
  }
}

}  // namespace

absl::StatusOr<InferBody> MakeInferBody(const std::vector<NamedTensor>& inputs, bool binary) {
  JsonText json;
  json.StartObject();
  if (binary) {
    json.Key("parameters");
    json.StartObject();
    json.Field("binary_data_output", true);
    json.EndObject();
  }
  json.Key("inputs");
  json.StartArray();
  for (const NamedTensor& input : inputs) {
    json.StartObject();
    json.Field("name", input.name);
    json.Field("shape", input.tensor.shape());
    json.Field("datatype", NameOf(input.tensor.dtype()));
    if (binary) {
      json.Key("parameters");
      json.StartObject();
      json.Field("binary_data_size", static_cast<int64_t>(input.tensor.size_bytes()));
      json.EndObject();
    } else {
      json.Key("data");
      json.StartArray();
      OAR_RETURN_IF_ERROR(WriteData(input, &json));
      json.EndArray();
    }
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  InferBody body;
  body.bytes = std::string(json.text());
  body.json_size_bytes = body.bytes.size();
  body.binary = binary;
  if (binary) {
    for (const NamedTensor& input : inputs) {
      body.bytes.append(reinterpret_cast<const char*>(input.tensor.data()), input.tensor.size_bytes());
    }
  }
  return body;
}

absl::StatusOr<std::vector<NamedTensor>> RandomInputsOf(const ServerUrl& url, uint64_t seed) {
  const HttpClient client(url);
  OAR_ASSIGN_OR_RETURN(const HttpReply reply,
                       client.Ask(fmt::format("GET {} HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n\r\n",
                                              url.path.empty() ? "/" : url.path, url.host, url.port)));
  if (reply.status != 200) {
    return FailedPrecondition("{} answered {} to the question what the model takes: {}", url.text(), reply.status,
                              Printable(reply.body));
  }
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  simdjson::dom::array ports;
  const bool malformed = parser.parse(reply.body).get(document) || document["inputs"].get(ports);
  if (malformed) return FailedPrecondition("{} does not answer with a model's metadata", url.text());
  std::vector<NamedTensor> inputs;
  for (simdjson::dom::element each : ports) {
    OAR_ASSIGN_OR_RETURN(const Port port, ReadPort(each));
    OAR_ASSIGN_OR_RETURN(Tensor tensor, RandomTensor(port, seed + inputs.size()));
    inputs.push_back({port.name, std::move(tensor)});
  }
  return inputs;
}

absl::StatusOr<std::unique_ptr<HttpTarget>> HttpTarget::Create(const ServerUrl& url, const InferBody& body) {
  std::unique_ptr<HttpTarget> target(
      new HttpTarget(url, fmt::format("{}, {}", url.text(), body.binary ? "binary" : "JSON")));
  target->request_ = RequestOf(url, body, "");
  target->request_with_timing_ = RequestOf(url, body, kAskForTiming);
  OAR_ASSIGN_OR_RETURN(const HttpReply reply, target->client_.Ask(target->request_));
  if (reply.status == 200) return target;
  return FailedPrecondition("{} answered {} to a first request: {}", url.text(), reply.status, Printable(reply.body));
}

absl::StatusOr<Anatomy> HttpTarget::LookInside() {
  constexpr int kCallsMax = 200;
  constexpr std::chrono::seconds kTime(1);  // enough of a large model
  Anatomy anatomy;
  std::vector<double> totals_us;
  std::vector<HttpReply> replies;
  OAR_RETURN_IF_ERROR(client_.Converse(request_with_timing_, kCallsMax, kTime, &replies, &totals_us));
  for (const HttpReply& reply : replies) AddStages(reply.Header("server-timing"), &anatomy.stages_us);
  if (anatomy.stages_us.empty()) return anatomy;
  const auto calls = static_cast<double>(replies.size());
  double told_us = 0;
  for (auto& [name, us] : anatomy.stages_us) {
    us /= calls;
    told_us += us;
  }
  double total_us = 0;
  for (double us : totals_us) total_us += us / calls;
  anatomy.stages_us.emplace_back("network and client", std::max(0.0, total_us - told_us));
  return anatomy;
}

}  // namespace oarlock
