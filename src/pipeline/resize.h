// Bilinear resampling of 8-bit pictures: half-pixel centres, and a triangle as wide as the shrinking asks for, so that
// no source pixel is skipped. Rounds to 8 bits after each of the two passes: the same pixels as Pillow's
// resize(..., BILINEAR), for which most vision models were trained.
// Thread rule: a pure function. May throw std::bad_alloc.
#ifndef OARLOCK_PIPELINE_RESIZE_H_
#define OARLOCK_PIPELINE_RESIZE_H_

#include "pipeline/image.h"

namespace oarlock {

// All sizes at least 1. The same size gives the same pixels.
Image ResizeBilinear(const Image& image, int width, int height);

}  // namespace oarlock

#endif  // OARLOCK_PIPELINE_RESIZE_H_
