/* SPDX-License-Identifier: MIT
 *
 * Command lines of processes that may be virtual machines, and the files that
 * they name. An input is arguments, each ended by a newline; what follows a
 * byte of value 1 is the text of the file "f.vmx" in the process's directory,
 * for the VMMs that have such a file.
 */
#include "fuzz.h"

#include "host/vmm/cmdline.h"
#include "host/vmm/custom.h"
#include "host/vmm/recognise.h"
#include "host/vmm/vm_names.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST = 1 << 16 };

/* A directory as /proc/PID is, whose cwd and root are itself. */
static int process_directory(void) {
  static int fd = -1;
  if (fd >= 0)
    return fd;
  fd = open(fuzz_directory(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || symlinkat(".", fd, "cwd") < 0 || symlinkat(".", fd, "root") < 0)
    abort();
  return fd;
}

static struct vr_custom *custom(void) {
  static struct vr_custom *c;
  char message[256];
  if (!c && (vr_custom_new(&c) < 0 ||
             vr_custom_add_match(c, "other", "/^my-vmm .*--id=[0-9]+/", message,
                                 sizeof(message)) < 0))
    abort();
  return c;
}

static void check_vm(const struct vr_vm *vm) {
  char name[VR_NAME_MAX];
  fuzz_require(memchr(vm->name, '\0', sizeof(vm->name)));
  fuzz_require(memchr(vm->uuid, '\0', sizeof(vm->uuid)));
  fuzz_require(memchr(vm->qmp_path, '\0', sizeof(vm->qmp_path)));
  vr_vm_name_sanitise(vm->name, name);
  vr_vm_name_suffix(name, vm->uuid);
  fuzz_require(strlen(name) < VR_NAME_MAX && !strchr(name, '/') &&
               !strchr(name, '\n') && name[0] != '.');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct vr_cmdline c;
  static struct vr_vm vm;
  static char text[LARGEST + 1];
  if (size > LARGEST)
    return 0;
  const uint8_t *file = memchr(data, 1, size);
  size_t length = file ? (size_t)(file - data) : size;
  for (size_t i = 0; i < length; i++)
    text[i] = data[i] == '\n' ? '\0' : (char)data[i];
  text[length] = '\0';
  int directory = process_directory();
  if (file)
    fuzz_file("f.vmx", file + 1, size - length - 1);
  vr_cmdline_split(text, length, &c);
  vr_custom_find(custom(), 42, 0, 0, text, length);
  const struct vr_recogniser *r = vr_recognise(&c);
  memset(&vm, 0, sizeof(vm));
  if (r && r->parse(&c, directory, &vm) == 0)
    check_vm(&vm);
  return 0;
}

void fuzz_seeds(void) {
  static const char *const seeds[] = {
      "firecracker\n--id\nvm\n--config-file\nf.vmx\n\1"
      "{\"machine-config\":{\"vcpu_count\":2,\"mem_size_mib\":256}}",
      "vmware-vmx\n-x\nf.vmx\n\1"
      "displayName = \"web\"\nuuid.bios = \"56 4d 12 34 56 78 9a bc-de f0 12 "
      "34 56 78 9a bc\"\nnumvcpus = \"2\"\nmemsize = \"512\"\n",
      "my-vmm --id=17\n",
      "kvm\n-name\nguest=a,,b,debug-threads=on\n-m\nsize=1.5G,slots=2\n-smp\n"
      "2,sockets=1,cores=2\n-accel\nkvm\n-chardev\nsocket,id=m,path=/run/q,"
      "server=on,wait=off\n-mon\nchardev=m,mode=control\n-uuid\n"
      "01234567-89ab-cdef-0123-456789abcdef\n-S\n",
      "crosvm\nrun\n--name\nvm\n--cpus\nnum-cores=2\n--mem\nsize=512\n",
  };
  for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
    fuzz_seed(seeds[i], strlen(seeds[i]));
}
