/* SPDX-License-Identifier: MIT
 *
 * libvirt's client against a library that answers when the test says so. Time
 * is counted in questions, never waited for: where a thread has something to
 * do, the test waits until it was done.
 */
#include "../unit.h"

#include "fake_libvirt.h"
#include "guests.h"

#include "basic/log.h"
#include "host/qmp/libvirt.h"
#include "host/qmp/libvirt_xml.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static fake_with_fn fake_with;
static fake_release_fn fake_release;

static const struct vr_vm exp1 = {
    .name = "exp1",
    .uuid = "00316832-1fc8-41bf-95f0-3e82ec888244",
    .libvirt = true,
};

static void assign(struct fake_libvirt *f, void *ctx) {
  *f = *(const struct fake_libvirt *)ctx;
}

static void copy(struct fake_libvirt *f, void *ctx) {
  *(struct fake_libvirt *)ctx = *f;
}

static struct fake_libvirt fake_now(void) {
  struct fake_libvirt f;
  fake_with(copy, &f);
  return f;
}

static int set_up(void **state) {
  (void)state;
  struct fake_libvirt f = {.updated = time(NULL)};
  fake_with(assign, &f);
  return 0;
}

static void set_hold(struct fake_libvirt *f, void *ctx) {
  f->hold = *(int *)ctx;
}

static void fake_hold(int calls) { fake_with(set_hold, &calls); }

static void quiet(int priority, const char *message) {
  (void)priority;
  (void)message;
}

static struct vr_libvirt *client_new(const char *library) {
  const struct vr_libvirt_options o = {library, "test:///", true, 10};
  struct vr_libvirt *l;
  assert_int_equal(vr_libvirt_new(&o, &l), 0);
  return l;
}

/* Waits, for as long as a starved machine may need. */
#define WAIT_UNTIL(condition)                                                  \
  for (int tries_ = 0; !(condition); tries_++) {                               \
    assert_true(tries_ < 60000);                                               \
    nanosleep(&(struct timespec){0, 1000000}, NULL);                           \
  }

static void ask_and_wait(struct vr_libvirt *l) {
  vr_libvirt_ask(l);
  WAIT_UNTIL(vr_libvirt_await(l, 1000));
}

static bool nothing_known(struct vr_libvirt *l) {
  struct vr_qmp_report s = {.have_block = true, .have_balloon = true};
  vr_libvirt_sample(l, exp1.name, exp1.uuid, &s);
  return !s.have_block && !s.have_balloon;
}

static void reports_disks_and_balloon(void **state) {
  struct vr_qmp_report s = {0};
  struct vr_libvirt *l = client_new(*state);
  assert_true(nothing_known(l));
  ask_and_wait(l);
  vr_libvirt_sample(l, exp1.name, exp1.uuid, &s);
  assert_true(s.have_block);
  assert_int_equal(disks_sum(&s.disks).read_bytes, 4295168 + 40960);
  assert_int_equal(disks_sum(&s.disks).write_bytes, 1024 + 81920);
  assert_int_equal(disks_sum(&s.disks).read_ops, 287);
  assert_int_equal(disks_sum(&s.disks).write_ops, 21);
  assert_true(disks_sum(&s.disks).have_times);
  assert_int_equal(disks_sum(&s.disks).read_ns, 354373094 + 5000000);
  assert_int_equal(disks_sum(&s.disks).write_ns, 1219233);
  assert_true(disks_sum(&s.disks).have_flush_time);
  assert_int_equal(disks_sum(&s.disks).flush_ns, 2107581);
  assert_true(s.have_balloon);
  assert_true(s.balloon.have_total && s.balloon.have_free);
  assert_int_equal(s.balloon.total, 222604 * 1024);
  assert_int_equal(s.balloon.free, 153072 * 1024);
  assert_true(s.balloon.have_available && s.balloon.have_caches);
  assert_int_equal(s.balloon.available, 156756 * 1024);
  assert_int_equal(s.balloon.caches, 39536 * 1024);
  assert_true(s.balloon.have_minor && s.balloon.have_major);
  assert_int_equal(s.balloon.minor, 7202);
  assert_int_equal(s.balloon.major, 2);
  assert_int_equal(s.balloon.swap_in, 3 * 1024);
  assert_int_equal(s.balloon.swap_out, 5 * 1024);
  /* virsh domstate --reason: "paused (I/O error)". */
  assert_int_equal(s.state, VR_VMSTATE_FAILED);
  /* It reports by itself: nobody has to tell it. */
  assert_int_equal(fake_now().periods, 0);
  vr_libvirt_free(l);
  assert_int_equal(fake_now().connections, 0);
}

/* Another machine may be called the same, or have a copied uuid. */
static void distinguishes_guests(void **state) {
  struct vr_qmp_report s = {0};
  struct vr_vm vm = exp1;
  struct vr_libvirt *l = client_new(*state);
  ask_and_wait(l);
  snprintf(vm.name, sizeof(vm.name), "two");
  vr_libvirt_sample(l, vm.name, vm.uuid, &s);
  assert_false(s.have_block);
  vm.uuid[0] = 'a';
  vr_libvirt_sample(l, vm.name, vm.uuid, &s);
  assert_false(s.have_block);
  snprintf(vm.uuid, sizeof(vm.uuid), "FE316832-1fc8-41bf-95f0-3e82ec888244");
  vr_libvirt_sample(l, vm.name, vm.uuid, &s);
  assert_true(s.have_block);
  vr_libvirt_free(l);
}

/* What a driver said long ago is not what its guest is now. */
static void orders_reports_once(void **state) {
  struct fake_libvirt f = {.updated = time(NULL) - 1000};
  struct vr_qmp_report s = {0};
  fake_with(assign, &f);
  struct vr_libvirt *l = client_new(*state);
  ask_and_wait(l);
  vr_libvirt_sample(l, exp1.name, exp1.uuid, &s);
  assert_true(s.have_block);
  assert_false(s.have_balloon);
  ask_and_wait(l);
  ask_and_wait(l);
  WAIT_UNTIL(fake_now().calls == 3);
  vr_libvirt_free(l);
  assert_int_equal(fake_now().periods, 3); /* three guests */
  assert_int_equal(fake_now().last_period, 10);
}

/* Of "virsh dumpxml", libvirt 9.0, shortened. */
#define DESCRIPTION(os, stats)                                                 \
  "<domain type='kvm' id='1'>\n  <name>exp1</name>\n  <metadata>\n"            \
  "    <libosinfo:libosinfo "                                                  \
  "xmlns:libosinfo=\"http://libosinfo.org/xmlns/libvirt/domain/1.0\">\n"       \
  "      <libosinfo:os id=\"" os "\"/>\n    </libosinfo:libosinfo>\n"          \
  "  </metadata>\n  <devices>\n    <memballoon model='virtio'>\n" stats        \
  "      <alias name='balloon0'/>\n    </memballoon>\n  "                      \
  "</devices>\n</domain>\n"

/* Who has set a period himself keeps it, and is believed as long as his guest
 * may be silent by it. */
static void leaves_a_period_that_somebody_has_set(void **state) {
  struct vr_qmp_report s = {0};
  struct fake_libvirt f = {.updated = time(NULL) - 100,
                           .xml = DESCRIPTION("http://debian.org/debian/12",
                                              "      <stats period='60'/>\n")};
  fake_with(assign, &f);
  struct vr_libvirt *l = client_new(*state);
  for (int i = 0; i < 3; i++)
    ask_and_wait(l);
  WAIT_UNTIL(fake_now().described >= 3);
  ask_and_wait(l);
  vr_libvirt_sample(l, exp1.name, exp1.uuid, &s);
  assert_true(s.have_balloon);
  assert_int_equal(s.balloon_period, 60);
  assert_int_equal(s.balloon_updated, f.updated);
  assert_int_equal(s.os, VR_OS_LINUX);
  vr_libvirt_free(l);
  assert_int_equal(fake_now().periods, 0);
  assert_int_equal(fake_now().described, 3); /* three guests, once each */
}

static void sets_a_period_where_nobody_has(void **state) {
  struct fake_libvirt f = {
      .updated = 0, .xml = DESCRIPTION("http://microsoft.com/win/11", "")};
  struct vr_qmp_report s = {0};
  fake_with(assign, &f);
  struct vr_libvirt *l = client_new(*state);
  ask_and_wait(l);
  WAIT_UNTIL(fake_now().periods == 3);
  ask_and_wait(l);
  vr_libvirt_sample(l, exp1.name, exp1.uuid, &s);
  assert_int_equal(s.os, VR_OS_OTHER);
  vr_libvirt_free(l);
  assert_int_equal(fake_now().last_period, 10);
}

/* Ids of libosinfo's database. */
static void knows_systems_by_their_ids(void **state) {
  (void)state;
  static const struct {
    const char *id;
    enum vr_os os;
  } ids[] = {
      {"http://debian.org/debian/12", VR_OS_LINUX},
      {"http://redhat.com/rhel/9.2", VR_OS_LINUX},
      {"http://oracle.com/ol/8.5", VR_OS_LINUX},
      {"http://libosinfo.org/linux/2022", VR_OS_LINUX},
      {"http://oracle.com/solaris/11", VR_OS_OTHER},
      {"http://microsoft.com/win/2k22", VR_OS_OTHER},
      {"http://freebsd.org/freebsd/13.1", VR_OS_OTHER},
      {"http://openbsd.org/openbsd/7.2", VR_OS_OTHER},
      {"http://libosinfo.org/unknown", VR_OS_UNKNOWN},
      {"http://example.org/debian.org/", VR_OS_UNKNOWN},
      {"", VR_OS_UNKNOWN},
  };
  for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
    assert_int_equal(vr_libvirt_xml_os_by_id(ids[i].id), ids[i].os);
  enum vr_os os = VR_OS_LINUX;
  unsigned period = 7;
  vr_libvirt_xml_parse("<domain><stats period='9'/><libosinfo:os id='x", &os,
                       &period);
  assert_int_equal(os, VR_OS_UNKNOWN);
  assert_int_equal(period, 0);
}

static void is_not_waited_for_twice(void **state) {
  struct vr_libvirt *l = client_new(*state);
  ask_and_wait(l);
  fake_hold(1);
  vr_libvirt_ask(l);
  WAIT_UNTIL(fake_now().held == 1);
  assert_false(vr_libvirt_await(l, 1));
  /* It would take a minute if it waited. */
  assert_false(vr_libvirt_await(l, 60000));
  assert_false(nothing_known(l)); /* of the last interval */
  vr_libvirt_ask(l);
  assert_true(nothing_known(l));
  fake_release();
  WAIT_UNTIL(vr_libvirt_await(l, 1000));
  assert_false(nothing_known(l));
  assert_int_equal(fake_now().calls, 2);
  vr_libvirt_free(l);
}

/* Of a server of OpenStack's, and of one that virt-manager made. */
static void takes_title_and_project(void **state) {
  (void)state;
  struct vr_labels l;
  vr_libvirt_xml_labels(
      "<domain type='kvm'><name>instance-0000002a</name><metadata>"
      "<nova:instance "
      "xmlns:nova=\"http://openstack.org/xmlns/libvirt/nova/1.1\">"
      "<nova:package version=\"27.1.0\"/><nova:name>shop &amp; more</nova:name>"
      "<nova:owner><nova:user uuid=\"1\">admin</nova:user>"
      "<nova:project uuid=\"2\">retail</nova:project></nova:owner>"
      "</nova:instance></metadata></domain>",
      &l);
  assert_string_equal(l.title, "shop & more");
  assert_string_equal(l.project, "retail");
  vr_libvirt_xml_labels("<domain><name>a</name><title>The &lt;old&gt; one\n"
                        "</title><description>x</description></domain>",
                        &l);
  assert_string_equal(l.title, "The <old> one ");
  assert_string_equal(l.project, "");
  vr_libvirt_xml_labels("<domain><title/><x:projects>no</x:projects>", &l);
  assert_string_equal(l.title, "");
  assert_string_equal(l.project, "");
  vr_libvirt_xml_labels("<domain><title", &l);
  assert_string_equal(l.title, "");
}

/* One guest's QEMU hangs and holds the call: the next goes past it. */
static void leaves_a_call_that_hangs(void **state) {
  struct vr_libvirt *l = client_new(*state);
  fake_hold(1);
  vr_libvirt_ask(l);
  WAIT_UNTIL(fake_now().held == 1);
  vr_libvirt_await(l, 0);
  for (int i = 0; i < 5; i++)
    vr_libvirt_ask(l);
  WAIT_UNTIL(vr_libvirt_await(l, 1000));
  assert_false(nothing_known(l));
  assert_int_equal(fake_now().held, 1);
  assert_int_equal(fake_now().connections, 2);
  assert_int_equal(vr_libvirt_threads(l), 2);
  fake_release();
  WAIT_UNTIL(vr_libvirt_threads(l) == 1);
  WAIT_UNTIL(fake_now().connections == 1);
  ask_and_wait(l);
  assert_false(nothing_known(l));
  vr_libvirt_free(l);
}

static void hangs_with_three_threads_at_most(void **state) {
  struct vr_libvirt *l = client_new(*state);
  fake_hold(1000);
  WAIT_UNTIL((vr_libvirt_ask(l), fake_now().held == 3));
  for (int i = 0; i < 1000; i++)
    vr_libvirt_ask(l);
  assert_int_equal(vr_libvirt_threads(l), 3);
  assert_int_equal(fake_now().connections, 3);
  assert_true(nothing_known(l));
  /* It ends although they hang; what they hold goes when they come back. */
  vr_libvirt_free(l);
  fake_hold(0);
  WAIT_UNTIL((fake_release(), fake_now().connections == 0));
}

static void tries_again_after_a_failure(void **state) {
  struct fake_libvirt f = {.updated = time(NULL), .fail = 1};
  struct vr_libvirt *l = client_new(*state);
  ask_and_wait(l);
  fake_with(assign, &f);
  ask_and_wait(l);
  vr_libvirt_ask(l);
  WAIT_UNTIL(vr_libvirt_await(l, 1000));
  assert_true(nothing_known(l));
  f = (struct fake_libvirt){.updated = time(NULL), .refuse = 1};
  fake_with(assign, &f);
  ask_and_wait(l);
  f.refuse = 0;
  fake_with(assign, &f);
  for (int i = 0; i < 31; i++)
    ask_and_wait(l);
  assert_false(nothing_known(l));
  vr_libvirt_free(l);
}

static void does_without_the_library(void **state) {
  (void)state;
  struct vr_libvirt *l = client_new("/nonexistent/libvirt.so.0");
  WAIT_UNTIL(vr_libvirt_threads(l) == 0);
  for (int i = 0; i < 100; i++) {
    vr_libvirt_ask(l);
    assert_false(vr_libvirt_await(l, 60000));
  }
  assert_true(nothing_known(l));
  assert_int_equal(vr_libvirt_threads(l), 0);
  vr_libvirt_free(l);
}

/* Through the whole reader: only libvirt's own guests are asked for. */
static void asks_for_guests_of_its_own(void **state) {
  struct vr_host_options o;
  struct vr_host *h;
  struct tree t = tree_load("qemu-named.tree");
  vr_host_options_default(&o);
  o.proc_path = o.sys_path = t.path;
  o.trusted = (struct vr_users){.count = 1, .uids = {0}};
  o.qmp = false;
  o.libvirt_library = *state;
  o.libvirt_uri = "test:///";
  o.qmp_wait_ms = 60000;
  assert_int_equal(vr_host_new(&o, &h), 0);
  for (int i = 0; i < 3; i++)
    vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 1);
  assert_false(vr_host_vmproc(h, 0)->have_block);
  vr_host_free(h);
  tree_free(&t);
  assert_int_equal(fake_now().opened, 0);

  t = tree_load("qemu-libvirt.tree");
  o.proc_path = o.sys_path = t.path;
  assert_int_equal(vr_host_new(&o, &h), 0);
  vr_host_read(h);
  const struct vr_vmproc_sample *s = vr_host_vmproc(h, 0);
  assert_string_equal(s->name, "virty");
  assert_true(s->have_block && s->have_balloon);
  assert_int_equal(s->block.read_ops, 287);
  vr_host_free(h);
  tree_free(&t);
}

int main(int argc, char **argv) {
  (void)argc;
  char library[1024];
  /* Beside this program, wherever libtool has put it. */
  char *slash = strrchr(argv[0], '/');
  snprintf(library, sizeof(library), "%.*s", slash ? (int)(slash - argv[0]) : 1,
           slash ? argv[0] : ".");
  size_t n = strlen(library);
  if (n < 6 || strcmp(library + n - 6, "/.libs") != 0)
    strcat(library, "/.libs");
  strcat(library, "/fake_libvirt.so");
  void *fake = dlopen(library, RTLD_NOW);
  if (!fake) {
    fprintf(stderr, "%s\n", dlerror());
    return 99;
  }
  *(void **)&fake_with = dlsym(fake, "fake_with");
  *(void **)&fake_release = dlsym(fake, "fake_release");
  vr_log_set(quiet);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_prestate_setup_teardown(reports_disks_and_balloon,
                                               set_up, NULL, library),
      cmocka_unit_test_prestate_setup_teardown(distinguishes_guests, set_up,
                                               NULL, library),
      cmocka_unit_test_prestate_setup_teardown(orders_reports_once, set_up,
                                               NULL, library),
      cmocka_unit_test_prestate_setup_teardown(
          leaves_a_period_that_somebody_has_set, set_up, NULL, library),
      cmocka_unit_test_prestate_setup_teardown(sets_a_period_where_nobody_has,
                                               set_up, NULL, library),
      cmocka_unit_test(knows_systems_by_their_ids),
      cmocka_unit_test_prestate_setup_teardown(is_not_waited_for_twice, set_up,
                                               NULL, library),
      cmocka_unit_test(takes_title_and_project),
      cmocka_unit_test_prestate_setup_teardown(leaves_a_call_that_hangs, set_up,
                                               NULL, library),
      cmocka_unit_test_prestate_setup_teardown(hangs_with_three_threads_at_most,
                                               set_up, NULL, library),
      cmocka_unit_test_prestate_setup_teardown(tries_again_after_a_failure,
                                               set_up, NULL, library),
      cmocka_unit_test_prestate_setup_teardown(does_without_the_library, set_up,
                                               NULL, library),
      cmocka_unit_test_prestate_setup_teardown(asks_for_guests_of_its_own,
                                               set_up, NULL, library),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
