/* SPDX-License-Identifier: MIT */
#include "host/vmm/readconfig.h"

#include "basic/cleanup.h"
#include "host/vmm/named_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sections that are called otherwise than their options. */
static const char *option_of(const char *group) {
  if (strcmp(group, "memory") == 0)
    return "m";
  return strcmp(group, "smp-opts") == 0 ? "smp" : group;
}

/* A comma in a value is doubled on a command line. */
static void put_value(FILE *out, const char *key, const char *value,
                      bool first) {
  fprintf(out, "%s%s=", first ? "" : ",", key);
  for (; *value; value++)
    fprintf(out, *value == ',' ? ",," : "%c", *value);
}

/* What a file is read into: NUL-terminated arguments. */
struct sections {
  FILE *out;
  bool open, empty; /* in a section; it has no key yet */
};

static void end_section(struct sections *s) {
  if (s->open)
    fputc('\0', s->out);
  s->open = false;
}

static void begin_section(struct sections *s, const char *group,
                          const char *id) {
  end_section(s);
  fprintf(s->out, "-%s", option_of(group));
  fputc('\0', s->out);
  s->open = s->empty = true;
  if (id)
    put_value(s->out, "id", id, true);
  s->empty = !id;
}

/* The forms of qemu_config_foreach() in QEMU's util/qemu-config.c. */
static void take_line(struct sections *s, const char *line) {
  char group[64], id[64], key[64], value[1024] = "";
  if (line[0] == '#')
    return;
  if (sscanf(line, "[%63s \"%63[^\"]\"]", group, id) == 2)
    begin_section(s, group, id);
  else if (sscanf(line, "[%63[^]]]", group) == 1)
    begin_section(s, group, NULL);
  else if (s->open && sscanf(line, " %63s = \"%1023[^\"]\"", key, value) >= 1 &&
           strchr(line, '=')) {
    put_value(s->out, key, value, s->empty);
    s->empty = false;
  }
}

static void take_text(FILE *out, char *text) {
  struct sections s = {.out = out};
  char *line;
  while ((line = strsep(&text, "\n")))
    take_line(&s, line);
  end_section(&s);
}

static void add_arguments(struct vr_cmdline *line, const char *text, size_t n) {
  const char *end = text + n;
  for (const char *p = text; p < end && line->argc < VR_ARGS_MAX;
       p += strlen(p) + 1)
    line->argv[line->argc++] = p;
}

int vr_readconfig_expand(const struct vr_cmdline *c, int dirfd,
                         struct vr_readconfig *ret) {
  size_t n = 0;
  const char *path;
  ret->line = *c;
  ret->complete = true;
  ret->text = NULL;
  FILE *out = open_memstream(&ret->text, &n);
  if (!out)
    return -ENOMEM;
  for (int at = 1; (path = vr_cmdline_option(c, "readconfig", &at));) {
    vr_auto_free char *text = vr_vmm_read_named(dirfd, path);
    if (text)
      take_text(out, text);
    else
      ret->complete = false;
  }
  bool failed = ferror(out) != 0;
  if (fclose(out) != 0 || failed)
    return -ENOMEM;
  add_arguments(&ret->line, ret->text, n);
  return 0;
}

void vr_readconfig_free(struct vr_readconfig *r) { free(r->text); }
