#include "doctor/engine_checks.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/file.h"
#include "base/status.h"

namespace oarlock {
namespace {

constexpr Format kFormats[] = {Format::kPaddle,     Format::kPaddlePir,   Format::kOnnx,
                               Format::kOpenVinoIr, Format::kTorchScript, Format::kFake};

// Libraries of the system that engines take for granted, and that a small image may lack.
struct SystemLibrary {
  std::string_view soname;
  std::string_view debian_package;
};
constexpr SystemLibrary kSystemLibraries[] = {{"libstdc++.so.6", "libstdc++6"},
                                              {"libgcc_s.so.1", "libgcc-s1"},
                                              {"libgomp.so.1", "libgomp1"},
                                              {"libz.so.1", "zlib1g"}};

// A tree is either an unpacked package, or built from source; the program cannot tell which.
std::string Anew(std::string_view install) {
  return install.empty() ? std::string("unpack the package again; in a source tree build again")
                         : fmt::format("unpack the package again; in a source tree run {} and build again", install);
}

Diagnosis CheckEngine(const std::string& name, EngineRegistry* engines, bool* usable) {
  const std::string check = fmt::format("engine {}", name);
  const KnownEngine* known = EngineRegistry::Known(name);
  const std::string_view install = known == nullptr ? std::string_view() : known->install;
  const auto engine = engines->Get(name);
  if (engine.status().code() == absl::StatusCode::kNotFound) {
    return Diagnosis::Warning(check, MessageOf(engine.status()), Anew(install));
  }
  if (!engine.ok()) {
    const std::string plugin = (engines->directory() / fmt::format("liboarlock_engine_{}.so", name)).string();
    return Diagnosis::Error(check, MessageOf(engine.status()), PluginFix(MessageOf(engine.status()), plugin, install));
  }
  std::vector<std::string> devices;
  for (const EngineDevice& device : (*engine)->Devices()) {
    devices.push_back(fmt::format("{} ({})", device.id, Printable(device.name)));
  }
  if (devices.empty()) {
    return Diagnosis::Error(
        check,
        fmt::format("version {} opens and has no device; a library that it loads later is missing or broken "
                    "in '{}'",
                    (*engine)->version(), (engines->directory() / name).string()),
        Anew(install));
  }
  std::vector<std::string_view> formats;
  for (Format format : kFormats) {
    if ((*engine)->Reads(format)) formats.push_back(NameOf(format));
  }
  *usable = true;
  return Diagnosis::Ok(check, fmt::format("version {}, reads {}, on {}", (*engine)->version(), fmt::join(formats, ", "),
                                          fmt::join(devices, ", ")));
}

}  // namespace

std::string_view MissingLibrary(std::string_view error) {
  constexpr std::string_view kWords = ": cannot open shared object file: No such file or directory";
  const size_t end = error.find(kWords);
  if (end == std::string_view::npos) return {};
  const size_t before = error.find_last_of(" '", end - 1);
  const size_t begin = end == 0 || before == std::string_view::npos ? 0 : before + 1;
  return error.substr(begin, end - begin);
}

std::string PluginFix(std::string_view error, const std::string& plugin, std::string_view install) {
  const auto says = [error](std::string_view words) { return error.find(words) != std::string_view::npos; };
  if (const std::string_view library = MissingLibrary(error); !library.empty()) {
    const auto* known = std::find_if(std::begin(kSystemLibraries), std::end(kSystemLibraries),
                                     [&](const SystemLibrary& each) { return each.soname == library; });
    if (known != std::end(kSystemLibraries)) return fmt::format("apt-get install {}", known->debian_package);
    return fmt::format("{}: it brings {}", Anew(install), library);
  }
  if (says("cannot open shared object file: Permission denied")) return fmt::format("chmod a+r '{}'", plugin);
  if (says("GLIBC") && says("not found")) return "run it on a system as new as Debian 12, or build it on this one";
  if (says("plugin ABI")) return fmt::format("install the plugin and the program of one version: {}", Anew(install));
  if (says("is no engine plugin") || says("says it is")) {
    return fmt::format("remove '{}' or put the real plugin there: {}", plugin, Anew(install));
  }
  return fmt::format("the file is damaged or for another machine: {}", Anew(install));
}

Diagnoses CheckEngines(EngineRegistry* engines) {
  const std::string directory = engines->directory().string();
  if (directory.empty()) {
    return {Diagnosis::Error("engines", "/proc/self/exe cannot be read, so the program does not know where it lies",
                             "mount /proc, or give --engine-path DIR")};
  }
  if (const auto names = ListDirectory(directory); !names.ok()) {
    return {Diagnosis::Error("engines", MessageOf(names.status()),
                             "unpack the package again, build the engines, or give --engine-path DIR")};
  }
  bool usable = false;
  Diagnoses checks;
  for (const std::string& name : engines->Names()) checks.push_back(CheckEngine(name, engines, &usable));
  checks.insert(checks.begin(),
                usable ? Diagnosis::Ok("engines", directory)
                       : Diagnosis::Error("engines", fmt::format("'{}' holds no engine that can be used", directory),
                                          "mend one of those below, or give --engine-path DIR"));
  return checks;
}

}  // namespace oarlock
