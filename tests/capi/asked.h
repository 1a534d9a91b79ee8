// An asynchronous inference and what came of it. Must outlive the callback: wait for `ended` before it goes.
#ifndef OARLOCK_TESTS_CAPI_ASKED_H_
#define OARLOCK_TESTS_CAPI_ASKED_H_

#include <functional>
#include <string>
#include <vector>

#include "event.h"
#include "fixture.h"

namespace oarlock::capi_test {

struct Asked {
  Event ended;  // how often the callback was called
  oar_code code = -1;
  std::string text;
  std::vector<Owned<oar_tensor>> outputs;
  std::function<void()> within;  // the callback
  uint64_t id = 0;

  static void Callback(void* user, oar_code code, const oar_error* error, const oar_tensor* outputs, size_t count) {
    auto* const asked = static_cast<Asked*>(user);
    asked->code = code;
    asked->text = oar_error_message(error);
    EXPECT_EQ(oar_error_code(error), code);
    EXPECT_EQ(code == OAR_OK, count > 0);
    for (size_t i = 0; i < count; ++i) asked->outputs.emplace_back(outputs[i]);
    if (asked->within) asked->within();
    asked->ended.Set();
  }

  // Of a model with one input; new tensors for all outputs.
  Answer Ask(oar_predictor predictor, oar_tensor input, const oar_infer_options* options = nullptr) {
    return capi_test::Ask(oar_predictor_infer_async, predictor, options, &input, size_t{1}, nullptr, size_t{0},
                          Callback, this, &id);
  }
};

}  // namespace oarlock::capi_test

#endif  // OARLOCK_TESTS_CAPI_ASKED_H_
