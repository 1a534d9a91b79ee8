// One thing that `oarlock doctor` looked at: whether it is in order, what was found, and what mends it. A value.
#ifndef OARLOCK_DOCTOR_DIAGNOSIS_H_
#define OARLOCK_DOCTOR_DIAGNOSIS_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oarlock {

enum class DiagnosisStatus { kOk, kWarning, kError };

struct Diagnosis {
  std::string name;  // "memory", "engine openvino"
  DiagnosisStatus status = DiagnosisStatus::kOk;
  std::string found;
  std::string fix;  // a command or a change; empty if all is well

  static Diagnosis Ok(std::string name, std::string found) {
    return {std::move(name), DiagnosisStatus::kOk, std::move(found), {}};
  }
  static Diagnosis Warning(std::string name, std::string_view found, std::string fix) {
    return {std::move(name), DiagnosisStatus::kWarning, std::string(found), std::move(fix)};
  }
  static Diagnosis Error(std::string name, std::string_view found, std::string fix) {
    return {std::move(name), DiagnosisStatus::kError, std::string(found), std::move(fix)};
  }
};

using Diagnoses = std::vector<Diagnosis>;

}  // namespace oarlock

#endif  // OARLOCK_DOCTOR_DIAGNOSIS_H_
