/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-net-overlay.h"

#include "basic/cleanup.h"
#include "basic/file.h"
#include "basic/safe_open.h"
#include "overlay/overlay_remove.h"
#include "topology/escape.h"
#include "vmrecon-paths.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MAX_FILE = 32 << 20, NAME = 160 };
#define SECOND 1000000

/* --- remove --- */

static void say_removed(void *ctx, const char *what, int error) {
  size_t *n = ctx;
  char name[NAME];
  ++*n;
  vr_escape_text(what, name, sizeof(name));
  if (error < 0)
    fprintf(stderr, "vmrecon-net: %s cannot be removed: %s\n", name,
            strerror(-error));
  else
    printf("removed: %s\n", name);
}

static enum vr_exit remove_all(void) {
  struct vr_error e;
  size_t n = 0;
  int r = vr_overlay_remove(say_removed, &n);
  if (r < 0 && n == 0) {
    vr_error_set(&e, r, "overlay remove: %s%s", strerror(-r),
                 r == -EPERM ? ": it needs CAP_NET_ADMIN" : "");
    return vr_tools_failed(&e);
  }
  if (n == 0)
    puts("there is nothing of the plugin vmrecon_overlay on this host");
  return r < 0 ? VR_EXIT_DATA : VR_EXIT_OK;
}

/* --- show --- */

static const char *text(const json_t *o, const char *key, char *buffer) {
  const char *t = json_string_value(json_object_get(o, key));
  return vr_escape_text(t ? t : "?", buffer, NAME);
}

static json_int_t number(const json_t *o, const char *key) {
  return json_integer_value(json_object_get(o, key));
}

static const char *mac_text(const json_t *o, char ret[18]) {
  const char *hex = json_string_value(json_object_get(o, "mac"));
  if (!hex || strlen(hex) != 12)
    hex = "000000000000";
  snprintf(ret, 18, "%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", hex, hex + 2, hex + 4,
           hex + 6, hex + 8, hex + 10);
  return ret;
}

static void print_lan(const json_t *lan) {
  char name[NAME], bridge[NAME], device[NAME], host[NAME];
  const json_t *hosts = json_object_get(lan, "hosts"), *h;
  size_t i;
  printf("LAN %s: VNI %lld, bridge %s%s, VXLAN %s, ", text(lan, "name", name),
         (long long)number(lan, "vni"), text(lan, "bridge", bridge),
         json_is_true(json_object_get(lan, "managed")) ? " (managed)" : "",
         text(lan, "device", device));
  if (json_is_true(json_object_get(lan, "up")))
    printf("MTU %lld; hosts:", (long long)number(lan, "mtu"));
  else
    printf("not there: see collectd's log; hosts:");
  json_array_foreach(hosts, i, h) {
    const char *t = json_string_value(h);
    printf(" %s", vr_escape_text(t ? t : "?", host, NAME));
  }
  putchar('\n');
}

static void print_location(const json_t *l, long long written) {
  char mac[18], guest[NAME], host[NAME];
  double since = (double)(written - number(l, "since")) / SECOND;
  double heard = (double)(written - number(l, "sent")) / SECOND;
  printf("  %s  %s %s %s  generation %lld", mac_text(l, mac),
         text(l, "guest", guest),
         json_is_true(json_object_get(l, "gone")) ? "has left" : "on",
         text(l, "host", host), (long long)number(l, "generation"));
  if (number(l, "since") > 0)
    printf("  for %.0f s", since);
  printf("  announced %.0f s ago", heard);
  if (number(l, "moves") > 0)
    printf("  moves %lld", (long long)number(l, "moves"));
  putchar('\n');
}

static void print_members(const json_t *root, json_int_t vni) {
  const json_t *list = json_object_get(root, "locations"), *l;
  size_t i;
  json_array_foreach(list, i, l) if (vni == 0 || number(l, "vni") == vni)
      print_location(l, number(root, "written"));
}

static void print_ways(const json_t *root) {
  const json_t *list = json_object_get(root, "ways"), *w;
  char from[NAME], to[NAME], via[NAME];
  size_t i;
  json_array_foreach(list, i, w) {
    printf("way from %s to %s: ", text(w, "from", from), text(w, "to", to));
    if (json_object_get(w, "via"))
      printf("through %s\n", text(w, "via", via));
    else
      puts("direct");
  }
}

static void print_migrations(const json_t *root) {
  const json_t *list = json_object_get(root, "migrations"), *m;
  size_t i;
  if (json_array_size(list) > 0)
    puts("last migrations, and how long after its first frame there the "
         "entries of this host were right:");
  json_array_foreach(list, i, m) {
    char mac[18], guest[NAME], from[NAME], to[NAME], when[32] = "";
    time_t at = (time_t)(number(m, "at") / SECOND);
    struct tm t;
    if (localtime_r(&at, &t))
      strftime(when, sizeof(when), "%F %T", &t);
    printf("  %s  %s  %s  %s -> %s  gap %.1f ms\n", when, mac_text(m, mac),
           text(m, "guest", guest), text(m, "from", from), text(m, "to", to),
           (double)number(m, "gap") / 1000);
  }
}

static void print_refused(json_t *root) {
  json_t *refused = json_object_get(root, "refused"), *n;
  const char *why;
  bool any = false;
  json_object_foreach(refused, why, n) {
    char name[NAME];
    if (json_integer_value(n) == 0)
      continue;
    printf("%s%s %lld", any ? ", " : "refused announcements: ",
           vr_escape_text(why, name, NAME), (long long)json_integer_value(n));
    any = true;
  }
  puts(any ? "" : "no announcement was refused");
}

static void print_all(json_t *root) {
  const json_t *lans = json_object_get(root, "lans"), *lan;
  char host[NAME];
  size_t i;
  double age = (double)time(NULL) - (double)number(root, "written") / SECOND;
  printf("%s%s, as of %.0f s ago\n", text(root, "host", host),
         json_is_true(json_object_get(root, "pretend")) ? " (only pretends)"
                                                        : "",
         age);
  json_array_foreach(lans, i, lan) {
    print_lan(lan);
    print_members(root, number(lan, "vni"));
  }
  if (json_array_size(lans) == 0)
    print_members(root, 0);
  print_ways(root);
  print_migrations(root);
  print_refused(root);
}

static enum vr_exit show(const struct vr_tools_options *o) {
  const char *path = o->input ? o->input : VR_STATE_DIR "/overlay.json";
  struct vr_error e;
  vr_auto_free char *json = NULL;
  int r = vr_file_read(path, MAX_FILE, &json, NULL);
  if (r < 0) {
    vr_error_set(&e, r, "%s: %s%s", path, vr_safe_why(r),
                 r == -ENOENT ? ": does the plugin vmrecon_overlay run here?"
                              : "");
    return vr_tools_failed(&e);
  }
  json_auto_t *root = json_loads(json, 0, NULL);
  const char *format = json_string_value(json_object_get(root, "format"));
  if (!format || strcmp(format, "vmrecon-overlay") != 0) {
    vr_error_set(&e, -EINVAL, "%s: not a state file of vmrecon_overlay", path);
    return vr_tools_failed(&e);
  }
  if (o->json)
    puts(json);
  else
    print_all(root);
  return VR_EXIT_OK;
}

enum vr_exit vr_tools_overlay(const struct vr_tools_options *o) {
  return o->input && strcmp(o->input, "remove") == 0 ? remove_all() : show(o);
}
