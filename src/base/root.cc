#include "base/root.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "absl/strings/cord.h"
#include "base/status.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

constexpr char kLeadsOutUrl[] = "oarlock/leads-out";

int OpenAt2(int directory, const char* path, int flags, uint64_t resolve) {
  open_how how = {};
  how.flags = static_cast<uint64_t>(flags);
  how.resolve = resolve;
  return static_cast<int>(::syscall(SYS_openat2, directory, path, &how, sizeof how));
}

// Linux before 5.6 lacks the call (ENOSYS), and filters of container engines that do not know it refuse it (EPERM).
// Opening "/" as a path asks for no permission of the file system's, so that no error of a file is taken for theirs.
bool KernelResolves() { return Descriptor(OpenAt2(AT_FDCWD, "/", O_PATH | O_CLOEXEC, 0)).is_open(); }

// EXDEV = the path leads out. The kernel says EAGAIN where anything on the machine was renamed while it went up by
// '..'.
Descriptor OpenByKernel(const Descriptor& root, const std::string& path, int flags) {
  constexpr int kAttemptsMax = 32;
  Descriptor file;
  for (int attempt = 0; attempt < kAttemptsMax && !file.is_open(); ++attempt) {
    file = Descriptor(OpenAt2(root.get(), path.c_str(), flags, RESOLVE_BENEATH));
    if (!file.is_open() && errno != EAGAIN && errno != EINTR) break;
  }
  return file;
}

// One path's way down from a root. Every directory on it is held open, and '..' goes back to the one before: whatever
// is renamed meanwhile, it never rises above the root.
class Steps {
 public:
  Steps(const Descriptor& root, const std::string& path) : root_(root.get()) { Prepend(path); }

  // As openat2(RESOLVE_BENEATH), with its errno.
  Descriptor Open(int flags) {
    while (!names_.empty()) {
      const std::string name = std::move(names_.back());
      names_.pop_back();
      if (name.empty() || name == ".") continue;
      if (name == "/") return Failed(EXDEV);
      if (name == "..") {
        if (above_.empty()) return Failed(EXDEV);
        above_.pop_back();
        continue;
      }
      Descriptor step(::openat(here(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
      struct stat info;
      if (!step.is_open() || ::fstat(step.get(), &info) != 0) return {};
      if (S_ISLNK(info.st_mode) && !(names_.empty() && (flags & O_NOFOLLOW) != 0)) {
        if (++link_count_ > kLinksMax) return Failed(ELOOP);
        if (!FollowLink(step)) return {};
      } else if (names_.empty()) {
        if ((flags & O_PATH) != 0) return step;
        // By name again, since what is open is a path only. Should a link stand there by now, it is looked at anew.
        Descriptor file(::openat(here(), name.c_str(), flags | O_NOFOLLOW));
        if (file.is_open() || errno != ELOOP || ++link_count_ > kLinksMax) return file;
        names_.push_back(name);
      } else if (S_ISDIR(info.st_mode)) {
        above_.push_back(std::move(step));
      } else {
        return Failed(ENOTDIR);
      }
    }
    return Descriptor(::openat(here(), ".", flags));
  }

 private:
  static constexpr int kLinksMax = 40;  // the kernel's own bound

  static Descriptor Failed(int error) {
    errno = error;
    return {};
  }

  int here() const { return above_.empty() ? root_ : above_.back().get(); }

  // Puts a path's names before those that are still to go.
  void Prepend(std::string_view path) {
    std::vector<std::string> names;
    if (path.starts_with('/')) names.emplace_back("/");
    for (size_t begin = 0; begin <= path.size();) {
      const size_t end = std::min(path.find('/', begin), path.size());
      names.emplace_back(path.substr(begin, end - begin));
      begin = end + 1;
    }
    names_.insert(names_.end(), names.rbegin(), names.rend());
  }

  bool FollowLink(const Descriptor& link) {
    char text[PATH_MAX];
    const ssize_t size = ::readlinkat(link.get(), "", text, sizeof text);
    if (size < 0) return false;
    Prepend({text, static_cast<size_t>(size)});
    return true;
  }

  const int root_;
  std::vector<Descriptor> above_;   // the directories between the root and here; the last is here
  std::vector<std::string> names_;  // still to go; the next one stands last
  int link_count_ = 0;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const Root>> Root::Open(const fs::path& path, Resolver resolver) {
  Descriptor named(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!named.is_open() && (errno == ENOENT || errno == ENOTDIR)) {
    return NotFound("no such file or directory: '{}'", path.string());
  }
  OAR_ASSIGN_OR_RETURN(const FileStamp stamp, StampOfOpened(named, path.native()));
  const bool kernel = resolver == Resolver::kKernel && KernelResolves();
  if (stamp.kind == PathKind::kDirectory) {
    return std::shared_ptr<const Root>(new Root(path, fs::path(), std::move(named), kernel));
  }
  if (stamp.kind != PathKind::kFile) return InvalidArgument("'{}' is neither a file nor a directory", path.string());
  const fs::path directory = path.parent_path();
  Descriptor parent(::open(directory.empty() ? "." : directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!parent.is_open()) return ErrnoStatus(errno, fmt::format("cannot open '{}'", directory.string()));
  return std::shared_ptr<const Root>(new Root(directory, path.filename(), std::move(parent), kernel));
}

// Of text and not of fs::path, which knows several spellings of one path.
absl::StatusOr<std::string> Root::Relative(const fs::path& path) const {
  const std::string& root = path_.native();
  std::string_view rest = path.native();
  const bool begins = rest.starts_with(root);
  if (begins) rest.remove_prefix(root.size());
  const bool parted = root.empty() || root.ends_with('/') || rest.empty() || rest.starts_with('/');
  if (!begins || !parted || rest.find('\0') != std::string_view::npos) {
    return InvalidArgument("'{}' is no path beneath '{}'", Printable(path.native()), root);
  }
  // Without a root in the user's words, "/x" is an absolute path and remains one: it leads out.
  if (!root.empty()) rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
  return rest.empty() ? std::string(".") : std::string(rest);
}

absl::StatusOr<Descriptor> Root::OpenBeneath(const fs::path& path, int flags) const {
  OAR_ASSIGN_OR_RETURN(const std::string relative, Relative(path));
  Descriptor file;
  if (!named_file_.empty() && relative == named_file_.native()) {
    file = Descriptor(::openat(directory_.get(), relative.c_str(), flags));
  } else {
    if (kernel_) file = OpenByKernel(directory_, relative, flags);
    if (!kernel_ || (!file.is_open() && errno == EAGAIN)) file = Steps(directory_, relative).Open(flags);
  }
  if (file.is_open()) return file;
  if (errno != EXDEV) return ErrnoStatus(errno, fmt::format("cannot open '{}'", path.string()));
  absl::Status status = PermissionDenied(
      "'{}' leads out of '{}'; links there must stay beneath it, so put the file itself in their place", path.string(),
      path_.empty() ? "." : path_.string());
  status.SetPayload(kLeadsOutUrl, absl::Cord());
  return status;
}

absl::StatusOr<FileBytes> Root::Read(const fs::path& path, int64_t size_bytes_max) const {
  OAR_ASSIGN_OR_RETURN(const Descriptor file, OpenBeneath(path, kOpenForReading));
  return ReadOpened(file, path.native(), size_bytes_max);
}

absl::StatusOr<FileBytes> Root::Map(const fs::path& path, int64_t size_bytes_max) const {
  OAR_ASSIGN_OR_RETURN(const Descriptor file, OpenBeneath(path, kOpenForReading));
  return MapOpened(file, path.native(), size_bytes_max);
}

absl::StatusOr<std::vector<std::string>> Root::List(const fs::path& directory) const {
  OAR_ASSIGN_OR_RETURN(Descriptor opened, OpenBeneath(directory, kOpenForReading | O_DIRECTORY));
  return ListOpened(std::move(opened), directory.native());
}

absl::Status Root::CheckReadable(const fs::path& path) const { return OpenBeneath(path, kOpenForReading).status(); }

absl::StatusOr<std::string> Root::ReadHead(const fs::path& path, size_t size_bytes_max) const {
  OAR_ASSIGN_OR_RETURN(const Descriptor file, OpenBeneath(path, kOpenForReading));
  OAR_ASSIGN_OR_RETURN(const FileStamp stamp, StampOfOpened(file, path.native()));
  if (stamp.kind != PathKind::kFile) return InvalidArgument("'{}' is not a regular file", path.string());
  std::string head(size_bytes_max, '\0');
  const ssize_t size = ::pread(file.get(), head.data(), head.size(), 0);  // of a regular file, all at once
  if (size < 0) return ErrnoStatus(errno, fmt::format("cannot read '{}'", path.string()));
  head.resize(static_cast<size_t>(size));
  return head;
}

absl::StatusOr<PathKind> Root::KindOf(const fs::path& path) const {
  const auto stamp = StampOf(path);
  if (stamp.ok()) return stamp->kind;
  if (stamp.status().code() == absl::StatusCode::kNotFound) return PathKind::kMissing;
  return stamp.status();
}

absl::StatusOr<FileStamp> Root::StampOf(const fs::path& path) const {
  OAR_ASSIGN_OR_RETURN(const Descriptor file, OpenBeneath(path, O_PATH | O_CLOEXEC));
  return StampOfOpened(file, path.native());
}

absl::StatusOr<FileStamp> Root::StampOfLink(const fs::path& path) const {
  OAR_ASSIGN_OR_RETURN(const Descriptor file, OpenBeneath(path, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  return StampOfOpened(file, path.native());
}

bool LeadsOut(const absl::Status& status) { return status.GetPayload(kLeadsOutUrl).has_value(); }

}  // namespace oarlock
