#include "server/protocol/shared_memory.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <thread>

#include "server/protocol/shared_memory_fixture_test.h"

namespace oarlock {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::span<std::byte> Bytes(std::vector<uint8_t>* values) { return std::as_writable_bytes(std::span(*values)); }

class SharedMemoryTest : public ::testing::Test {
 protected:
  void MustRegister(const std::string& name, const SharedObject& object, uint64_t offset, uint64_t size_bytes) {
    const absl::Status status = regions_.Register({name, object.key(), offset, size_bytes});
    ASSERT_TRUE(status.ok()) << status;
  }
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    const auto rows = regions_.Rows("");
    EXPECT_TRUE(rows.ok()) << rows.status();
    for (const SharedMemoryRow& row : *rows) names.push_back(row.name);
    return names;
  }

  SharedMemory regions_{true, Limits()};
};

TEST_F(SharedMemoryTest, IsRefusedUnlessAllowed) {
  SharedMemory off(false, Limits());
  const SharedObject object(16);
  for (const absl::Status& status : {off.Register({"r", object.key(), 0, 16}), off.Unregister("r"), off.UnregisterAll(),
                                     off.Rows("").status(), off.Find("r").status(), off.CheckAllowed()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
    EXPECT_THAT(std::string(MessageOf(status)), testing::StartsWith("Client shared memory is disabled"));
  }
}

TEST_F(SharedMemoryTest, ReadsAndWritesWhereTheRegionLies) {
  SharedObject object(64);
  object.Put<uint8_t>(16, {1, 2, 3, 4});
  MustRegister("r", object, 16, 8);
  const auto region = regions_.Find("r");
  ASSERT_TRUE(region.ok()) << region.status();
  std::vector<uint8_t> read(3);
  ASSERT_TRUE((*region)->Read(1, Bytes(&read)).ok());
  EXPECT_THAT(read, ElementsAre(2, 3, 4));
  std::vector<uint8_t> written = {9, 8};
  ASSERT_TRUE((*region)->Write(6, Bytes(&written)).ok());
  EXPECT_THAT(object.Get<uint8_t>(21, 4), ElementsAre(0, 9, 8, 0));
  const auto rows = regions_.Rows("r");
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ((*rows)[0].key, object.key());
  EXPECT_EQ((*rows)[0].offset, 16u);
  EXPECT_EQ((*rows)[0].size_bytes, 8u);
}

TEST_F(SharedMemoryTest, PartsOutsideOfTheRegionAreRefused) {
  const SharedObject object(64);
  MustRegister("r", object, 16, 8);
  const auto region = *regions_.Find("r");
  EXPECT_TRUE(region->CheckPart(0, 8).ok());
  EXPECT_TRUE(region->CheckPart(8, 0).ok());
  const uint64_t largest = UINT64_MAX;
  for (const auto& [offset, size_bytes] : std::vector<std::pair<uint64_t, uint64_t>>{{0, 9},
                                                                                     {8, 1},
                                                                                     {9, 0},
                                                                                     {1, 8},
                                                                                     {largest, 1},
                                                                                     {largest - 31, 64},
                                                                                     {1, largest},
                                                                                     {largest, largest},
                                                                                     {uint64_t{1} << 31, 1},
                                                                                     {uint64_t{1} << 32, 1},
                                                                                     {uint64_t{1} << 63, 1},
                                                                                     {0, uint64_t{1} << 63}}) {
    EXPECT_EQ(region->CheckPart(offset, size_bytes).code(), absl::StatusCode::kInvalidArgument)
        << offset << " " << size_bytes;
  }
  std::vector<uint8_t> bytes(9);
  EXPECT_EQ(region->Read(0, Bytes(&bytes)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(region->Write(0, Bytes(&bytes)).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SharedMemoryTest, OffsetsAndSizesThatTheObjectHasNotAreRefused) {
  const SharedObject object(64);
  const auto status = [&](uint64_t offset, uint64_t size_bytes) {
    const absl::Status refused = regions_.Register({"r", object.key(), offset, size_bytes});
    EXPECT_THAT(Names(), IsEmpty()) << offset << " " << size_bytes;
    return refused.code();
  };
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(status(0, 0), code);
  EXPECT_EQ(status(64, 0), code);
  EXPECT_EQ(status(64, 1), code);
  EXPECT_EQ(status(0, 65), code);
  EXPECT_EQ(status(1, 64), code);
  for (const uint64_t big : {uint64_t{1} << 31, uint64_t{1} << 32, uint64_t{1} << 62}) {
    EXPECT_EQ(status(big, 1), code);
    EXPECT_NE(status(0, big), absl::StatusCode::kOk);
    EXPECT_NE(status(big, big), absl::StatusCode::kOk);
  }
  for (const uint64_t big : {uint64_t{1} << 63, UINT64_MAX - 31, UINT64_MAX}) {
    EXPECT_EQ(status(big, 1), code);
    EXPECT_EQ(status(big, 64), code);
    EXPECT_EQ(status(0, big), code);
    EXPECT_EQ(status(big, big), code);
    EXPECT_EQ(status(32, big), code);
  }
  MustRegister("all", object, 0, 64);
  MustRegister("last", object, 63, 1);
}

TEST_F(SharedMemoryTest, KeysAreOneNameAndNotThoseOfOthers) {
  const auto told = [&](const std::string& key) {
    const absl::Status status = regions_.Register({"r", key, 0, 1});
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << key;
    return std::string(MessageOf(status));
  };
  for (const std::string& key :
       {std::string(), std::string("/"), std::string("//"), std::string("k"), std::string("//k"), std::string("/a/b"),
        std::string("/k/"), std::string("/."), std::string("/.."), std::string("/../etc/passwd"),
        std::string("../etc/passwd"), std::string("/a\nb"), std::string("/k\0x", 4), std::string("/\xFF"),
        "/" + std::string(255, 'k')}) {
    EXPECT_THAT(told(key), HasSubstr("must be '/' and a name")) << key;
  }
  for (const char* const name : {"triton_python_backend_shm_region_1", "sem.lock"}) {
    for (const char* const slashes : {"", "/", "//", "////////"}) {
      EXPECT_THAT(told(std::string(slashes) + name), HasSubstr("is reserved"));
    }
  }
}

TEST_F(SharedMemoryTest, WhatIsNotForClientsIsNotTold) {
  const std::string missing = fmt::format("/test-oar-{}-missing", ::getpid());
  const auto told = [&](const std::string& key) {
    const absl::Status status = regions_.Register({"r", key, 0, 1});
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << key;
    return std::string(MessageOf(status));
  };
  EXPECT_EQ(told(missing),
            fmt::format("there is no shared memory object '{}' of the user that the server runs as", missing));
  // A link, a directory and a pipe in the place of an object.
  const std::string key = fmt::format("/test-oar-{}-other", ::getpid());
  const std::string path = "/dev/shm" + key;
  ASSERT_EQ(::symlink("/etc/passwd", path.c_str()), 0);
  EXPECT_THAT(told(key), HasSubstr("there is no shared memory object"));
  ::unlink(path.c_str());
  ASSERT_EQ(::mkdir(path.c_str(), 0700), 0);
  EXPECT_THAT(told(key), HasSubstr("there is no shared memory object"));
  ::rmdir(path.c_str());
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_THAT(told(key), HasSubstr("there is no shared memory object"));
  ::unlink(path.c_str());
  if (::geteuid() != 0) GTEST_SKIP() << "an object of another user needs root to be made";
  const SharedObject object(8);
  ASSERT_EQ(::chown(("/dev/shm" + object.key()).c_str(), 12345, 12345), 0);
  EXPECT_THAT(told(object.key()), HasSubstr("of the user that the server runs as"));
}

TEST_F(SharedMemoryTest, NamesAreCheckedTakenOnceAndNeverToldToOthers) {
  const SharedObject object(64);
  MustRegister("secret", object, 0, 64);
  const absl::Status twice = regions_.Register({"secret", object.key(), 0, 8});
  EXPECT_EQ(twice.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(MessageOf(twice), "a region of shared memory 'secret' is registered already");
  for (const absl::Status& status :
       {regions_.Find("secre").status(), regions_.Rows("secre").status(), regions_.Find("").status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_THAT(std::string(MessageOf(status)), Not(HasSubstr("secret")));
    EXPECT_THAT(std::string(MessageOf(status)), Not(HasSubstr(object.key())));
  }
  for (const std::string& name : {std::string(), std::string("a/b"), std::string("a\nb"), std::string("\xFF"),
                                  std::string(".."), std::string(600, 'n')}) {
    EXPECT_EQ(regions_.Register({name, object.key(), 0, 8}).code(), absl::StatusCode::kInvalidArgument) << name;
  }
  MustRegister(";id $(id) ä", object, 0, 8);
  EXPECT_THAT(Names(), ElementsAre(";id $(id) ä", "secret"));
}

TEST_F(SharedMemoryTest, UnregisteredNamesCanBeTakenAgain) {
  const SharedObject object(64);
  MustRegister("a", object, 0, 64);
  MustRegister("b", object, 0, 64);
  EXPECT_TRUE(regions_.Unregister("none").ok());
  EXPECT_TRUE(regions_.Unregister("a").ok());
  EXPECT_TRUE(regions_.Unregister("a").ok());
  EXPECT_THAT(Names(), ElementsAre("b"));
  MustRegister("a", object, 8, 8);
  EXPECT_TRUE(regions_.UnregisterAll().ok());
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(SharedMemoryTest, RegionsAndTheirBytesAreLimited) {
  Limits limits;
  limits.shm_regions_max = 2;
  limits.shm_bytes_max = 100;
  limits.shm_key_bytes_max = 40;
  SharedMemory regions(true, limits);
  const SharedObject object(200);
  EXPECT_EQ(regions.Register({"a", object.key(), 0, 101}).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(regions.Register({"a", object.key(), 0, 60}).ok());
  const absl::Status bytes = regions.Register({"b", object.key(), 0, 41});
  EXPECT_EQ(bytes.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(MessageOf(bytes)), HasSubstr("shm_bytes_max"));
  EXPECT_TRUE(regions.Register({"b", object.key(), 0, 40}).ok());
  EXPECT_TRUE(regions.Unregister("a").ok());
  EXPECT_TRUE(regions.Register({"a", object.key(), 0, 1}).ok());
  const absl::Status count = regions.Register({"c", object.key(), 0, 1});
  EXPECT_EQ(count.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(MessageOf(count)), HasSubstr("shm_regions_max"));
  EXPECT_THAT(std::string(MessageOf(regions.Register({"c", "/" + std::string(40, 'k'), 0, 1}))),
              HasSubstr("at most 40 bytes"));
}

TEST_F(SharedMemoryTest, AnObjectThatShrinksIsAnErrorAndStaysSmall) {
  SharedObject object(8192);
  MustRegister("r", object, 0, 8192);
  const auto region = *regions_.Find("r");
  object.Resize(4000);
  std::vector<uint8_t> bytes(8192);
  for (const absl::Status& status : {region->Read(0, Bytes(&bytes)), region->Write(0, Bytes(&bytes))}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(MessageOf(status), "the object of region 'r' is smaller than it was when it was registered");
  }
  EXPECT_EQ(object.size_bytes(), 4000u);
  bytes.resize(4000);
  EXPECT_TRUE(region->Read(0, Bytes(&bytes)).ok());
  EXPECT_TRUE(region->Write(0, Bytes(&bytes)).ok());
  object.Resize(0);
  EXPECT_FALSE(region->Read(0, Bytes(&bytes)).ok());
}

TEST_F(SharedMemoryTest, AClientThatShrinksItWhileItIsReadHarmsNobody) {
  SharedObject object(1 << 20);
  MustRegister("r", object, 0, 1 << 20);
  const auto region = *regions_.Find("r");
  std::atomic<bool> stop{false};
  std::thread client([&] {
    while (!stop) {
      object.Resize(0);
      object.Resize(1 << 20);
    }
  });
  std::vector<uint8_t> bytes(1 << 20);
  int refused = 0;
  for (int i = 0; i < 200; ++i) {
    for (const absl::Status& status : {region->Read(0, Bytes(&bytes)), region->Write(0, Bytes(&bytes))}) {
      if (!status.ok()) ++refused;
      EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status)) << status;
    }
  }
  stop = true;
  client.join();
  EXPECT_LE(object.size_bytes(), size_t{1} << 20);
  RecordProperty("refused", refused);
}

TEST_F(SharedMemoryTest, WhoHoldsARegionGoesOnWithIt) {
  SharedObject object(8);
  SharedObject other(8);
  object.Put<uint8_t>(0, {1});
  other.Put<uint8_t>(0, {2});
  const size_t before = DescriptorCount();
  MustRegister("r", object, 0, 8);
  auto region = *regions_.Find("r");
  EXPECT_TRUE(regions_.Unregister("r").ok());
  MustRegister("r", other, 0, 8);
  EXPECT_EQ(DescriptorCount(), before + 2);
  std::vector<uint8_t> byte(1);
  EXPECT_TRUE(region->Read(0, Bytes(&byte)).ok());
  EXPECT_EQ(byte[0], 1);
  EXPECT_TRUE((*regions_.Find("r"))->Read(0, Bytes(&byte)).ok());
  EXPECT_EQ(byte[0], 2);
  region.reset();
  EXPECT_EQ(DescriptorCount(), before + 1);
  EXPECT_TRUE(regions_.UnregisterAll().ok());
  EXPECT_EQ(DescriptorCount(), before);
}

TEST_F(SharedMemoryTest, TenThousandThatFailLeaveNoDescriptorOpen) {
  const SharedObject object(64);
  MustRegister("taken", object, 0, 64);
  const size_t before = DescriptorCount();
  for (int i = 0; i < 2500; ++i) {
    EXPECT_FALSE(regions_.Register({"r", object.key(), 0, 65}).ok());      // after it is opened
    EXPECT_FALSE(regions_.Register({"taken", object.key(), 0, 64}).ok());  // before
    EXPECT_FALSE(regions_.Register({"r", object.key() + "x", 0, 64}).ok());
    EXPECT_FALSE(regions_.Register({"r", object.key(), UINT64_MAX, 64}).ok());
  }
  EXPECT_EQ(DescriptorCount(), before);
}

TEST_F(SharedMemoryTest, RegistersAndFindsFromManyThreads) {
  const SharedObject object(64);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, name = fmt::format("r{}", t % 2)] {
      for (int i = 0; i < 500; ++i) {
        const absl::Status made = regions_.Register({name, object.key(), 0, 64});
        if (!made.ok() && !absl::IsAlreadyExists(made)) ++wrong;
        const auto region = regions_.Find(name);
        std::vector<uint8_t> bytes(64);
        if (region.ok() && !(*region)->Read(0, Bytes(&bytes)).ok()) ++wrong;
        if (!regions_.Unregister(name).ok()) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_THAT(Names(), IsEmpty());
}

TEST(CudaSharedMemory, IsNotThere) {
  EXPECT_EQ(CudaSharedMemoryUnsupported().code(), absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace oarlock
