/* SPDX-License-Identifier: MIT */
#include "identity.h"

#include "host/vmm/vm_names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static struct vr_identity_format one(enum vr_identity_part part) {
  return (struct vr_identity_format){.n = 1, .parts = {part}};
}

void vr_identity_default(struct vr_identity *ret) {
  ret->host = one(VR_PART_HOSTNAME);
  ret->instance = one(VR_PART_NAME);
}

static bool distinguishes_guests(const struct vr_identity_format *f) {
  for (size_t i = 0; i < f->n; i++)
    if (f->parts[i] == VR_PART_NAME || f->parts[i] == VR_PART_UUID)
      return true;
  return false;
}

/* Adds the name behind a title or a project. */
static void add_name(struct vr_identity_format *f) {
  if (distinguishes_guests(f) || f->n == VR_IDENTITY_PARTS)
    return;
  for (size_t i = 0; i < f->n; i++)
    if (f->parts[i] != VR_PART_HOSTNAME) {
      f->parts[f->n++] = VR_PART_NAME;
      return;
    }
}

bool vr_identity_settle(struct vr_identity *i) {
  add_name(&i->host);
  add_name(&i->instance);
  bool host = distinguishes_guests(&i->host);
  if (!i->instance.given && host)
    i->instance.n = 0;
  if (host || distinguishes_guests(&i->instance))
    return true;
  i->instance = one(VR_PART_NAME);
  return false;
}

static int add_part(struct vr_identity_format *f, enum vr_identity_part part) {
  if (f->n == VR_IDENTITY_PARTS)
    return -EINVAL;
  f->parts[f->n++] = part;
  return 0;
}

static int parse_word(const char *word, enum vr_identity_field field,
                      struct vr_identity_format *f) {
  if (strcasecmp(word, "name") == 0)
    return add_part(f, VR_PART_NAME);
  if (strcasecmp(word, "uuid") == 0)
    return add_part(f, VR_PART_UUID);
  if (strcasecmp(word, "hostname") == 0 && field == VR_FIELD_HOST)
    return add_part(f, VR_PART_HOSTNAME);
  if (strcasecmp(word, "metadata") == 0 || strcasecmp(word, "title") == 0)
    return add_part(f, VR_PART_TITLE);
  if (strcasecmp(word, "project") == 0)
    return add_part(f, VR_PART_PROJECT);
  return -EINVAL;
}

int vr_identity_parse(const char *text, enum vr_identity_field field,
                      struct vr_identity_format *ret) {
  struct vr_identity_format f = {.given = true};
  char copy[128], *rest = copy;
  bool none = false;
  if ((size_t)snprintf(copy, sizeof(copy), "%s", text) >= sizeof(copy))
    return -EINVAL;
  for (char *word; !none && (word = strsep(&rest, " \t"));) {
    if (*word == '\0')
      continue;
    none = field == VR_FIELD_INSTANCE && strcasecmp(word, "none") == 0;
    if (!none && parse_word(word, field, &f) < 0)
      return -EINVAL;
  }
  if (f.n == 0 && !none)
    return -EINVAL;
  *ret = f;
  return 0;
}

static const char *text_of(enum vr_identity_part part,
                           const struct vr_vmproc_sample *s,
                           const char *hostname) {
  switch (part) {
  case VR_PART_HOSTNAME:
    return hostname;
  case VR_PART_TITLE:
    return s->labels.title;
  case VR_PART_PROJECT:
    return s->labels.project;
  case VR_PART_UUID:
    return s->uuid[0] != '\0' ? s->uuid : s->name;
  default:
    return s->name;
  }
}

void vr_identity_format(const struct vr_identity_format *f,
                        const struct vr_vmproc_sample *s, const char *hostname,
                        char *buffer, size_t size) {
  char whole[VR_IDENTITY_PARTS * 512] = "";
  size_t length = 0;
  for (size_t i = 0; i < f->n && length < sizeof(whole); i++) {
    const char *text = text_of(f->parts[i], s, hostname);
    if (text[0] == '\0')
      continue;
    length += (size_t)snprintf(whole + length, sizeof(whole) - length, "%s%s",
                               length > 0 ? ":" : "", text);
  }
  vr_vm_name_fit(whole, buffer, size);
}
