// Which build this is: the version, and a digest of the sources and the way they were compiled. Libraries that pass
// each other C++ objects compare it, because those are the same only within one build. Links oarlock_build_stamp.
#ifndef OARLOCK_BASE_BUILD_STAMP_H_
#define OARLOCK_BASE_BUILD_STAMP_H_

namespace oarlock {

// "0.1.0-9f86d081884c7d65"
const char* BuildStamp();

}  // namespace oarlock

#endif  // OARLOCK_BASE_BUILD_STAMP_H_
