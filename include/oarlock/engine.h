/* oarlock/engine.h: the contract between Oarlock and an engine (a plugin that computes).
 *
 * A plugin is a shared object named liboarlock_engine_<name>.so. It exports one symbol,
 *
 *     const oar_engine_api* oar_engine_entry(uint32_t host_abi);
 *
 * which returns a table of functions that lives as long as the process. A plugin that serves several ABIs gives the
 * table for `host_abi`; any other gives its only one, also to a host of another ABI: `struct_size` and `abi` stand
 * first in every ABI's table, so that the host can refuse it and name both numbers. NULL is a refusal without a reason.
 * Plugins are opened with RTLD_LOCAL and are never closed.
 *
 * Growth:    every struct starts with `struct_size`, filled by whoever allocates it. Fields and functions are
 *            only ever appended; a reader looks at `struct_size` before it touches a field younger than ABI 1.
 * Errors:    a function that can fail returns an oar code (0 = OK, the numbers of gRPC's canonical codes) and
 *            writes one line of text into `error`, which may be NULL. Out-parameters are untouched on failure.
 *            No C++ exception leaves a plugin.
 * Threads:   an engine and a compiled model may be used from many threads at once. An execution belongs to one
 *            thread at a time, except for cancel(), which any thread may call while run() is under way.
 * Ownership: memory bound to an execution is lent: the engine may touch it only inside run() (or between start()
 *            and its callback). Memory given to load() is lent until load() returns, or until unload() if
 *            the compiled model says `keeps_source`. Pointers to names and versions live as long as the object
 *            that gave them.
 */
#ifndef OARLOCK_ENGINE_H_
#define OARLOCK_ENGINE_H_

#include <stddef.h>
#include <stdint.h>

#include "oarlock/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OAR_ENGINE_ABI 1u
#define OAR_ENGINE_ENTRY "oar_engine_entry"
#define OAR_ENGINE_ERROR_BYTES 1024

typedef struct oar_engine_error {
  char text[OAR_ENGINE_ERROR_BYTES]; /* NUL-terminated UTF-8, one line */
} oar_engine_error;

/* What the process may use, told once to an engine as it is opened. */
typedef struct oar_engine_settings {
  size_t struct_size;
  int32_t threads_max; /* the host's thread budget; >= 1. What an engine shares between models is no wider */
  int32_t reserved;
} oar_engine_settings;

/* A weight that the program names and keeps in another file (ONNX external data). */
typedef struct oar_engine_constant {
  const char* name;  /* of the tensor in the program */
  oar_view view;     /* data points into memory that is lent as `weights` is */
  int32_t is_nested; /* nonzero: it belongs to a branch or a loop, not to the graph itself */
  int32_t reserved;
} oar_engine_constant;

typedef struct oar_engine_source {
  size_t struct_size;
  oar_format format;
  int32_t reserved;
  const void* model; /* the program: .pdmodel, .onnx, .xml; never NULL */
  size_t model_size_bytes;
  const void* weights; /* NULL where the format keeps weights in the program, or has none */
  size_t weights_size_bytes;
  const char* model_path;               /* where the program came from, for files it names beside itself; may be NULL */
  const oar_engine_constant* constants; /* every weight that is kept in another file, opened and checked by the host */
  size_t constant_count;
} oar_engine_source;

typedef struct oar_engine_shape_hint {
  const char* input;
  int32_t rank;
  int64_t dims[OAR_MAX_RANK]; /* -1 = dynamic */
} oar_engine_shape_hint;

typedef struct oar_engine_options {
  size_t struct_size;
  oar_precision precision;
  int32_t threads_per_execution; /* >= 1; fixed for the life of the compiled model */
  int32_t executions;            /* how many the host means to create; >= 1 */
  oar_weights weights;
  const char* device;    /* an id of devices(), or "auto" */
  const char* cache_dir; /* NULL = the engine writes no files */
  const oar_engine_shape_hint* shape_hints;
  size_t shape_hint_count;
} oar_engine_options;

#define OAR_PORT_IN_PLACE 1u  /* output: a bound output of sufficient size is written without a copy */
#define OAR_PORT_RACE_SAFE 2u /* input: its values only ever feed arithmetic, never an index or a shape */

typedef struct oar_engine_port {
  size_t struct_size;
  const char* name; /* UTF-8; lives as long as the compiled model */
  oar_dtype dtype;
  int32_t rank;               /* -1 = unknown until the run */
  int64_t dims[OAR_MAX_RANK]; /* -1 = dynamic */
  uint32_t flags;             /* OAR_PORT_* */
  uint32_t reserved;
} oar_engine_port;

typedef struct oar_engine_model_info {
  size_t struct_size;
  size_t input_count;
  size_t output_count;
  int32_t keeps_source;    /* nonzero: the memory given to load() must stay until unload() */
  oar_precision precision; /* what the model was compiled for, never AUTO */
  int32_t threads_per_execution;
  int32_t reserved;
} oar_engine_model_info;

typedef struct oar_engine_memory {
  size_t struct_size;
  uint64_t weights_private_bytes;
  uint64_t weights_shared_bytes;
  uint64_t activations_bytes;
} oar_engine_memory;

/* One unsupported operator of a probed model. `type` is valid during the call only. */
typedef void (*oar_engine_unsupported_fn)(void* user, const char* type, size_t count);
typedef void (*oar_engine_profile_fn)(void* user, const char* node, const char* type, int64_t time_ns);
typedef void (*oar_engine_device_fn)(void* user, const char* id, const char* name);
/* Called exactly once per successful start(), on a thread of the engine, with the code and text of the run. */
typedef void (*oar_engine_done_fn)(void* user, int32_t code, const char* text);

typedef struct oar_engine oar_engine;
typedef struct oar_engine_model oar_engine_model;
typedef struct oar_engine_execution oar_engine_execution;

#define OAR_ENGINE_CAP_ASYNC 1u          /* start() is there */
#define OAR_ENGINE_CAP_CANCEL 2u         /* cancel() can stop a run that is under way */
#define OAR_ENGINE_CAP_PROFILE 4u        /* profile() is there */
#define OAR_ENGINE_CAP_SHARED_WEIGHTS 8u /* load() honours OAR_WEIGHTS_SHARED */

typedef struct oar_engine_api {
  size_t struct_size;
  uint32_t abi; /* OAR_ENGINE_ABI the plugin was built against */
  uint32_t reserved;
  uint64_t capabilities; /* OAR_ENGINE_CAP_* */
  const char* name;      /* as in the file name */

  /* Version of the engine behind the plugin, e.g. "2026.4.1". */
  const char* (*version)(void);

  /* One engine per process is enough. open may be called again; what engines of one plugin share (a pool of threads) is
   * as the first one was told. */
  int32_t (*open)(const oar_engine_settings* settings, oar_engine** engine, oar_engine_error* error);
  void (*close)(oar_engine* engine);

  /* Nonzero if the format can be read at all. Cheap. */
  int32_t (*reads)(oar_engine* engine, oar_format format);
  /* Can this model be loaded? Names every unsupported operator through `unsupported` and then returns
   * UNIMPLEMENTED; OK if there are none. Errors in the file are INVALID_ARGUMENT or DATA_LOSS. */
  int32_t (*probe)(oar_engine* engine, const oar_engine_source* source, oar_engine_unsupported_fn unsupported,
                   void* user, oar_engine_error* error);
  void (*devices)(oar_engine* engine, oar_engine_device_fn device, void* user);

  int32_t (*load)(oar_engine* engine, const oar_engine_source* source, const oar_engine_options* options,
                  oar_engine_model** model, oar_engine_error* error);
  /* All executions must be freed before. */
  void (*unload)(oar_engine_model* model);
  void (*describe)(oar_engine_model* model, oar_engine_model_info* info);
  /* `index` below the count that describe() gave. */
  void (*input_port)(oar_engine_model* model, size_t index, oar_engine_port* port);
  void (*output_port)(oar_engine_model* model, size_t index, oar_engine_port* port);
  void (*memory)(oar_engine_model* model, oar_engine_memory* memory);

  int32_t (*execution_new)(oar_engine_model* model, oar_engine_execution** execution, oar_engine_error* error);
  void (*execution_free)(oar_engine_execution* execution);

  /* Lends input memory for the runs to come, until bound anew. dtype must be the port's and dims must fit it.
   * `*reason` is OAR_COPY_NONE if the engine reads the memory as it lies, else why it copies at every run. */
  int32_t (*bind_input)(oar_engine_execution* execution, size_t index, const oar_view* view, oar_copy_reason* reason,
                        oar_engine_error* error);
  /* Lends room for an output; `room` = NULL takes a former one back, and the engine uses its own memory. An output that
   * does not fit (known only at the run) is written to the engine's own memory instead, never past the room; output()
   * then tells where it is. */
  int32_t (*bind_output)(oar_engine_execution* execution, size_t index, const oar_view* room, oar_copy_reason* reason,
                         oar_engine_error* error);
  /* Dims of an output for the inputs bound now. Returns FAILED_PRECONDITION if they are known only after the run. */
  int32_t (*output_shape)(oar_engine_execution* execution, size_t index, int32_t* rank, int64_t dims[OAR_MAX_RANK],
                          oar_engine_error* error);

  /* Runs on the caller's thread. CANCELLED if cancel() stopped it. */
  int32_t (*run)(oar_engine_execution* execution, oar_engine_error* error);
  /* Optional (OAR_ENGINE_CAP_ASYNC), else NULL. */
  int32_t (*start)(oar_engine_execution* execution, oar_engine_done_fn done, void* user, oar_engine_error* error);
  /* Optional (OAR_ENGINE_CAP_CANCEL), else NULL. Nonzero if the run under way will stop early. */
  int32_t (*cancel)(oar_engine_execution* execution);

  /* Where output `index` of the last successful run lies: the bound room, or the engine's own memory. Valid until the
   * execution runs again or is bound anew. `*reason` says whether the last run copied it, and why. */
  int32_t (*output)(oar_engine_execution* execution, size_t index, oar_view* view, oar_copy_reason* reason,
                    oar_engine_error* error);

  /* Optional (OAR_ENGINE_CAP_PROFILE), else NULL: times of the last run. */
  int32_t (*profile)(oar_engine_execution* execution, oar_engine_profile_fn each, void* user, oar_engine_error* error);
} oar_engine_api;

typedef const oar_engine_api* (*oar_engine_entry_fn)(uint32_t host_abi);

#ifdef __cplusplus
}
#endif

#endif /* OARLOCK_ENGINE_H_ */
