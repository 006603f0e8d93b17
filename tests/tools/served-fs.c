/* SPDX-License-Identifier: MIT
 *
 * served-fs SOURCE MOUNTPOINT: shows the directory SOURCE at MOUNTPOINT, as a
 * file server would: every look at it, and every byte, is a request that this
 * process answers (FUSE, the kernel's protocol itself, nothing cached). Stopped
 * (SIGSTOP) it is a server that does not answer any more, and with SIGCONT one
 * that has come back. It prints "ready" once it answers, and ends when it is
 * unmounted.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fuse.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { NODES_MAX = 4096, WRITE_MAX = 128 * 1024 };

struct request {
  struct fuse_in_header head;
  char body[WRITE_MAX + 4096];
};

static int device, source;
/* Paths below the source, by node less one. */
static char *nodes[NODES_MAX] = {"."};
static size_t n_nodes = 1;

static const char *path_of(uint64_t node) {
  return node >= 1 && node <= n_nodes ? nodes[node - 1] : "?";
}

static void below(uint64_t node, const char *name, char ret[PATH_MAX]) {
  snprintf(ret, PATH_MAX, "%.3800s/%.255s", path_of(node), name);
}

/* The node of PATH, or 0 when there are too many. */
static uint64_t node_of(const char *path) {
  for (size_t i = 0; i < n_nodes; i++)
    if (strcmp(nodes[i], path) == 0)
      return i + 1;
  if (n_nodes == NODES_MAX || !(nodes[n_nodes] = strdup(path)))
    return 0;
  return ++n_nodes;
}

/* --- answers --- */

static void answer(const struct request *q, int error, const void *data,
                   size_t length) {
  struct fuse_out_header head = {
      .len = (uint32_t)(sizeof(head) + (error ? 0 : length)),
      .error = -error,
      .unique = q->head.unique};
  const struct iovec parts[] = {{&head, sizeof(head)},
                                {(void *)data, error ? 0 : length}};
  /* Who asked may have been interrupted and gone. */
  if (writev(device, parts, 2) < 0 && errno != ENOENT)
    perror("served-fs: writev");
}

/* R is what a system call returned. */
static void answer_result(const struct request *q, long r) {
  answer(q, r < 0 ? errno : 0, NULL, 0);
}

static struct fuse_attr attributes(const struct stat *st) {
  return (struct fuse_attr){.ino = st->st_ino,
                            .size = (uint64_t)st->st_size,
                            .blocks = (uint64_t)st->st_blocks,
                            .atime = (uint64_t)st->st_atim.tv_sec,
                            .mtime = (uint64_t)st->st_mtim.tv_sec,
                            .ctime = (uint64_t)st->st_ctim.tv_sec,
                            .atimensec = (uint32_t)st->st_atim.tv_nsec,
                            .mtimensec = (uint32_t)st->st_mtim.tv_nsec,
                            .ctimensec = (uint32_t)st->st_ctim.tv_nsec,
                            .mode = st->st_mode,
                            .nlink = (uint32_t)st->st_nlink,
                            .uid = st->st_uid,
                            .gid = st->st_gid,
                            .blksize = 4096};
}

static int entry_of(const char *path, struct fuse_entry_out *ret) {
  struct stat st;
  if (fstatat(source, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return errno;
  *ret =
      (struct fuse_entry_out){.nodeid = node_of(path), .attr = attributes(&st)};
  return ret->nodeid ? 0 : ENOMEM;
}

static void answer_entry(const struct request *q, const char *path) {
  struct fuse_entry_out entry;
  int error = entry_of(path, &entry);
  answer(q, error, &entry, sizeof(entry));
}

static void answer_attributes(const struct request *q) {
  struct stat st;
  int r = fstatat(source, path_of(q->head.nodeid), &st, AT_SYMLINK_NOFOLLOW);
  int error = r < 0 ? errno : 0;
  const struct fuse_attr_out out = {.attr = error ? (struct fuse_attr){0}
                                                  : attributes(&st)};
  answer(q, error, &out, sizeof(out));
}

static void answer_open(const struct request *q, int fd) {
  const struct fuse_open_out out = {.fh = (uint64_t)fd,
                                    .open_flags = FOPEN_DIRECT_IO};
  answer(q, fd < 0 ? errno : 0, &out, sizeof(out));
}

/* --- requests --- */

static void begin(const struct request *q) {
  const struct fuse_init_in *in = (const void *)q->body;
  const struct fuse_init_out out = {.major = FUSE_KERNEL_VERSION,
                                    .minor =
                                        in->minor < FUSE_KERNEL_MINOR_VERSION
                                            ? in->minor
                                            : FUSE_KERNEL_MINOR_VERSION,
                                    .max_readahead = in->max_readahead,
                                    .max_write = WRITE_MAX,
                                    .time_gran = 1};
  answer(q, 0, &out, sizeof(out));
  puts("ready");
  fflush(stdout);
}

static void set_attributes(const struct request *q) {
  const struct fuse_setattr_in *in = (const void *)q->body;
  const char *path = path_of(q->head.nodeid);
  int fd = (in->valid & FATTR_SIZE) ? openat(source, path, O_WRONLY | O_CLOEXEC)
                                    : -1;
  bool bad = ((in->valid & FATTR_SIZE) && ftruncate(fd, (off_t)in->size) < 0) ||
             ((in->valid & FATTR_MODE) &&
              fchmodat(source, path, in->mode & 07777, 0) < 0);
  int error = bad ? errno : 0;
  if (fd >= 0)
    close(fd);
  if (error)
    answer(q, error, NULL, 0);
  else
    answer_attributes(q);
}

static void create(const struct request *q) {
  const struct fuse_create_in *in = (const void *)q->body;
  char path[PATH_MAX];
  below(q->head.nodeid, q->body + sizeof(*in), path);
  int fd = openat(source, path, (int)in->flags | O_CREAT | O_CLOEXEC, in->mode);
  struct {
    struct fuse_entry_out entry;
    struct fuse_open_out open;
  } out = {.open = {.fh = (uint64_t)fd, .open_flags = FOPEN_DIRECT_IO}};
  int error = fd < 0 ? errno : entry_of(path, &out.entry);
  answer(q, error, &out, sizeof(out));
}

static void read_bytes(const struct request *q) {
  static char buffer[1 << 20];
  const struct fuse_read_in *in = (const void *)q->body;
  size_t size = in->size < sizeof(buffer) ? in->size : sizeof(buffer);
  ssize_t n = pread((int)in->fh, buffer, size, (off_t)in->offset);
  answer(q, n < 0 ? errno : 0, buffer, n < 0 ? 0 : (size_t)n);
}

static void write_bytes(const struct request *q) {
  const struct fuse_write_in *in = (const void *)q->body;
  ssize_t n =
      pwrite((int)in->fh, q->body + sizeof(*in), in->size, (off_t)in->offset);
  const struct fuse_write_out out = {.size = (uint32_t)n};
  answer(q, n < 0 ? errno : 0, &out, sizeof(out));
}

/* The whole listing from its beginning; an offset is the number of entries
 * before it. */
static void read_directory(const struct request *q) {
  static char buffer[1 << 16];
  const struct fuse_read_in *in = (const void *)q->body;
  size_t used = 0, most = in->size < sizeof(buffer) ? in->size : sizeof(buffer);
  int fd = openat(source, path_of(q->head.nodeid),
                  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir(fd);
  uint64_t at = 0;
  for (struct dirent *e; dir && (e = readdir(dir)); at++) {
    struct fuse_dirent *d = (void *)(buffer + used);
    const size_t length = strlen(e->d_name);
    const size_t size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + length);
    if (at < in->offset)
      continue;
    if (used + size > most)
      break;
    memset(d, 0, size);
    *d = (struct fuse_dirent){e->d_ino, at + 1, (uint32_t)length, e->d_type};
    memcpy(d->name, e->d_name, length);
    used += size;
  }
  answer(q, dir ? 0 : EIO, buffer, used);
  if (dir)
    closedir(dir);
}

static void rename_file(const struct request *q, uint64_t to_directory,
                        const char *names) {
  char from[PATH_MAX], to[PATH_MAX];
  below(q->head.nodeid, names, from);
  below(to_directory, names + strlen(names) + 1, to);
  answer_result(q, renameat(source, from, source, to));
}

static void make_directory(const struct request *q) {
  const struct fuse_mkdir_in *in = (const void *)q->body;
  char path[PATH_MAX];
  below(q->head.nodeid, q->body + sizeof(*in), path);
  if (mkdirat(source, path, in->mode) < 0)
    answer(q, errno, NULL, 0);
  else
    answer_entry(q, path);
}

static void answer_statistics(const struct request *q) {
  const struct fuse_statfs_out out = {
      .st = {.bsize = 4096, .blocks = 1 << 20, .bfree = 1 << 19}};
  answer(q, 0, &out, sizeof(out));
}

static void serve_name(const struct request *q) {
  char path[PATH_MAX];
  below(q->head.nodeid, q->body, path);
  if (q->head.opcode == FUSE_LOOKUP)
    answer_entry(q, path);
  else
    answer_result(q, unlinkat(source, path,
                              q->head.opcode == FUSE_RMDIR ? AT_REMOVEDIR : 0));
}

static void open_file(const struct request *q) {
  const struct fuse_open_in *in = (const void *)q->body;
  answer_open(q, openat(source, path_of(q->head.nodeid),
                        (int)in->flags | O_CLOEXEC | O_NONBLOCK));
}

static void release(const struct request *q) {
  const struct fuse_release_in *in = (const void *)q->body;
  close((int)in->fh);
  answer(q, 0, NULL, 0);
}

static void serve(const struct request *q) {
  switch (q->head.opcode) {
  case FUSE_INIT:
    begin(q);
    break;
  case FUSE_LOOKUP:
  case FUSE_UNLINK:
  case FUSE_RMDIR:
    serve_name(q);
    break;
  case FUSE_GETATTR:
    answer_attributes(q);
    break;
  case FUSE_SETATTR:
    set_attributes(q);
    break;
  case FUSE_OPEN:
    open_file(q);
    break;
  case FUSE_CREATE:
    create(q);
    break;
  case FUSE_READ:
    read_bytes(q);
    break;
  case FUSE_WRITE:
    write_bytes(q);
    break;
  case FUSE_RELEASE:
    release(q);
    break;
  case FUSE_READDIR:
    read_directory(q);
    break;
  case FUSE_MKDIR:
    make_directory(q);
    break;
  case FUSE_RENAME:
    rename_file(q,
                ((const struct fuse_rename_in *)(const void *)q->body)->newdir,
                q->body + sizeof(struct fuse_rename_in));
    break;
  case FUSE_RENAME2:
    rename_file(q,
                ((const struct fuse_rename2_in *)(const void *)q->body)->newdir,
                q->body + sizeof(struct fuse_rename2_in));
    break;
  case FUSE_STATFS:
    answer_statistics(q);
    break;
  case FUSE_OPENDIR:
  case FUSE_RELEASEDIR: {
    const struct fuse_open_out none = {0};
    answer(q, 0, &none, q->head.opcode == FUSE_OPENDIR ? sizeof(none) : 0);
    break;
  }
  case FUSE_FLUSH:
  case FUSE_FSYNC:
    answer(q, 0, NULL, 0);
    break;
  case FUSE_FORGET:
  case FUSE_BATCH_FORGET:
  case FUSE_INTERRUPT:
    break;
  default:
    answer(q, ENOSYS, NULL, 0);
  }
}

int main(int argc, char **argv) {
  static struct request q;
  char options[128];
  if (argc != 3)
    return 2;
  source = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (source < 0 || device < 0) {
    perror(source < 0 ? argv[1] : "/dev/fuse");
    return 1;
  }
  snprintf(options, sizeof(options),
           "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", device);
  if (mount("served", argv[2], "fuse.served", MS_NOSUID | MS_NODEV, options) <
      0) {
    perror(argv[2]);
    return 1;
  }
  for (;;) {
    ssize_t n = read(device, &q, sizeof(q) - 1);
    if (n < 0 && (errno == EINTR || errno == ENOENT))
      continue;
    if (n < (ssize_t)sizeof(q.head))
      return n < 0 && errno == ENODEV ? 0 : 1;
    ((char *)&q)[n] = '\0';
    serve(&q);
  }
}
