// For the tests of this folder: objects of POSIX shared memory, as a client makes them.
#ifndef OARLOCK_SERVER_PROTOCOL_SHARED_MEMORY_FIXTURE_TEST_H_
#define OARLOCK_SERVER_PROTOCOL_SHARED_MEMORY_FIXTURE_TEST_H_

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/status.h"

namespace oarlock {

// Is gone at the end.
class SharedObject {
 public:
  explicit SharedObject(size_t size_bytes)
      : key_(fmt::format("/test-oar-{}-{}", ::getpid(), ++made_)),
        object_(::shm_open(key_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {
    EXPECT_TRUE(object_.is_open());
    Resize(size_bytes);
  }
  ~SharedObject() { ::shm_unlink(key_.c_str()); }
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;

  const std::string& key() const { return key_; }
  void Resize(size_t size_bytes) { EXPECT_EQ(::ftruncate(object_.get(), static_cast<off_t>(size_bytes)), 0); }
  size_t size_bytes() const { return static_cast<size_t>(::lseek(object_.get(), 0, SEEK_END)); }
  template <typename T>
  void Put(size_t offset, const std::vector<T>& values) {
    const size_t size_bytes = values.size() * sizeof(T);
    EXPECT_EQ(::pwrite(object_.get(), values.data(), size_bytes, static_cast<off_t>(offset)),
              static_cast<ssize_t>(size_bytes));
  }
  template <typename T>
  std::vector<T> Get(size_t offset, size_t count) const {
    std::vector<T> values(count);
    EXPECT_EQ(::pread(object_.get(), values.data(), count * sizeof(T), static_cast<off_t>(offset)),
              static_cast<ssize_t>(count * sizeof(T)));
    return values;
  }

 private:
  inline static std::atomic<int> made_ = 0;
  const std::string key_;
  const Descriptor object_;
};

inline size_t DescriptorCount() {
  const std::filesystem::directory_iterator entries("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(entries), end(entries)));
}

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_SHARED_MEMORY_FIXTURE_TEST_H_
