/* What cgo has no words for: callbacks, and results by value, so that no Go variable need be moved to the heap for a
 * call to write to. */
#ifndef OARLOCK_GO_SHIM_H_
#define OARLOCK_GO_SHIM_H_

#include "oarlock_table.h"

typedef struct oarlock_result {
  oar_code code;
  oar_error* error;
  uint64_t handle;
} oarlock_result;

oarlock_result oarlock_go_run(uint64_t runner);
oarlock_result oarlock_go_infer(uint64_t runner, const uint64_t* inputs, size_t input_count, const uint64_t* outputs,
                                size_t output_count, int64_t deadline_ns, int32_t priority);

/* Memory that is a tensor for one call: driver.Loan. */
typedef struct oarlock_loan {
  uint64_t position; /* of the input; after the inputs come the outputs */
  uint64_t size_bytes;
  uintptr_t released; /* as below */
  oar_dtype dtype;
  int32_t rank;
  int64_t dims[OAR_MAX_RANK];
} oarlock_loan;

/* The memory of loans[0] is `a`, and so on: four at most. Their handles are written into inputs and outputs. */
oarlock_result oarlock_go_infer_once(uint64_t runner, uint64_t* inputs, size_t input_count, uint64_t* outputs,
                                     size_t output_count, int64_t deadline_ns, int32_t priority,
                                     const oarlock_loan* loans, size_t loan_count, uint8_t* a, uint8_t* b, uint8_t* c,
                                     uint8_t* d);

/* `data` is of bytes: what a void* points at, cgo would look through. `released` is the address of a uint32_t that is
 * set to 1 once nothing uses the memory any more. */
oarlock_result oarlock_go_wrap(uint8_t* data, size_t size_bytes, oar_dtype dtype, const int64_t* dims, int32_t rank,
                               uintptr_t released);
oarlock_result oarlock_go_release(uint64_t tensor);
oarlock_result oarlock_go_infer_async(uint64_t predictor, const uint64_t* inputs, size_t input_count,
                                      const uint64_t* outputs, size_t output_count, int64_t deadline_ns,
                                      int32_t priority, uintptr_t token);

/* The version of the library at `path`, or -1 with the reason in `error`. */
int64_t oarlock_go_probe(const char* path, char* error, size_t error_size_bytes);

void* oarlock_go_log_callback(void);
void* oarlock_go_progress_callback(void);

#endif /* OARLOCK_GO_SHIM_H_ */
