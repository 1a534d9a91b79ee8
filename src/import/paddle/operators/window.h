// What convolutions and pooling share: padding, and layouts with the channels last.
#ifndef OARLOCK_IMPORT_PADDLE_OPERATORS_WINDOW_H_
#define OARLOCK_IMPORT_PADDLE_OPERATORS_WINDOW_H_

#include "import/paddle/conversion.h"

namespace oarlock::paddle {

// `pads` or `auto_pad` from `paddings` (one number for each side of a dim, or for both) and `padding_algorithm`.
void AddPadding(Conversion& c, int spatial, std::vector<NodeAttribute>* attributes);

// "NHWC" and its like are transposed to channels first and back.
class Layout {
 public:
  Layout(Conversion& c, std::string_view slot, std::string_view format);
  bool channels_last() const { return channels_last_; }
  Name ToChannelsFirst(Conversion& c, const Name& value) const;
  Name FromChannelsFirst(Conversion& c, const Name& value) const;

 private:
  int rank_;
  bool channels_last_;
};

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_OPERATORS_WINDOW_H_
