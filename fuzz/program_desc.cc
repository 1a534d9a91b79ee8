// Any bytes as a Paddle 2 program: read, or refused.
#include "check_program.h"
#include "import/paddle/program_desc_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto program = oarlock::paddle::ReadProgramDesc({reinterpret_cast<const char*>(data), size});
  if (program.ok()) oarlock::paddle::CheckProgram(*program);
  return 0;
}
