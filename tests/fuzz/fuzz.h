/* SPDX-License-Identifier: MIT
 *
 * What the fuzzing harnesses share. A harness is one file with two functions:
 *
 *   LLVMFuzzerTestOneInput()  reads one input as the product would
 *   fuzz_seeds()              hands sound inputs to fuzz_seed(), to begin with
 *
 * Built by clang with --enable-fuzzers it is linked with libFuzzer, which makes
 * inputs and watches which code each of them reaches. In every other build it
 * is linked with replay.c, which reads the inputs in the files that it is
 * given. With FUZZ_SEEDS=DIRECTORY in its environment either writes its seeds
 * there, and ends.
 */
#ifndef VR_TESTS_FUZZ_H
#define VR_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void fuzz_seeds(void);
void fuzz_seed(const void *data, size_t size);

/* Ends the program, which is a finding, unless X holds. */
#define fuzz_require(x) ((x) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #x))
_Noreturn void fuzz_fail(const char *file, int line, const char *what);

/* An input that is read like a file; behind its end are zeros. */
struct fuzz_input {
  const uint8_t *at;
  size_t left;
};

/* A number of BYTES bytes, at most 8, lowest first. */
uint64_t fuzz_number(struct fuzz_input *in, unsigned bytes);

/* A text of at most SIZE - 1 bytes, as long as its first byte says. */
void fuzz_text(struct fuzz_input *in, char *ret, size_t size);

/* A directory of this process's own, which is removed at its end. */
const char *fuzz_directory(void);

/* The path of the file NAME in that directory, valid until the next call; and
 * the same, with the file written. */
const char *fuzz_path(const char *name);
const char *fuzz_file(const char *name, const void *data, size_t size);

#endif
