// A std::istream over lent memory, without a copy of it.
#ifndef OARLOCK_ENGINES_OPENVINO_MEMORY_STREAM_H_
#define OARLOCK_ENGINES_OPENVINO_MEMORY_STREAM_H_

#include <istream>
#include <streambuf>

namespace oarlock::openvino {

class MemoryBuffer : public std::streambuf {
 public:
  MemoryBuffer(const void* data, size_t size_bytes) {
    // std::streambuf has only a mutable get area; without an overflow() or pbackfail() nothing writes to it.
    char* begin = const_cast<char*>(static_cast<const char*>(data));
    setg(begin, begin, begin + size_bytes);
  }

 protected:
  pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode which) override {
    if ((which & std::ios_base::in) == 0) return pos_type(off_type(-1));
    const off_type size = egptr() - eback();
    off_type base = 0;
    if (from == std::ios_base::cur) base = gptr() - eback();
    if (from == std::ios_base::end) base = size;
    if (offset < -base || offset > size - base) return pos_type(off_type(-1));
    setg(eback(), eback() + base + offset, egptr());
    return pos_type(base + offset);
  }
  pos_type seekpos(pos_type position, std::ios_base::openmode which) override {
    return seekoff(off_type(position), std::ios_base::beg, which);
  }
};

class MemoryStream : private MemoryBuffer, public std::istream {
 public:
  MemoryStream(const void* data, size_t size_bytes)
      : MemoryBuffer(data, size_bytes), std::istream(static_cast<std::streambuf*>(this)) {}
};

}  // namespace oarlock::openvino

#endif  // OARLOCK_ENGINES_OPENVINO_MEMORY_STREAM_H_
