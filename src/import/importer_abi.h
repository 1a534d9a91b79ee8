/* The call into the importer's shared object (liboarlock_importer.so). Private: both sides are of one build, and
 * OAR_IMPORT_ABI only guards against a mixed installation. Nothing of C++ crosses it. */
#ifndef OARLOCK_IMPORT_IMPORTER_ABI_H_
#define OARLOCK_IMPORT_IMPORTER_ABI_H_

#include <stddef.h>
#include <stdint.h>

#include "oarlock/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OAR_IMPORT_ABI 1u
#define OAR_IMPORT_ENTRY "oar_import_entry"
/* ONNX operator sets that can be written; the newest that the checker knows is the default. */
#define OAR_IMPORT_OPSET_MIN 13
#define OAR_IMPORT_OPSET 17
/* Protobuf's own limit is 2 GiB for a message. */
#define OAR_IMPORT_INLINE_BYTES_MAX 1073741824ull

/* One operator that cannot be converted. `type` is valid during the call only. */
typedef void (*oar_import_unsupported_fn)(void* user, const char* type, size_t count);

typedef struct oar_import_source {
  oar_format format; /* OAR_FORMAT_PADDLE or OAR_FORMAT_PADDLE_PIR */
  int32_t opset;     /* OAR_IMPORT_OPSET_MIN .. OAR_IMPORT_OPSET */
  const void* program;
  size_t program_size_bytes;
  const void* weights; /* combined; NULL = none */
  size_t weights_size_bytes;
  uint64_t inline_bytes_max;             /* weights of more bytes in all go to `data` */
  const char* data_name;                 /* the file that the model then says they are in */
  oar_import_unsupported_fn unsupported; /* NULL = the error's text is enough */
  void* user;
} oar_import_source;

/* Memory of the importer, until `release` is called with it. */
typedef struct oar_import_result {
  const void* model;
  size_t model_size_bytes;
  const void* data; /* NULL = the weights are inside */
  size_t data_size_bytes;
  void* owner;
} oar_import_result;

typedef struct oar_import_api {
  uint32_t abi;
  uint32_t reserved;
  /* An oar code; on an error `*text` is a string that free_text takes back, whole however long it is. */
  int32_t (*import)(const oar_import_source* source, oar_import_result* result, char** text);
  void (*release)(oar_import_result* result);
  void (*free_text)(char* text);
} oar_import_api;

typedef const oar_import_api* (*oar_import_entry_fn)(uint32_t host_abi);

#ifdef __cplusplus
}
#endif

#endif /* OARLOCK_IMPORT_IMPORTER_ABI_H_ */
