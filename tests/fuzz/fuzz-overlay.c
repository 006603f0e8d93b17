/* SPDX-License-Identifier: MIT
 *
 * The overlay: an input that begins with '{' is the text of a state file, else
 * each line is an announcement as the network may bring it: user, host, guest,
 * type instance, value, time. What is known afterwards is written, and must be
 * readable and the same.
 */
#include "fuzz.h"

#include "overlay/overlay_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { LARGEST = 1 << 16 };
#define NOW (INT64_C(1764547200) * 1000000)

static void make_members(struct vr_members *m) {
  struct vr_member a = {"h1", "h1", {AF_INET, {10, 0, 0, 1}}};
  struct vr_member b = {"h2", "h2", {AF_INET, {10, 0, 0, 2}}};
  if (vr_members_add(m, &a) < 0 || vr_members_add(m, &b) < 0 ||
      vr_members_add_central(m, "c") < 0)
    abort();
}

static void take_line(struct vr_overlay *o, const char *line) {
  char user[200], host[200], guest[200], instance[200];
  double value, ago;
  struct vr_announcement a;
  struct vr_location *l;
  enum vr_locations_change change;
  if (sscanf(line, "%199s %199s %199s %199s %lf %lf", user, host, guest,
             instance, &value, &ago) != 6 ||
      !(ago > -1e12 && ago < 1e12) ||
      vr_announcement_parse(host, guest, instance, value, NOW - (int64_t)ago,
                            &a) < 0 ||
      vr_refusal_judge(&o->options.members, user, &a, NOW) != VR_REFUSAL_NONE)
    return;
  if (vr_locations_take(&o->locations, &a, NOW, &change, &l) == VR_REFUSAL_NONE)
    fuzz_require(l->generation == a.generation && l->gone == a.gone);
}

static void check_state(const struct vr_overlay *o) {
  struct vr_overlay again = {.options = o->options};
  char *text = vr_overlay_state_format(o);
  fuzz_require(text && vr_overlay_state_parse(&again, text) == 0);
  free(text);
  for (const struct vr_location *l = o->locations.head; l; l = l->hh.next) {
    const struct vr_location *k =
        vr_locations_find(&again.locations, l->key.vni, &l->key.mac);
    fuzz_require(!k || (k->generation == l->generation && k->gone == l->gone));
  }
  vr_locations_clear(&again.locations);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char text[LARGEST + 1];
  struct vr_overlay o = {.options.self = "h1"};
  char *rest;
  if (size > LARGEST)
    return 0;
  memcpy(text, data, size);
  text[size] = '\0';
  make_members(&o.options.members);
  if (text[0] == '{')
    vr_overlay_state_parse(&o, text);
  else
    for (char *line = strtok_r(text, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest))
      take_line(&o, line);
  check_state(&o);
  vr_locations_clear(&o.locations);
  vr_members_clear(&o.options.members);
  return 0;
}

void fuzz_seeds(void) {
  static const char *const seeds[] = {
      "h1 h1 g mac_525400000001_10 1764547200000 0\n"
      "c h2 g mac_525400000001_10 1764547200001 0\n"
      "h2 h2 g mac_525400000001_10 -1764547200001 -5\n",
      "{\"format\":\"vmrecon-overlay\",\"version\":1,\"newest\":1764547200000,"
      "\"locations\":[{\"mac\":\"525400000001\",\"vni\":10,\"host\":\"h1\","
      "\"guest\":\"g\",\"generation\":1764547200000,\"gone\":false,"
      "\"sent\":1764547200000000,\"since\":1764547200000000}]}",
  };
  for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
    fuzz_seed(seeds[i], strlen(seeds[i]));
}
