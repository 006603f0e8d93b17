/* SPDX-License-Identifier: MIT */
#include "signal/identifier.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Ends the string at the first SEPARATOR and returns what follows it, or the
 * empty end of the string. */
static char *split(char *s, char separator) {
  char *at = strchr(s, separator);
  if (!at)
    return s + strlen(s);
  *at = '\0';
  return at + 1;
}

static bool fits(const char *field) { return strlen(field) < VR_FIELD_SIZE; }

int vr_identifier_parse(const char *text, struct vr_name *ret_name) {
  size_t length = strlen(text);
  const char *first = strchr(text, '/');
  const char *second = first ? strchr(first + 1, '/') : NULL;
  if (length >= VR_NAME_SIZE || !second || strchr(second + 1, '/'))
    return -EINVAL;

  struct vr_name *n = ret_name;
  memcpy(n->text, text, length + 1);
  char *host = n->text, *plugin = split(host, '/'), *type = split(plugin, '/');
  char *colon = strrchr(type, ':');
  n->data_source = type + strlen(type);
  if (colon) {
    *colon = '\0';
    n->data_source = colon + 1;
  }
  n->id.host = host;
  n->id.plugin = plugin;
  n->id.plugin_instance = split(plugin, '-');
  n->id.type = type;
  n->id.type_instance = split(type, '-');
  bool whole = *host && *plugin && *type && (!colon || *n->data_source);
  bool short_enough = fits(host) && fits(plugin) &&
                      fits(n->id.plugin_instance) && fits(type) &&
                      fits(n->id.type_instance) && fits(n->data_source);
  return whole && short_enough ? 0 : -EINVAL;
}

int vr_identifier_format(const struct vr_identifier *id,
                         const char *data_source, char *ret_text, size_t size) {
  bool ds = data_source && *data_source;
  int n = snprintf(ret_text, size, "%s/%s%s%s/%s%s%s%s%s", id->host, id->plugin,
                   *id->plugin_instance ? "-" : "", id->plugin_instance,
                   id->type, *id->type_instance ? "-" : "", id->type_instance,
                   ds ? ":" : "", ds ? data_source : "");
  return n >= 0 && (size_t)n < size ? 0 : -ENOSPC;
}

static int part_of(const char *field, enum vr_part *ret_part) {
  if (strcmp(field, "%{host}") == 0)
    *ret_part = VR_PART_HOST;
  else if (strcmp(field, "%{guest}") == 0)
    *ret_part = VR_PART_GUEST;
  else if (strstr(field, "%{"))
    return -EINVAL;
  else
    *ret_part = VR_PART_LITERAL;
  return 0;
}

int vr_signal_pattern_parse(const char *text, struct vr_pattern *ret_pattern) {
  struct vr_pattern *p = ret_pattern;
  if (vr_identifier_parse(text, &p->name) < 0 || !*p->name.data_source)
    return -EINVAL;
  const struct vr_identifier *id = &p->name.id;
  if (strstr(id->plugin, "%{") || strstr(id->type, "%{") ||
      strstr(id->type_instance, "%{") || strstr(p->name.data_source, "%{"))
    return -EINVAL;
  if (part_of(id->host, &p->host) < 0 ||
      part_of(id->plugin_instance, &p->plugin_instance) < 0)
    return -EINVAL;
  size_t length = strlen(id->type_instance);
  p->has_members = length > 0 && id->type_instance[length - 1] == '*';
  /* A pattern names a host or a guest, and none of them twice. */
  bool twice = p->host != VR_PART_LITERAL && p->host == p->plugin_instance;
  bool guest = vr_signal_pattern_has_guest(p);
  bool named = guest || (vr_signal_pattern_has_host(p) && !p->has_members);
  return named && !twice ? 0 : -EINVAL;
}

bool vr_signal_pattern_has_guest(const struct vr_pattern *p) {
  return p->host == VR_PART_GUEST || p->plugin_instance == VR_PART_GUEST;
}

bool vr_signal_pattern_has_host(const struct vr_pattern *p) {
  return p->host == VR_PART_HOST || p->plugin_instance == VR_PART_HOST;
}

bool vr_signal_pattern_has_instance(const struct vr_pattern *p,
                                    const char *instance) {
  const char *want = p->name.id.type_instance;
  return p->has_members ? strncmp(want, instance, strlen(want) - 1) == 0
                        : strcmp(want, instance) == 0;
}

/* Matches one field that may be a variable. */
static bool take(enum vr_part part, const char *pattern, const char *field,
                 const char **host, const char **guest) {
  switch (part) {
  case VR_PART_HOST:
    *host = field;
    return *field;
  case VR_PART_GUEST:
    *guest = field;
    return *field;
  default:
    return strcmp(pattern, field) == 0;
  }
}

bool vr_signal_pattern_match(const struct vr_pattern *p,
                             const struct vr_identifier *id,
                             const char **ret_host, const char **ret_guest) {
  const struct vr_identifier *want = &p->name.id;
  const char *host = NULL, *guest = NULL;
  if (strcmp(want->type, id->type) != 0 ||
      !vr_signal_pattern_has_instance(p, id->type_instance) ||
      strcmp(want->plugin, id->plugin) != 0 ||
      !take(p->plugin_instance, want->plugin_instance, id->plugin_instance,
            &host, &guest) ||
      !take(p->host, want->host, id->host, &host, &guest))
    return false;
  *ret_host = host;
  *ret_guest = guest;
  return true;
}

static const char *fill(enum vr_part part, const char *literal,
                        const char *host, const char *guest) {
  return part == VR_PART_HOST ? host : part == VR_PART_GUEST ? guest : literal;
}

int vr_signal_pattern_format(const struct vr_pattern *p, const char *host,
                             const char *guest, bool with_data_source,
                             char *ret_text, size_t size) {
  struct vr_identifier id = p->name.id;
  id.host = fill(p->host, id.host, host, guest);
  id.plugin_instance =
      fill(p->plugin_instance, id.plugin_instance, host, guest);
  return vr_identifier_format(
      &id, with_data_source ? p->name.data_source : NULL, ret_text, size);
}
