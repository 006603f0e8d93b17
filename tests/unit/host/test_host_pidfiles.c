/* SPDX-License-Identifier: MIT
 *
 * The reader with guests that the configuration names.
 */
#include "../unit.h"

#include "guests.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool wants_db(void *ctx, const struct vr_vm *vm) {
  (void)ctx;
  return strcmp(vm->name, "db") == 0;
}

static void reads_only_what_is_selected(void **state) {
  struct tree *t = &machine_of(state)->tree;
  struct vr_host_options options;
  struct vr_host *h;
  guest_start(t, 100, "web", 5);
  guest_start(t, 200, "db", 6);
  vr_host_options_default(&options);
  options.proc_path = t->path;
  options.select = wants_db;
  options.qmp = false;
  assert_int_equal(vr_host_new(&options, &h), 0);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 1);
  assert_non_null(guest_named(h, "db"));
  vr_host_free(h);
}

static void takes_names_from_the_configuration(void **state) {
  struct tree *t = &machine_of(state)->tree;
  struct vr_host_options options;
  struct vr_host *h;
  char pidfile[128], message[64];
  guest_start(t, 100, "x", 5);
  guest_start(t, 200, "y", 6);
  tree_args(t, "100/cmdline", "/opt/my-monitor\n--disk\n/srv/web.img\n");
  tree_args(t, "200/cmdline", "/opt/other\n");
  tree_write(t, "db.pid", "200\n");
  vr_host_options_default(&options);
  options.proc_path = t->path;
  options.qmp = false;
  snprintf(pidfile, sizeof(pidfile), "%s/db.pid", t->path);
  assert_int_equal(vr_custom_new(&options.custom), 0);
  assert_int_equal(vr_custom_add_match(options.custom, "web",
                                       "/my-monitor --disk .*web/", message,
                                       sizeof(message)),
                   0);
  assert_true(vr_custom_add_match(options.custom, "bad", "/(/", message,
                                  sizeof(message)) < 0);
  assert_int_equal(vr_custom_add_pidfile(options.custom, "db", pidfile), 0);
  assert_int_equal(vr_host_new(&options, &h), 0);
  vr_host_read(h);
  assert_int_equal(guest_named(h, "web")->pid, 100);
  assert_true(guest_named(h, "web")->have_threads);
  assert_int_equal(guest_named(h, "db")->pid, 200);
  vr_host_free(h);
  vr_custom_free(options.custom);
}

/* A pid file outlives its process, and the number is given out again. */
static void takes_nobody_for_who_wrote_a_pid_file(void **state) {
  struct tree *t = &machine_of(state)->tree;
  struct vr_host_options options;
  struct vr_host *h;
  char pidfile[128];
  const struct timespec long_ago[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
  guest_start(t, 100, "x", 5);
  tree_args(t, "100/cmdline", "/opt/other\n");
  tree_write(t, "db.pid", "100\n");
  snprintf(pidfile, sizeof(pidfile), "%s/db.pid", t->path);
  reader_options(t, 100, &options);
  assert_int_equal(vr_custom_new(&options.custom), 0);
  assert_int_equal(vr_custom_add_pidfile(options.custom, "db", pidfile), 0);
  assert_int_equal(utimensat(AT_FDCWD, pidfile, long_ago, 0), 0);
  assert_int_equal(vr_host_new(&options, &h), 0);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 0);
  assert_int_equal(utimensat(AT_FDCWD, pidfile, NULL, 0), 0);
  for (int i = 0; i < 10; i++)
    vr_host_read(h);
  assert_non_null(guest_named(h, "db"));
  vr_host_free(h);
  vr_custom_free(options.custom);
}

/* Who may write a pid file could name the process of anybody. */
static struct vr_host *reader_of_pidfile(const struct tree *t, const char *path,
                                         struct vr_host_options *options) {
  struct vr_host *h = NULL;
  reader_options(t, 100, options);
  options->trusted = (struct vr_users){.count = 2, .uids = {0, 1000}};
  assert_int_equal(vr_custom_new(&options->custom), 0);
  assert_int_equal(vr_custom_add_pidfile(options->custom, "db", path), 0);
  assert_int_equal(vr_host_new(options, &h), 0);
  return h;
}

static void believes_a_pid_file_of_its_owner_only(void **state) {
  if (geteuid() != 0)
    skip();
  struct tree *t = &machine_of(state)->tree;
  struct vr_host_options options;
  char path[128];
  guest_start(t, 100, "x", 5);
  tree_args(t, "100/cmdline", "/sbin/init\n");
  guest_start(t, 200, "y", 6);
  tree_args(t, "200/cmdline", "/opt/other\n");
  guest_owner(t, 200, 1000, 1000, 1);
  tree_write(t, "db.pid", "100\n");
  snprintf(path, sizeof(path), "%s/db.pid", t->path);
  assert_int_equal(chown(path, 1000, 1000), 0);
  struct vr_host *h = reader_of_pidfile(t, path, &options);
  vr_host_read(h);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 0);
  tree_write(t, "db.pid", "200\n");
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 1);
  assert_int_equal(guest_named(h, "db")->pid, 200);
  vr_host_free(h);
  vr_custom_free(options.custom);
}

static void ignores_a_pid_file_that_others_may_write(void **state) {
  (void)state;
  static const struct {
    const char *path;
    mode_t mode;
  } open_ones[] = {{"db.pid", 0666}, {".", 0777}};
  for (int i = 0; i < 3; i++) {
    struct tree t = tree_new();
    struct vr_host_options options;
    char path[128], full[160];
    guest_start(&t, 100, "x", 5);
    tree_args(&t, "100/cmdline", "/sbin/init\n");
    snprintf(path, sizeof(path), "%s/db.pid", t.path);
    if (i < 2) {
      tree_write(&t, "db.pid", "100\n");
      snprintf(full, sizeof(full), "%s/%s", t.path, open_ones[i].path);
      assert_int_equal(chmod(full, open_ones[i].mode), 0);
    } else {
      assert_int_equal(mkfifo(path, 0644), 0);
    }
    struct vr_host *h = reader_of_pidfile(&t, path, &options);
    for (int k = 0; k < 5; k++)
      vr_host_read(h);
    assert_int_equal(vr_host_vmproc_count(h), 0);
    assert_int_equal(log_count(), 1);
    assert_non_null(strstr(log_last, path));
    vr_host_free(h);
    vr_custom_free(options.custom);
    tree_free(&t);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      on_a_machine(believes_a_pid_file_of_its_owner_only),
      cmocka_unit_test(ignores_a_pid_file_that_others_may_write),
      on_a_machine(reads_only_what_is_selected),
      on_a_machine(takes_names_from_the_configuration),
      on_a_machine(takes_nobody_for_who_wrote_a_pid_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
