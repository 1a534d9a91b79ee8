// Tensors known while converting: constants of the program, and parameters. Values; thread-safe.
#ifndef OARLOCK_IMPORT_PADDLE_CONSTANT_H_
#define OARLOCK_IMPORT_PADDLE_CONSTANT_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tensor/dtype.h"

namespace oarlock::paddle {

// A tensor known while converting: a constant of the program, or a parameter.
struct Constant {
  DType dtype = DType::kInvalid;
  std::vector<int64_t> dims;
  std::span<const std::byte> bytes;  // packed, row-major; lives as long as the conversion

  size_t element_count() const;
  // Element values, whatever the dtype (FP16 and BF16 are widened).
  std::vector<int64_t> Ints() const;
  std::vector<double> Doubles() const;
};

// One packed element; empty for a dtype that is no number and not BOOL.
std::string ElementBytes(DType dtype, double value);

// `value` as an integer; one out of range is the nearest end of it, and no number is 0.
int64_t ClampedInt(double value);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_CONSTANT_H_
