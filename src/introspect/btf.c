/* SPDX-License-Identifier: MIT */
#include "introspect/btf.h"

#include "vmrecon-config.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static void forget(struct vr_btf_member *members, size_t n) {
  for (size_t i = 0; i < n; i++)
    members[i].bits = members[i].size = -1;
}

#ifdef HAVE_LIBBPF

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#define MAX_DEPTH 4
#define MAX_VISITS (1u << 20) /* members visited in one call */
#define MAX_STRUCT_SIZE (64u << 20)

/* libbpf (1.1) trusts hdr_len and needs strings that end: both are checked
 * here. Sections must lie within the data, the strings in them end with a NUL.
 */
static bool header_is_sound(const uint8_t *data, size_t length) {
  struct btf_header h;
  if (length < sizeof(h) || length > VR_BTF_MAX_SIZE)
    return false;
  memcpy(&h, data, sizeof(h));
  if (h.magic != BTF_MAGIC || h.version != BTF_VERSION ||
      h.hdr_len < sizeof(h) || h.hdr_len > length || h.hdr_len % 4 != 0)
    return false;
  uint64_t room = length - h.hdr_len;
  uint64_t type_end = (uint64_t)h.type_off + h.type_len;
  uint64_t str_end = (uint64_t)h.str_off + h.str_len;
  return h.type_off % 4 == 0 && type_end <= room && str_end <= room &&
         type_end <= h.str_off && h.str_len > 0 &&
         data[h.hdr_len + h.str_off] == '\0' &&
         data[h.hdr_len + str_end - 1] == '\0';
}

struct walk {
  const struct btf *btf;
  struct vr_btf_member *members;
  size_t n;
  const char *structure;
  unsigned visits;
};

static void note_member(struct walk *w, const char *name, uint64_t bits,
                        uint32_t size) {
  for (size_t i = 0; i < w->n; i++) {
    struct vr_btf_member *m = &w->members[i];
    if (m->bits < 0 && bits / 8 < size && bits <= INT32_MAX &&
        strcmp(m->structure, w->structure) == 0 &&
        strcmp(m->member, name) == 0) {
      m->bits = (int32_t)bits;
      m->size = (int32_t)size;
    }
  }
}

static const struct btf_type *skip_modifiers(const struct btf *btf,
                                             uint32_t id) {
  const struct btf_type *t = btf__type_by_id(btf, id);
  for (int i = 0; t && i < 8 && (btf_is_mod(t) || btf_is_typedef(t)); i++)
    t = btf__type_by_id(btf, t->type);
  return t;
}

/* Looks at the members of T, which begins BASE bits into the structure of SIZE
 * bytes, and into those of its members that have no name. */
static void walk_members(struct walk *w, const struct btf_type *t,
                         uint64_t base, uint32_t size, int depth) {
  const struct btf_member *m = btf_members(t);
  for (unsigned i = 0; i < btf_vlen(t); i++) {
    if (++w->visits > MAX_VISITS)
      return;
    uint64_t bits = base + btf_member_bit_offset(t, i);
    const char *name = btf__name_by_offset(w->btf, m[i].name_off);
    if (name && *name) {
      note_member(w, name, bits, size);
      continue;
    }
    const struct btf_type *inner = skip_modifiers(w->btf, m[i].type);
    if (inner && btf_is_composite(inner) && depth < MAX_DEPTH)
      walk_members(w, inner, bits, size, depth + 1);
  }
}

static bool wanted(const struct vr_btf_member *members, size_t n,
                   const char *name) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(members[i].structure, name) == 0)
      return true;
  return false;
}

int vr_btf_find(const void *data, size_t length, struct vr_btf_member *members,
                size_t n) {
  forget(members, n);
  if (length > VR_BTF_MAX_SIZE)
    return -E2BIG;
  if (!header_is_sound(data, length))
    return -EINVAL;
  /* It reports what a guest got wrong on standard error, line by line. */
  libbpf_set_print(NULL);
  struct btf *btf = btf__new(data, (uint32_t)length);
  if (libbpf_get_error(btf))
    return -EINVAL;
  struct walk w = {.btf = btf, .members = members, .n = n};
  for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
    const struct btf_type *t = btf__type_by_id(btf, id);
    if (!t || !btf_is_struct(t) || t->size > MAX_STRUCT_SIZE)
      continue;
    w.structure = btf__name_by_offset(btf, t->name_off);
    if (w.structure && *w.structure && wanted(members, n, w.structure))
      walk_members(&w, t, 0, t->size, 0);
  }
  btf__free(btf);
  return 0;
}

#else

int vr_btf_find(const void *data, size_t length, struct vr_btf_member *members,
                size_t n) {
  (void)data;
  (void)length;
  forget(members, n);
  return -ENOTSUP;
}

#endif
