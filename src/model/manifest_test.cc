#include "model/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/config_schema.h"
#include "base/rounds_test.h"
#include "model/scratch_model_test.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kFile[] = "m/model.yaml";
constexpr char kDigest[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

absl::StatusOr<Manifest> Parse(std::string_view text) {
  return ParseManifest(text, **Root::Open("."), kFile, Limits());
}

// What the parser says; "" if it has no objection. Every objection is INVALID_ARGUMENT.
std::string Refusal(std::string_view text) {
  const auto manifest = Parse(text);
  if (manifest.ok()) return "";
  EXPECT_EQ(manifest.status().code(), absl::StatusCode::kInvalidArgument) << manifest.status();
  return std::string(MessageOf(manifest.status()));
}

// Dotted key -> value as YAML. Flow style: "{schema: 1, preprocess: {height: 2}}".
using Values = std::map<std::string, std::string>;

std::string Flow(const Values& values) {
  std::map<std::string, Values> sections;
  std::string text;
  for (const auto& [key, value] : values) {
    const size_t dot = key.find('.');
    if (dot == std::string::npos) {
      text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", key, value);
    } else {
      sections[key.substr(0, dot)][key.substr(dot + 1)] = value;
    }
  }
  for (const auto& [name, inner] : sections)
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", name, Flow(inner));
  return "{" + text + "}";
}

// The least manifest in which `key` may stand, with `value` for it.
std::string ManifestWith(const std::string& key, const std::string& value) {
  Values values = {{"schema", "1"}};
  if (key.starts_with("preprocess.")) values.insert({{"preprocess.height", "2"}, {"preprocess.width", "3"}});
  if (key.starts_with("postprocess.top_k.")) {
    values["postprocess.top_k.k"] = "1";
  } else if (key.starts_with("postprocess.") && key != "postprocess.ctc" && key != "postprocess.top_k") {
    values["postprocess.ctc.charset"] = "ab";
  }
  values[key] = value;
  return Flow(values);
}

TEST(Manifest, TheLeastOneAsksForNothing) {
  const auto manifest = Parse("schema: 1\n");
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->sha256, "");
  EXPECT_FALSE(manifest->preprocess.has_value());
  EXPECT_FALSE(manifest->postprocess.has_value());
}

TEST(Manifest, EveryKeyOfPreprocessIsTaken) {
  const auto manifest = Parse(fmt::format(R"(schema: 1
sha256: {}
preprocess:
  input: pixels
  color: bgr
  height: 224
  width: 448
  resize: keep_ratio
  pad_value: 127.5
  scale: 0.5
  mean: [0.25, 0.5, 0.75]
  std: 2
  layout: nhwc
)",
                                          kDigest));
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->sha256, kDigest);
  ASSERT_TRUE(manifest->preprocess.has_value());
  const ImagePreprocess& settings = *manifest->preprocess;
  EXPECT_EQ(settings.input, "pixels");
  EXPECT_EQ(settings.color, ColorOrder::kBgr);
  EXPECT_EQ(settings.height, 224);
  EXPECT_EQ(settings.width, 448);
  EXPECT_EQ(settings.resize, Resize::kKeepRatio);
  EXPECT_EQ(settings.pad_value, 127.5F);
  EXPECT_EQ(settings.scale, 0.5F);
  EXPECT_THAT(settings.mean, ElementsAre(0.25F, 0.5F, 0.75F));
  EXPECT_THAT(settings.std, ElementsAre(2.0F));
  EXPECT_EQ(settings.layout, Layout::kNhwc);
}

TEST(Manifest, EveryWordOfAChoiceHasItsMeaning) {
  const auto with = [](const std::string& key, const std::string& value) {
    const auto manifest = Parse(ManifestWith(key, value));
    EXPECT_TRUE(manifest.ok()) << manifest.status();
    return manifest.ok() ? *manifest->preprocess : ImagePreprocess();
  };
  EXPECT_EQ(with("preprocess.color", "gray").color, ColorOrder::kGray);
  EXPECT_EQ(with("preprocess.color", "rgb").color, ColorOrder::kRgb);
  EXPECT_EQ(with("preprocess.color", "bgr").color, ColorOrder::kBgr);
  EXPECT_EQ(with("preprocess.resize", "stretch").resize, Resize::kStretch);
  EXPECT_EQ(with("preprocess.resize", "keep_ratio").resize, Resize::kKeepRatio);
  EXPECT_EQ(with("preprocess.layout", "nchw").layout, Layout::kNchw);
  EXPECT_EQ(with("preprocess.layout", "nhwc").layout, Layout::kNhwc);
}

TEST(Manifest, EveryKeyOfCtcIsTaken) {
  const auto manifest = Parse("schema: 1\npostprocess: {output: probs, ctc: {charset: \"aé0\", blank: 3}}\n");
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->postprocess->output, "probs");
  ASSERT_TRUE(manifest->postprocess->ctc.has_value());
  EXPECT_FALSE(manifest->postprocess->top_k.has_value());
  EXPECT_THAT(manifest->postprocess->ctc->characters, ElementsAre("a", "é", "0"));
  EXPECT_EQ(manifest->postprocess->ctc->blank, 3);
}

// With the manifest's directory as the root.
absl::StatusOr<Manifest> ReadBeneath(const fs::path& path, const Limits& limits) {
  OAR_ASSIGN_OR_RETURN(const auto root, Root::Open(path.parent_path()));
  return ReadManifest(*root, path, limits);
}

class ManifestFiles : public ScratchModel {
 protected:
  absl::StatusOr<Manifest> WithLabels(const std::string& name) {
    return ReadBeneath(Put("m/model.yaml", fmt::format("schema: 1\npostprocess:\n  top_k:\n    labels: {}\n", name)),
                       Limits());
  }
};

TEST_F(ManifestFiles, EveryKeyOfTopKIsTaken) {
  Put("m/words/labels.txt", "cat\ndog\n");
  const fs::path path =
      Put("m/model.yaml",
          "schema: 1\npostprocess: {output: scores, top_k: {k: 7, labels: words/labels.txt, softmax: true}}\n");
  const auto manifest = ReadBeneath(path, Limits());
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->postprocess->output, "scores");
  EXPECT_FALSE(manifest->postprocess->ctc.has_value());
  ASSERT_TRUE(manifest->postprocess->top_k.has_value());
  EXPECT_EQ(manifest->postprocess->top_k->k, 7);
  EXPECT_TRUE(manifest->postprocess->top_k->softmax);
  EXPECT_THAT(manifest->postprocess->top_k->labels, ElementsAre("cat", "dog"));
}

TEST_F(ManifestFiles, LabelsLieBesideTheManifest) {
  Put("labels.txt", "cat\n");
  for (const std::string& name :
       {std::string("../labels.txt"), (root_ / "labels.txt").string(), std::string("a/../../labels.txt"),
        std::string("'..'"), std::string("''"), std::string("\"labels\\0.txt\"")}) {
    SCOPED_TRACE(name);
    const auto manifest = WithLabels(name);
    EXPECT_EQ(manifest.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(MessageOf(manifest.status())), HasSubstr("must name a file beside"));
    EXPECT_THAT(std::string(MessageOf(manifest.status())), StartsWith((root_ / "m/model.yaml:4:13: ").string()));
  }
}

TEST_F(ManifestFiles, LabelsThatCannotBeReadAreRefusedAtTheirKey) {
  const std::string where = (root_ / "m/model.yaml:4:13: ").string();
  EXPECT_THAT(std::string(MessageOf(WithLabels("none.txt").status())), StartsWith(where + "cannot open"));
  Put("m/latin1.txt", "caf\xE9\n");
  EXPECT_EQ(MessageOf(WithLabels("latin1.txt").status()), where + "line 1 of the labels is not UTF-8");
  fs::create_directories(root_ / "m/folder");
  EXPECT_THAT(std::string(MessageOf(WithLabels("folder").status())), HasSubstr("is not a regular file"));
}

TEST_F(ManifestFiles, AManifestPastTheLimitIsRefused) {
  const fs::path path = Put("m/model.yaml", "schema: 1\n");
  Limits limits;
  limits.manifest_bytes_max = 9;
  EXPECT_EQ(ReadBeneath(path, limits).status().code(), absl::StatusCode::kResourceExhausted);
  limits.manifest_bytes_max = 10;
  EXPECT_TRUE(ReadBeneath(path, limits).ok());
}

// Every row of the table against what a manifest that does not mention its key gives.
TEST(Manifest, DefaultsAreThoseOfTheTable) {
  const auto read = Parse("{schema: 1, preprocess: {height: 2, width: 3}, postprocess: {ctc: {charset: ab}}}");
  const auto ranked = Parse("{schema: 1, postprocess: {top_k: {}}}");
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(ranked.ok()) << ranked.status();
  const ImagePreprocess& settings = *read->preprocess;
  const TopKDecode& top_k = *ranked->postprocess->top_k;
  const auto word = [](std::string_view key, auto value) {
    return std::string(ConfigChoices(*FindConfigRow("manifest", key)).at(static_cast<size_t>(value)));
  };
  const auto list = [](const std::vector<float>& values) {
    return values.size() == 1 ? fmt::format("{}", values[0]) : "many";
  };
  const std::map<std::string_view, std::string> defaults = {
      {"sha256", read->sha256},
      {"preprocess.input", settings.input},
      {"preprocess.color", word("preprocess.color", settings.color)},
      {"preprocess.resize", word("preprocess.resize", settings.resize)},
      {"preprocess.pad_value", fmt::format("{}", settings.pad_value)},
      {"preprocess.scale", fmt::format("{}", settings.scale)},
      {"preprocess.mean", list(settings.mean)},
      {"preprocess.std", list(settings.std)},
      {"preprocess.layout", word("preprocess.layout", settings.layout)},
      {"postprocess.output", read->postprocess->output},
      {"postprocess.ctc.blank", fmt::format("{}", read->postprocess->ctc->blank)},
      {"postprocess.top_k.k", fmt::format("{}", top_k.k)},
      {"postprocess.top_k.labels", top_k.labels.empty() ? "" : "some"},
      {"postprocess.top_k.softmax", top_k.softmax ? "true" : "false"},
  };
  const std::set<std::string_view> without_default = {"schema", "preprocess.height", "preprocess.width",
                                                      "postprocess.ctc.charset"};
  for (const ConfigRow& row : ConfigRows()) {
    if (row.scope != "manifest" || row.type == "object" || without_default.contains(row.key)) continue;
    ASSERT_TRUE(defaults.contains(row.key)) << row.key << " is new: say here what it is by default";
    const bool number = row.type == "number" || row.type == "numbers";
    EXPECT_EQ(defaults.at(row.key), number ? fmt::format("{}", std::strtof(row.value.data(), nullptr)) : row.value)
        << row.key;
  }
}

TEST(Manifest, AWrongTypeIsRefusedForEveryKey) {
  const std::map<std::string_view, std::vector<std::string>> wrong = {
      {"string", {"[x]", "{a: b}", "~"}},
      {"path", {"[x]", "{a: b}", "~"}},
      {"integer", {"word", "1.5", "[1]", "''", "1e3", "0x10", "99999999999999999999", "-1", "~"}},
      {"number", {"word", "nan", ".nan", "inf", "-.inf", "1e99", "[1]", "''", "1 2", "~"}},
      {"numbers", {"word", "nan", "[1, .nan]", "[1, inf]", "[]", "[[1]]", "{a: 1}", "~"}},
      {"boolean", {"yes", "1", "True", "[true]", "~"}},
      {"object", {"5", "[1]", "word", "~"}},
  };
  int tried = 0;
  for (const ConfigRow& row : ConfigRows()) {
    if (row.scope != "manifest") continue;
    const bool choice = row.type.find('|') != std::string_view::npos;
    const std::vector<std::string> values =
        choice ? std::vector<std::string>{"purple", "[1]", "''", "~"} : wrong.at(row.type);
    for (const std::string& value : values) {
      const std::string text = ManifestWith(std::string(row.key), value);
      SCOPED_TRACE(text);
      const std::string refusal = Refusal(text);
      EXPECT_THAT(refusal, StartsWith("m/model.yaml:1:"));
      EXPECT_THAT(refusal, HasSubstr(fmt::format("'{}' ", row.key)));
      ++tried;
    }
  }
  EXPECT_GT(tried, 80);
}

TEST(Manifest, AWrongValueIsShownWithItsPlace) {
  EXPECT_EQ(Refusal("schema: 1\npreprocess:\n  height: 32\n  width: wide\n"),
            "m/model.yaml:4:10: 'preprocess.width' is 'wide'; it must be an integer from 1 to 65535");
  EXPECT_EQ(Refusal("schema: 1\npreprocess: {color: red}\n"),
            "m/model.yaml:2:21: 'preprocess.color' is 'red'; it must be one of gray|rgb|bgr");
  EXPECT_EQ(Refusal("schema: 1\npreprocess:\n  height: 2\n  width: 2\n  mean: [0, .nan]\n"),
            "m/model.yaml:5:13: 'preprocess.mean' holds '.nan'; it must hold numbers");
  EXPECT_EQ(Refusal("schema: 1\npostprocess:\n  top_k:\n    softmax: maybe\n"),
            "m/model.yaml:4:14: 'postprocess.top_k.softmax' is 'maybe'; it must be true or false");
}

TEST(Manifest, ValuesAtTheirBounds) {
  struct Bound {
    const char* key;
    int64_t smallest;
    int64_t largest;
  };
  for (const Bound& bound : {Bound{"preprocess.height", 1, 65'535}, Bound{"preprocess.width", 1, 65'535},
                             Bound{"postprocess.ctc.blank", 0, 2}, Bound{"postprocess.top_k.k", 1, 65'536}}) {
    SCOPED_TRACE(bound.key);
    EXPECT_EQ(Refusal(ManifestWith(bound.key, std::to_string(bound.smallest))), "");
    EXPECT_EQ(Refusal(ManifestWith(bound.key, std::to_string(bound.largest))), "");
    const std::string range = fmt::format("it must be an integer from {} to {}", bound.smallest, bound.largest);
    EXPECT_THAT(Refusal(ManifestWith(bound.key, std::to_string(bound.smallest - 1))), HasSubstr(range));
    EXPECT_THAT(Refusal(ManifestWith(bound.key, std::to_string(bound.largest + 1))), HasSubstr(range));
  }
  EXPECT_EQ(Refusal(ManifestWith("preprocess.pad_value", "255")), "");
  EXPECT_THAT(Refusal(ManifestWith("preprocess.pad_value", "256")), HasSubstr("preprocess.pad_value is 256"));
}

TEST(Manifest, AnUnknownKeyAtAnyLevelHasAPlaceAndTheNearestOne) {
  EXPECT_EQ(Refusal("schema: 1\nsha265: abc\n"), "m/model.yaml:2:1: unknown key 'sha265'; did you mean 'sha256'?");
  EXPECT_EQ(Refusal("schema: 1\npreprocess:\n  heigth: 32\n"),
            "m/model.yaml:3:3: unknown key 'heigth'; did you mean 'height'?");
  EXPECT_EQ(Refusal("schema: 1\npostprocess:\n  ctx: {}\n"),
            "m/model.yaml:3:3: unknown key 'ctx'; did you mean 'ctc'?");
  EXPECT_EQ(Refusal("schema: 1\npostprocess:\n  ctc:\n    charset: ab\n    blnk: 0\n"),
            "m/model.yaml:5:5: unknown key 'blnk'; did you mean 'blank'?");
  EXPECT_EQ(Refusal("schema: 1\npostprocess:\n  top_k:\n    label: a\n"),
            "m/model.yaml:4:5: unknown key 'label'; did you mean 'labels'?");
  EXPECT_EQ(
      Refusal("schema: 1\nqqqqqqqqqqqqqqq: 2\n"),
      "m/model.yaml:2:1: unknown key 'qqqqqqqqqqqqqqq'; known: schema, sha256, preprocess, batching, postprocess");
}

TEST(Manifest, WhatIsMissingIsNamed) {
  EXPECT_EQ(Refusal("schema: 1\npreprocess:\n  height: 2\n"), "m/model.yaml:3:3: 'preprocess.width' is missing");
  EXPECT_EQ(Refusal("schema: 1\npreprocess:\n  width: 2\n"), "m/model.yaml:3:3: 'preprocess.height' is missing");
  EXPECT_EQ(Refusal("schema: 1\npostprocess:\n  ctc:\n    blank: 0\n"),
            "m/model.yaml:4:5: 'postprocess.ctc.charset' is missing or empty");
  EXPECT_EQ(Refusal("schema: 1\npostprocess:\n  output: x\n"),
            "m/model.yaml:3:3: 'postprocess' needs either 'ctc' or 'top_k'");
  EXPECT_EQ(Refusal("schema: 1\npostprocess:\n  top_k: {}\n  ctc: {charset: ab}\n"),
            "m/model.yaml:3:3: 'postprocess' needs either 'ctc' or 'top_k'");
}

TEST(Manifest, SchemaMustBeOne) {
  const std::string missing = "'schema: 1' is missing; it says which version of the format this is";
  EXPECT_EQ(Refusal("sha256: abc\n"), "m/model.yaml:1:1: " + missing);
  EXPECT_THAT(Refusal(""), HasSubstr(missing));
  EXPECT_THAT(Refusal("# nothing\n"), HasSubstr(missing));
  EXPECT_EQ(Refusal("schema: 2\n"), "m/model.yaml:1:9: 'schema' is '2'; it must be an integer from 1 to 1");
}

TEST(Manifest, ADigestIsSixtyFourLowerCaseDigits) {
  const std::string digest = kDigest;
  EXPECT_EQ(Refusal(ManifestWith("sha256", digest)), "");
  for (const std::string& wrong :
       {digest.substr(1), digest + "0", std::string(64, 'A'), std::string(64, 'g'), std::string("''")}) {
    EXPECT_THAT(Refusal(ManifestWith("sha256", wrong)), HasSubstr("it must be 64 lower-case hexadecimal digits"));
  }
}

TEST(Manifest, ACharsetThatIsNotUtf8IsRefusedAtItsKey) {
  EXPECT_EQ(Refusal("schema: 1\npostprocess:\n  ctc:\n    charset: \"a\xFF\"\n"),
            "m/model.yaml:4:14: the charset is not UTF-8: byte 0xff at offset 1");
}

TEST(Manifest, SettingsThatContradictAreRefused) {
  EXPECT_EQ(Refusal("schema: 1\npreprocess:\n  color: gray\n  height: 2\n  width: 2\n  mean: [0, 0, 0]\n"),
            "m/model.yaml:3:3: preprocess.mean has 3 numbers; it must have 1");
  EXPECT_THAT(Refusal(ManifestWith("preprocess.std", "0")), HasSubstr("preprocess.std"));
}

TEST(Manifest, MutatedTextIsReadOrRefused) {
  const std::string text = R"(# Every key.
schema: 1
preprocess: {input: "x", color: gray, height: 32, width: 160, resize: keep_ratio, mean: [0.5], std: &s 0.25}
postprocess:
  output: 'y'
  ctc:
    charset: "0123456789é"
    blank: 0
  # top_k: {k: 5, softmax: true, labels: words.txt}
)";
  ASSERT_EQ(Refusal(text), "");
  std::mt19937 random(20240608);
  int refused = 0;
  for (int round = 0; round < Rounds(3000); ++round) {
    const auto manifest = Parse(Mutated(text, random));
    if (manifest.ok()) {
      EXPECT_TRUE(!manifest->preprocess.has_value() || Check(*manifest->preprocess).ok());
      continue;
    }
    ++refused;
    EXPECT_EQ(manifest.status().code(), absl::StatusCode::kInvalidArgument) << manifest.status();
    EXPECT_THAT(std::string(MessageOf(manifest.status())), StartsWith(kFile));
  }
  EXPECT_GT(refused, 1000);
  EXPECT_LT(refused, 2900);
}

}  // namespace
}  // namespace oarlock
