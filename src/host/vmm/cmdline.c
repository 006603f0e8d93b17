/* SPDX-License-Identifier: MIT */
#include "host/vmm/cmdline.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void vr_cmdline_split(const char *text, size_t length, struct vr_cmdline *ret) {
  ret->argc = 0;
  const char *end = text + length;
  for (const char *p = text; p < end && ret->argc < VR_ARGS_MAX;
       p += strlen(p) + 1)
    ret->argv[ret->argc++] = p;
}

const char *vr_cmdline_basename(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* If ARG is the option NAME, returns what follows the name: "" or "=...". */
static const char *option_tail(const char *arg, const char *name) {
  if (arg[0] != '-')
    return NULL;
  arg += arg[1] == '-' ? 2 : 1;
  size_t length = strlen(name);
  if (strncmp(arg, name, length) != 0)
    return NULL;
  arg += length;
  return *arg == '\0' || *arg == '=' ? arg : NULL;
}

const char *vr_cmdline_option(const struct vr_cmdline *c, const char *name,
                              int *position) {
  for (int i = *position; i < c->argc; i++) {
    const char *tail = option_tail(c->argv[i], name);
    if (!tail)
      continue;
    if (*tail == '=') {
      *position = i + 1;
      return tail + 1;
    }
    if (i + 1 < c->argc) {
      *position = i + 2;
      return c->argv[i + 1];
    }
  }
  return NULL;
}

bool vr_cmdline_has(const struct vr_cmdline *c, const char *name) {
  for (int i = 1; i < c->argc; i++)
    if (option_tail(c->argv[i], name))
      return true;
  return false;
}

/* Copies one part of an option string up to its single comma, doubled ones made
 * single, and returns where the next part begins (or NULL). */
static const char *take_part(const char *text, char *part, size_t size) {
  size_t n = 0;
  for (; *text != '\0'; text++) {
    if (*text == ',') {
      if (text[1] != ',')
        break;
      text++;
    }
    if (n + 1 < size)
      part[n++] = *text;
  }
  part[n] = '\0';
  return *text == ',' ? text + 1 : NULL;
}

bool vr_cmdline_optstring_get(const char *text, const char *key,
                              const char *implied, char *value, size_t size) {
  char part[4096];
  bool found = false, first = true;
  for (; text; first = false) {
    text = take_part(text, part, sizeof(part));
    char *equals = strchr(part, '=');
    const char *its_key = part, *its_value = "on";
    if (equals) {
      *equals = '\0';
      its_value = equals + 1;
    } else if (first && implied) {
      its_key = implied;
      its_value = part;
    }
    if (strcmp(its_key, key) != 0)
      continue;
    found = true;
    size_t n = strnlen(its_value, size - 1);
    memcpy(value, its_value, n);
    value[n] = '\0';
  }
  return found;
}

const char *vr_cmdline_listed(const struct vr_cmdline *c, const char *name,
                              int *position) {
  int at = *position;
  if (at > 0 && at < c->argc && c->argv[at][0] != '-') {
    *position = at + 1;
    return c->argv[at];
  }
  return vr_cmdline_option(c, name, position);
}

/* Templates and scripts give the one of zeros to every guest. */
static bool is_nobodys(const char *uuid) {
  return strspn(uuid, "0-") == strlen(uuid) ||
         strspn(uuid, "fF-") == strlen(uuid);
}

bool vr_cmdline_is_uuid(const char *text) {
  static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  for (size_t i = 0; i < sizeof(form); i++)
    if (form[i] == 'x' ? !isxdigit((unsigned char)text[i]) : text[i] != form[i])
      return false;
  return !is_nobodys(text);
}

bool vr_cmdline_parse_size(const char *text, uint64_t unit,
                           uint64_t *ret_bytes) {
  char *end;
  if (!isdigit((unsigned char)*text))
    return false;
  double number = strtod(text, &end);
  static const char units[] = "BKMGTPE";
  double factor = (double)unit;
  if (*end != '\0') {
    const char *u = strchr(units, toupper((unsigned char)*end));
    if (!u)
      return false;
    factor = pow(1024, (double)(u - units));
    end++;
    /* "MiB", "MB" and "M" mean the same to the VMMs that take them. */
    if (*end == 'i')
      end++;
    if (*end == 'B')
      end++;
  }
  if (*end != '\0' || !(number * factor < 0x1p63))
    return false;
  *ret_bytes = (uint64_t)(number * factor);
  return true;
}
