// oarlock run: one model, once, on arrays, pictures or random values.
#include <fmt/ranges.h>

#include <filesystem>
#include <list>

#include "base/file.h"
#include "base/status.h"
#include "bench/random_tensor.h"
#include "cli/command.h"
#include "cli/tensor_text.h"
#include "tensor/json_text.h"
#include "tensor/npy.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

struct RunFlags {
  std::string path;
  ModelFlags model;
  std::vector<std::string> inputs;
  std::vector<std::string> images;
  bool random = false;
  uint64_t seed = 0;
  std::string output_dir;
};

double Milliseconds(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e6; }

// "x=@file.npy"
absl::Status AddArray(const std::string& text, const Limits& limits, std::list<Tensor>* tensors,
                      std::list<std::string>* names, InferenceRequest* request) {
  const size_t at = text.find("=@");
  if (at == std::string::npos || at == 0 || at + 2 == text.size()) {
    return UsageError(fmt::format("--input '{}' must be NAME=@FILE.npy", Printable(text)));
  }
  OAR_ASSIGN_OR_RETURN(Tensor tensor, ReadNpy(text.substr(at + 2), limits));
  tensors->push_back(std::move(tensor));
  names->push_back(text.substr(0, at));
  request->inputs.push_back(RequestInput::Of(names->back(), tensors->back().view()));
  return absl::OkStatus();
}

absl::Status AddRandom(const LoadedModel& model, uint64_t seed, std::list<Tensor>* tensors, InferenceRequest* request) {
  for (const Port& port : model.inputs) {
    bool given = false;
    for (const RequestInput& input : request->inputs) given |= input.name == port.name;
    if (given) continue;
    OAR_ASSIGN_OR_RETURN(Tensor tensor, RandomTensor(port, seed++));
    tensors->push_back(std::move(tensor));
    request->inputs.push_back(RequestInput::Of(port.name, tensors->back().view()));
  }
  return absl::OkStatus();
}

// Outputs are named after the model's; '/' in a name would lead out of the directory.
std::string FileNameOf(std::string_view output) {
  std::string name(output);
  for (char& c : name) {
    if (c == '/' || static_cast<unsigned char>(c) < 0x20) c = '_';
  }
  return (name == "." || name == ".." ? "_" + name : name) + ".npy";
}

absl::Status MakeDirectory(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return ErrnoStatus(error.value(), fmt::format("cannot make --output-dir '{}'", directory.string()));
  return absl::OkStatus();
}

absl::Status WriteOutputs(const fs::path& directory, const InferenceResponse& response) {
  // All are put into words before the first is written: a dtype without a .npy form leaves no half of the outputs.
  std::vector<std::pair<fs::path, std::string>> files;
  for (const InferenceOutput& output : response.outputs()) {
    auto file = SerializeNpy(output.view);
    if (!file.ok()) return Annotate(file.status(), fmt::format("output '{}'", output.name));
    files.emplace_back(directory / FileNameOf(output.name), *std::move(file));
  }
  for (const auto& [path, file] : files) OAR_RETURN_IF_ERROR(WriteFileAtomic(path, file));
  return absl::OkStatus();
}

void WriteTimes(const InferenceResponse& response, JsonText* json) {
  json->Key("times_ms");
  json->StartObject();
  json->Field("prepare", Milliseconds(response.times().prepare));
  json->Field("compute", Milliseconds(response.times().compute));
  json->Field("finish", Milliseconds(response.times().finish));
  json->EndObject();
}

void WriteOutputsJson(const InferenceResponse& response, JsonText* json) {
  json->Key("outputs");
  json->StartArray();
  for (const InferenceOutput& output : response.outputs()) {
    json->StartObject();
    json->Field("name", output.name);
    json->Field("datatype", NameOf(output.view.dtype));
    json->Field("shape", output.view.shape);
    json->Key("data");
    WriteElements(output.view, json);
    json->EndObject();
  }
  json->EndArray();
}

absl::Status RunOnce(const RunFlags& flags, const GlobalFlags& global, Predictor* predictor) {
  const auto model = predictor->model();
  InferenceRequest request;
  std::list<Tensor> tensors;
  std::list<std::string> names;
  for (const std::string& input : flags.inputs) {
    OAR_RETURN_IF_ERROR(AddArray(input, model->limits, &tensors, &names, &request));
  }
  if (flags.random) OAR_RETURN_IF_ERROR(AddRandom(*model, flags.seed, &tensors, &request));
  InferenceResponse response;
  OAR_RETURN_IF_ERROR(predictor->Infer(request, &response));
  if (!flags.output_dir.empty()) OAR_RETURN_IF_ERROR(WriteOutputs(flags.output_dir, response));
  if (global.json) {
    JsonText json;
    json.StartObject();
    json.Field("model", model->name);
    WriteOutputsJson(response, &json);
    WriteTimes(response, &json);
    json.EndObject();
    return Print(fmt::format("{}\n", json.text()));
  }
  std::string text;
  for (const InferenceOutput& output : response.outputs()) {
    text += fmt::format("{} {} {}: {}\n", output.name, NameOf(output.view.dtype), output.view.shape.ToString(),
                        FirstElements(output.view));
    if (!flags.output_dir.empty()) {
      text += fmt::format("  -> {}\n", (fs::path(flags.output_dir) / FileNameOf(output.name)).string());
    }
  }
  text += fmt::format("computed in {:.3f} ms by {}\n", Milliseconds(response.times().compute),
                      model->compiled->engine()->name());
  return Print(text);
}

absl::Status RunImages(const RunFlags& flags, const GlobalFlags& global, Predictor* predictor) {
  const auto model = predictor->model();
  if (!model->image_input) {
    return InvalidArgument("model '{}' takes no pictures; give it a model.yaml with `preprocess`", model->name);
  }
  const std::string& input = model->inputs[*model->image_input].name;
  JsonText json;
  json.StartObject();
  json.Field("model", model->name);
  json.Key("images");
  json.StartArray();
  for (const std::string& path : flags.images) {
    OAR_ASSIGN_OR_RETURN(const FileBytes file, ReadFile(path, model->limits.image_bytes_max));
    const std::string element(file.text());
    OAR_ASSIGN_OR_RETURN(const Tensor tensor, Tensor::FromStrings(std::span(&element, 1)));
    InferenceRequest request;
    request.inputs.push_back(RequestInput::Of(input, tensor.view()));
    InferenceResponse response;
    const absl::Status status = predictor->Infer(request, &response);
    if (!status.ok()) return Annotate(status, fmt::format("'{}'", path));
    if (!flags.output_dir.empty()) {
      const fs::path directory = fs::path(flags.output_dir) / fs::path(path).stem();
      OAR_RETURN_IF_ERROR(MakeDirectory(directory));
      OAR_RETURN_IF_ERROR(WriteOutputs(directory, response));
    }
    if (global.json) {
      json.StartObject();
      json.Field("image", path);
      WriteOutputsJson(response, &json);
      WriteTimes(response, &json);
      json.EndObject();
      continue;
    }
    std::string text = path;
    for (const InferenceOutput& output : response.outputs()) text += fmt::format("  {}", FirstElements(output.view));
    const RequestTimes& times = response.times();
    OAR_RETURN_IF_ERROR(
        Print(fmt::format("{}  {:.2f} ms\n", text, Milliseconds(times.prepare + times.compute + times.finish))));
  }
  json.EndArray();
  json.EndObject();
  return global.json ? Print(fmt::format("{}\n", json.text())) : absl::OkStatus();
}

}  // namespace

Command RegisterRun(Flags* flags, const GlobalFlags* global) {
  auto values = std::make_shared<RunFlags>();
  flags->Positional("MODEL", "A model's file, or a directory that holds one.", true, &values->path);
  flags->Add("run", "input", &values->inputs);
  flags->AddMany("run", "image", &values->images);
  flags->Switch("run", "random", &values->random);
  flags->Add("run", "seed", &values->seed);
  flags->Add("run", "output-dir", &values->output_dir);
  flags->Exclude("--image", "--input");
  flags->Exclude("--image", "--random");
  flags->Need("--seed", "--random");
  AddModelFlags(flags, &values->model);
  return [values, global]() -> absl::Status {
    OAR_ASSIGN_OR_RETURN(ModelConfig config, values->model.Finish(*global));
    config.path = values->path;
    config.executions = 1;
    // Before the model is loaded: a directory that cannot be written should not cost a load.
    if (!values->output_dir.empty()) OAR_RETURN_IF_ERROR(MakeDirectory(values->output_dir));
    Runtime runtime(global->engine_path);
    OAR_ASSIGN_OR_RETURN(const auto predictor, LoadWithProgress(config, Limits(), &runtime));
    return values->images.empty() ? RunOnce(*values, *global, predictor.get())
                                  : RunImages(*values, *global, predictor.get());
  };
}

}  // namespace oarlock
