/* SPDX-License-Identifier: MIT
 *
 * The functions of libvirt that are used, taken from its library when they are
 * needed first (dlopen): one binary serves machines with and without libvirt.
 */
#ifndef VR_HOST_QMP_LIBVIRT_LIBRARY_H
#define VR_HOST_QMP_LIBVIRT_LIBRARY_H

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdbool.h>

#define VR_LIBVIRT_FUNCTIONS(f)                                                \
  f(virConnectOpen) f(virConnectOpenReadOnly) f(virConnectClose)               \
      f(virConnectGetAllDomainStats) f(virDomainStatsRecordListFree)           \
          f(virDomainGetUUIDString) f(virDomainGetName) f(virDomainGetXMLDesc) \
              f(virDomainSetMemoryStatsPeriod) f(virSetErrorFunc)              \
                  f(virGetLastErrorMessage)

#define VR_LIBVIRT_DECLARE(name) __typeof__(name) *name;
struct vr_libvirt_library {
  VR_LIBVIRT_FUNCTIONS(VR_LIBVIRT_DECLARE)
};

/* Loads the library NAME. Never unloaded: libvirt starts threads and leaves
 * handlers behind. Returns false, and logs why, where it is absent or too old.
 */
bool vr_libvirt_library_load(const char *name, struct vr_libvirt_library *ret);

#endif
