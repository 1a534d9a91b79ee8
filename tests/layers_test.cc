// The order of layers, held to: reads every #include of src/, engines/ and include/. Layers and their order are those
// of src/CMakeLists.txt, so that there is one list.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <regex>
#include <sstream>

#include "base/file.h"
#include "base/limits.h"
#include "base/status.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int kLinesMax = 800;

// Path below the repository's root, with '/', -> text.
using Tree = std::map<std::string, std::string>;

Tree ReadTree() {
  const fs::path root(OARLOCK_SOURCE_DIR);
  Tree tree;
  for (const char* folder : {"src", "engines", "include"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string suffix = entry.path().extension().string();
      if (!entry.is_regular_file() || (suffix != ".h" && suffix != ".hpp" && suffix != ".cc" && suffix != ".def"))
        continue;
      const auto content = ReadFile(entry.path(), Limits().manifest_bytes_max);
      EXPECT_TRUE(content.ok()) << content.status();
      if (content.ok()) tree[entry.path().lexically_relative(root).generic_string()] = std::string(content->text());
    }
  }
  return tree;
}

// Folders of src/, lowest first.
std::vector<std::string> LayersOf(const std::string& cmake) {
  std::vector<std::string> layers;
  std::istringstream lines(cmake);
  static const std::regex kFolder(R"(^\s*add_subdirectory\(\s*([A-Za-z0-9_]+)\s*\).*)");
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_match(line, match, kFolder)) layers.push_back(match[1]);
  }
  return layers;
}

std::vector<std::string> ReadLayers() {
  const auto cmake = ReadFile(OARLOCK_SOURCE_DIR "/src/CMakeLists.txt", Limits().manifest_bytes_max);
  EXPECT_TRUE(cmake.ok()) << cmake.status();
  return cmake.ok() ? LayersOf(std::string(cmake->text())) : std::vector<std::string>();
}

struct Include {
  int line;
  std::string name;
};

std::vector<Include> IncludesOf(const std::string& text) {
  std::vector<Include> includes;
  std::istringstream lines(text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const size_t hash = line.find_first_not_of(" \t");
    if (hash == std::string::npos || line[hash] != '#') continue;
    const size_t word = line.find_first_not_of(" \t", hash + 1);
    if (word == std::string::npos || line.compare(word, 7, "include") != 0) continue;
    const size_t open = line.find_first_of("\"<", word);
    const size_t close = open == std::string::npos ? open : line.find_first_of("\">", open + 1);
    if (close != std::string::npos) includes.push_back({number, line.substr(open + 1, close - open - 1)});
  }
  return includes;
}

// The file of ours that an #include means, as the compiler looks for it: beside the file, then in src/ and include/.
// Empty for another library's.
std::string Resolve(const Tree& tree, const std::string& file, const std::string& name) {
  for (const fs::path& folder : {fs::path(file).parent_path(), fs::path("src"), fs::path("include")}) {
    const std::string path = (folder / name).lexically_normal().generic_string();
    if (tree.contains(path)) return path;
  }
  return {};
}

// "engines/fake" of "engines/fake/x/y.cc"; everything, if it has fewer folders.
std::string FirstFolders(const std::string& path, int count) {
  size_t end = std::string::npos;
  for (size_t at = path.find('/'); at != std::string::npos && count > 0; at = path.find('/', at + 1), --count) end = at;
  return path.substr(0, end);
}

// What is wrong with `file` including `target`; empty if nothing is.
std::string Objection(const std::vector<std::string>& layers, const std::string& file, const std::string& target) {
  if (target.starts_with("include/oarlock/")) return {};
  if (file.starts_with("include/")) return "a public header includes only public headers";
  if (file.starts_with("engines/")) {
    // The wire reader depends on nothing, and an engine that names a model's operators reads the same files.
    const bool shared = target.starts_with("engines/plugin/") || target == "src/import/wire.h";
    return FirstFolders(file, 2) == FirstFolders(target, 2) || shared
               ? ""
               : "an engine includes only its own folder, engines/plugin and include/oarlock";
  }
  if (!target.starts_with("src/")) return "src/ includes nothing of engines/";
  const auto rank = [&layers](const std::string& path) {
    return std::find(layers.begin(), layers.end(), FirstFolders(path, 2).substr(4)) - layers.begin();
  };
  return rank(target) <= rank(file) ? "" : "points up";
}

// "file:line: includes 'x': why not", for each one that is wrong.
std::vector<std::string> WrongIncludes(const Tree& tree, const std::vector<std::string>& layers) {
  std::vector<std::string> wrong;
  for (const auto& [file, text] : tree) {
    if (file.starts_with("src/") &&
        std::find(layers.begin(), layers.end(), FirstFolders(file, 2).substr(4)) == layers.end()) {
      wrong.push_back(fmt::format("{}: its folder is no layer", file));
      continue;
    }
    for (const Include& include : IncludesOf(text)) {
      const std::string target = Resolve(tree, file, include.name);
      std::string objection = target.empty() ? "" : Objection(layers, file, target);
      if (file.starts_with("include/") && include.name.starts_with("absl/")) objection = "no Abseil in a public header";
      if (!objection.empty())
        wrong.push_back(fmt::format("{}:{}: includes '{}': {}", file, include.line, include.name, objection));
    }
  }
  return wrong;
}

std::vector<std::string> TooLongFiles(const Tree& tree) {
  std::vector<std::string> wrong;
  for (const auto& [file, text] : tree) {
    const auto lines = std::count(text.begin(), text.end(), '\n');
    if (!file.starts_with("include/") && lines > kLinesMax) wrong.push_back(fmt::format("{}: {} lines", file, lines));
  }
  return wrong;
}

// OARLOCK_<PATH>_H_; the path begins below src/ and include/oarlock/, and at engines/.
std::string GuardOf(std::string path) {
  for (std::string_view prefix : {"src/", "include/oarlock/"}) {
    if (path.starts_with(prefix)) path.erase(0, prefix.size());
  }
  for (char& c : path) c = std::isalnum(static_cast<unsigned char>(c)) ? static_cast<char>(std::toupper(c)) : '_';
  return "OARLOCK_" + path + "_";
}

std::vector<std::string> WrongGuards(const Tree& tree) {
  std::vector<std::string> wrong;
  for (const auto& [file, text] : tree) {
    if (!file.ends_with(".h") && !file.ends_with(".hpp")) continue;
    const std::string guard = GuardOf(file);
    const bool opens = text.find(fmt::format("\n#ifndef {0}\n#define {0}\n", guard)) != std::string::npos;
    const bool closes = text.ends_with(fmt::format("#endif  // {}\n", guard)) ||
                        text.ends_with(fmt::format("#endif /* {} */\n", guard));  // a header for C
    if (!opens || !closes) {
      wrong.push_back(fmt::format("{}: its guard must be {}", file, guard));
    }
  }
  return wrong;
}

TEST(Layers, AreThoseOfTheBuild) {
  const std::vector<std::string> layers = ReadLayers();
  ASSERT_GE(layers.size(), 9u);
  EXPECT_EQ(layers.front(), "base");
  EXPECT_EQ(layers.back(), "cli");
}

TEST(Layers, EveryIncludePointsDown) {
  const Tree tree = ReadTree();
  ASSERT_GT(tree.size(), 100u);
  EXPECT_THAT(WrongIncludes(tree, ReadLayers()), IsEmpty());
}

TEST(Layers, NoFileIsTooLong) { EXPECT_THAT(TooLongFiles(ReadTree()), IsEmpty()); }

TEST(Layers, EveryGuardIsNamedAfterItsPath) { EXPECT_THAT(WrongGuards(ReadTree()), IsEmpty()); }

// The checks themselves, on trees made up to break each rule.
TEST(LayersCheck, FindsWhatIsWrong) {
  const std::vector<std::string> layers = LayersOf(
      "# add_subdirectory(not_this)\nadd_subdirectory(base)\nadd_subdirectory(import)\n  add_subdirectory( server ) # "
      "wire\n");
  EXPECT_THAT(layers, ElementsAre("base", "import", "server"));
  const Tree tree = {
      {"src/base/file.h", "\n#include \"server/http/route.h\"\n"},
      {"src/base/angle.cc", "#  include <server/http/route.h>\n"},
      {"src/base/relative.cc", "#include \"../server/http/route.h\"\n"},
      {"src/base/engine.cc", "#include \"../../engines/one/one.h\"\n"},
      {"src/server/http/route.h", "#include \"base/file.h\"\n#include \"oarlock/engine.h\"\n#include <vector>\n"},
      {"src/nowhere/a.cc", ""},
      {"engines/one/one.h", "#include \"oarlock/engine.h\"\n#include \"one/core/library.h\"\n"},
      {"engines/one/deep/d.cc", "#include \"../one.h\"\n#include \"base/file.h\"\n"},
      {"engines/two/t.cc", "#include \"../one/one.h\"\n"},
      {"engines/two/u.cc", "#include \"../plugin/port.h\"\n#include \"import/wire.h\"\n"},
      {"engines/plugin/port.h", ""},
      {"src/import/wire.h", ""},
      {"include/oarlock/engine.h", "#include \"oarlock/more.h\"\n#include \"base/file.h\"\n"},
      {"include/oarlock/more.h", "#include \"absl/status/status.h\"\n"},
  };
  EXPECT_THAT(
      WrongIncludes(tree, layers),
      ElementsAre(
          "engines/one/deep/d.cc:2: includes 'base/file.h': an engine includes only its own folder, "
          "engines/plugin and include/oarlock",
          "engines/two/t.cc:1: includes '../one/one.h': an engine includes only its own folder, engines/plugin and "
          "include/oarlock",
          "include/oarlock/engine.h:2: includes 'base/file.h': a public header includes only public headers",
          "include/oarlock/more.h:1: includes 'absl/status/status.h': no Abseil in a public header",
          "src/base/angle.cc:1: includes 'server/http/route.h': points up",
          "src/base/engine.cc:1: includes '../../engines/one/one.h': src/ includes nothing of engines/",
          "src/base/file.h:2: includes 'server/http/route.h': points up",
          "src/base/relative.cc:1: includes '../server/http/route.h': points up",
          "src/nowhere/a.cc: its folder is no layer"));
}

TEST(LayersCheck, CountsLines) {
  std::string most;
  for (int line = 0; line < kLinesMax; ++line) most += '\n';
  EXPECT_THAT(TooLongFiles({{"src/base/a.cc", most}}), IsEmpty());
  EXPECT_THAT(TooLongFiles({{"src/base/a.cc", most + "\n"}, {"engines/one/a.h", most + "\n"}}),
              ElementsAre("engines/one/a.h: 801 lines", "src/base/a.cc: 801 lines"));
}

TEST(LayersCheck, KnowsEachGuard) {
  const auto with_guard = [](std::string_view guard) {
    return fmt::format("// What it is.\n#ifndef {0}\n#define {0}\n#endif  // {0}\n", guard);
  };
  const Tree right = {{"src/server/http/json_reader.h", with_guard("OARLOCK_SERVER_HTTP_JSON_READER_H_")},
                      {"engines/fake/script.h", with_guard("OARLOCK_ENGINES_FAKE_SCRIPT_H_")},
                      {"include/oarlock/oarlock.hpp", with_guard("OARLOCK_OARLOCK_HPP_")}};
  EXPECT_THAT(WrongGuards(right), IsEmpty());
  EXPECT_THAT(WrongGuards({{"src/base/file.h", with_guard("OARLOCK_FILE_H_")}}),
              ElementsAre("src/base/file.h: its guard must be OARLOCK_BASE_FILE_H_"));
  EXPECT_THAT(WrongGuards({{"src/base/file.h", "#pragma once\n"}}), SizeIs(1));
}

}  // namespace
}  // namespace oarlock
