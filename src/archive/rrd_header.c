/* SPDX-License-Identifier: MIT */
#include "archive/rrd_header.h"

#include "basic/cleanup.h"
#include "basic/safe_open.h"
#include "basic/text.h"

/* The layout of the file is in librrd's header for this definition alone. */
#define RRD_EXPORT_DEPRECATED
#include <fcntl.h>
#include <rrd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* More than anybody has; it keeps the sums below from overflowing. */
enum { MOST = 1 << 20 };
#define MOST_ROWS (1UL << 32)

/* Every text of a definition ends within its field, and can be printed. */
static bool is_text(const char *field, size_t size) {
  return memchr(field, '\0', size) != NULL && !vr_text_has_control(field);
}

/* Bytes of the rows of one archive, or 0 when its definition cannot be one. */
static unsigned long long row_bytes(const rra_def_t *rra,
                                    unsigned long ds_count) {
  if (!is_text(rra->cf_nam, sizeof(rra->cf_nam)) || rra->row_cnt == 0 ||
      rra->row_cnt > MOST_ROWS || rra->pdp_cnt == 0)
    return 0;
  return (unsigned long long)rra->row_cnt * ds_count * sizeof(rrd_value_t);
}

/* Bytes that the file must have; 0 when the header cannot be one. Reads F from
 * its beginning. *ret_computed becomes true where it has a data source of type
 * COMPUTE. */
static unsigned long long wanted_bytes(FILE *f, bool *ret_computed) {
  stat_head_t head;
  if (fread(&head, sizeof(head), 1, f) != 1 ||
      memcmp(head.cookie, RRD_COOKIE, sizeof(head.cookie)) != 0 ||
      head.float_cookie != FLOAT_COOKIE || head.ds_cnt == 0 ||
      head.ds_cnt > MOST || head.rra_cnt == 0 || head.rra_cnt > MOST ||
      head.pdp_step == 0)
    return 0;
  for (unsigned long i = 0; i < head.ds_cnt; i++) {
    ds_def_t ds;
    if (fread(&ds, sizeof(ds), 1, f) != 1 ||
        !is_text(ds.ds_nam, sizeof(ds.ds_nam)) ||
        !is_text(ds.dst, sizeof(ds.dst)))
      return 0;
    *ret_computed |= strcmp(ds.dst, "COMPUTE") == 0;
  }
  unsigned long long rows = 0;
  for (unsigned long i = 0; i < head.rra_cnt; i++) {
    rra_def_t rra;
    if (fread(&rra, sizeof(rra), 1, f) != 1)
      return 0;
    unsigned long long bytes = row_bytes(&rra, head.ds_cnt);
    if (bytes == 0)
      return 0;
    rows += bytes;
  }
  return sizeof(head) + head.ds_cnt * (sizeof(ds_def_t) + sizeof(pdp_prep_t)) +
         head.rra_cnt * (sizeof(rra_def_t) + sizeof(rra_ptr_t)) +
         head.ds_cnt * head.rra_cnt * sizeof(cdp_prep_t) + sizeof(live_head_t) +
         rows;
}

/* Does F begin as an RRD file whose layout is not this machine's? The number
 * that librrd checks itself with stands where this machine looks for it, in
 * another byte order; or elsewhere; or the numbers behind it are shorter. Reads
 * F from its beginning. */
static bool is_foreign(FILE *f) {
  unsigned char head[64];
  const double check = FLOAT_COOKIE;
  const size_t at = offsetof(stat_head_t, float_cookie);
  rewind(f);
  if (fread(head, sizeof(head), 1, f) != 1 ||
      memcmp(head, RRD_COOKIE, sizeof(RRD_COOKIE)) != 0)
    return false;
  unsigned char own[sizeof(check)], swapped[sizeof(check)];
  memcpy(own, &check, sizeof(check));
  for (size_t i = 0; i < sizeof(check); i++)
    swapped[i] = own[sizeof(check) - 1 - i];
  for (size_t i = 8; i + sizeof(check) <= 24; i += 4)
    if (memcmp(head + i, swapped, sizeof(check)) == 0 ||
        (i != at && memcmp(head + i, own, sizeof(check)) == 0))
      return true;
  /* The counts of data sources and archives, and the step: as numbers of 4
   * bytes none of them is 0; of 8 bytes every other one is. */
  uint32_t n[3];
  memcpy(n, head + at + sizeof(check), sizeof(n));
  bool is_short =
      n[0] > 0 && n[0] < MOST && n[1] > 0 && n[1] < MOST && n[2] > 0;
  bool is_long = n[0] > 0 && n[0] < MOST && n[1] == 0 && n[2] > 0;
  return memcmp(head + at, own, sizeof(own)) == 0 &&
         (sizeof(long) > sizeof(n[0]) ? is_short : is_long);
}

enum vr_rrd_header vr_rrd_check_header(const char *path) {
  int fd = vr_safe_open(AT_FDCWD, path);
  vr_auto_fclose FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
  struct stat st;
  if (!f || fstat(fileno(f), &st) < 0 || !S_ISREG(st.st_mode))
    return VR_RRD_WHOLE;
  bool computed = false;
  unsigned long long wanted = wanted_bytes(f, &computed);
  if (wanted > 0 && (unsigned long long)st.st_size >= wanted)
    return computed ? VR_RRD_COMPUTED : VR_RRD_WHOLE;
  return wanted == 0 && is_foreign(f) ? VR_RRD_FOREIGN : VR_RRD_DAMAGED;
}
