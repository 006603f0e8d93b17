/* SPDX-License-Identifier: MIT */
#include "host/vmm/named_file.h"

#include "basic/log.h"
#include "basic/safe_open.h"
#include "host/proc/their_file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What was last said of paths, by their hashes: a guest that begins every
 * second is no reason for a line every second. Only the thread that looks for
 * guests comes here. */
static uint64_t reported[64];

static uint64_t hash(const char *path) {
  uint64_t h = 14695981039346656037u; /* FNV-1a */
  for (; *path; path++)
    h = (h ^ (unsigned char)*path) * 1099511628211u;
  return h;
}

/* Is it the first time, of those that are remembered, that PATH fails (or does
 * not)? */
static bool is_news(const char *path, bool fails) {
  static size_t next;
  const size_t n = sizeof(reported) / sizeof(reported[0]);
  const uint64_t h = hash(path);
  for (size_t i = 0; i < n; i++)
    if (reported[i] == h) {
      reported[i] = fails ? h : 0;
      return !fails;
    }
  if (fails)
    reported[next++ % n] = h;
  return fails;
}

char *vr_vmm_read_named(int dirfd, const char *path) {
  char *text = NULL;
  int r = vr_their_file_read(dirfd, path, &text);
  if (is_news(path, r < 0) && r < 0)
    vr_log_notice("%s, which a virtual machine's command line names: %s: what "
                  "it says of the machine is not known",
                  path, vr_safe_why(r));
  return r < 0 ? NULL : text;
}
