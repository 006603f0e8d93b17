/* SPDX-License-Identifier: MIT
 *
 * Where the members of the kernel's structures lie, from the type information
 * (BTF) that the kernel carries in its memory. libbpf parses it; because the
 * guest wrote it, its size and its header are checked before libbpf sees it,
 * and the walk afterwards is bounded.
 */
#ifndef VR_INTROSPECT_BTF_H
#define VR_INTROSPECT_BTF_H

#include <stddef.h>
#include <stdint.h>

#define VR_BTF_MAX_SIZE (12u << 20) /* Debian's kernels: 3.4 to 5.2 MB */

/* One member that is searched, also in unnamed structures and unions within
 * the structure. */
struct vr_btf_member {
  const char *structure;
  const char *member;
  int32_t bits; /* its offset in bits, or -1 */
  int32_t size; /* of the whole structure in bytes, or -1 */
};

/* Fills in BITS and SIZE of the N members from LENGTH bytes of BTF; what is not
 * found stays -1. Returns 0, -EINVAL for what is not BTF, -E2BIG, -ENOMEM, or
 * -ENOTSUP in a build without libbpf. */
int vr_btf_find(const void *data, size_t length, struct vr_btf_member *members,
                size_t n);

#endif
