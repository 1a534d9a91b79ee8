#include "server/protocol/access_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oarlock {
namespace {

TEST(AccessGroup, IsThatOfTheOperation) {
  struct Case {
    const char* method;
    const char* target;
    AccessGroup group;
  };
  constexpr Case kCases[] = {
      {"GET", "/v2/health/live", AccessGroup::kOpen},
      {"HEAD", "/v2/health/ready", AccessGroup::kOpen},
      {"GET", "/v2/health/ready?x=/v2/models/m/infer", AccessGroup::kOpen},
      {"POST", "/v2/models/m/infer", AccessGroup::kInfer},
      {"POST", "/v2/models/m/versions/3/infer", AccessGroup::kInfer},
      {"POST", "/v2/models/m/infer?key=value", AccessGroup::kInfer},
      {"POST", "/v2/models/versions/infer", AccessGroup::kInfer},
      {"POST", "/v2/models/versions/versions/1/infer", AccessGroup::kInfer},
      {"POST", "/v2/models/m/generate_stream", AccessGroup::kInfer},
      {"GET", "/v2", AccessGroup::kRead},
      {"GET", "/v2/models/m", AccessGroup::kRead},
      {"GET", "/v2/models/stats", AccessGroup::kRead},
      {"GET", "/v2/models/m/route", AccessGroup::kRead},
      {"POST", "/v2/models/m/route", AccessGroup::kControl},
      {"GET", "/metrics", AccessGroup::kRead},
      {"POST", "/v2/repository/index", AccessGroup::kRead},
      {"POST", "/v2/repository/models/index", AccessGroup::kRead},
      {"POST", "/v2/repository/models/index/load", AccessGroup::kControl},
      {"POST", "/v2/repository/models/m/unload", AccessGroup::kControl},
      {"POST", "/v2/systemsharedmemory/region/r/register", AccessGroup::kControl},
      {"POST", "/v2/cudasharedmemory/unregister", AccessGroup::kControl},
      {"GET", "/v2/systemsharedmemory/region/r/status", AccessGroup::kRead},
      {"GET", "/v2/logging", AccessGroup::kRead},
      {"POST", "/v2/logging", AccessGroup::kControl},
      {"GET", "/v2/models/m/trace/setting", AccessGroup::kRead},
      {"POST", "/v2/models/m/trace/setting", AccessGroup::kControl},
  };
  for (const Case& each : kCases) {
    EXPECT_EQ(NameOf(GroupOf(each.method, each.target)), NameOf(each.group)) << each.method << " " << each.target;
  }
}

TEST(AccessGroup, OperationsHaveTheNamesOfGrpc) {
  EXPECT_EQ(OperationOf("POST", "/v2/models/m/infer").name, "ModelInfer");
  EXPECT_EQ(OperationOf("HEAD", "/v2/models/m/versions/1/ready").name, "ModelReady");
  EXPECT_EQ(OperationOf("GET", "/v2/models/stats").name, "ModelStatistics");
  EXPECT_EQ(OperationOf("POST", "/v2/logging").name, "LogSettings");
  EXPECT_EQ(OperationOf("GET", "/v2/logging").name, "LogSettings");
  EXPECT_EQ(OperationOf("GET", "/metrics").name, "Metrics");
  EXPECT_EQ(OperationOf("GET", "/none").name, "");
  EXPECT_EQ(OperationOf("PUT", "/v2/models/m/infer").name, "");
}

TEST(AccessGroup, WhatIsNoOperationIsRead) {
  constexpr std::pair<const char*, const char*> kNone[] = {
      {"GET", "/none"},
      {"GET", ""},
      {"GET", "?/v2/health/live"},
      {"GET", "v2/health/live"},
      {"GET", "//v2/health/live"},
      {"GET", "/v2//health/live"},
      {"GET", "/v2/health/live/"},
      {"GET", "/v2/health/live/x"},
      {"GET", "/v2/health"},
      {"GET", "/v2/health/%6cive"},
      {"GET", "/v2/./health/live"},
      {"GET", "/v2/health/live#"},
      {"GET", "/V2/health/live"},
      {"POST", "/v2/health/live"},
      {"OPTIONS", "/v2/health/live"},
      {"get", "/v2/health/live"},
      {"GET", "/v2/models/m/infer"},
      {"PUT", "/v2/models/m/infer"},
      {"POST", "/v2/models/m/infer/"},
      {"POST", "/v2/models//infer"},
      {"POST", "/v2/models/m/versions//infer"},
      {"POST", "/v2/models/m/versions/infer"},
      {"OPTIONS", "*"},
      {"CONNECT", "example.org:443"},
      {"", ""},
  };
  for (const auto& [method, target] : kNone) {
    EXPECT_EQ(NameOf(GroupOf(method, target)), "read") << method << " " << target;
  }
}

// All methods that unmodified clients call.
TEST(AccessGroup, OfGrpcIsThatOfTheSameOperationOverHttp) {
  constexpr std::pair<const char*, AccessGroup> kMethods[] = {
      {"ServerLive", AccessGroup::kOpen},
      {"ServerReady", AccessGroup::kOpen},
      {"ModelReady", AccessGroup::kRead},
      {"ServerMetadata", AccessGroup::kRead},
      {"ModelMetadata", AccessGroup::kRead},
      {"ModelInfer", AccessGroup::kInfer},
      {"ModelStreamInfer", AccessGroup::kInfer},
      {"ModelConfig", AccessGroup::kRead},
      {"ModelStatistics", AccessGroup::kRead},
      {"RepositoryIndex", AccessGroup::kRead},
      {"RepositoryModelLoad", AccessGroup::kControl},
      {"RepositoryModelUnload", AccessGroup::kControl},
      {"SystemSharedMemoryStatus", AccessGroup::kRead},
      {"SystemSharedMemoryRegister", AccessGroup::kControl},
      {"SystemSharedMemoryUnregister", AccessGroup::kControl},
      {"CudaSharedMemoryStatus", AccessGroup::kRead},
      {"CudaSharedMemoryRegister", AccessGroup::kControl},
      {"CudaSharedMemoryUnregister", AccessGroup::kControl},
      {"TraceSetting", AccessGroup::kControl},
      {"LogSettings", AccessGroup::kControl},
  };
  for (const auto& [method, group] : kMethods) {
    EXPECT_EQ(NameOf(GroupOfMethod(std::string("/inference.GRPCInferenceService/") + method)), NameOf(group)) << method;
  }
  EXPECT_EQ(GroupOfMethod("/grpc.health.v1.Health/Check"), AccessGroup::kOpen);
  EXPECT_EQ(GroupOfMethod("/grpc.health.v1.Health/Watch"), AccessGroup::kOpen);
  EXPECT_EQ(GroupOfMethod("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"), AccessGroup::kRead);
  EXPECT_EQ(GroupOfMethod("/inference.GRPCInferenceService/None"), AccessGroup::kRead);
  EXPECT_EQ(GroupOfMethod("/inference.GRPCInferenceService/"), AccessGroup::kRead);
  EXPECT_EQ(GroupOfMethod("/other.Service/ServerLive"), AccessGroup::kRead);
  EXPECT_EQ(GroupOfMethod(""), AccessGroup::kRead);
}

}  // namespace
}  // namespace oarlock
