/* SPDX-License-Identifier: MIT */
#include "host/vmm/managers.h"

#include <stddef.h>
#include <string.h>

/* Where they keep their sockets: for the machine, below these directories. */
static const char *const directories[] = {
    "/var/lib/libvirt/",  "/run/libvirt/", /* libvirt */
    "/run/qemu-server/",                   /* Proxmox VE */
    "/run/ganeti/",                        /* Ganeti */
    "/run/xen/",          "/var/lib/xen/", /* libxl, xenopsd */
    "/var/snap/lxd/",     "/run/lxd/",     /* LXD */
    "/var/log/lxd/",      "/var/lib/lxd/",  "/run/incus/",
    "/var/log/incus/", /* Incus */
    "/var/lib/incus/",    "/run/vc/",       "/run/kata-containers/",
    "/run/kata/",                           /* Kata Containers */
    "/run/vdsm/",         "/var/lib/vdsm/", /* oVirt's vdsm */
    "/run/hypervisor/",                     /* EVE */
    "/var/lib/microvms/",                   /* microvm.nix */
};

/* Session daemons keep theirs in home directories. */
static const char *const anywhere[] = {
    "/libvirt/",
    "/ganeti/kvm-hypervisor/",
    "/.lima/",
    "/.colima/",
    "/lima/",
    "/_lima/", /* in Rancher Desktop, Finch, Colima */
    "/.docker/machine/",
    "/.minikube/",
    "/podman/",
    "/.talos/",
    "/lxd/logs/",
};

/* Names that managers give to the character device. */
static const char *const devices[] = {
    "charmonitor",
    "libxl-cmd",
    "libxenstat-cmd",
};

/* /var/run is /run. */
static bool is_below(const char *path, const char *directory) {
  if (strncmp(path, "/var/run/", 9) == 0)
    path += 4;
  return strncmp(path, directory, strlen(directory)) == 0;
}

bool vr_vmm_managers_own(const char *path, const char *id) {
  for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
    if (is_below(path, directories[i]))
      return true;
  for (size_t i = 0; i < sizeof(anywhere) / sizeof(anywhere[0]); i++)
    if (strstr(path, anywhere[i]))
      return true;
  for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
    if (strcmp(id, devices[i]) == 0)
      return true;
  return false;
}
