// Normalization, as at inference: statistics that were learned, nothing dropped.
#include "import/paddle/conversion.h"
#include "import/paddle/operators/window.h"

namespace oarlock::paddle {

void BatchNorm(Conversion& c) {
  const Layout layout(c, "X", c.String("data_layout|data_format", "NCHW"));
  const Name x = layout.ToChannelsFirst(c, c.In("X"));
  const Name y = c.Node("BatchNormalization", {x, c.In("Scale"), c.In("Bias"), c.In("Mean"), c.In("Variance")},
                        {{"epsilon", static_cast<float>(c.Float("epsilon", 1e-5))}});
  c.Set("Y", layout.FromChannelsFirst(c, y));
}

// "upscale_in_train" does nothing at inference; "downscale_in_infer" multiplies by what was kept.
void Dropout(Conversion& c) {
  Name value = c.In("X");
  if (c.String("dropout_implementation|mode", "downgrade_in_infer") != "upscale_in_train") {
    const double kept = 1 - c.KnownNumber("DropoutProb", "dropout_prob", 0.5);
    value = c.Node("Mul", {value, c.Scalar(c.DTypeOf("X"), kept)});
  }
  c.Set("Out", value);
}

}  // namespace oarlock::paddle
