// For tests: Prometheus's text format 0.0.4 by its grammar, stricter than its readers are. What is wrong fails the
// test.
#ifndef OARLOCK_SERVER_PROTOCOL_PROMETHEUS_GRAMMAR_TEST_H_
#define OARLOCK_SERVER_PROTOCOL_PROMETHEUS_GRAMMAR_TEST_H_

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "base/utf8.h"

namespace oarlock {

// Values by name and labels as they are written: `x_total{a="b"}`.
using Samples = std::map<std::string, double>;

class PrometheusGrammar {
 public:
  static Samples Read(const std::string& text) {
    PrometheusGrammar grammar;
    EXPECT_TRUE(text.empty() || text.back() == '\n') << "the last line has no end";
    EXPECT_EQ(ValidUtf8(text), text);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      SCOPED_TRACE(line);
      line.starts_with("#") ? grammar.ReadComment(line) : grammar.ReadSample(line);
    }
    grammar.EndFamily();
    return grammar.samples_;
  }

 private:
  void ReadComment(const std::string& line) {
    static const std::regex kHelp(R"(# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (([^\\]|\\\\|\\n)+))");
    static const std::regex kType(R"(# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram))");
    std::smatch match;
    if (std::regex_match(line, match, kHelp)) {
      EndFamily();
      family_ = match[1];
      EXPECT_TRUE(families_.insert(family_).second) << "a family that comes twice";
      type_.clear();
    } else if (std::regex_match(line, match, kType)) {
      EXPECT_EQ(match[1], family_) << "the type of another family";
      EXPECT_EQ(type_, "") << "a type that comes twice";
      type_ = match[2];
    } else {
      ADD_FAILURE() << "neither HELP nor TYPE";
    }
  }

  void ReadSample(const std::string& line) {
    static const std::regex kSample(
        R"(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\\\|\\"|\\n)*",?)+)\})? ([-+0-9.eE]+|NaN))");
    std::smatch match;
    ASSERT_TRUE(std::regex_match(line, match, kSample)) << "no sample";
    const std::string name = match[1];
    const std::string labels = match[3];
    ASSERT_FALSE(type_.empty()) << "a sample before its type";
    std::string suffix = name.starts_with(family_) ? name.substr(family_.size()) : "another family's";
    if (type_ == "histogram") {
      EXPECT_TRUE(suffix == "_bucket" || suffix == "_sum" || suffix == "_count") << suffix;
    } else {
      EXPECT_EQ(suffix, "");
    }
    size_t end = 0;
    const double value = std::stod(match[4], &end);
    EXPECT_EQ(end, static_cast<size_t>(match.length(4)));
    EXPECT_TRUE(type_ == "gauge" || value >= 0);
    CheckLabelNames(labels);
    EXPECT_TRUE(samples_.emplace(name + match[2].str(), value).second) << "a sample that comes twice";
    if (type_ == "histogram") ReadPartOfHistogram(suffix, labels, value);
  }

  static void CheckLabelNames(const std::string& labels) {
    static const std::regex kName(R"(([a-zA-Z_][a-zA-Z0-9_]*)="(?:[^"\\]|\\.)*"(,|$))");
    std::set<std::string> names;
    for (std::sregex_iterator each(labels.begin(), labels.end(), kName), end; each != end; ++each) {
      EXPECT_TRUE(names.insert((*each)[1]).second) << "a label that comes twice";
    }
    EXPECT_FALSE(labels.ends_with(','));
  }

  struct Series {
    double bound = -INFINITY;
    double count = 0;
    std::set<std::string> parts;
  };

  void ReadPartOfHistogram(const std::string& suffix, const std::string& labels, double value) {
    static const std::regex kBound(R"((.*?),?le="([^"]+)\")");
    std::smatch match;
    const bool is_bucket = suffix == "_bucket";
    ASSERT_EQ(std::regex_match(labels, match, kBound), is_bucket) << "`le` is for buckets";
    Series& series = series_[is_bucket ? match[1].str() : labels];
    if (!is_bucket) {
      EXPECT_TRUE(series.parts.insert(suffix).second);
      EXPECT_TRUE(suffix == "_sum" || value == series.count) << "not that of the bucket +Inf";
      return;
    }
    const double bound = match[2] == "+Inf" ? INFINITY : std::stod(match[2]);
    EXPECT_GT(bound, series.bound) << "bounds must ascend";
    EXPECT_GE(value, series.count) << "buckets must be cumulative";
    series.bound = bound;
    series.count = value;
  }

  void EndFamily() {
    EXPECT_TRUE(family_.empty() || !type_.empty()) << family_ << " has no type";
    for (const auto& [labels, series] : series_) {
      EXPECT_EQ(series.bound, INFINITY) << family_ << labels;
      EXPECT_EQ(series.parts.size(), 2) << family_ << labels << ": _sum and _count";
    }
    series_.clear();
  }

  std::string family_;
  std::string type_;
  std::set<std::string> families_;
  std::map<std::string, Series> series_;  // of the family, by labels
  Samples samples_;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_PROMETHEUS_GRAMMAR_TEST_H_
