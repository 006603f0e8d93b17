/* SPDX-License-Identifier: MIT
 *
 * Whole commands of vmrecon-train in this process, and what they print.
 */
#ifndef VR_TESTS_TRAIN_CAPTURED_H
#define VR_TESTS_TRAIN_CAPTURED_H

#include "../unit.h"
#include "basic/exit_status.h"

#include <stdbool.h>

/* Runs the program with ARGUMENTS, a list that ends with NULL; what it prints
 * goes to the file PATH, errors as well if WITH_ERRORS, else nowhere. */
enum vr_exit captured_run(const char *path, bool with_errors,
                          const char *const *arguments);

/* What is in the file, valid until the next call. */
char *captured_text(const char *path);

/* Fails unless WANTED is in it. */
void captured_assert(const char *path, const char *wanted);

#endif
