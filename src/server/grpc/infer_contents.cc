#include "server/grpc/infer_contents.h"

#include <bit>
#include <cstring>
#include <limits>

#include "base/status.h"
#include "import/wire.h"

namespace oarlock {
namespace {

// The numbers of the fields, by what they hold.
enum Field : uint32_t {
  kBool = 1,
  kInt32 = 2,
  kInt64 = 3,
  kUint32 = 4,
  kUint64 = 5,
  kFloat = 6,
  kDouble = 7,
  kBytes = 8,
};

// 0 for a type that has none.
uint32_t FieldOf(DType dtype) {
  switch (dtype) {
    case DType::kBool:
      return kBool;
    case DType::kI8:
    case DType::kI16:
    case DType::kI32:
      return kInt32;
    case DType::kI64:
      return kInt64;
    case DType::kU8:
    case DType::kU16:
    case DType::kU32:
      return kUint32;
    case DType::kU64:
      return kUint64;
    case DType::kF32:
      return kFloat;
    case DType::kF64:
      return kDouble;
    case DType::kBytes:
      return kBytes;
    case DType::kF16:
    case DType::kBF16:
    case DType::kInvalid:
      break;
  }
  return 0;
}

absl::Status WrongCount(int64_t count) {
  return InvalidArgument("'contents' has another number of elements than the shape's {}", count);
}

// Elements in the order they come, into memory of exactly so many.
class Elements {
 public:
  Elements(DType dtype, std::byte* to, int64_t count) : dtype_(dtype), to_(to), count_(count) {}

  absl::Status AddVarint(uint64_t value) {
    switch (dtype_) {
      case DType::kBool:
        return Add(static_cast<uint8_t>(value != 0 ? 1 : 0));
      case DType::kI8:
        return AddNarrow<int8_t>(static_cast<int64_t>(value));
      case DType::kI16:
        return AddNarrow<int16_t>(static_cast<int64_t>(value));
      case DType::kI32:
        return AddNarrow<int32_t>(static_cast<int64_t>(value));
      case DType::kI64:
        return Add(static_cast<int64_t>(value));
      case DType::kU8:
        return AddNarrow<uint8_t>(value);
      case DType::kU16:
        return AddNarrow<uint16_t>(value);
      case DType::kU32:
        return AddNarrow<uint32_t>(value);
      default:
        return Add(value);
    }
  }

  // Of a type whose elements are as wide on the wire.
  absl::Status AddFixed(std::string_view bytes) {
    const size_t size_bytes = ElementSizeBytes(dtype_);
    if (bytes.size() % size_bytes != 0) return InvalidArgument("'contents' ends within an element");
    const auto added = static_cast<int64_t>(bytes.size() / size_bytes);
    if (added > count_ - at_) return WrongCount(count_);
    std::memcpy(to_ + static_cast<size_t>(at_) * size_bytes, bytes.data(), bytes.size());
    at_ += added;
    return absl::OkStatus();
  }

  absl::Status Finish() const { return at_ == count_ ? absl::OkStatus() : WrongCount(count_); }

 private:
  template <typename T>
  absl::Status Add(T value) {
    if (at_ == count_) return WrongCount(count_);
    std::memcpy(to_ + static_cast<size_t>(at_++) * sizeof(T), &value, sizeof(T));
    return absl::OkStatus();
  }
  template <typename T, typename Wide>
  absl::Status AddNarrow(Wide value) {
    if (value < Wide{std::numeric_limits<T>::lowest()} || value > Wide{std::numeric_limits<T>::max()}) {
      return InvalidArgument("element {} of 'contents' is {}, which is no {}", at_, value, NameOf(dtype_));
    }
    return Add(static_cast<T>(value));
  }

  const DType dtype_;
  std::byte* const to_;
  const int64_t count_;
  int64_t at_ = 0;
};

absl::Status ReadNumbers(WireReader* reader, DType dtype, Elements* elements) {
  const bool fixed = dtype == DType::kF32 || dtype == DType::kF64;
  if (reader->is_varint()) {
    if (fixed) return InvalidArgument("'contents' is malformed");
    return elements->AddVarint(reader->varint());
  }
  if (fixed) return elements->AddFixed(reader->bytes());
  if (!reader->is_bytes()) return InvalidArgument("'contents' is malformed");
  std::string_view packed = reader->bytes();
  while (!packed.empty()) {
    uint64_t value = 0;
    if (!WireReader::TakeVarint(&packed, &value)) return InvalidArgument("'contents' is malformed");
    OAR_RETURN_IF_ERROR(elements->AddVarint(value));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<Buffer>> ReadBytes(std::string_view contents, int64_t count) {
  std::string packed;
  WireReader reader(contents);
  int64_t found = 0;
  while (reader.Next()) {
    if (reader.field() != kBytes || !reader.is_bytes()) {
      return InvalidArgument("'contents' has field {}; BYTES are in bytes_contents", reader.field());
    }
    if (++found > count) return WrongCount(count);
    OAR_RETURN_IF_ERROR(AppendBytesElement(reader.bytes(), &packed));
  }
  if (!reader.ok()) return InvalidArgument("'contents' is malformed");
  if (found != count) return WrongCount(count);
  OAR_ASSIGN_OR_RETURN(auto buffer, Buffer::Allocate(packed.size()));
  std::memcpy(buffer->data(), packed.data(), packed.size());
  return buffer;
}

}  // namespace

absl::StatusOr<std::shared_ptr<Buffer>> ReadContents(std::string_view contents, DType dtype, const Shape& shape) {
  static_assert(std::endian::native == std::endian::little, "the wire's order of bytes");
  const uint32_t field = FieldOf(dtype);
  if (field == 0) return InvalidArgument("{} has no field in 'contents'; send it raw", NameOf(dtype));
  OAR_ASSIGN_OR_RETURN(const int64_t count, shape.ElementCount());
  // An element is a byte of the message at least, so memory is never taken for more than what was sent.
  if (std::cmp_greater(count, contents.size())) return WrongCount(count);
  if (dtype == DType::kBytes) return ReadBytes(contents, count);
  OAR_ASSIGN_OR_RETURN(const size_t size_bytes, shape.SizeBytes(dtype));
  OAR_ASSIGN_OR_RETURN(auto buffer, Buffer::Allocate(size_bytes));
  Elements elements(dtype, buffer->data(), count);
  WireReader reader(contents);
  while (reader.Next()) {
    if (reader.field() != field) {
      return InvalidArgument("'contents' has field {}; {} is in field {}", reader.field(), NameOf(dtype), field);
    }
    OAR_RETURN_IF_ERROR(ReadNumbers(&reader, dtype, &elements));
  }
  if (!reader.ok()) return InvalidArgument("'contents' is malformed");
  OAR_RETURN_IF_ERROR(elements.Finish());
  return buffer;
}

}  // namespace oarlock
