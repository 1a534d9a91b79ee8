// A directory that a user named, and reading what lies beneath it. The root itself may be reached through any links,
// also magic ones (/proc/PID/root/...); below it, a link that stays beneath the root is followed, and one that leads
// out is refused (PERMISSION_DENIED). Links are resolved while a file is opened, so nobody can swap one in between.
//
//   OAR_ASSIGN_OR_RETURN(const auto root, Root::Open("/mnt/models"));
//   OAR_ASSIGN_OR_RETURN(const FileBytes bytes, root->Read(root->path() / "net.onnx", limits.model_file_bytes_max));
//
// Immutable, thread-safe. It keeps the directory open, and with it the volume mounted: do not hold one for longer than
// the reading takes.
#ifndef OARLOCK_BASE_ROOT_H_
#define OARLOCK_BASE_ROOT_H_

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/descriptor.h"
#include "base/file.h"

namespace oarlock {

// How links are kept beneath a root. Both give the same answers.
enum class Resolver {
  kKernel,   // openat2(RESOLVE_BENEATH), where the kernel and its filters have it; else kStepwise
  kStepwise  // component by component, reading each link: three times as long three directories down (7 us, not 2.6)
};

class Root {
 public:
  // `path`: a directory, or a file that is read with the files beside it. The root is then the directory that the
  // file's path lies in; the file itself may be a link that leads anywhere, since the user named it.
  static absl::StatusOr<std::shared_ptr<const Root>> Open(const std::filesystem::path& path,
                                                          Resolver resolver = Resolver::kKernel);

  // The directory, in the user's words. Paths below are given so too, `path() / name`, and so stand in messages.
  const std::filesystem::path& path() const { return path_; }
  // What was named to Open: path() itself or a file right in it.
  std::filesystem::path named_path() const { return named_file_.empty() ? path_ : path_ / named_file_; }
  bool names_file() const { return !named_file_.empty(); }

  // As their namesakes of base/file.h.
  absl::StatusOr<FileBytes> Read(const std::filesystem::path& path, int64_t size_bytes_max) const;
  absl::StatusOr<FileBytes> Map(const std::filesystem::path& path, int64_t size_bytes_max) const;
  absl::StatusOr<std::vector<std::string>> List(const std::filesystem::path& directory) const;
  // OK if `path` can be opened for reading; else why not.
  absl::Status CheckReadable(const std::filesystem::path& path) const;
  // The first bytes of a regular file, at most `size_bytes_max`.
  absl::StatusOr<std::string> ReadHead(const std::filesystem::path& path, size_t size_bytes_max) const;

  // kMissing if there is nothing, or a link to nothing; an error if that cannot be told.
  absl::StatusOr<PathKind> KindOf(const std::filesystem::path& path) const;
  absl::StatusOr<FileStamp> StampOf(const std::filesystem::path& path) const;
  // The same of a link itself; its kind is kOther.
  absl::StatusOr<FileStamp> StampOfLink(const std::filesystem::path& path) const;

 private:
  Root(std::filesystem::path path, std::filesystem::path named_file, Descriptor directory, bool kernel)
      : path_(std::move(path)), named_file_(std::move(named_file)), directory_(std::move(directory)), kernel_(kernel) {}

  // An open descriptor, or why there is none.
  absl::StatusOr<Descriptor> OpenBeneath(const std::filesystem::path& path, int flags) const;
  absl::StatusOr<std::string> Relative(const std::filesystem::path& path) const;

  const std::filesystem::path path_;
  const std::filesystem::path named_file_;  // a name in path_; empty = the directory was named
  const Descriptor directory_;
  const bool kernel_;
};

// Whether an error is that of a link which leads out of its root, and not of a file that this user may not read.
bool LeadsOut(const absl::Status& status);

}  // namespace oarlock

#endif  // OARLOCK_BASE_ROOT_H_
