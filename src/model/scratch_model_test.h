// For the tests of this folder: a directory of one test's own, Paddle programs and weights made byte by byte, and the
// mutation of bytes for fuzzing.
#ifndef OARLOCK_MODEL_SCRATCH_MODEL_TEST_H_
#define OARLOCK_MODEL_SCRATCH_MODEL_TEST_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "base/status.h"

namespace oarlock {

inline constexpr char kPaddleModels[] = OARLOCK_SOURCE_DIR "/tests/models/paddle";

inline std::string TextOf(const std::filesystem::path& path) {
  const auto content = ReadFile(path, Limits().model_file_bytes_max);
  EXPECT_TRUE(content.ok()) << content.status();
  return content.ok() ? std::string(content->text()) : std::string();
}

inline std::string DigestOf(std::string_view text) { return Sha256Hex(std::as_bytes(std::span(text))); }

class ScratchModel : public ::testing::Test {
 protected:
  ScratchModel()
      : root_(std::filesystem::path(::testing::TempDir()) /
              fmt::format("oarlock-model-{}-{}", ::getpid(),
                          ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(root_);
  }
  ~ScratchModel() override { std::filesystem::remove_all(root_); }

  std::filesystem::path Put(const std::string& name, std::string_view text) {
    std::filesystem::create_directories((root_ / name).parent_path());
    // A new file: ext4 waits for the disk when one is cut to nothing and written again.
    std::filesystem::remove(root_ / name);
    std::ofstream(root_ / name, std::ios::binary) << text;
    return root_ / name;
  }

  // What is said of a link `path` that leads out of `directory`, both below the directory of the test, which is "R".
  static std::string LeadsOutText(std::string_view path, std::string_view directory) {
    return fmt::format(
        "'R/{}' leads out of 'R/{}'; links there must stay beneath it, so put the file itself in their place", path,
        directory);
  }

  const std::filesystem::path root_;
};

// One length-delimited field of a protobuf message; of at most 16,383 bytes.
inline std::string Field(int number, std::string_view bytes) {
  std::string text(1, static_cast<char>(number << 3 | 2));
  if (bytes.size() >= 128) text += static_cast<char>(bytes.size() % 128 + 128);
  text += static_cast<char>(bytes.size() >= 128 ? bytes.size() / 128 : bytes.size());
  return text.append(bytes);
}

// TensorDesc of FP32 [size]; `size` below 128.
inline std::string TensorDescOf(int size) { return {'\x08', 5, '\x10', static_cast<char>(size)}; }

// A ProgramDesc whose parameters are FP32 vectors of two elements, in the order given, and whose operator is `relu`.
inline std::string ProgramOf(const std::vector<std::string>& parameters) {
  std::string block;
  for (const std::string& name : parameters) {
    const std::string type = std::string("\x08\x07") + Field(3, Field(1, TensorDescOf(2)));  // 7: a dense tensor
    block += Field(3, Field(1, name) + Field(2, type) + std::string("\x18\x01"));            // persistable
  }
  return Field(1, block + Field(4, Field(3, "relu")));
}

// The weights' record of such a parameter.
inline std::string RecordOf(float first, float second) {
  std::string text(16, '\0');
  text += std::string("\x04\0\0\0", 4) + TensorDescOf(2);
  const float values[] = {first, second};
  return text.append(reinterpret_cast<const char*>(values), sizeof values);
}

// Changes, inserts, removes or repeats a few bytes; at times cuts the text off.
inline std::string Mutated(std::string text, std::mt19937& random) {
  const auto below = [&random](size_t end) { return std::uniform_int_distribution<size_t>(0, end - 1)(random); };
  const size_t change_count = 1 + below(4);
  for (size_t change = 0; change < change_count && !text.empty(); ++change) {
    const size_t at = below(text.size());
    switch (below(6)) {
      case 0:
        text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      case 2:
        text.insert(at, 1, static_cast<char>(below(256)));
        break;
      case 3:
        text.erase(at, 1 + below(8));
        break;
      case 4:
        text.insert(at, text.substr(below(text.size()), below(32)));
        break;
      default:
        if (below(4) == 0) text.resize(at);
    }
  }
  return text;
}

}  // namespace oarlock

#endif  // OARLOCK_MODEL_SCRATCH_MODEL_TEST_H_
