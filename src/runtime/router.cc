#include "runtime/router.h"

#include <cmath>

namespace oarlock {
namespace {

// FNV-1a, 64 bits: the same in every process and release, which a library's hash does not promise.
uint64_t HashOf(std::string_view key) {
  uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash;
}

// SplitMix64's finaliser: every bit of the input reaches every bit of the result.
uint64_t Mix(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

// In (0, 1).
double Fraction(uint64_t bits) { return (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53; }

}  // namespace

Router::Router(const std::map<int64_t, int64_t>& weights) {
  double sum = 0;
  for (const auto& [version, weight] : weights) sum += static_cast<double>(weight);
  double end = 0;
  for (const auto& [version, weight] : weights) {
    if (weight <= 0) continue;
    end += static_cast<double>(weight) / sum;
    variants_.push_back({version, static_cast<double>(weight), end});
  }
}

int64_t Router::Next() const {
  if (variants_.size() == 1) return variants_[0].version;
  // Multiples of the golden ratio fill the unit interval evenly (Weyl's sequence of lowest discrepancy).
  const uint64_t n = count_.fetch_add(1, std::memory_order_relaxed);
  const double place = Fraction(n * 0x9E3779B97F4A7C15U);
  for (const Variant& variant : variants_) {
    if (place < variant.end) return variant.version;
  }
  return variants_.back().version;
}

int64_t Router::Of(std::string_view key) const {
  const uint64_t hash = HashOf(key);
  int64_t best = variants_[0].version;
  double best_score = INFINITY;
  for (const Variant& variant : variants_) {
    // The first to arrive, if each arrives after an exponential time of rate `weight`: it wins in that proportion.
    const double uniform = Fraction(Mix(hash ^ Mix(static_cast<uint64_t>(variant.version))));
    const double score = -std::log(uniform) / variant.weight;
    if (score < best_score) {
      best_score = score;
      best = variant.version;
    }
  }
  return best;
}

}  // namespace oarlock
