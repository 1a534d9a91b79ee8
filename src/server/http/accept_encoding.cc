#include "server/http/accept_encoding.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "base/status.h"

namespace oarlock {
namespace {

// "0.5" as 500; nothing if it is no qvalue.
std::optional<int> ParseQuality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int quality = (text[0] - '0') * 1000;
  int step = 100;
  for (const char c : text.substr(std::min<size_t>(text.size(), 2))) {
    if (c < '0' || c > '9') return std::nullopt;
    quality += (c - '0') * step;
    step /= 10;
  }
  return quality <= 1000 ? std::optional(quality) : std::nullopt;
}

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  return begin == std::string_view::npos ? "" : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool IsCoding(std::string_view name, std::string_view coding) {
  return absl::EqualsIgnoreCase(ToAbsl(name), ToAbsl(coding));
}

}  // namespace

std::optional<ContentCoding> CodingFromName(std::string_view name) {
  if (IsCoding(name, "gzip") || IsCoding(name, "x-gzip")) return ContentCoding::kGzip;
  if (IsCoding(name, "deflate")) return ContentCoding::kDeflate;
  if (IsCoding(name, "identity")) return ContentCoding::kIdentity;
  return std::nullopt;
}

ContentCoding ChooseCoding(std::string_view accept_encoding) {
  constexpr std::array kBest = {ContentCoding::kIdentity, ContentCoding::kGzip, ContentCoding::kDeflate};
  std::array<std::optional<int>, kBest.size()> quality;
  std::optional<int> others;  // "*"
  while (!accept_encoding.empty()) {
    const size_t comma = std::min(accept_encoding.find(','), accept_encoding.size());
    const std::string_view item = accept_encoding.substr(0, comma);
    accept_encoding.remove_prefix(std::min(comma + 1, accept_encoding.size()));
    const size_t semicolon = item.find(';');
    const std::string_view name = Trim(item.substr(0, semicolon));
    std::optional<int> q = 1000;
    if (semicolon != std::string_view::npos) {
      const std::string_view weight = Trim(item.substr(semicolon + 1));
      const bool is_q = weight.starts_with("q=") || weight.starts_with("Q=");
      q = is_q ? ParseQuality(weight.substr(2)) : std::nullopt;
    }
    const auto coding = CodingFromName(name);
    if (name == "*") {
      others = q.value_or(0);
    } else if (coding.has_value()) {
      quality[static_cast<size_t>(*coding)] = q.value_or(0);
    }
  }
  // Without a word about identity it will do, but what was named is what was asked for.
  ContentCoding best = ContentCoding::kIdentity;
  int best_quality = quality[0].value_or(others.value_or(0));
  for (const ContentCoding coding : kBest) {
    const int q = quality[static_cast<size_t>(coding)].value_or(others.value_or(0));
    if (q > best_quality) {
      best = coding;
      best_quality = q;
    }
  }
  return best;
}

}  // namespace oarlock
