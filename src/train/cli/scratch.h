/* SPDX-License-Identifier: MIT
 *
 * Columns in a file: with --scratch, what is allocated in pieces that are not
 * small lies in a file without a name that is mapped as a whole, and of which
 * only a part is resident at a time. A guest-year's columns are gigabytes, and
 * each walk goes over them from the first row to the last, so that the kernel
 * writes out and reads back what a walk has passed. Numbers are the same.
 *
 * The program is linked so that malloc(), calloc(), realloc() and free() of its
 * own code come here first (ld's --wrap); those of libraries do not.
 */
#ifndef VR_TRAIN_CLI_SCRATCH_H
#define VR_TRAIN_CLI_SCRATCH_H

#include "basic/error.h"

/* From now on pieces are in a file in DIRECTORY, once in the program. Returns
 * 0, or a negative errno with *ret_error filled. */
int vr_scratch_use(const char *directory, struct vr_error *ret_error);

#endif
