#include "port.h"

#include <algorithm>
#include <iterator>

#include "failure.h"

namespace oarlock::plugin {
namespace {

struct TypeRow {
  std::string_view name;
  size_t size_bytes;
};
// By number.
constexpr TypeRow kTypes[] = {{"INVALID", 0}, {"BOOL", 1}, {"UINT8", 1}, {"UINT16", 2}, {"UINT32", 4},
                              {"UINT64", 8},  {"INT8", 1}, {"INT16", 2}, {"INT32", 4},  {"INT64", 8},
                              {"FP16", 2},    {"BF16", 2}, {"FP32", 4},  {"FP64", 8},   {"BYTES", 0}};

const TypeRow& RowOf(oar_dtype dtype) {
  const bool known = dtype >= 0 && static_cast<size_t>(dtype) < std::size(kTypes);
  return kTypes[known ? static_cast<size_t>(dtype) : 0];
}

[[noreturn]] void Refuse(std::string text) { throw Failure(Code::kInvalidArgument, std::move(text)); }

[[noreturn]] void RefuseDims(const Port& port, const oar_view& view) {
  Refuse("input '" + port.name + "' has dims " + DimsText(view.rank, view.dims) + "; the model takes " +
         DimsText(port.rank, port.dims));
}

void CheckDType(const Port& port, std::string_view what, const oar_view& view) {
  if (view.dtype == port.dtype) return;
  Refuse(std::string(what) + " '" + port.name + "' is " + std::string(NameOf(view.dtype)) + "; the model has " +
         std::string(NameOf(port.dtype)));
}

}  // namespace

std::string_view NameOf(oar_dtype dtype) { return RowOf(dtype).name; }
size_t ElementSizeBytes(oar_dtype dtype) { return RowOf(dtype).size_bytes; }

std::string DimsText(int32_t rank, const int64_t* dims) {
  if (rank < 0) return "of any rank";
  std::string text = "[";
  for (int32_t i = 0; i < rank; ++i) text += (i == 0 ? "" : ",") + std::to_string(dims[i]);
  return text + "]";
}

bool Product(int32_t rank, const int64_t* dims, size_t element_bytes, size_t* size_bytes) {
  *size_bytes = element_bytes;
  bool fits = true;
  for (int32_t i = 0; i < rank; ++i) {
    fits = fits && dims[i] >= 0 && !__builtin_mul_overflow(*size_bytes, static_cast<size_t>(dims[i]), size_bytes);
  }
  return fits;
}

bool Port::is_static() const {
  return rank >= 0 && std::all_of(dims, dims + rank, [](int64_t dim) { return dim >= 0; });
}

size_t Port::size_bytes() const {
  size_t size = 0;
  return is_static() && Product(rank, dims, ElementSizeBytes(dtype), &size) ? size : 0;
}

void CheckRank(const std::string& name, std::string_view what, size_t rank) {
  if (rank <= OAR_MAX_RANK) return;
  throw Failure(Code::kUnimplemented, std::string(what) + " '" + name + "' has " + std::to_string(rank) +
                                          " dims; at most " + std::to_string(OAR_MAX_RANK) + " are possible");
}

void CheckInput(const Port& port, const oar_view& view) {
  CheckDType(port, "input", view);
  if (view.rank < 0 || view.rank > OAR_MAX_RANK) {
    Refuse("input '" + port.name + "' has " + std::to_string(view.rank) + " dims; 0 to " +
           std::to_string(OAR_MAX_RANK) + " are possible");
  }
  if (port.rank >= 0 && port.rank != view.rank) RefuseDims(port, view);
  for (int32_t i = 0; i < view.rank; ++i) {
    if (view.dims[i] < 0 || (port.rank >= 0 && port.dims[i] >= 0 && port.dims[i] != view.dims[i])) {
      RefuseDims(port, view);
    }
  }
  size_t size_bytes = 0;
  const bool fits = Product(view.rank, view.dims, std::max<size_t>(1, ElementSizeBytes(port.dtype)), &size_bytes);
  if (!fits || (port.dtype != OAR_DTYPE_BYTES && size_bytes != view.size_bytes)) {
    Refuse("input '" + port.name + "' of " + std::string(NameOf(port.dtype)) + " " + DimsText(view.rank, view.dims) +
           " does not take " + std::to_string(view.size_bytes) + " bytes" +
           (fits ? ", but " + std::to_string(size_bytes) : ", but more than 2^64"));
  }
  if (view.data == nullptr && view.size_bytes > 0) Refuse("input '" + port.name + "' has no data");
}

void CheckRoom(const Port& port, const oar_view& room) {
  CheckDType(port, "room for output", room);
  if (room.data == nullptr) Refuse("room for output '" + port.name + "' has no data");
}

void NoSuchPort(const char* what, size_t index, size_t count) {
  Refuse(std::string(what) + " " + std::to_string(index) + " does not exist; the model has " + std::to_string(count));
}

void NotBound(const Port& port) {
  throw Failure(Code::kFailedPrecondition, "input '" + port.name + "' is not bound; bind every input before a run");
}

void HoldsNoResult(const Port& port) {
  throw Failure(Code::kFailedPrecondition,
                "output '" + port.name + "' holds no result: nothing has run successfully since it was bound");
}

void KnownOnlyAfterTheRun(const Port& port) {
  throw Failure(Code::kFailedPrecondition, "the dims of output '" + port.name + "' are known only after the run");
}

}  // namespace oarlock::plugin
