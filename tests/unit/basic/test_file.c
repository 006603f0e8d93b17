/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "basic/cleanup.h"
#include "basic/file.h"
#include "basic/safe_open.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64];

static int make_directory(void **state) {
  (void)state;
  strcpy(directory, "/tmp/vr-fileio-XXXXXX");
  return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state) {
  (void)state;
  char command[128];
  snprintf(command, sizeof(command), "rm -rf %s", directory);
  return system(command);
}

static const char *in_directory(const char *name) {
  static char path[128];
  snprintf(path, sizeof(path), "%s/%s", directory, name);
  return path;
}

static int count_entries(void) {
  int n = 0;
  DIR *d = opendir(directory);
  assert_non_null(d);
  for (struct dirent *e; (e = readdir(d));)
    n += e->d_name[0] != '.';
  closedir(d);
  return n;
}

static void replaces_the_whole_file(void **state) {
  (void)state;
  const char *path = in_directory("a");
  assert_int_equal(vr_file_write_atomic(path, "a longer text", 13), 0);
  assert_int_equal(vr_file_write_atomic(path, "short", 5), 0);
  vr_auto_free char *text = NULL;
  size_t length = 0;
  assert_int_equal(vr_file_read(path, 100, &text, &length), 0);
  assert_int_equal(length, 5);
  assert_string_equal(text, "short");
  assert_int_equal(count_entries(), 1);
}

static void leaves_nothing_when_it_cannot_rename(void **state) {
  (void)state;
  const char *path = in_directory("dir");
  assert_int_equal(mkdir(path, 0755), 0);
  assert_int_equal(vr_file_write_atomic(path, "x", 1), -EISDIR);
  assert_int_equal(count_entries(), 1);
}

/* Whoever may write in the directory may have laid links where the file, or one
 * beside it, is to be: what they point to stays as it is. The mode is the same
 * whatever the umask. */
static void follows_no_link_and_has_a_mode_of_its_own(void **state) {
  (void)state;
  char victim[128], beside[128];
  struct stat st;
  strcpy(victim, in_directory("victim"));
  assert_int_equal(vr_file_write_atomic(victim, "safe", 4), 0);
  strcpy(beside, in_directory("state.new"));
  assert_int_equal(symlink(victim, beside), 0);
  const char *path = in_directory("state");
  assert_int_equal(symlink(victim, path), 0);
  const mode_t masks[] = {0, 0077};
  for (size_t i = 0; i < 2; i++) {
    mode_t before = umask(masks[i]);
    assert_int_equal(vr_file_write_atomic(path, "mine", 4), 0);
    umask(before);
    assert_int_equal(lstat(path, &st), 0);
    assert_true(S_ISREG(st.st_mode));
    assert_int_equal(st.st_mode & 07777, 0644);
  }
  vr_auto_free char *text = NULL;
  assert_int_equal(vr_file_read(victim, 100, &text, NULL), 0);
  assert_string_equal(text, "safe");
  assert_int_equal(count_entries(), 3);
}

static void refuses_a_file_that_is_too_long(void **state) {
  (void)state;
  const char *path = in_directory("long");
  assert_int_equal(vr_file_write_atomic(path, "0123456789", 10), 0);
  char *text = (char *)1;
  assert_int_equal(vr_file_read(path, 9, &text, NULL), -EFBIG);
  assert_ptr_equal(text, (char *)1);
  assert_int_equal(vr_file_read(path, 10, &text, NULL), 0);
  assert_string_equal(text, "0123456789");
  free(text);
}

static void reads_files_of_proc_that_say_size_zero(void **state) {
  (void)state;
  vr_auto_free char *text = NULL;
  size_t length = 0;
  assert_int_equal(vr_file_read("/proc/self/comm", 100, &text, &length), 0);
  assert_string_equal(text, "test_file\n");
  assert_int_equal(length, strlen(text));
}

static void names_the_error(void **state) {
  (void)state;
  char *text = NULL;
  assert_int_equal(vr_file_read(in_directory("none"), 9, &text, NULL), -ENOENT);
  assert_int_equal(vr_file_read(directory, 9, &text, NULL), -EISDIR);
  assert_null(text);
}

/* A pipe would wait for its writer. */
static void opens_nothing_but_regular_files(void **state) {
  (void)state;
  char *text = NULL;
  assert_int_equal(mkfifo(in_directory("pipe"), 0600), 0);
  assert_int_equal(symlink("pipe", in_directory("link")), 0);
  static const char *const names[] = {"pipe", "link"};
  for (int i = 0; i < 2; i++)
    assert_int_equal(vr_file_read(in_directory(names[i]), 9, &text, NULL),
                     -EMEDIUMTYPE);
  assert_int_equal(vr_file_read("/dev/zero", 9, &text, NULL), -EMEDIUMTYPE);
  assert_non_null(strstr(vr_safe_why(-EMEDIUMTYPE), "not a regular file"));
  assert_null(text);
}

static int put_text(const char *path) {
  return vr_file_write_atomic(in_directory(path), "x", 1);
}

static int found_below(int root, const char *path) {
  int fd = vr_safe_open_below(root, path);
  if (fd >= 0)
    close(fd);
  return fd < 0 ? fd : 0;
}

static void nothing_leads_out_of_a_root(void **state) {
  (void)state;
  assert_int_equal(mkdir(in_directory("root"), 0700), 0);
  assert_int_equal(put_text("secret"), 0);
  assert_int_equal(put_text("root/own"), 0);
  assert_int_equal(symlink("../secret", in_directory("root/up")), 0);
  assert_int_equal(symlink("/proc/self/comm", in_directory("root/away")), 0);
  assert_int_equal(symlink("/own", in_directory("root/inside")), 0);
  assert_int_equal(symlink("/dev/zero", in_directory("root/device")), 0);
  vr_auto_close int root =
      open(in_directory("root"), O_PATH | O_DIRECTORY | O_CLOEXEC);
  assert_int_equal(found_below(root, "/own"), 0);
  assert_true(found_below(root, "../secret") < 0);
  assert_true(found_below(root, "up") < 0);
  assert_true(found_below(root, "away") < 0);
  assert_true(found_below(root, "device") < 0);
  /* Links are refused where the kernel cannot keep them inside. */
  int r = found_below(root, "inside");
  assert_true(r == 0 || r == -ELOOP);
}

/* A text is refused with the name of the file, and a result that is left. */
static void takes_texts_only(void **state) {
  (void)state;
  char *text = NULL;
  struct vr_error e;
  char path[128];
  snprintf(path, sizeof(path), "%s", in_directory("text"));
  assert_int_equal(vr_file_write_atomic(path, "a\0b", 3), 0);
  assert_int_equal(vr_file_read_text(path, 9, &text, &e), -EINVAL);
  assert_null(text);
  assert_non_null(strstr(e.message, path));
  assert_int_equal(vr_file_read_text(directory, 9, &text, &e), -EISDIR);
  assert_non_null(strstr(e.message, directory));
  assert_int_equal(vr_file_write_atomic(path, "ab", 2), 0);
  assert_int_equal(vr_file_read_text(path, 9, &text, &e), 0);
  assert_string_equal(text, "ab");
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(replaces_the_whole_file, make_directory,
                                      remove_directory),
      cmocka_unit_test_setup_teardown(leaves_nothing_when_it_cannot_rename,
                                      make_directory, remove_directory),
      cmocka_unit_test_setup_teardown(follows_no_link_and_has_a_mode_of_its_own,
                                      make_directory, remove_directory),
      cmocka_unit_test_setup_teardown(refuses_a_file_that_is_too_long,
                                      make_directory, remove_directory),
      cmocka_unit_test_setup_teardown(opens_nothing_but_regular_files,
                                      make_directory, remove_directory),
      cmocka_unit_test_setup_teardown(nothing_leads_out_of_a_root,
                                      make_directory, remove_directory),
      cmocka_unit_test(reads_files_of_proc_that_say_size_zero),
      cmocka_unit_test_setup_teardown(names_the_error, make_directory,
                                      remove_directory),
      cmocka_unit_test_setup_teardown(takes_texts_only, make_directory,
                                      remove_directory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
