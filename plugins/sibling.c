/* SPDX-License-Identifier: MIT */
#include "sibling.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

struct search {
  char file[64];
  const char *path;
};

static int find_module(struct dl_phdr_info *info, size_t size, void *search) {
  (void)size;
  struct search *s = search;
  const char *name = strrchr(info->dlpi_name, '/');
  if (!name || strcmp(name + 1, s->file) != 0)
    return 0;
  s->path = info->dlpi_name;
  return 1;
}

void *vr_sibling_symbol(const char *module, const char *symbol) {
  struct search s = {.path = NULL};
  snprintf(s.file, sizeof(s.file), "%s.so", module);
  dl_iterate_phdr(find_module, &s);
  void *handle = s.path ? dlopen(s.path, RTLD_LAZY | RTLD_NOLOAD) : NULL;
  if (!handle)
    return NULL;
  void *found = dlsym(handle, symbol);
  dlclose(handle);
  return found;
}
