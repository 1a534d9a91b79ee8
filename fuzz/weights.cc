// Any bytes as the weights of any parameters: split, or refused; what is split lies inside.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstdlib>

#include "import/paddle/element_type.h"
#include "import/paddle/weights.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider provider(data, size);
  std::vector<oarlock::paddle::Parameter> parameters(provider.ConsumeIntegralInRange<size_t>(0, 4));
  for (auto& parameter : parameters) {
    parameter.name = "w";
    parameter.dtype_code = provider.ConsumeIntegralInRange(-1, 40);
    parameter.dtype = oarlock::paddle::DTypeFromCode(parameter.dtype_code);
    parameter.dims.resize(provider.ConsumeIntegralInRange<size_t>(0, 4));
    for (int64_t& dim : parameter.dims) {
      dim =
          provider.ConsumeBool() ? provider.ConsumeIntegralInRange<int64_t>(0, 8) : provider.ConsumeIntegral<int64_t>();
    }
  }
  const std::vector<uint8_t> rest = provider.ConsumeRemainingBytes<uint8_t>();
  const std::span<const std::byte> weights = std::as_bytes(std::span(rest));
  const auto elements = oarlock::paddle::SplitWeights(parameters, weights);
  if (!elements.ok()) return 0;
  if (elements->size() != parameters.size()) std::abort();
  for (const auto& each : *elements) {
    if (!each.empty() &&
        (each.data() < weights.data() || each.data() + each.size() > weights.data() + weights.size())) {
      std::abort();
    }
  }
  return 0;
}
