/* SPDX-License-Identifier: MIT
 *
 * The watch over the model directory: what is read when, and that nothing that
 * happens to a file or its directory takes good models away but its removal.
 */
#include "../unit.h"

#include "basic/log.h"
#include "live/model_dir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/vr-models-XXXXXX";
static char log_text[8192];
static struct vr_model_dir *dir;

static void receive_log(int priority, const char *message) {
  (void)priority;
  size_t n = strlen(log_text);
  snprintf(log_text + n, sizeof(log_text) - n, "%s\n", message);
}

static const char *path_of(const char *name) {
  static char path[2][128];
  static unsigned at;
  at = !at;
  snprintf(path[at], sizeof(path[at]), "%s/%s", directory, name);
  return path[at];
}

/* A file with N models of the counter load. */
static void write_models(const char *name, int n) {
  FILE *f = fopen(path_of("new"), "w");
  assert_non_null(f);
  fputs("{\"format\":\"vmrecon-model\",\"version\":1,\"models\":[", f);
  for (int i = 0; i < n; i++)
    fprintf(f,
            "%s{\"counter\":\"load\",\"provenance\":\"direct\",\"structure\":"
            "\"static\",\"inputs\":[{\"signals\":[\"%%{host}/p-%%{guest}/"
            "gauge-x:value\"],\"b\":[1]}]}",
            i ? "," : "");
  fputs("]}", f);
  fclose(f);
  assert_int_equal(rename(path_of("new"), path_of(name)), 0);
}

static int setup(void **state) {
  (void)state;
  strcpy(directory + strlen(directory) - 6, "XXXXXX");
  log_text[0] = '\0';
  vr_log_set(receive_log);
  const char *const paths[] = {mkdtemp(directory)};
  dir = vr_live_model_dir_new(paths, 1);
  return dir ? 0 : -1;
}

static int teardown(void **state) {
  (void)state;
  vr_live_model_dir_free(dir);
  for (const char *const *name =
           (const char *const[]){"a.json", "b.json", "new", NULL};
       *name; name++)
    unlink(path_of(*name));
  return rmdir(directory);
}

/* Polls. How many models are there now; -1: nothing new. */
static int poll_now(void) {
  struct vr_model_set *sets = NULL;
  size_t n = 0;
  int r = vr_live_model_dir_poll(dir, &sets, &n), models = 0;
  if (r == 0)
    return -1;
  assert_int_equal(r, 1);
  for (size_t i = 0; i < n; i++) {
    models += (int)sets[i].n_models;
    vr_model_set_clear(&sets[i]);
  }
  free(sets);
  return models;
}

/* The same where there is something new: a busy machine may take longer to read
 * it than one poll waits. */
static int poll_news(void) {
  int models = poll_now();
  for (int tries = 0; models < 0 && tries < 600; tries++) {
    usleep(100000);
    models = poll_now();
  }
  return models;
}

static void files_come_change_and_go(void **state) {
  (void)state;
  assert_int_equal(poll_now(), -1);
  write_models("a.json", 2);
  assert_int_equal(poll_news(), 2);
  assert_int_equal(poll_now(), -1);
  write_models("b.json", 3);
  assert_int_equal(poll_news(), 5);
  write_models("a.json", 1);
  assert_int_equal(poll_news(), 4);
  unlink(path_of("b.json"));
  assert_int_equal(poll_news(), 1);
  assert_non_null(strstr(log_text, "b.json: the file is gone"));
}

static void a_bad_file_keeps_its_models(void **state) {
  (void)state;
  write_models("a.json", 2);
  assert_int_equal(poll_news(), 2);
  FILE *f = fopen(path_of("a.json"), "w");
  fputs("{\"format\":", f);
  fclose(f);
  assert_int_equal(poll_now(), -1);
  assert_non_null(strstr(log_text, "the models that it had before stay"));
  write_models("b.json", 1); /* another one is read: with the kept ones */
  assert_int_equal(poll_news(), 3);
}

/* A link to itself cannot be followed, which is not to say that it is gone. */
static void a_file_out_of_sight_keeps_its_models(void **state) {
  (void)state;
  write_models("a.json", 2);
  write_models("b.json", 1);
  assert_int_equal(poll_news(), 3);
  unlink(path_of("a.json"));
  assert_int_equal(symlink("a.json", path_of("a.json")), 0);
  assert_int_equal(poll_now(), -1);
  assert_int_equal(poll_now(), -1);
  const char *line = strstr(log_text, "cannot read: ");
  assert_non_null(line);
  assert_null(strstr(line + 1, "cannot read: "));
  assert_null(strstr(log_text, "gone"));
  unlink(path_of("a.json"));
  assert_int_equal(poll_news(), 1);
  assert_non_null(strstr(log_text, "can be read again"));
}

/* A link to nothing is gone. */
static void a_dangling_link_is_gone(void **state) {
  (void)state;
  write_models("a.json", 2);
  write_models("b.json", 1);
  assert_int_equal(poll_news(), 3);
  unlink(path_of("a.json"));
  assert_int_equal(symlink("nowhere", path_of("a.json")), 0);
  assert_int_equal(poll_news(), 1);
}

/* Its names can be listed, its files not be looked at. */
static void a_directory_that_cannot_be_searched_keeps_all(void **state) {
  (void)state;
  if (geteuid() != 0)
    skip();
  write_models("a.json", 2);
  assert_int_equal(chown(directory, 65534, 65534), 0);
  assert_int_equal(chown(path_of("a.json"), 65534, 65534), 0);
  assert_int_equal(seteuid(65534), 0);
  int before = poll_now();
  chmod(directory, 0644);
  int hidden = poll_now();
  chmod(directory, 0755);
  int after = poll_now();
  assert_int_equal(seteuid(0), 0);
  assert_int_equal(before, 2);
  assert_int_equal(hidden, -1);
  assert_int_equal(after, -1);
  assert_non_null(strstr(log_text, "Permission denied"));
}

static void what_could_not_be_used_comes_again(void **state) {
  (void)state;
  write_models("a.json", 2);
  assert_int_equal(poll_news(), 2);
  assert_int_equal(poll_now(), -1);
  vr_live_model_dir_again(dir);
  assert_int_equal(poll_news(), 2);
  assert_int_equal(poll_now(), -1);
}

static void a_pipe_is_no_model_file(void **state) {
  (void)state;
  write_models("a.json", 2);
  assert_int_equal(mkfifo(path_of("b.json"), 0600), 0);
  assert_int_equal(poll_news(), 2);
  assert_non_null(strstr(log_text, "b.json: cannot read: not a regular file"));
}

static void a_thousand_files_are_read(void **state) {
  (void)state;
  char name[32];
  for (int i = 0; i < 1000; i++) {
    snprintf(name, sizeof(name), "m%d.json", i);
    write_models(name, 1);
  }
  assert_int_equal(poll_news(), 1000);
  assert_int_equal(poll_now(), -1);
  for (int i = 0; i < 1000; i++) {
    snprintf(name, sizeof(name), "m%d.json", i);
    unlink(path_of(name));
    if (i == 499)
      assert_int_equal(poll_news(), 500);
  }
  assert_int_equal(poll_news(), 0);
}

/* How often WANTED is in the log. */
static int logged(const char *wanted) {
  int n = 0;
  for (const char *at = log_text; (at = strstr(at, wanted)); at++)
    n++;
  return n;
}

/* Polls a directory PATH of which nothing is to be read. */
static void poll_nothing(const char *path, int times) {
  struct vr_model_dir *d = vr_live_model_dir_new(&path, 1);
  struct vr_model_set *sets = NULL;
  size_t n = 0;
  for (int i = 0; i < times; i++) {
    assert_int_equal(vr_live_model_dir_poll(d, &sets, &n), 0);
    for (int tries = 0; log_text[0] == '\0' && tries < 100; tries++) {
      usleep(100000);
      assert_int_equal(vr_live_model_dir_poll(d, &sets, &n), 0);
    }
  }
  vr_live_model_dir_free(d);
}

/* A directory that was never there, or is none, is one line with what to do. */
static void a_missing_directory_is_named(void **state) {
  (void)state;
  poll_nothing(path_of("none"), 5);
  assert_int_equal(logged("none: there is no such directory"), 1);
  assert_int_equal(logged("vmrecon-train -o"), 1);
  log_text[0] = '\0';
  write_models("a.json", 1);
  poll_nothing(path_of("a.json"), 5);
  assert_int_equal(logged("a.json: is not a directory: ModelDir is"), 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(files_come_change_and_go, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(a_bad_file_keeps_its_models, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(a_file_out_of_sight_keeps_its_models,
                                      setup, teardown),
      cmocka_unit_test_setup_teardown(a_dangling_link_is_gone, setup, teardown),
      cmocka_unit_test_setup_teardown(
          a_directory_that_cannot_be_searched_keeps_all, setup, teardown),
      cmocka_unit_test_setup_teardown(what_could_not_be_used_comes_again, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(a_pipe_is_no_model_file, setup, teardown),
      cmocka_unit_test_setup_teardown(a_missing_directory_is_named, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(a_thousand_files_are_read, setup,
                                      teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
