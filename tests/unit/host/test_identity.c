/* SPDX-License-Identifier: MIT
 *
 * Whose name a guest's values carry. collectd's fields have 127 bytes and a
 * NUL.
 */
#include "../unit.h"

#include "host/vmm/vm_names.h"
#include "plugins/identity.h"

#include <stdio.h>
#include <string.h>

enum { FIELD = 128 };

static struct vr_identity_format format_of(const char *text,
                                           enum vr_identity_field field) {
  struct vr_identity_format f = {0};
  assert_int_equal(vr_identity_parse(text, field, &f), 0);
  return f;
}

static void joins_what_fits(void **state) {
  (void)state;
  struct vr_vmproc_sample s = {.name = "web", .uuid = "u-1"};
  struct vr_identity_format f = format_of("hostname name uuid", VR_FIELD_HOST);
  char text[FIELD];
  vr_identity_format(&f, &s, "hv", text, sizeof(text));
  assert_string_equal(text, "hv:web:u-1");
  memset(s.uuid, 0, sizeof(s.uuid));
  vr_identity_format(&f, &s, "hv", text, sizeof(text));
  assert_string_equal(text, "hv:web:web");
}

static const char *formatted(const char *instance,
                             const struct vr_vmproc_sample *s) {
  static char text[FIELD];
  struct vr_identity i;
  vr_identity_default(&i);
  i.instance = format_of(instance, VR_FIELD_INSTANCE);
  assert_true(vr_identity_settle(&i));
  vr_identity_format(&i.instance, s, "hv", text, sizeof(text));
  return text;
}

/* Titles are no names: two guests may have one. */
static void a_title_stands_with_a_name(void **state) {
  (void)state;
  struct vr_vmproc_sample s = {.name = "instance-0000002a",
                               .uuid = "u-1",
                               .labels = {"Web shop", "retail"}};
  assert_string_equal(formatted("metadata", &s), "Web shop:instance-0000002a");
  assert_string_equal(formatted("title uuid", &s), "Web shop:u-1");
  assert_string_equal(formatted("project metadata", &s),
                      "retail:Web shop:instance-0000002a");
  /* What nobody tells is left out. */
  s.labels = (struct vr_labels){"", ""};
  assert_string_equal(formatted("metadata", &s), "instance-0000002a");
  assert_string_equal(formatted("project uuid", &s), "u-1");
}

/* The two differ only where there is no room any more. */
static void check_apart(const char *format, enum vr_identity_field field,
                        const char *hostname) {
  struct vr_vmproc_sample s = {0};
  struct vr_identity_format f = format_of(format, field);
  char a[FIELD], b[FIELD], again[FIELD];
  memset(s.name, 'n', VR_NAME_LENGTH);
  strcpy(s.uuid, "00000001-2222-4333-8444-555555555551");
  vr_identity_format(&f, &s, hostname, a, sizeof(a));
  vr_identity_format(&f, &s, hostname, again, sizeof(again));
  s.name[VR_NAME_LENGTH - 1] = 'm';
  s.uuid[35] = '2';
  vr_identity_format(&f, &s, hostname, b, sizeof(b));
  assert_int_equal(strlen(a), FIELD - 1);
  assert_string_equal(a, again);
  assert_string_not_equal(a, b);
}

static void keeps_long_ones_apart(void **state) {
  (void)state;
  const char *fqdn =
      "compute-node-0123456789.rack-17.datacenter-frankfurt.example.com";
  check_apart("hostname name", VR_FIELD_HOST, fqdn);
  check_apart("name uuid", VR_FIELD_INSTANCE, fqdn);
  check_apart("hostname name uuid", VR_FIELD_HOST, fqdn);
}

static void splits_no_character(void **state) {
  (void)state;
  char whole[300] = "", text[FIELD];
  for (int i = 0; i < 60; i++)
    strcat(whole, i == 36 ? "x" : "\xc3\xbc\xc3\xbc");
  vr_vm_name_fit(whole, text, sizeof(text));
  assert_in_range(strlen(text), FIELD - 2, FIELD - 1);
  char *dash = strrchr(text, '-');
  assert_non_null(dash);
  assert_int_equal(strlen(dash), 17);
  assert_int_not_equal((unsigned char)dash[-1], 0xC3);
  /* What just fits stays. */
  memset(text, 0, sizeof(text));
  whole[FIELD - 1] = '\0';
  vr_vm_name_fit(whole, text, sizeof(text));
  assert_string_equal(text, whole);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(joins_what_fits),
      cmocka_unit_test(a_title_stands_with_a_name),
      cmocka_unit_test(keeps_long_ones_apart),
      cmocka_unit_test(splits_no_character),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
