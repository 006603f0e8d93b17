/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "signal/identifier.h"

#include <errno.h>
#include <string.h>

static void takes_a_name_apart(void **state) {
  (void)state;
  struct vr_name n;
  assert_int_equal(vr_identifier_parse(
                       "h-1.example/vmrecon-my-guest/if_octets-tap-0:rx", &n),
                   0);
  assert_string_equal(n.id.host, "h-1.example");
  assert_string_equal(n.id.plugin, "vmrecon");
  assert_string_equal(n.id.plugin_instance, "my-guest");
  assert_string_equal(n.id.type, "if_octets");
  assert_string_equal(n.id.type_instance, "tap-0");
  assert_string_equal(n.data_source, "rx");
  char text[VR_NAME_SIZE];
  assert_int_equal(
      vr_identifier_format(&n.id, n.data_source, text, sizeof(text)), 0);
  assert_string_equal(text, "h-1.example/vmrecon-my-guest/if_octets-tap-0:rx");
}

static void a_name_may_lack_its_instances(void **state) {
  (void)state;
  struct vr_name n;
  assert_int_equal(vr_identifier_parse("h/load/load", &n), 0);
  assert_string_equal(n.id.plugin_instance, "");
  assert_string_equal(n.id.type_instance, "");
  assert_string_equal(n.data_source, "");
  char text[12];
  assert_int_equal(vr_identifier_format(&n.id, NULL, text, 12), 0);
  assert_string_equal(text, "h/load/load");
  assert_int_equal(vr_identifier_format(&n.id, NULL, text, 11), -ENOSPC);
}

static void refuses_what_is_no_name(void **state) {
  (void)state;
  const char *const bad[] = {"",     "h",       "h/p",    "/p/t",  "h//t",
                             "h/p/", "h/p/t/x", "h/p/t:", "h/-i/t"};
  char too_long[200] = "h/p/";
  memset(too_long + 4, 't', 128);
  struct vr_name n;
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    assert_int_equal(vr_identifier_parse(bad[i], &n), -EINVAL);
  assert_int_equal(vr_identifier_parse(too_long, &n), -EINVAL);
  too_long[4 + 127] = '\0';
  assert_int_equal(vr_identifier_parse(too_long, &n), 0);
}

static const struct vr_identifier ours = {"h", "vmrecon", "g", "memory", "rss"};

static void finds_host_and_guest_where_the_pattern_says(void **state) {
  (void)state;
  struct vr_pattern p;
  const char *host = NULL, *guest = NULL;
  assert_int_equal(
      vr_signal_pattern_parse("%{host}/vmrecon-%{guest}/memory-rss:value", &p),
      0);
  assert_true(vr_signal_pattern_match(&p, &ours, &host, &guest));
  assert_string_equal(host, "h");
  assert_string_equal(guest, "g");

  struct vr_identifier virt = {"g", "virt", "", "virt_cpu_total", ""};
  assert_int_equal(
      vr_signal_pattern_parse("%{guest}/virt/virt_cpu_total:value", &p), 0);
  assert_true(vr_signal_pattern_match(&p, &virt, &host, &guest));
  assert_null(host);
  assert_string_equal(guest, "g");

  struct vr_identifier of_host = {"h", "vmrecon", "", "load", ""};
  assert_int_equal(
      vr_signal_pattern_parse("%{host}/vmrecon/load:shortterm", &p), 0);
  assert_true(vr_signal_pattern_match(&p, &of_host, &host, &guest));
  assert_string_equal(host, "h");
  assert_null(guest);
}

static void matches_nothing_else(void **state) {
  (void)state;
  struct vr_pattern p;
  const char *host = "x", *guest = "y";
  vr_signal_pattern_parse("%{host}/vmrecon-%{guest}/memory-rss:value", &p);
  const struct vr_identifier others[] = {
      {"h", "vmrecon", "", "memory", "rss"}, /* the host's own */
      {"h", "vmrecon", "g", "memory", "rs"},
      {"h", "vmrecon", "g", "memory", ""},
      {"h", "vmrecon", "g", "memory2", "rss"},
      {"h", "virt", "g", "memory", "rss"},
  };
  for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
    assert_false(vr_signal_pattern_match(&p, &others[i], &host, &guest));
  assert_string_equal(host, "x");
  assert_string_equal(guest, "y");
}

static void refuses_patterns_that_say_too_little_or_too_much(void **state) {
  (void)state;
  const char *const bad[] = {
      "h/p/t:value",                    /* no part */
      "%{host}/p-%{guest}/t",           /* no data source */
      "%{guest}/p-%{guest}/t:value",    /* twice */
      "%{host}/p-x%{guest}/t:value",    /* part of a field */
      "%{host}/p-%{gast}/t:value",      /* unknown */
      "%{host}/p/t-%{guest}:value",     /* elsewhere */
      "%{host}/p-%{guest}/t:%{guest}",  /* elsewhere */
      "%{host}/vmrecon/memory-*:value", /* members of a host itself */
  };
  struct vr_pattern p;
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    assert_int_equal(vr_signal_pattern_parse(bad[i], &p), -EINVAL);
}

static void a_star_stands_for_all_instances_that_begin_so(void **state) {
  (void)state;
  static const char *const instances[] = {"vnet3", "vnet17", "vnet",
                                          "vne",   "xvnet3", ""};
  struct vr_pattern vnets, all;
  const char *host, *guest;
  assert_int_equal(
      vr_signal_pattern_parse("%{guest}/virt/if_octets-vnet*:rx", &vnets), 0);
  assert_int_equal(
      vr_signal_pattern_parse("%{guest}/virt/if_octets-*:rx", &all), 0);
  assert_true(vnets.has_members && all.has_members);
  for (size_t i = 0; i < sizeof(instances) / sizeof(instances[0]); i++) {
    struct vr_identifier id = {"g", "virt", "", "if_octets", instances[i]};
    assert_int_equal(vr_signal_pattern_match(&vnets, &id, &host, &guest),
                     i < 3);
    assert_true(vr_signal_pattern_match(&all, &id, &host, &guest));
  }
  assert_int_equal(
      vr_signal_pattern_parse("%{guest}/virt/if_octets-vn*t:rx", &all), 0);
  assert_false(all.has_members);
}

static void makes_the_name_of_one_guest(void **state) {
  (void)state;
  struct vr_pattern p;
  char text[VR_NAME_SIZE];
  vr_signal_pattern_parse("%{host}/vmrecon-%{guest}/if_octets-tap:rx", &p);
  assert_int_equal(
      vr_signal_pattern_format(&p, "h", "g", false, text, sizeof(text)), 0);
  assert_string_equal(text, "h/vmrecon-g/if_octets-tap");
  assert_int_equal(
      vr_signal_pattern_format(&p, "h", "g", true, text, sizeof(text)), 0);
  assert_string_equal(text, "h/vmrecon-g/if_octets-tap:rx");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(takes_a_name_apart),
      cmocka_unit_test(a_name_may_lack_its_instances),
      cmocka_unit_test(refuses_what_is_no_name),
      cmocka_unit_test(finds_host_and_guest_where_the_pattern_says),
      cmocka_unit_test(matches_nothing_else),
      cmocka_unit_test(refuses_patterns_that_say_too_little_or_too_much),
      cmocka_unit_test(a_star_stands_for_all_instances_that_begin_so),
      cmocka_unit_test(makes_the_name_of_one_guest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
