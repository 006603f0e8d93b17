/* SPDX-License-Identifier: MIT
 *
 * What is known of a guest from the start of its process: its command line,
 * read by the recogniser of its VMM.
 */
#ifndef VR_HOST_VMM_VM_H
#define VR_HOST_VMM_VM_H

#include "host/vmm/nics.h"
#include "schema/accelerator.h"
#include "schema/guest_kernel.h"

#include <stdbool.h>
#include <stdint.h>

enum {
  VR_NAME_MAX = 128,      /* a name with its NUL: what collectd can hold */
  VR_RAW_NAME_MAX = 1024, /* as the VMM has it */
  VR_PATH_MAX = 1024,
  VR_UUID_MAX = 37,
};

/* Zero or "" where the command line has none. */
struct vr_vm {
  char name[VR_RAW_NAME_MAX];
  char uuid[VR_UUID_MAX];
  char vmid[16]; /* its number in Proxmox VE */
  unsigned vcpus;
  uint64_t memory; /* bytes */
  uint64_t pmem;   /* bytes of NVDIMMs: storage, but QEMU counts it as memory */
  enum vr_accelerator accelerator;
  enum vr_os os, os_told; /* told: by our own configuration */
  enum vr_steal_clock steal_clock, steal_clock_told;
  enum vr_idle idle, idle_told;
  char qmp_path[VR_PATH_MAX]; /* a QMP socket that may be used */
  bool qmp_waits; /* the machine does not start before its first client */
  bool libvirt;   /* libvirt holds its QMP socket */
  bool fileless;  /* has a disk that is no file of its process */
  bool incoming;  /* it waits, or waited, for a guest that migrates */
  struct vr_nics nics;
};

#endif
