/* SPDX-License-Identifier: MIT
 *
 * Reads only: nothing is repaired.
 */
#include "tools/vmrecon-net-doctor.h"

#include "basic/cleanup.h"
#include "basic/file.h"
#include "tools/vmrecon-net-archive.h"
#include "topology/escape.h"
#include "topology/fdb.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum { MAX_FILE = 64 << 20, NAME = 160 };

static int read_files(const struct vr_tools_options *o, struct vr_fdb *f,
                      struct vr_error *e) {
  for (size_t i = 0; i < o->n_fdb; i++) {
    vr_auto_free char *text = NULL;
    int r = vr_file_read_text(o->fdb[i].value, MAX_FILE, &text, e);
    if (r < 0)
      return r;
    r = vr_fdb_parse(f, o->fdb[i].name, o->fdb[i].value, text, e);
    if (r < 0)
      return r;
  }
  return 0;
}

static char *output_of(const char *command) {
  char *text = NULL;
  size_t size = 0, n;
  char buffer[4096];
  FILE *out = open_memstream(&text, &size), *in = popen(command, "re");
  while (out && in && (n = fread(buffer, 1, sizeof(buffer), in)) > 0)
    fwrite(buffer, 1, n, out);
  int status = in ? pclose(in) : -1;
  if (out)
    fclose(out);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return text;
  free(text);
  return NULL;
}

static int ask_bridge(const struct vr_tools_options *o, struct vr_fdb *f,
                      struct vr_error *e) {
  vr_auto_free char *text = o->self ? output_of("bridge -j fdb show") : NULL;
  if (!o->self)
    return 0;
  return text ? vr_fdb_parse(f, o->self, "bridge -j fdb show", text, e)
              : vr_error_set(e, -EIO,
                             "bridge -j fdb show: cannot be run; install "
                             "iproute2, or give --fdb");
}

/* Lines of MAC HOST GUEST; '#' begins a remark. */
static int read_places(const struct vr_tools_options *o, struct vr_fdb *f,
                       struct vr_error *e) {
  vr_auto_fclose FILE *in = o->places ? fopen(o->places, "re") : NULL;
  char line[512];
  if (!o->places)
    return 0;
  if (!in)
    return vr_error_set(e, -errno, "%s: %s", o->places, strerror(errno));
  for (unsigned n = 1; fgets(line, sizeof(line), in); n++) {
    char mac[32], host[128], guest[128] = "";
    line[strcspn(line, "#")] = '\0';
    int fields = sscanf(line, "%31s %127s %127s", mac, host, guest);
    if (fields <= 0)
      continue;
    if (fields < 2 || vr_fdb_place(f, mac, host, guest) < 0)
      return vr_error_set(e, -EINVAL, "%s:%u: not MAC HOST GUEST", o->places,
                          n);
  }
  return 0;
}

static int take_mac(void *ctx, const char *mac, const char *host,
                    const char *guest) {
  int r = vr_fdb_place(ctx, mac, host, guest);
  return r == -EINVAL ? 0 : r; /* a file that is not the plugin's */
}

static int read_all(const struct vr_tools_options *o, struct vr_fdb *f,
                    struct vr_error *e) {
  int r = read_files(o, f, e);
  if (r == 0)
    r = ask_bridge(o, f, e);
  if (r == 0)
    r = read_places(o, f, e);
  if (r == 0 && o->input)
    r = vr_tools_archive_macs(o->input, take_mac, f, e);
  for (size_t i = 0; r == 0 && i < o->n_tunnels; i++)
    r = vr_fdb_tunnel(f, o->tunnels[i].name, o->tunnels[i].value);
  return r;
}

/* --- findings --- */

static const char *name_of(const char *text, char *buffer) {
  return vr_escape_text(text ? text : "", buffer, NAME);
}

static void print_repair(const struct vr_fdb_finding *f) {
  char device[NAME], host[NAME], destination[NAME];
  if (f->is_static)
    printf("  it is static and will not heal. On %s: bridge fdb del %s dev "
           "%s%s%s\n",
           name_of(f->host, host), f->mac, name_of(f->device, device),
           f->destination ? " dst " : " master",
           name_of(f->destination, destination));
  else
    printf("  it was learned and goes when the guest sends, or when it ages\n");
}

static void print_finding(void *ctx, const struct vr_fdb_finding *f) {
  char host[NAME], device[NAME], guest[NAME], real[NAME], believed[NAME];
  char destination[NAME];
  (void)ctx;
  name_of(f->host, host);
  name_of(f->device, device);
  name_of(f->guest && *f->guest ? f->guest : "a guest", guest);
  name_of(f->real, real);
  name_of(f->believed, believed);
  name_of(f->destination, destination);
  if (f->fault == VR_FDB_TWICE) {
    printf("%s (%s): both %s and %s report it: a duplicate address, or a "
           "migration that is going on\n",
           guest, f->mac, host, real);
    return;
  }
  printf("stale on %s: %s sends frames for %s (%s) to ", host, device, guest,
         f->mac);
  if (f->fault == VR_FDB_AWAY && !f->destination)
    printf("a tunnel, but the guest is on %s itself\n", real);
  else if (f->fault == VR_FDB_HERE)
    printf("a port of its own, but the guest is on %s\n", real);
  else
    printf("%s%s%s%s, but the guest is on %s\n", believed,
           f->believed ? " (" : "", destination, f->believed ? ")" : "", real);
  print_repair(f);
}

/* Why there is nothing to compare. */
static void lacks(const struct vr_tools_options *o,
                  const struct vr_fdb_stats *s, struct vr_error *e) {
  if (s->hosts == 0)
    vr_error_set(e, -ENODATA,
                 "doctor: no forwarding database: give --self HOST for this "
                 "machine's, --fdb HOST=FILE for another's");
  else if (o->input)
    vr_error_set(e, -ENODATA,
                 "doctor: %s has no addresses of guests "
                 "(vmrecon_net-GUEST/gauge-mac_ADDRESS): load vmrecon_net on "
                 "the hosts, or give --places",
                 o->input);
  else
    vr_error_set(e, -ENODATA,
                 "doctor: nobody says where guests are: give INPUT, such as "
                 "/var/lib/collectd/rrd, or --places");
}

enum vr_exit vr_tools_doctor(const struct vr_tools_options *o) {
  struct vr_error e;
  vr_cleanup(vr_fdb_freep) struct vr_fdb *f = vr_fdb_new();
  if (!f)
    vr_error_set(&e, -ENOMEM, "%s", strerror(ENOMEM));
  if (!f || read_all(o, f, &e) < 0)
    return vr_tools_failed(&e);
  struct vr_fdb_stats s = vr_fdb_stats(f);
  if (s.hosts == 0 || s.guests == 0) {
    lacks(o, &s, &e);
    return vr_tools_failed(&e);
  }
  size_t found = vr_fdb_check(f, print_finding, NULL);
  s = vr_fdb_stats(f);
  printf("%zu finding%s: %zu entries of guests compared, on %zu host%s\n",
         found, found == 1 ? "" : "s", s.compared, s.hosts,
         s.hosts == 1 ? "" : "s");
  return found ? VR_EXIT_FOUND : VR_EXIT_OK;
}
