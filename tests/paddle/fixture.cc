#include "fixture.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "base/limits.h"
#include "base/status.h"
#include "tensor/half.h"
#include "tensor/npy.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

template <typename T>
std::vector<double> Widened(const TensorView& view) {
  std::vector<double> values(view.size_bytes / sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) {
    T value;
    std::memcpy(&value, view.data + i * sizeof value, sizeof value);
    values[i] = static_cast<double>(value);
  }
  return values;
}

std::vector<double> ValuesOf(const TensorView& view) {
  switch (view.dtype) {
    case DType::kBool:
    case DType::kU8:
      return Widened<uint8_t>(view);
    case DType::kI8:
      return Widened<int8_t>(view);
    case DType::kI16:
      return Widened<int16_t>(view);
    case DType::kI32:
      return Widened<int32_t>(view);
    case DType::kI64:
      return Widened<int64_t>(view);
    case DType::kF32:
      return Widened<float>(view);
    case DType::kF64:
      return Widened<double>(view);
    case DType::kF16: {
      std::vector<double> values = Widened<uint16_t>(view);
      for (double& value : values) value = FromHalf(static_cast<uint16_t>(value));
      return values;
    }
    default:
      ADD_FAILURE() << "a fixture of " << NameOf(view.dtype);
      return {};
  }
}

double ToleranceOf(DType dtype) {
  switch (dtype) {
    case DType::kF32:
    case DType::kF64:
      return 1e-5;
    case DType::kF16:
      return 2e-3;
    default:
      return 0;
  }
}

Tensor MustReadNpy(const fs::path& path) {
  auto tensor = ReadNpy(path, Limits());
  EXPECT_TRUE(tensor.ok()) << tensor.status();
  return tensor.ok() ? *std::move(tensor) : Tensor();
}

}  // namespace

std::vector<std::string> FixtureNames(const std::string& group) {
  const fs::path root = fs::path(OARLOCK_SOURCE_DIR) / "tests/models" / group;
  std::vector<std::string> names;
  const auto entries = ListDirectory(root);
  if (!entries.ok()) return names;
  for (const std::string& name : *entries) {
    if (KindOf(root / name) == PathKind::kDirectory) names.push_back(name);
  }
  return names;
}

Fixture ReadFixture(const std::string& group, const std::string& name, const std::string& writer) {
  Fixture fixture;
  fixture.directory = fs::path(OARLOCK_SOURCE_DIR) / "tests/models" / group / name;
  const auto entries = ListDirectory(fixture.directory);
  EXPECT_TRUE(entries.ok()) << entries.status();
  for (const std::string& file : *entries) {
    if (!file.starts_with("in.") || !file.ends_with(".npy")) continue;
    fixture.inputs.emplace(file.substr(3, file.size() - 7), MustReadNpy(fixture.directory / file));
  }
  for (int i = 0;; ++i) {
    fs::path path = fixture.directory / fmt::format("out.{}.{}.npy", writer, i);
    if (KindOf(path) != PathKind::kFile) path = fixture.directory / fmt::format("out.{}.npy", i);
    if (KindOf(path) != PathKind::kFile) break;
    fixture.outputs.push_back(MustReadNpy(path));
  }
  EXPECT_FALSE(fixture.outputs.empty()) << fixture.directory;
  return fixture;
}

PaddleFiles ReadPaddleFiles(const fs::path& directory, const std::string& writer) {
  PaddleFiles files;
  for (const auto& [suffix, format] :
       {std::pair(".pdmodel", Format::kPaddle), std::pair(".json", Format::kPaddlePir)}) {
    const fs::path program = directory / (writer + suffix);
    if (KindOf(program) != PathKind::kFile) continue;
    auto read = ReadFile(program, Limits().model_file_bytes_max);
    EXPECT_TRUE(read.ok()) << read.status();
    if (!read.ok()) return files;
    files.format = format;
    files.program = *std::move(read);
  }
  const fs::path weights = directory / (writer + ".pdiparams");
  if (KindOf(weights) == PathKind::kFile) {
    auto read = ReadFile(weights, Limits().model_file_bytes_max);
    EXPECT_TRUE(read.ok()) << read.status();
    if (read.ok()) files.weights = *std::move(read);
  }
  return files;
}

std::string Difference(const TensorView& found, const TensorView& expected) {
  if (found.dtype != expected.dtype || !(found.shape == expected.shape)) {
    return fmt::format("{} {} and not {} {}", NameOf(found.dtype), found.shape.ToString(), NameOf(expected.dtype),
                       expected.shape.ToString());
  }
  const std::vector<double> a = ValuesOf(found);
  const std::vector<double> b = ValuesOf(expected);
  double largest = 1;
  for (const double value : b) {
    if (std::isfinite(value)) largest = std::max(largest, std::fabs(value));
  }
  size_t different = 0;
  std::string first;
  double worst = 0;
  for (size_t i = 0; i < b.size(); ++i) {
    if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
    const double error = std::fabs(a[i] - b[i]);
    if (error <= ToleranceOf(expected.dtype) * largest) continue;
    if (different++ == 0) first = fmt::format("element {} is {} and not {}", i, a[i], b[i]);
    worst = std::max(worst, error);
  }
  if (different == 0) return {};
  return fmt::format("{}; {} of {} differ, by up to {} (largest {})", first, different, b.size(), worst, largest);
}

}  // namespace oarlock
