#include "server/grpc/reflection.h"

#include <chrono>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "import/wire.h"
#include "oarlock/reflection.pb.h"
#include "server/grpc/byte_buffer.h"
#include "server/grpc/descriptors.h"

namespace oarlock {
namespace {

using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;

// A FileDescriptorProto, and what of it is asked for. The numbers are those of descriptor.proto.
struct File {
  std::string_view bytes;
  std::string_view name;
  std::set<std::string, std::less<>> symbols;  // full names of services, methods, messages and enums
  std::vector<std::string> services;
};

std::string_view NameIn(std::string_view message) {
  WireReader reader(message);
  while (reader.Next()) {
    if (reader.field() == 1 && reader.is_bytes()) return reader.bytes();
  }
  return {};
}

void AddMessage(std::string_view message, const std::string& scope, File* file) {
  const std::string name = scope + std::string(NameIn(message));
  file->symbols.insert(name);
  WireReader reader(message);
  while (reader.Next()) {
    if (reader.field() == 3) AddMessage(reader.bytes(), name + ".", file);
    if (reader.field() == 4) file->symbols.insert(fmt::format("{}.{}", name, NameIn(reader.bytes())));
  }
}

void AddService(std::string_view service, const std::string& scope, File* file) {
  const std::string name = scope + std::string(NameIn(service));
  file->symbols.insert(name);
  file->services.push_back(name);
  WireReader reader(service);
  while (reader.Next()) {
    if (reader.field() == 2) file->symbols.insert(fmt::format("{}.{}", name, NameIn(reader.bytes())));
  }
}

File FileOf(std::string_view bytes) {
  File file;
  file.bytes = bytes;
  std::string scope;
  // The package comes before what is in it.
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.field() == 1) file.name = reader.bytes();
    if (reader.field() == 2) scope = std::string(reader.bytes()) + ".";
    if (reader.field() == 4) AddMessage(reader.bytes(), scope, &file);
    if (reader.field() == 5) file.symbols.insert(scope + std::string(NameIn(reader.bytes())));
    if (reader.field() == 6) AddService(reader.bytes(), scope, &file);
  }
  return file;
}

// None of them includes another.
std::vector<File> Files() {
  std::vector<File> files;
  WireReader reader(Descriptors());
  while (reader.Next()) {
    if (reader.field() == 1) files.push_back(FileOf(reader.bytes()));
  }
  return files;
}

void Fail(absl::StatusCode code, std::string text, ServerReflectionResponse* to) {
  to->mutable_error_response()->set_error_code(static_cast<int>(code));
  to->mutable_error_response()->set_error_message(std::move(text));
}

template <typename IsIt>
void FillFile(std::string_view wanted, IsIt is_it, ServerReflectionResponse* to) {
  for (const File& file : Files()) {
    if (!is_it(file)) continue;
    to->mutable_file_descriptor_response()->add_file_descriptor_proto(std::string(file.bytes));
    return;
  }
  Fail(absl::StatusCode::kNotFound, fmt::format("there is no '{}' here", Printable(wanted)), to);
}

}  // namespace

absl::StatusOr<std::string> AnswerReflection(const std::string& question) {
  ServerReflectionRequest request;
  if (!request.ParseFromString(question)) return InvalidArgument("the request is no ServerReflectionRequest");
  ServerReflectionResponse response;
  response.set_valid_host(request.host());
  switch (request.message_request_case()) {
    case ServerReflectionRequest::kListServices:
      response.mutable_list_services_response();
      for (const File& file : Files()) {
        for (const std::string& service : file.services) {
          response.mutable_list_services_response()->add_service()->set_name(service);
        }
      }
      break;
    case ServerReflectionRequest::kFileByFilename:
      FillFile(
          request.file_by_filename(), [&](const File& file) { return file.name == request.file_by_filename(); },
          &response);
      break;
    case ServerReflectionRequest::kFileContainingSymbol:
      FillFile(
          request.file_containing_symbol(),
          [&](const File& file) { return file.symbols.contains(request.file_containing_symbol()); }, &response);
      break;
    default:
      Fail(absl::StatusCode::kUnimplemented, "there are no extensions here", &response);
  }
  *response.mutable_original_request() = std::move(request);
  return response.SerializeAsString();
}

void ReflectionCall::OnReadDone(bool ok) {
  if (!ok) return Finish(grpc::Status::OK);
  const auto began = std::chrono::steady_clock::now();
  const auto record = call().NewRecord(request_.Length());
  auto answer = AnswerReflection(ReceivedMessage(request_).Joined());
  call().Answered(record, answer.status(), answer.ok() ? answer->size() : 0, began);
  if (!answer.ok()) return Finish(ToGrpc(answer.status()));
  StartWrite(ToByteBuffer(*std::move(answer)));
}

void ReflectionCall::OnWriteDone(bool ok) {
  if (!ok) return Finish(grpc::Status::OK);
  StartRead(&request_);
}

}  // namespace oarlock
