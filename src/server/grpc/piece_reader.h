// Walks bytes that lie in several pieces, as a message does that gRPC received, without joining them. Every step is
// bounded by what there is: false means that it ended too early, and nothing more is read then.
//   PieceReader reader(pieces);
//   while (!reader.at_end()) { if (!reader.ReadVarint(&key)) ... }
// Thread rule: one thread at a time. Ownership: shows the pieces' memory, or what it joined in the caller's `room`.
#ifndef OARLOCK_SERVER_GRPC_PIECE_READER_H_
#define OARLOCK_SERVER_GRPC_PIECE_READER_H_

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/execution.h"

namespace oarlock {

class PieceReader {
 public:
  explicit PieceReader(std::span<const Segment> pieces) : pieces_(pieces) { SkipEmpty(); }

  bool at_end() const { return pieces_.empty(); }

  bool ReadVarint(uint64_t* value) {
    *value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_end()) return false;
      const auto byte = static_cast<uint8_t>(pieces_.front().data[offset_]);
      Advance(1);
      *value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return true;
    }
    return false;
  }

  // The next bytes, where they lie.
  bool Take(uint64_t size_bytes, std::vector<Segment>* taken) {
    while (size_bytes > 0) {
      if (at_end()) return false;
      const size_t here = std::min<uint64_t>(size_bytes, left_here());
      taken->push_back({pieces_.front().data + offset_, here});
      Advance(here);
      size_bytes -= here;
    }
    return true;
  }

  // The same in one piece: where they lie if they do in one, else joined in `room`, which must not be used meanwhile.
  bool TakeJoined(uint64_t size_bytes, std::string* room, std::string_view* taken) {
    *taken = {};
    if (size_bytes == 0) return true;  // also at the end, where there is no piece
    if (size_bytes <= left_here()) {
      *taken = {reinterpret_cast<const char*>(pieces_.front().data + offset_), static_cast<size_t>(size_bytes)};
      Advance(static_cast<size_t>(size_bytes));
      return true;
    }
    std::vector<Segment> parts;
    if (!Take(size_bytes, &parts)) return false;
    room->clear();
    for (const Segment& part : parts) room->append(reinterpret_cast<const char*>(part.data), part.size_bytes);
    *taken = *room;
    return true;
  }

  bool Skip(uint64_t size_bytes) {
    std::vector<Segment> ignored;
    return Take(size_bytes, &ignored);
  }

 private:
  size_t left_here() const { return at_end() ? 0 : pieces_.front().size_bytes - offset_; }
  void Advance(size_t size_bytes) {
    if (size_bytes == 0) return;
    offset_ += size_bytes;
    if (offset_ < pieces_.front().size_bytes) return;
    pieces_ = pieces_.subspan(1);
    offset_ = 0;
    SkipEmpty();
  }
  void SkipEmpty() {
    while (!pieces_.empty() && pieces_.front().size_bytes == 0) pieces_ = pieces_.subspan(1);
  }

  std::span<const Segment> pieces_;
  size_t offset_ = 0;  // in the first of them
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_PIECE_READER_H_
