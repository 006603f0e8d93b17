/* SPDX-License-Identifier: MIT */
#include "identity.h"

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

void vr_identity_settle(struct vr_identity *i) {
  if (i->instance.given)
    return;
  for (size_t p = 0; p < i->host.n; p++)
    if (i->host.parts[p] != VR_PART_HOSTNAME)
      i->instance.n = 0;
}

static int parse_word(const char *word, struct vr_identity_format *f) {
  static const char *const names[] = {[VR_PART_HOSTNAME] = "hostname",
                                      [VR_PART_NAME] = "name",
                                      [VR_PART_UUID] = "uuid"};
  if (strcasecmp(word, "none") == 0)
    return 0;
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    if (strcasecmp(word, names[i]) == 0 && f->n < VR_IDENTITY_PARTS) {
      f->parts[f->n++] = (enum vr_identity_part)i;
      return 0;
    }
  return -EINVAL;
}

int vr_identity_parse(const char *text, struct vr_identity_format *ret) {
  struct vr_identity_format f = {.given = true};
  char copy[128], *rest = copy;
  if ((size_t)snprintf(copy, sizeof(copy), "%s", text) >= sizeof(copy))
    return -EINVAL;
  for (char *word; (word = strsep(&rest, " \t"));)
    if (*word != '\0' && parse_word(word, &f) < 0)
      return -EINVAL;
  *ret = f;
  return 0;
}

static const char *text_of(enum vr_identity_part part,
                           const struct vr_guest_sample *s,
                           const char *hostname) {
  if (part == VR_PART_HOSTNAME)
    return hostname;
  return part == VR_PART_UUID && s->vm->uuid[0] != '\0' ? s->vm->uuid : s->name;
}

void vr_identity_format(const struct vr_identity_format *f,
                        const struct vr_guest_sample *s, const char *hostname,
                        char *buffer, size_t size) {
  size_t length = 0;
  buffer[0] = '\0';
  for (size_t i = 0; i < f->n && length < size; i++)
    length +=
        (size_t)snprintf(buffer + length, size - length, "%s%s",
                         i > 0 ? ":" : "", text_of(f->parts[i], s, hostname));
}
