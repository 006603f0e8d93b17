/* SPDX-License-Identifier: MIT */
#include "introspect/kallsyms.h"

#include "basic/cleanup.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_DIGIT 48 /* the token that is "0" */
#define MIN_SYMBOLS 1000u
#define MARKER_EVERY 256u
/* No name takes fewer bytes than its length and one token; on average they take
 * about 12 here, and never more than this. */
#define MIN_NAME 2u
#define MAX_MEAN_NAME 48u

void vr_kallsyms_free(struct vr_kallsyms *k) {
  free(k->packed);
  *k = (struct vr_kallsyms){0};
}

static uint64_t align_up(uint64_t x, unsigned a) {
  return (x + a - 1) & ~(uint64_t)(a - 1);
}

static uint32_t get32(const uint8_t *p) {
  uint32_t v;
  memcpy(&v, p, sizeof(v));
  return v;
}

static uint64_t get64(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, sizeof(v));
  return v;
}

/* Do the 256 numbers at INDEX hold where the tokens begin, the digits being at
 * DIGITS of BUFFER? Sets the table's begin. */
static bool index_fits(const uint8_t *buffer, size_t size, size_t digits,
                       const uint8_t *at, uint16_t *index, size_t *ret_table) {
  memcpy(index, at, 512);
  if (index[0] != 0 || index[FIRST_DIGIT] > digits)
    return false;
  size_t table = digits - index[FIRST_DIGIT];
  for (unsigned i = 1; i < 256; i++)
    if (index[i] <= index[i - 1] || index[i] > size - table ||
        buffer[table + index[i] - 1] != '\0' ||
        memchr(buffer + table + index[i - 1], '\0', index[i] - index[i - 1]) !=
            buffer + table + index[i] - 1)
      return false;
  *ret_table = table;
  return true;
}

/* Reads around the digits and finds the table's two ends. */
static int find_tokens(const struct vr_gmem *m, uint64_t digits,
                       struct vr_kallsyms *k) {
  enum { BEFORE = 4096, SIZE = 3 * 4096 };
  uint8_t buffer[SIZE];
  if (digits < BEFORE || m->size < SIZE)
    return -ENOENT;
  uint64_t from = digits - BEFORE;
  if (from + SIZE > m->size)
    from = m->size - SIZE;
  size_t present, at = digits - from;
  int r = vr_gmem_peek(m, from, buffer, SIZE, &present);
  if (r < 0)
    return r == -ERANGE ? -ENOENT : r;

  size_t end = at;
  for (unsigned token = FIRST_DIGIT; token < 256; token++) {
    const uint8_t *nul = memchr(buffer + end, '\0', SIZE - end);
    if (!nul)
      return -ENOENT;
    end = (size_t)(nul - buffer) + 1;
  }
  for (unsigned align = 4; align <= 8; align += 4) {
    size_t index = align_up(from + end, align) - from, table;
    if (index + 512 > SIZE ||
        !index_fits(buffer, SIZE, at, buffer + index, k->index, &table))
      continue;
    if (end - table > sizeof(k->tokens))
      continue;
    memcpy(k->tokens, buffer + table, end - table);
    k->token_table = from + table;
    k->token_end = from + index + 512;
    return 0;
  }
  return -ENOENT;
}

/* Length of the name at P in bytes with its length field, or 0 beyond END. */
static size_t name_size(const uint8_t *p, const uint8_t *end) {
  if (p >= end)
    return 0;
  size_t size = 1 + p[0];
  if (p[0] & 0x80) {
    if (p + 1 >= end)
      return 0;
    size = 2 + ((p[0] & 0x7f) | (size_t)p[1] << 7);
  }
  return size > 1 && size <= (size_t)(end - p) ? size : 0;
}

/* Do the markers at P (every 256th name's place) agree with the names? */
static bool markers_fit(const uint8_t *p, const uint8_t *end, unsigned width,
                        const uint32_t *places, uint32_t n) {
  if (p > end || (size_t)(end - p) < (size_t)n * width)
    return false;
  for (uint32_t i = 0; i < n; i++)
    if ((width == 4 ? get32(p + 4 * i) : get64(p + 8 * i)) != places[i])
      return false;
  return true;
}

/* A stretch of memory that ends where the token table begins. */
struct window {
  const uint8_t *data;
  uint64_t offset; /* of data[0] */
  size_t length;
};

/* Do markers (and, in 6.2 and 6.3, the order of names, 3 bytes each) fill the
 * space from the end of the names, at END, to the end of the window? */
static bool ends_at_tokens(const struct window *w, size_t end,
                           const uint32_t *places, uint32_t n) {
  uint32_t n_markers = (n + MARKER_EVERY - 1) / MARKER_EVERY;
  for (unsigned align = 4; align <= 8; align += 4)
    for (unsigned width = 4; width <= 8; width += 4) {
      uint64_t markers = align_up(w->offset + end, align);
      uint64_t tokens = align_up(markers + (uint64_t)n_markers * width, align);
      uint64_t ordered = align_up(tokens + 3ull * n, align);
      uint64_t window_end = w->offset + w->length;
      if ((tokens == window_end || ordered == window_end) &&
          markers_fit(w->data + (markers - w->offset), w->data + w->length,
                      width, places, n_markers))
        return true;
    }
  return false;
}

static uint64_t align_down(uint64_t x, unsigned a) {
  return x & ~(uint64_t)(a - 1);
}

/* Could N markers of WIDTH bytes begin at AT (in the window), the names before
 * them taking less than ROOM bytes? */
static bool markers_begin(const struct window *w, uint64_t at, unsigned width,
                          uint32_t n, size_t room) {
  uint64_t before = 0;
  if (at > w->length || (uint64_t)n * width > w->length - at)
    return false;
  for (uint32_t i = 0; i < n; i = i < 4 || i + 1 == n ? i + 1 : n - 1) {
    const uint8_t *p = w->data + at + (uint64_t)i * width;
    uint64_t value = width == 4 ? get32(p) : get64(p);
    if (i == 0 ? value != 0 : value <= before || value >= room)
      return false;
    before = value;
  }
  return true;
}

/* Before N names are walked: are there markers of so many where they must be?
 * Almost every number that is none ends here. */
static bool has_markers(const struct window *w, uint32_t n, size_t room) {
  uint32_t n_markers = (n + MARKER_EVERY - 1) / MARKER_EVERY;
  for (unsigned align = 4; align <= 8; align += 4)
    for (unsigned width = 4; width <= 8; width += 4)
      for (unsigned ordered = 0; ordered <= 1; ordered++) {
        uint64_t end = w->offset + w->length - (ordered ? 3ull * n : 0);
        uint64_t at = align_down(
            align_down(end, align) - (uint64_t)n_markers * width, align);
        if (at >= w->offset &&
            markers_begin(w, at - w->offset, width, n_markers, room))
          return true;
      }
  return false;
}

/* Walks N names at NAMES. PLACES has room for the markers. */
static bool names_fit(const struct window *w, size_t names, uint32_t n,
                      uint32_t *places, struct vr_budget *b,
                      size_t *ret_length) {
  const uint8_t *p = w->data + names, *end = w->data + w->length;
  for (uint32_t i = 0; i < n; i++) {
    if (i % MARKER_EVERY == 0)
      places[i / MARKER_EVERY] = (uint32_t)(p - (w->data + names));
    size_t size = name_size(p, end);
    if (size == 0 || vr_budget_tick(b))
      return false;
    p += size;
  }
  *ret_length = (size_t)(p - (w->data + names));
  return ends_at_tokens(w, (size_t)(p - w->data), places, n);
}

/* Looks for the number of symbols, from the window's end backwards. */
static int find_names(const struct window *w, struct vr_budget *b,
                      struct vr_kallsyms *k) {
  vr_auto_free uint32_t *places =
      calloc(VR_KALLSYMS_MAX_SYMBOLS / MARKER_EVERY, sizeof(*places));
  if (!places)
    return -ENOMEM;
  for (size_t at = w->length & ~(size_t)3; at >= 8;) {
    at -= 4;
    if (vr_budget_tick(b))
      return -ETIME;
    uint32_t n = get32(w->data + at);
    if (n < MIN_SYMBOLS || n > VR_KALLSYMS_MAX_SYMBOLS)
      continue;
    for (unsigned gap = 4; gap <= 8; gap += 4) {
      size_t names = at + gap, length;
      if (names >= w->length || (gap == 8 && get32(w->data + at + 4) != 0))
        continue;
      size_t room = w->length - names;
      if (room < (size_t)n * MIN_NAME || room > (size_t)n * MAX_MEAN_NAME ||
          !has_markers(w, n, room))
        continue;
      if (!names_fit(w, names, n, places, b, &length))
        continue;
      k->packed = malloc(length);
      if (!k->packed)
        return -ENOMEM;
      memcpy(k->packed, w->data + names, length);
      k->names_length = length;
      k->names = w->offset + names;
      k->number_at = w->offset + at;
      k->n = n;
      return 0;
    }
  }
  return -ENOENT;
}

int vr_kallsyms_at(const struct vr_gmem *m, uint64_t digits,
                   struct vr_budget *b, struct vr_kallsyms *ret) {
  struct vr_kallsyms k = {0};
  int r = find_tokens(m, digits, &k);
  if (r < 0)
    return r;
  /* Names of a small kernel lie in the nearer part: the window grows. */
  for (size_t size = VR_KALLSYMS_MAX_NAMES / 4;; size *= 4) {
    if (size > k.token_table)
      size = k.token_table;
    uint64_t from = (k.token_table - size) & ~7ull;
    size_t length = k.token_table - from;
    vr_auto_free uint8_t *data = malloc(length);
    if (!data)
      return -ENOMEM;
    r = vr_gmem_peek(m, from, data, length, NULL);
    if (r < 0)
      return r == -ERANGE ? -ENOENT : r;
    b->bytes_read += length;
    r = find_names(&(struct window){data, from, length}, b, &k);
    if (r != -ENOENT || size >= VR_KALLSYMS_MAX_NAMES || from == 0)
      break;
  }
  if (r == 0)
    *ret = k;
  return r;
}

/* Unpacks the name at P (SIZE bytes with its length field): its type and, cut
 * to ROOM - 1 characters, the name. */
static char unpack(const struct vr_kallsyms *k, const uint8_t *p, size_t size,
                   char *name, size_t room) {
  const uint8_t *end = p + size;
  char type = '\0';
  size_t n = 0;
  for (p += p[0] & 0x80 ? 2 : 1; p < end && n + 1 < room; p++)
    for (const char *t = k->tokens + k->index[*p]; *t && n + 1 < room; t++)
      if (type)
        name[n++] = *t;
      else
        type = *t;
  name[n] = '\0';
  return type;
}

static void match(struct vr_symbol *symbols, size_t n, const char *name,
                  char type, uint32_t position) {
  for (size_t i = 0; i < n; i++)
    if (symbols[i].name[0] == name[0] && strcmp(symbols[i].name, name) == 0) {
      if (!symbols[i].found || isupper((unsigned char)type))
        symbols[i].position = position;
      symbols[i].found = true;
    }
}

int vr_kallsyms_lookup(const struct vr_kallsyms *k, struct vr_symbol *symbols,
                       size_t n, struct vr_budget *b) {
  const uint8_t *p = k->packed, *end = k->packed + k->names_length;
  bool first[256] = {false};
  char name[64];
  for (size_t i = 0; i < n; i++) {
    symbols[i].found = false;
    first[(unsigned char)symbols[i].name[0]] = true;
  }
  for (uint32_t i = 0; i < k->n; i++) {
    size_t size = name_size(p, end);
    if (size == 0)
      return -EINVAL;
    if (vr_budget_tick(b))
      return -ETIME;
    char type = unpack(k, p, size, name, sizeof(name));
    if (first[(unsigned char)name[0]])
      match(symbols, n, name, type, i);
    p += size;
  }
  return 0;
}

/* The symbol's virtual address, or its RAM offset with PLACE. */
static int symbol_value(const struct vr_kallsyms *k, const struct vr_gmem *m,
                        uint32_t position, uint64_t *ret) {
  uint8_t raw[8] = {0};
  unsigned width = k->scheme == VR_KALLSYMS_ABSOLUTE ? 8 : 4;
  uint64_t at = k->table + (uint64_t)position * width;
  int r = vr_gmem_peek(m, at, raw, width, NULL);
  if (r < 0)
    return r;
  int32_t o = (int32_t)get32(raw);
  switch (k->scheme) {
  case VR_KALLSYMS_ABSOLUTE:
    *ret = get64(raw);
    break;
  case VR_KALLSYMS_PERCPU_ABSOLUTE:
    *ret = o >= 0 ? (uint64_t)o : k->base - 1 - (uint64_t)(int64_t)o;
    break;
  case VR_KALLSYMS_RELATIVE:
    *ret = k->base + (uint32_t)o;
    break;
  case VR_KALLSYMS_PLACE:
    *ret = at + (uint64_t)(int64_t)o;
    break;
  }
  return 0;
}

static bool holds(const struct vr_gmem *m, uint64_t offset, const char *text) {
  char buffer[32];
  size_t length = strlen(text);
  return vr_gmem_peek(m, offset, buffer, length, NULL) == 0 &&
         memcmp(buffer, text, length) == 0;
}

static const char banner_text[] = "Linux version ";
static const char proc_banner_text[] = "%s version %s";

/* The kernel maps its image in steps of 2 MiB, so of a virtual address the low
 * 21 bits are those of the RAM offset: tries the places around the table. */
static bool find_delta(struct vr_kallsyms *k, const struct vr_gmem *m,
                       uint64_t banner, uint64_t proc_banner) {
  const uint64_t step = 2u << 20;
  const uint64_t kernel_map = 0xffffffff80000000ull;
  if (banner < kernel_map || proc_banner < kernel_map)
    return false;
  uint64_t table = k->token_table & ~(step - 1);
  uint64_t low = banner & (step - 1);
  for (unsigned i = 0; i < 64; i++) {
    /* 0, -1, 1, -2, 2 … steps away */
    uint64_t away = (i + 1) / 2 * step;
    uint64_t at = low + (i % 2 ? table - away : table + away);
    if (holds(m, at, banner_text) &&
        holds(m, at + (proc_banner - banner), proc_banner_text)) {
      k->delta = banner - at;
      return true;
    }
  }
  return false;
}

static bool scheme_fits(struct vr_kallsyms *k, const struct vr_gmem *m,
                        const struct vr_symbol *banner,
                        const struct vr_symbol *proc_banner) {
  uint64_t a, p;
  if (symbol_value(k, m, banner->position, &a) < 0 ||
      symbol_value(k, m, proc_banner->position, &p) < 0)
    return false;
  if (k->scheme == VR_KALLSYMS_PLACE)
    return holds(m, a, banner_text) && holds(m, p, proc_banner_text);
  return find_delta(k, m, a, p);
}

static bool try_table(struct vr_kallsyms *k, const struct vr_gmem *m,
                      uint64_t table, uint64_t base_at,
                      const struct vr_symbol *banner,
                      const struct vr_symbol *proc_banner) {
  static const enum vr_kallsyms_scheme schemes[] = {
      VR_KALLSYMS_PERCPU_ABSOLUTE, VR_KALLSYMS_RELATIVE, VR_KALLSYMS_PLACE};
  uint8_t base[8] = {0};
  k->delta = 0;
  k->table = table;
  k->base = vr_gmem_peek(m, base_at, base, 8, NULL) == 0 ? get64(base) : 0;
  for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
    k->scheme = schemes[i];
    if (scheme_fits(k, m, banner, proc_banner))
      return true;
  }
  return false;
}

static bool find_table(struct vr_kallsyms *k, const struct vr_gmem *m,
                       const struct vr_symbol *banner,
                       const struct vr_symbol *proc_banner) {
  for (unsigned align = 4; align <= 8; align += 4) {
    uint64_t after = align_up(k->token_end, align);
    uint64_t base = align_up(after + 4ull * k->n, 8);
    if (try_table(k, m, after, base, banner, proc_banner))
      return true;
    base = k->number_at - 8;
    if (try_table(k, m, (base - 4ull * k->n) & ~(uint64_t)(align - 1), base,
                  banner, proc_banner))
      return true;
    k->scheme = VR_KALLSYMS_ABSOLUTE;
    k->table = align_up(k->token_end, 8);
    if (scheme_fits(k, m, banner, proc_banner))
      return true;
    k->table = k->number_at - 8ull * k->n;
    if (scheme_fits(k, m, banner, proc_banner))
      return true;
  }
  return false;
}

int vr_kallsyms_resolve(struct vr_kallsyms *k, const struct vr_gmem *m,
                        struct vr_symbol *symbols, size_t n,
                        const struct vr_symbol *banner,
                        const struct vr_symbol *proc_banner,
                        struct vr_budget *b) {
  if (!banner->found || !proc_banner->found ||
      !find_table(k, m, banner, proc_banner))
    return -ENOENT;
  for (size_t i = 0; i < n; i++) {
    struct vr_symbol *s = &symbols[i];
    if (!s->found)
      continue;
    if (vr_budget_spent(b))
      return -ETIME;
    s->found = symbol_value(k, m, s->position, &s->value) == 0;
    s->in_image =
        k->scheme == VR_KALLSYMS_PLACE || s->value >= 0xffffffff80000000ull;
    if (s->in_image && k->scheme != VR_KALLSYMS_PLACE)
      s->value -= k->delta;
  }
  return 0;
}
