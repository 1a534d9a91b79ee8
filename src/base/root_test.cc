#include "base/root.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <thread>

#include "base/rounds_test.h"
#include "base/status.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A directory "in" to be the root, with a secret beside it.
class Scratch {
 public:
  Scratch()
      : directory_(fs::path(::testing::TempDir()) / fmt::format("oarlock-root-{}-{}", ::getpid(), count_++)),
        in_(directory_ / "in") {
    fs::create_directories(in_);
    Put("../secret", "secret");
  }
  ~Scratch() { fs::remove_all(directory_); }

  fs::path Put(const fs::path& name, std::string_view text) {
    fs::create_directories((in_ / name).parent_path());
    std::ofstream(in_ / name, std::ios::binary) << text;
    return in_ / name;
  }
  fs::path Link(const fs::path& name, const fs::path& target) {
    fs::create_directories((in_ / name).parent_path());
    fs::create_symlink(target, in_ / name);
    return in_ / name;
  }
  const fs::path& in() const { return in_; }

 private:
  static inline int count_ = 0;
  const fs::path directory_;
  const fs::path in_;
};

class RootTest : public ::testing::TestWithParam<Resolver> {
 protected:
  std::shared_ptr<const Root> Open(const fs::path& path) const {
    auto root = Root::Open(path, GetParam());
    EXPECT_TRUE(root.ok()) << root.status();
    return root.ok() ? *root : nullptr;
  }
  std::string Text(const fs::path& path) const {
    const auto content = Open(in())->Read(path, 100);
    return content.ok() ? std::string(content->text()) : std::string(MessageOf(content.status()));
  }
  // Every way to look at `path` says that it leads out.
  void ExpectRefused(const fs::path& path) const {
    SCOPED_TRACE(path);
    const auto root = Open(in());
    const std::string text =
        fmt::format("'{}' leads out of '{}'; links there must stay beneath it, so put the file itself in their place",
                    path.string(), in().string());
    for (const absl::Status& status :
         {root->Read(path, 100).status(), root->Map(path, 100).status(), root->List(path).status(),
          root->CheckReadable(path), root->ReadHead(path, 9).status(), root->KindOf(path).status(),
          root->StampOf(path).status()}) {
      EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
      EXPECT_EQ(MessageOf(status), text);
      EXPECT_TRUE(LeadsOut(status));
      EXPECT_TRUE(LeadsOut(Annotate(status, "weights")));
    }
  }
  const fs::path& in() const { return scratch_.in(); }

  Scratch scratch_;
};

INSTANTIATE_TEST_SUITE_P(Both, RootTest, ::testing::Values(Resolver::kKernel, Resolver::kStepwise),
                         [](const auto& tested) { return tested.param == Resolver::kKernel ? "Kernel" : "Stepwise"; });

TEST_P(RootTest, ReadsWhatLiesBeneath) {
  scratch_.Put("a", "1");
  scratch_.Put("b/c/d", "22");
  EXPECT_EQ(Text(in() / "a"), "1");
  EXPECT_EQ(Text(in() / "b/c/d"), "22");
  EXPECT_EQ(Text(in() / "b/./c//d"), "22");
  EXPECT_EQ(Text(in() / "b/../b/c/../../a"), "1");
  const auto root = Open(in());
  const auto read = root->Read(in() / "a", 1);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(reinterpret_cast<uintptr_t>(read->bytes().data()) % 64, 0u);
  EXPECT_EQ(root->Map(in() / "b/c/d", 2)->text(), "22");
  EXPECT_EQ(*root->ReadHead(in() / "b/c/d", 1), "2");
  EXPECT_EQ(*root->ReadHead(in() / "b/c/d", 9), "22");
  EXPECT_THAT(*root->List(in()), ElementsAre("a", "b"));
  EXPECT_THAT(*root->List(in() / "b"), ElementsAre("c"));
  EXPECT_EQ(*root->KindOf(in()), PathKind::kDirectory);
  EXPECT_EQ(*root->KindOf(in() / "b/"), PathKind::kDirectory);
  EXPECT_EQ(*root->KindOf(in() / "a"), PathKind::kFile);
  EXPECT_EQ(*root->KindOf(in() / "none"), PathKind::kMissing);
  EXPECT_TRUE(root->CheckReadable(in() / "a").ok());
}

TEST_P(RootTest, RefusesWhatReadFileRefuses) {
  scratch_.Put("a", "123");
  const auto root = Open(in());
  EXPECT_EQ(MessageOf(root->Read(in() / "a", 2).status()),
            fmt::format("'{}' has 3 bytes; the limit is 2", (in() / "a").string()));
  EXPECT_EQ(root->Map(in() / "a", 2).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(MessageOf(root->Read(in() / "none", 2).status()),
            fmt::format("cannot open '{}': No such file or directory", (in() / "none").string()));
  EXPECT_EQ(MessageOf(root->Read(in(), 2).status()), fmt::format("'{}' is not a regular file", in().string()));
  EXPECT_EQ(root->List(in() / "a").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(root->Read(in() / "a/b", 2).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(root->Read(in() / "a/", 9).status().code(), absl::StatusCode::kInvalidArgument);
  const fs::path pipe = in() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(MessageOf(root->Read(pipe, 5).status()), fmt::format("'{}' is not a regular file", pipe.string()));
  EXPECT_EQ(MessageOf(root->ReadHead(pipe, 5).status()), fmt::format("'{}' is not a regular file", pipe.string()));
  EXPECT_EQ(*root->KindOf(pipe), PathKind::kOther);
}

TEST_P(RootTest, FollowsLinksThatStayBeneath) {
  scratch_.Put("..2026_1/net", "net");
  scratch_.Put("..2026_1/sub/net", "sub");
  scratch_.Link("..data", "..2026_1");
  scratch_.Link("net", "..data/net");
  scratch_.Link("folder", "..data/sub");
  scratch_.Link("deep/er/link", "../../folder/../../net");  // of where the link leads: ..2026_1/sub/../../net
  EXPECT_EQ(Text(in() / "net"), "net");
  EXPECT_EQ(Text(in() / "folder/net"), "sub");
  EXPECT_EQ(Text(in() / "deep/er/link"), "net");
  EXPECT_THAT(*Open(in())->List(in() / "folder"), ElementsAre("net"));
}

TEST_P(RootTest, RefusesWhatLeadsOut) {
  scratch_.Put("file", "x");
  scratch_.Put("below/file", "x");
  ExpectRefused(scratch_.Link("up", "../secret"));
  ExpectRefused(scratch_.Link("down-and-up", "below/../../secret"));
  ExpectRefused(scratch_.Link("absolute", in().parent_path() / "secret"));
  ExpectRefused(scratch_.Link("back", in() / "file"));  // absolute, though it comes back
  ExpectRefused(scratch_.Link("round", "../in/file"));
  scratch_.Link("link", "up");
  ExpectRefused(scratch_.Link("chain", "link"));
  ExpectRefused(scratch_.Link("gone", "/no/such/file"));
  scratch_.Link("folder", "..");
  ExpectRefused(in() / "folder/secret");
  ExpectRefused(in() / "folder");
  ExpectRefused(in() / "..");
  ExpectRefused(in() / "../secret");
  ExpectRefused(in() / "../in/file");
  ExpectRefused(in() / "below/../../secret");
}

TEST_P(RootTest, MagicLinksBeneathLeadNowhere) {
  const auto root = Open("/proc/self");
  for (const char* path : {"/proc/self/exe", "/proc/self/root/etc/passwd", "/proc/self/cwd"}) {
    EXPECT_TRUE(LeadsOut(root->KindOf(path).status())) << path;
  }
}

TEST_P(RootTest, TheRootItselfMayBeReachedThroughAnyLink) {
  scratch_.Put("file", "x");
  scratch_.Link("../link", "in");
  for (const fs::path& path : {in().parent_path() / "link", fs::path("/proc/self/root") / in().relative_path(),
                               fs::path(in()) += "/", fs::path(in()) += "//", in() / "../link/."}) {
    const auto root = Open(path);
    ASSERT_NE(root, nullptr);
    EXPECT_EQ(root->path(), path);
    EXPECT_EQ(root->named_path(), path);
    EXPECT_FALSE(root->names_file());
    EXPECT_EQ(root->Read(path / "file", 1)->text(), "x") << path;
    EXPECT_TRUE(LeadsOut(root->Read(path / "../secret", 9).status())) << path;
  }
}

// A process whose "/" is `directory`, mounted for it alone, as in another container. Ends with this.
class OtherContainer {
 public:
  explicit OtherContainer(const fs::path& directory) {
    int ready[2];
    EXPECT_EQ(::pipe(ready), 0);
    process_ = ::fork();
    if (process_ == 0) {
      const bool moved = ::unshare(CLONE_NEWNS) == 0 &&
                         ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                         ::mount(directory.c_str(), directory.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
                         ::chdir(directory.c_str()) == 0 && ::syscall(SYS_pivot_root, ".", ".") == 0 &&
                         ::umount2(".", MNT_DETACH) == 0;
      const char done = moved ? '1' : '0';
      (void)!::write(ready[1], &done, 1);
      while (true) ::pause();
    }
    char done = '0';
    EXPECT_EQ(::read(ready[0], &done, 1), 1);
    is_there_ = done == '1';
    ::close(ready[0]);
    ::close(ready[1]);
  }
  ~OtherContainer() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  bool is_there() const { return is_there_; }
  fs::path root() const { return fmt::format("/proc/{}/root", process_); }

 private:
  pid_t process_ = -1;
  bool is_there_ = false;
};

// KServe's modelcar: /mnt/models is a link to /proc/PID/root/models. The magic link's text is "/", so that its real
// path by name is a directory of ours.
TEST_P(RootTest, AnotherContainersFilesAreReadThroughItsMagicLink) {
  scratch_.Put("models/file", "theirs");
  scratch_.Link("models/link", "file");
  scratch_.Link("models/absolute", "/models/file");
  scratch_.Link("models/ours", in().parent_path() / "secret");
  const OtherContainer other(in());
  if (!other.is_there()) GTEST_SKIP() << "a mount namespace needs a privilege";
  ASSERT_EQ(fs::read_symlink(other.root()), "/");
  const fs::path mnt = scratch_.Link("../mnt", other.root() / "models");
  const auto root = Open(mnt);
  ASSERT_NE(root, nullptr);
  EXPECT_EQ(root->Read(mnt / "file", 9)->text(), "theirs");
  EXPECT_EQ(root->Read(mnt / "link", 9)->text(), "theirs");
  EXPECT_TRUE(LeadsOut(root->Read(mnt / "absolute", 9).status()));
  EXPECT_TRUE(LeadsOut(root->Read(mnt / "ours", 9).status()));
  EXPECT_TRUE(LeadsOut(root->Read(mnt / "../file", 9).status()));
}

TEST_P(RootTest, KeepsItsDirectoryWhenTheNameGoesToAnother) {
  scratch_.Put("file", "old");
  const auto root = Open(in());
  fs::rename(in(), fs::path(in()) += "-before");
  scratch_.Put("file", "new");
  EXPECT_EQ(root->Read(in() / "file", 9)->text(), "old");
  EXPECT_EQ(Text(in() / "file"), "new");
}

TEST_P(RootTest, ANamedFileMayLeadAnywhereItsNeighboursNot) {
  scratch_.Put("../elsewhere/blob", "blob");
  const fs::path named = scratch_.Link("net", "../elsewhere/blob");
  scratch_.Link("weights", "../elsewhere/blob");
  scratch_.Put("beside", "x");
  const auto root = Open(named);
  EXPECT_EQ(root->path(), in());
  EXPECT_EQ(root->named_path(), named);
  EXPECT_TRUE(root->names_file());
  EXPECT_EQ(root->Read(named, 9)->text(), "blob");
  EXPECT_EQ(*root->KindOf(named), PathKind::kFile);
  EXPECT_EQ(root->Read(in() / "beside", 9)->text(), "x");
  EXPECT_TRUE(LeadsOut(root->Read(in() / "weights", 9).status()));
  EXPECT_TRUE(LeadsOut(Open(in())->Read(named, 9).status()));  // nobody named it here
}

TEST_P(RootTest, APathMayBeRelative) {
  scratch_.Put("m/file", "x");
  const fs::path before = fs::current_path();
  fs::current_path(in());
  EXPECT_EQ(Open("m")->Read("m/file", 9)->text(), "x");
  EXPECT_EQ(Open("m/file")->Read("m/file", 9)->text(), "x");
  EXPECT_EQ(Open(".")->Read("./m/file", 9)->text(), "x");
  fs::current_path(in() / "m");
  const auto root = Open("file");
  EXPECT_EQ(root->path(), "");
  EXPECT_EQ(root->Read("file", 9)->text(), "x");
  EXPECT_EQ(*root->KindOf("none"), PathKind::kMissing);
  const absl::Status status = root->Read("/etc/passwd", 9).status();
  EXPECT_TRUE(LeadsOut(status));
  EXPECT_THAT(std::string(MessageOf(status)), HasSubstr("'/etc/passwd' leads out of '.'"));
  fs::current_path(before);
}

TEST_P(RootTest, APathThatDoesNotBeginAsTheRootIsRefused) {
  scratch_.Put("../in2/file", "x");
  scratch_.Put("a", "x");
  const auto root = Open(in());
  const std::string cut = in().native() + std::string("/a\0b", 4);
  for (const fs::path& path :
       {fs::path("a"), fs::path("/"), fs::path(in()) += "2/file", in().parent_path(), fs::path(cut), fs::path()}) {
    EXPECT_EQ(root->Read(path, 9).status().code(), absl::StatusCode::kInvalidArgument) << path;
  }
}

TEST_P(RootTest, WhatCannotBeARootIsToldAsSuch) {
  const auto refusal = [](const fs::path& path) {
    return std::string(MessageOf(Root::Open(path, GetParam()).status()));
  };
  EXPECT_EQ(refusal("/no/such"), "no such file or directory: '/no/such'");
  EXPECT_EQ(refusal("/dev/null/x"), "no such file or directory: '/dev/null/x'");
  EXPECT_EQ(refusal(""), "no such file or directory: ''");
  EXPECT_EQ(refusal("/dev/null"), "'/dev/null' is neither a file nor a directory");
  const fs::path loop = scratch_.Link("loop", "loop");
  EXPECT_EQ(refusal(loop), fmt::format("cannot open '{}': Too many levels of symbolic links", loop.string()));
  EXPECT_EQ(MessageOf(Open(in())->KindOf(loop).status()),
            fmt::format("cannot open '{}': Too many levels of symbolic links", loop.string()));
}

TEST_P(RootTest, AStampTellsOneFileFromAnother) {
  scratch_.Put("a", "1");
  scratch_.Put("b", "1");
  scratch_.Link("link", "a");
  const auto root = Open(in());
  const FileStamp a = *root->StampOf(in() / "a");
  EXPECT_EQ(a.kind, PathKind::kFile);
  EXPECT_EQ(a.size_bytes, 1);
  EXPECT_NE(a, *root->StampOf(in() / "b"));
  EXPECT_EQ(a, *root->StampOf(in() / "link"));
  EXPECT_EQ(root->StampOfLink(in() / "a").value(), a);
  const auto link = root->StampOfLink(in() / "link");
  ASSERT_TRUE(link.ok()) << link.status();
  EXPECT_EQ(link->kind, PathKind::kOther);
  EXPECT_NE(link->inode, a.inode);
  const timespec times[] = {{5, 6}, {1'700'000'000, 123'456'789}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (in() / "a").c_str(), times, 0), 0);
  EXPECT_EQ(root->StampOf(in() / "a")->modified_ns, 1'700'000'000'123'456'789);
  fs::remove(in() / "a");
  EXPECT_EQ(root->StampOf(in() / "link").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(*root->KindOf(in() / "link"), PathKind::kMissing);
  EXPECT_TRUE(root->StampOfLink(in() / "link").ok());
}

// A link's target, and what is a link at all, changes all the time: the reader gets what is beneath or a refusal.
TEST_P(RootTest, ALinkThatIsSwappedMeanwhileNeverLeadsOut) {
  scratch_.Put("good/file", "good");
  scratch_.Put("../bad/file", "bad");
  scratch_.Link("link", "good");
  scratch_.Put("file", "good");
  std::atomic<bool> done = false;
  std::thread swapper([&] {
    for (bool out = true; !done; out = !out) {
      fs::create_directory_symlink(out ? "../bad" : "good", in() / "next");
      fs::rename(in() / "next", in() / "link");
      out ? fs::create_symlink("../secret", in() / "next") : fs::copy(in() / "good/file", in() / "next");
      fs::rename(in() / "next", in() / "file");
    }
  });
  const auto root = Open(in());
  // On until it has been seen as it should be: the swapper may be left waiting while both lead out.
  constexpr int kRoundsMax = 1'000'000;
  int good = 0;
  for (int round = 0; round < Rounds(2000) || (good == 0 && round < kRoundsMax); ++round) {
    const auto content = root->Read(in() / (round % 2 == 0 ? "link/file" : "file"), 9);
    if (content.ok()) {
      EXPECT_EQ(content->text(), "good");
      ++good;
    } else {
      EXPECT_TRUE(LeadsOut(content.status())) << content.status();
    }
  }
  done = true;
  swapper.join();
  EXPECT_GT(good, 0);
}

// Any rename on the machine makes openat2 say EAGAIN when it has to go up.
TEST_P(RootTest, RenamesElsewhereDoNotDisturb) {
  scratch_.Put("a/file", "x");
  scratch_.Put("b/file", "x");
  scratch_.Put("../moved", "x");
  std::atomic<bool> done = false;
  std::thread mover([&] {
    const fs::path one = in().parent_path() / "moved";
    const fs::path other = in().parent_path() / "moved-2";
    while (!done) {
      fs::rename(one, other);
      fs::rename(other, one);
    }
  });
  const auto root = Open(in());
  for (int round = 0; round < Rounds(2000); ++round) {
    const auto content = root->Read(in() / "a/../b/../a/file", 9);
    EXPECT_TRUE(content.ok()) << content.status();
  }
  done = true;
  mover.join();
}

// As a filter that does not know openat2 does: every call of it fails with `error`.
void ForbidOpenAt2(int error) {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<uint32_t>(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {static_cast<unsigned short>(std::size(filter)), filter};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    ::_exit(2);
  }
}

// 0 = what lies beneath is read and what leads out is refused, without openat2.
int TryWithout(const fs::path& in, int error) {
  ForbidOpenAt2(error);
  if (::syscall(SYS_openat2, AT_FDCWD, "/", nullptr, 0) != -1 || errno != error) return 3;
  const auto root = Root::Open(in);
  if (!root.ok()) return 4;
  const auto file = (*root)->Read(in / "link", 9);
  if (!file.ok() || file->text() != "x") return 5;
  return LeadsOut((*root)->Read(in / "out", 9).status()) ? 0 : 6;
}

TEST(RootDeathTest, AKernelOrAFilterWithoutOpenAt2IsDoneWithout) {
  Scratch scratch;
  scratch.Put("file", "x");
  scratch.Link("link", "file");
  scratch.Link("out", "../secret");
  for (const int error : {ENOSYS, EPERM, EACCES}) {
    EXPECT_EXIT(::_exit(TryWithout(scratch.in(), error)), ::testing::ExitedWithCode(0), "") << error;
  }
}

}  // namespace
}  // namespace oarlock
