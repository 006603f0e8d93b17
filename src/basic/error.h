/* SPDX-License-Identifier: MIT
 *
 * The one error struct: text for the user that goes with a negative errno.
 */
#ifndef VR_BASIC_ERROR_H
#define VR_BASIC_ERROR_H

struct vr_error {
  char message[640]; /* names the file, line or identifier, and what is wrong */
};

/* Writes the message and returns CODE, so that a function can end with it.
 * RET_ERROR may be NULL where the caller's documentation allows that. */
int vr_error_set(struct vr_error *ret_error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
