/* SPDX-License-Identifier: MIT
 *
 * The symbol table that a Linux kernel carries in its read-only data
 * (kallsyms), found and decoded in guest memory without any file about that
 * kernel.
 *
 * The names are packed: each is a length and that many token numbers, a token
 * is a string of the token table, and the first character of a name is the
 * symbol's type. The token table is found by its ten digits; everything else
 * by its place relative to it. Layouts (scripts/kallsyms.c of the kernel):
 *
 *   4.19 .. 6.3   addresses, [base], number, names, markers, [order], tokens
 *   6.4 ..        number, names, markers, tokens, addresses, [base], [order]
 *
 * with addresses of 8 bytes, or 4 bytes relative to a base (per-CPU symbols
 * absolute up to 6.14), or, in 7.x, 4 bytes relative to their own place;
 * markers of 8 bytes (4.19) or 4; everything aligned to 8 bytes or, in 7.x, 4.
 * Which of these it is, is tried out and decided by what the guest's memory
 * holds where the symbols linux_banner and linux_proc_banner then would be.
 */
#ifndef VR_INTROSPECT_KALLSYMS_H
#define VR_INTROSPECT_KALLSYMS_H

#include "introspect/budget.h"
#include "introspect/gmem.h"

#define VR_KALLSYMS_MAX_SYMBOLS (1u << 20)
#define VR_KALLSYMS_MAX_NAMES (16u << 20) /* bytes of packed names */

enum vr_kallsyms_scheme {
  VR_KALLSYMS_ABSOLUTE,        /* u64 addresses */
  VR_KALLSYMS_PERCPU_ABSOLUTE, /* s32: >= 0 absolute, < 0 base - 1 - o */
  VR_KALLSYMS_RELATIVE,        /* u32: base + o */
  VR_KALLSYMS_PLACE,           /* s32: place + o, in the image itself */
};

struct vr_kallsyms {
  uint64_t token_table; /* RAM offset */
  uint64_t token_end;   /* first byte after the token index */
  uint64_t names;       /* RAM offset of the packed names */
  uint64_t number_at;   /* RAM offset of the number of symbols */
  uint32_t n;
  uint8_t *packed; /* the names, NAMES_LENGTH bytes */
  size_t names_length;
  char tokens[8192];
  uint16_t index[256];
  /* Set by vr_kallsyms_resolve(). */
  enum vr_kallsyms_scheme scheme;
  uint64_t table; /* RAM offset of the addresses */
  uint64_t base;  /* kallsyms_relative_base */
  uint64_t delta; /* virtual address - RAM offset of the image; 0 with PLACE,
                     where it is not known yet */
};

/* What is to be found, and where it lies. */
struct vr_symbol {
  const char *name;
  bool found;
  bool in_image; /* value is a RAM offset; else an absolute (per-CPU) value */
  uint32_t position;
  uint64_t value;
};

/* Is there a symbol table whose token table holds the digits at DIGITS (a RAM
 * offset)? Returns 0 and the table, -ENOENT, -ETIME when the budget is spent,
 * or a negative errno of reading. */
int vr_kallsyms_at(const struct vr_gmem *m, uint64_t digits,
                   struct vr_budget *b, struct vr_kallsyms *ret);

/* Finds the positions of the N symbols in the names. A name that occurs twice
 * is taken where it is global, else where it is first. Returns 0 or -ETIME. */
int vr_kallsyms_lookup(const struct vr_kallsyms *k, struct vr_symbol *symbols,
                       size_t n, struct vr_budget *b);

/* Decides the scheme and fills in the symbols' values. BANNER and PROC_BANNER
 * point into SYMBOLS. Returns 0 or -ENOENT when no scheme fits. */
int vr_kallsyms_resolve(struct vr_kallsyms *k, const struct vr_gmem *m,
                        struct vr_symbol *symbols, size_t n,
                        const struct vr_symbol *banner,
                        const struct vr_symbol *proc_banner,
                        struct vr_budget *b);

void vr_kallsyms_free(struct vr_kallsyms *k);

#endif
