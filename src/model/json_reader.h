/* SPDX-License-Identifier: MIT
 *
 * Typed members of the objects of a JSON file, with errors that name the file
 * and the field. FIELD is what stands before the member's name in a message:
 * "inputs[0]." or "". All functions return 0, or -EINVAL with the message, or
 * -ENOMEM.
 */
#ifndef VR_MODEL_JSON_READER_H
#define VR_MODEL_JSON_READER_H

#include "basic/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Where in the file the reader is, for its messages. */
struct vr_json_reader {
  const char *path;
  char where[96]; /* "model 3 (load): " or "" */
  struct vr_error *error;
};

/* Sets the message; returns -EINVAL. */
int vr_json_refuse(struct vr_json_reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Refuses an object of another type, or with a member that is not among KNOWN,
 * which ends with NULL: a misspelt option must not become a default. */
int vr_json_check_members(struct vr_json_reader *r, const json_t *o,
                          const char *field, const char *const *known);

/* A finite number. Where it is absent or null *ret keeps its default. */
int vr_json_number(struct vr_json_reader *r, const json_t *o, const char *field,
                   const char *key, double *ret);

/* A string, of O's. FALLBACK where it is absent, unless that is NULL. */
int vr_json_string(struct vr_json_reader *r, const json_t *o, const char *key,
                   const char *fallback, const char **ret);

/* An array of 1 to MAX finite numbers; *ret is allocated, the caller's. */
int vr_json_numbers(struct vr_json_reader *r, const json_t *o,
                    const char *field, const char *key, size_t max,
                    double **ret, size_t *ret_n);

/* An array of exactly N numbers into RET; null is INFINITY where NULLS. */
int vr_json_numbers_of(struct vr_json_reader *r, const json_t *o,
                       const char *key, size_t n, bool nulls, double *ret);

#endif
