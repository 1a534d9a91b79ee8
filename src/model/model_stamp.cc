#include "model/model_stamp.h"

#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "base/root.h"
#include "base/status.h"
#include "model/model_files.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

class Stamper {
 public:
  Stamper(const Root& root, const Limits& limits) : root_(root), limits_(limits) {}

  // A directory and all beneath it. One that a link leads to is not entered: it lies beneath the root itself, and is
  // met there, so that no ring of links is walked.
  absl::Status AddTree(const fs::path& top) {
    std::vector<fs::path> to_do = {top};
    OAR_RETURN_IF_ERROR(Add(top, nullptr));
    while (!to_do.empty()) {
      const fs::path directory = std::move(to_do.back());
      to_do.pop_back();
      const auto names = root_.List(directory);
      if (!names.ok()) {
        AddError(names.status());
        continue;
      }
      for (const std::string& name : *names) {
        bool is_directory = false;
        OAR_RETURN_IF_ERROR(Add(directory / name, &is_directory));
        if (is_directory) to_do.push_back(directory / name);
      }
    }
    return absl::OkStatus();
  }

  // `is_directory`: whether it is one itself, without a link. May be null.
  absl::Status Add(const fs::path& path, bool* is_directory) {
    if (++count_ > limits_.watched_files_max) {
      return ResourceExhausted(
          "'{}' holds more than {} files; that is as many as limits.watched_files_max lets be watched",
          root_.named_path().string(), limits_.watched_files_max);
    }
    fmt::format_to(std::back_inserter(text_), "{}\n", path.native().substr(root_.path().native().size()));
    const auto own = root_.StampOfLink(path);
    AddStamp(own);
    if (is_directory != nullptr) *is_directory = own.ok() && own->kind == PathKind::kDirectory;
    // Of what a link leads to. Other things than links have one stamp twice.
    if (own.ok() && own->kind == PathKind::kOther) AddStamp(root_.StampOf(path));
    return absl::OkStatus();
  }

  std::string Take() { return std::move(text_); }

 private:
  void AddStamp(const absl::StatusOr<FileStamp>& stamp) {
    if (!stamp.ok()) return AddError(stamp.status());
    fmt::format_to(std::back_inserter(text_), " {} {}:{}", static_cast<int>(stamp->kind), stamp->device, stamp->inode);
    // A directory's own size and time change with files that come and go unseen between two looks.
    if (stamp->kind != PathKind::kDirectory) {
      fmt::format_to(std::back_inserter(text_), " {} {}", stamp->size_bytes, stamp->modified_ns);
    }
    text_ += '\n';
  }

  void AddError(const absl::Status& status) {
    fmt::format_to(std::back_inserter(text_), " error {}\n", static_cast<int>(status.code()));
  }

  const Root& root_;
  const Limits& limits_;
  int64_t count_ = 0;
  std::string text_;
};

// A named file, and those beside it that may be its own.
absl::Status AddFile(const std::shared_ptr<const Root>& root, Stamper* stamper) {
  const fs::path program = root->named_path();
  OAR_RETURN_IF_ERROR(stamper->Add(program, nullptr));
  const auto files = FindModel(program, root);
  const bool all = files.ok() && (files->separate_weights || !files->manifest.empty());
  const std::string weights = files.ok() ? files->weights.filename().string() : std::string();
  OAR_ASSIGN_OR_RETURN(const std::vector<std::string> names, root->List(root->path()));
  for (const std::string& name : names) {
    const fs::path path = root->path() / name;
    if (path == program || !(all || name == weights || name.starts_with(program.stem().string()))) continue;
    const auto kind = root->KindOf(path);
    if (!kind.ok() || *kind != PathKind::kDirectory) OAR_RETURN_IF_ERROR(stamper->Add(path, nullptr));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> StampOf(const fs::path& path, const std::shared_ptr<const Root>& root,
                                    const Limits& limits) {
  Stamper stamper(*root, limits);
  OAR_RETURN_IF_ERROR(root->names_file() ? AddFile(root, &stamper) : stamper.AddTree(path));
  return stamper.Take();
}

absl::StatusOr<std::string> StampOf(const fs::path& path, const Limits& limits) {
  OAR_ASSIGN_OR_RETURN(const auto root, Root::Open(path));
  return StampOf(root->named_path(), root, limits);
}

}  // namespace oarlock
