/* SPDX-License-Identifier: MIT */
#include "host/qmp/libvirt_library.h"

#include "basic/log.h"

#include <dlfcn.h>
#include <stddef.h>

/* Errors are logged by the caller. */
static void quiet(void *ctx, virErrorPtr error) {
  (void)ctx;
  (void)error;
}

#define MISSING "block and balloon statistics of libvirt's guests are missing"

bool vr_libvirt_library_load(const char *name, struct vr_libvirt_library *ret) {
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    vr_log_notice("libvirt: %s; " MISSING, dlerror());
    return false;
  }
#define RESOLVE(function)                                                      \
  *(void **)&ret->function = dlsym(library, #function);                        \
  if (!ret->function) {                                                        \
    vr_log_notice("libvirt: %s is too old, it has no " #function "; " MISSING, \
                  name);                                                       \
    return false;                                                              \
  }
  VR_LIBVIRT_FUNCTIONS(RESOLVE)
  ret->virSetErrorFunc(NULL, quiet);
  return true;
}
