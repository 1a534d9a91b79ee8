#include "import/paddle/weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/status.h"
#include "import/paddle/program_desc_reader.h"

namespace oarlock::paddle {
namespace {

using ::testing::HasSubstr;

FileBytes Read(const std::string& name) {
  auto content =
      ReadFile(std::string(OARLOCK_SOURCE_DIR "/tests/models/paddle/") + name, Limits().model_file_bytes_max);
  EXPECT_TRUE(content.ok()) << content.status();
  return content.ok() ? *std::move(content) : FileBytes();
}

TEST(ProgramDesc, ReadsParametersAndOperators) {
  const FileBytes file = Read("lenet/inference.pdmodel");
  const auto program = ReadProgramDesc(file.text());
  ASSERT_TRUE(program.ok()) << program.status();
  EXPECT_EQ(program->version, 2006002);
  EXPECT_EQ(CountOperators(*program).at("conv2d"), 2u);
  ASSERT_FALSE(program->parameters.empty());
  EXPECT_EQ(program->parameters[0].name, "conv2d_0.b_0");
  EXPECT_EQ(program->parameters[1].dtype, DType::kF32);
  EXPECT_EQ(program->parameters[1].dims.size(), 4u);
}

TEST(ProgramDesc, EveryTruncationIsAnErrorOrANarrowerProgram) {
  const FileBytes file = Read("mlp/inference.pdmodel");
  const auto whole = ReadProgramDesc(file.text());
  ASSERT_TRUE(whole.ok());
  size_t errors = 0;
  for (size_t size = 0; size < file.size_bytes(); ++size) {
    const auto program = ReadProgramDesc(file.text().substr(0, size));
    if (!program.ok()) ++errors;
  }
  EXPECT_GT(errors, file.size_bytes() * 9 / 10);
  EXPECT_EQ(ReadProgramDesc("").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadProgramDesc("\xff\xff\xff\xff").status().code(), absl::StatusCode::kDataLoss);
}

TEST(Weights, OwnWeightsPass) {
  for (const std::string& name : {std::string("mlp"), std::string("lenet")}) {
    const FileBytes program_file = Read(name + "/inference.pdmodel");
    const FileBytes weights = Read(name + "/inference.pdiparams");
    const auto program = ReadProgramDesc(program_file.text());
    ASSERT_TRUE(program.ok());
    EXPECT_TRUE(SplitWeights(program->parameters, weights.bytes()).ok());
  }
}

TEST(Weights, TruncationAtEveryByteIsDataLoss) {
  const FileBytes program_file = Read("mlp/inference.pdmodel");
  const FileBytes weights = Read("mlp/inference.pdiparams");
  const auto program = ReadProgramDesc(program_file.text());
  ASSERT_TRUE(program.ok());
  for (size_t size = 0; size < weights.size_bytes(); ++size) {
    ASSERT_EQ(SplitWeights(program->parameters, weights.bytes().first(size)).status().code(),
              absl::StatusCode::kDataLoss)
        << size;
  }
}

TEST(Weights, ForeignWeightsNameTheParameter) {
  const FileBytes program_file = Read("mlp/inference.pdmodel");
  const FileBytes weights = Read("lenet/inference.pdiparams");
  const auto program = ReadProgramDesc(program_file.text());
  ASSERT_TRUE(program.ok());
  const absl::Status status = SplitWeights(program->parameters, weights.bytes()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(program->parameters[0].name));
}

TEST(Weights, TrailingBytesAreRefused) {
  const FileBytes program_file = Read("mlp/inference.pdmodel");
  const FileBytes weights = Read("mlp/inference.pdiparams");
  const auto program = ReadProgramDesc(program_file.text());
  ASSERT_TRUE(program.ok());
  std::vector<std::byte> longer(weights.bytes().begin(), weights.bytes().end());
  longer.push_back(std::byte{0});
  const absl::Status status = SplitWeights(program->parameters, longer).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("1 bytes are left"));
}

TEST(Weights, HostileSizesNeverOverflow) {
  const Parameter huge{"w", DType::kF32, 5, {int64_t{1} << 62, 8}};
  // 16 bytes of zeros, TensorDesc {1: 5, 2: 2^62, 2: 8}, no data.
  std::string record(16, '\0');
  const std::string description = std::string("\x08\x05\x10") + std::string(8, '\x80') + "\x40\x10\x08";
  record += static_cast<char>(description.size());
  record += std::string(3, '\0') + description;
  EXPECT_EQ(CheckRecord(huge, std::as_bytes(std::span(record))).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace oarlock::paddle
