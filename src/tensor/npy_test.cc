#include "tensor/npy.h"

#include <gtest/gtest.h>

namespace oarlock {
namespace {

std::span<const std::byte> Bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string File(std::string_view header, std::string_view payload) {
  std::string file("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(header.size());
  file += '\0';
  return file + std::string(header) + std::string(payload);
}

TEST(Npy, EveryFixedDtypeGoesThereAndBack) {
  for (const DTypeRow& row : DTypeRows()) {
    if (row.dtype == DType::kBytes || row.dtype == DType::kBF16) continue;
    auto tensor = Tensor::Allocate(row.dtype, Shape{2, 3});
    ASSERT_TRUE(tensor.ok());
    for (size_t i = 0; i < tensor->size_bytes(); ++i) tensor->data()[i] = static_cast<std::byte>(i % 2);
    const auto file = SerializeNpy(tensor->view());
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ((file->size() - tensor->size_bytes()) % 64, 0u);
    const auto read = ParseNpy(Bytes(*file));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->dtype(), row.dtype);
    EXPECT_EQ(read->shape(), (Shape{2, 3}));
    EXPECT_TRUE(std::equal(read->data(), read->data() + read->size_bytes(), tensor->data()));
  }
}

TEST(Npy, HeaderIsTheOneNumpyWrites) {
  const int64_t values[] = {7};
  const TensorView one{DType::kI64, Shape{1}, reinterpret_cast<const std::byte*>(values), 8};
  EXPECT_NE(SerializeNpy(one)->find("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }"), std::string::npos);
  const TensorView scalar{DType::kI64, Shape{}, reinterpret_cast<const std::byte*>(values), 8};
  EXPECT_NE(SerializeNpy(scalar)->find("'shape': (), }"), std::string::npos);
  EXPECT_EQ(ParseNpy(Bytes(*SerializeNpy(scalar)))->shape(), Shape{});
}

TEST(Npy, BytesBecomeFixedWidth) {
  const std::vector<std::string> words = {"ab", "cde"};
  const auto tensor = Tensor::FromStrings(words);
  const auto file = SerializeNpy(tensor->view());
  ASSERT_TRUE(file.ok());
  EXPECT_NE(file->find("'descr': '|S3'"), std::string::npos);
  EXPECT_TRUE(file->ends_with(std::string_view("ab\0cde", 6)));
}

TEST(Npy, DamagedFilesAreErrors) {
  const std::string good = File("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "12345678");
  ASSERT_TRUE(ParseNpy(Bytes(good)).ok());
  for (size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(ParseNpy(Bytes(good).first(size)).ok()) << size;
  EXPECT_FALSE(ParseNpy(Bytes(good + "x")).ok());
  for (std::string_view header : {"{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }",
                                  "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }",
                                  "{'descr': '<f4', 'fortran_order': True, 'shape': (1,2), }",
                                  "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,), }",
                                  "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
                                  "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
                                  "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,2), }",
                                  "{'descr': '<f4, 'fortran_order': False", "{'descr' '<f4'}", ""}) {
    EXPECT_EQ(ParseNpy(Bytes(File(header, "12345678"))).status().code(), absl::StatusCode::kInvalidArgument) << header;
  }
}

}  // namespace
}  // namespace oarlock
