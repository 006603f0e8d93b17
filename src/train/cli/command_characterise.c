/* SPDX-License-Identifier: MIT */
#include "train/cli/commands.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "train/cli/command_common.h"
#include "train/data/guest_load.h"
#include "train/report/characterise.h"

#include <stdio.h>
#include <string.h>

/* Pair I, whose data is D, and its host before the first of its guests. */
static void characterise_pair(const struct vr_options *o,
                              const struct vr_pairs *pairs, size_t i,
                              const struct vr_guest_data *d, const char **host,
                              json_t *hosts, json_t *guests) {
  const struct vr_pair *pair = &pairs->pairs[i];
  bool first = !*host || strcmp(*host, pair->host) != 0;
  *host = pair->host;
  if (!o->json) {
    if (first)
      vr_report_characterise_host(d, pair, pairs, stdout);
    vr_report_characterise_guest(d, pair, stdout);
    return;
  }
  json_t *of_host =
      first ? vr_report_characterise_host_json(d, pair, pairs) : NULL;
  if (json_is_object(of_host))
    json_array_append(hosts, of_host);
  json_decref(of_host);
  json_array_append_new(guests, vr_report_characterise_guest_json(d, pair));
}

/* Guests that have nothing to be trained on are described all the same. */
enum vr_exit vr_command_characterise(const struct vr_options *o,
                                     const struct vr_archive *archive,
                                     const struct vr_pairs *pairs) {
  vr_cleanup(vr_json_unrefp) json_t *hosts = json_array();
  vr_cleanup(vr_json_unrefp) json_t *guests = json_array();
  const char *host = NULL;
  size_t n = 0;
  for (size_t i = 0; i < pairs->n; i++) {
    vr_cleanup(vr_data_guest_clear) struct vr_guest_data data = {0};
    struct vr_error error;
    if (o->guest && strcmp(o->guest, pairs->pairs[i].guest) != 0)
      continue;
    if (vr_data_guest_load(archive, &pairs->pairs[i], &o->span, &data, &error) <
        0) {
      vr_log_error("%s", error.message);
      continue;
    }
    n++;
    characterise_pair(o, pairs, i, &data, &host, hosts, guests);
  }
  if (n == 0) {
    vr_log_error("%s: no guest could be described", o->data);
    return VR_EXIT_DATA;
  }
  vr_cleanup(vr_json_unrefp) json_t *root =
      json_pack("{s:O, s:O}", "hosts", hosts, "guests", guests);
  if (o->json && vr_command_print_json(root) < 0)
    return VR_EXIT_OUTPUT;
  return vr_command_done();
}
