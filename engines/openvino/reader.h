// One of OpenVINO's readers ("frontends"), opened on lent bytes.
#ifndef OARLOCK_ENGINES_OPENVINO_READER_H_
#define OARLOCK_ENGINES_OPENVINO_READER_H_

#include <memory>
#include <string>
#include <vector>

#include "memory_stream.h"
#include "openvino/frontend/frontend.hpp"
#include "source.h"

namespace oarlock::openvino {

// Its name in OpenVINO; null for a format that no reader of ours reads.
const char* FrameworkOf(oar_format format);

class Reader {
 public:
  // Throws Failure INVALID_ARGUMENT if the bytes cannot be read.
  Reader(oar_engine& engine, const oar_engine_source& source);
  std::vector<std::string> PortNames() const;
  // Throws what OpenVINO throws.
  std::shared_ptr<ov::Model> Convert() const { return frontend_->convert(model_); }
  // The same with what has no counterpart left in place as FrameworkNode.
  std::shared_ptr<ov::Model> ConvertPartially() const { return frontend_->convert_partially(model_); }

 private:
  MemoryStream program_;
  MemoryStream weights_;
  ov::frontend::FrontEnd::Ptr frontend_;
  ov::frontend::InputModel::Ptr model_;
};

}  // namespace oarlock::openvino

#endif  // OARLOCK_ENGINES_OPENVINO_READER_H_
