// Dimensions of a tensor: int64, at most oar_max_rank of them, held in place (no allocation).
#ifndef OARLOCK_TENSOR_SHAPE_H_
#define OARLOCK_TENSOR_SHAPE_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "tensor/dtype.h"

namespace oarlock {

inline constexpr int64_t kDynamic = -1;

// A value. In a port a dim may be kDynamic; in a tensor each is >= 0.
class Shape {
 public:
  Shape() = default;  // rank 0: one element
  // At most oar_max_rank dims; for literals in our own code. Input from outside goes through From().
  Shape(std::initializer_list<int64_t> dims);
  // Refuses a rank above oar_max_rank and dims below kDynamic.
  static absl::StatusOr<Shape> From(std::span<const int64_t> dims);

  int rank() const { return rank_; }
  int64_t operator[](int index) const { return dims_[static_cast<size_t>(index)]; }
  std::span<const int64_t> dims() const { return {dims_.data(), static_cast<size_t>(rank_)}; }
  void set_dim(int index, int64_t value) { dims_[static_cast<size_t>(index)] = value; }
  bool is_dynamic() const;
  // From() for those who need no reason: false where it gives an error.
  bool Assign(std::span<const int64_t> dims) {
    bool good = dims.size() <= oar_max_rank;
    rank_ = good ? static_cast<int>(dims.size()) : 0;
    for (int i = 0; i < rank_; ++i) {
      dims_[static_cast<size_t>(i)] = dims[static_cast<size_t>(i)];
      good &= dims[static_cast<size_t>(i)] >= kDynamic;
    }
    return good;
  }

  // Product of the dims; an error if one is dynamic or the product does not fit int64.
  absl::StatusOr<int64_t> ElementCount() const;
  // Bytes of a packed tensor of a dtype of fixed size; an error on overflow or for BYTES.
  absl::StatusOr<size_t> SizeBytes(DType dtype) const;
  // The same for those who need no reason: false where it gives an error, and where the dims besides a 0 are huge.
  bool TrySizeBytes(DType dtype, size_t* size_bytes) const {
    auto product = static_cast<int64_t>(ElementSizeBytes(dtype));
    bool fits = product > 0;
    for (int64_t dim : dims()) fits &= dim >= 0 && !__builtin_mul_overflow(product, dim, &product);
    *size_bytes = static_cast<size_t>(product);
    return fits;
  }
  // Does a tensor of `other` suit this port? Same rank, and each dim equal or dynamic here.
  bool Admits(const Shape& other) const;

  std::string ToString() const;  // "[2,3]", "[-1,16]", "[]"

  friend bool operator==(const Shape& a, const Shape& b) {
    return a.rank_ == b.rank_ && std::equal(a.dims().begin(), a.dims().end(), b.dims().begin());
  }

 private:
  std::array<int64_t, oar_max_rank> dims_{};
  int rank_ = 0;
};

}  // namespace oarlock

#endif  // OARLOCK_TENSOR_SHAPE_H_
