// A file descriptor with one owner, who closes it. Movable; not thread-safe.
#ifndef OARLOCK_BASE_DESCRIPTOR_H_
#define OARLOCK_BASE_DESCRIPTOR_H_

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace oarlock {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}  // below 0: of an open that failed, nothing to close
  Descriptor(Descriptor&& other) noexcept : number_(other.Release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  // Keeps errno: why one open failed is told after others were closed.
  ~Descriptor() {
    const int error = errno;
    if (number_ >= 0) ::close(number_);
    errno = error;
  }

  bool is_open() const { return number_ >= 0; }
  int get() const { return number_; }
  int Release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

}  // namespace oarlock

#endif  // OARLOCK_BASE_DESCRIPTOR_H_
