/* SPDX-License-Identifier: MIT
 *
 * Cleanup attributes: a variable declared with one of these releases what it
 * holds when it leaves its scope, on every path.
 *
 *   vr_auto_free char *text = NULL;
 *   vr_auto_close int fd = open(…);
 *   return vr_steal(&text);            // hand it on: the scope no longer owns
 * it
 */
#ifndef VR_BASIC_CLEANUP_H
#define VR_BASIC_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void vr_freep(void *p) { free(*(void **)p); }

static inline void vr_closep(int *fd) {
  if (*fd >= 0)
    close(*fd);
}

static inline void vr_fclosep(FILE **f) {
  if (*f)
    fclose(*f);
}

#define vr_cleanup(f) __attribute__((cleanup(f)))
#define vr_auto_free vr_cleanup(vr_freep)
#define vr_auto_close vr_cleanup(vr_closep)
#define vr_auto_fclose vr_cleanup(vr_fclosep)

/* Takes the pointer out of an auto variable. */
#define vr_steal(p)                                                            \
  __extension__({                                                              \
    __typeof__(*(p)) vr_stolen_ = *(p);                                        \
    *(p) = NULL;                                                               \
    vr_stolen_;                                                                \
  })

#endif
