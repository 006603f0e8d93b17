/* SPDX-License-Identifier: MIT
 *
 * A model file and the one that was there before it: FILE and FILE.former.
 */
#ifndef VR_TRAIN_CLI_GENERATIONS_H
#define VR_TRAIN_CLI_GENERATIONS_H

/* Where the former generation of the file PATH is kept. The caller frees it;
 * NULL when out of memory. No reader of model files takes it for one. */
char *vr_cli_generations_former(const char *path);

/* Puts the file NEXT, which is beside PATH, in PATH's place, and keeps what was
 * there as the former generation. Whoever reads PATH, at whatever moment, and
 * wherever this ends, reads the old file or the new one. A NEXT of the same
 * bytes is removed, and nothing changes. Returns 0 or a negative errno; NEXT is
 * gone then. */
int vr_cli_generations_put(const char *next, const char *path);

/* Exchanges the file PATH and its former generation, so that doing it again
 * undoes it. Where PATH is gone, the former one takes its place. Returns 0,
 * -ENOENT where there is no former one, or another negative errno. */
int vr_cli_generations_back(const char *path);

#endif
