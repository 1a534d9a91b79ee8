// The pictures of a request become the model's input, as its manifest's `preprocess` says. Pure; any thread.
#ifndef OARLOCK_RUNTIME_PICTURES_H_
#define OARLOCK_RUNTIME_PICTURES_H_

#include <span>

#include "absl/status/statusor.h"
#include "runtime/loaded_model.h"
#include "runtime/request.h"

namespace oarlock {

// How many pictures `input` holds; INVALID_ARGUMENT if that is none, or more than the limit.
absl::StatusOr<int64_t> PictureCount(const LoadedModel& model, const RequestInput& input);

// Decodes them one after the other into `pixels`, which has room for `count`. Errors name the picture.
absl::Status DecodePictures(const LoadedModel& model, const RequestInput& input, int64_t count,
                            std::span<float> pixels);

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_PICTURES_H_
