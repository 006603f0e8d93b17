/* SPDX-License-Identifier: MIT */
#include "archive/rrdcached.h"

#include "basic/cleanup.h"
#include "basic/log.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <uthash.h>

#define PORT "42217"
/* A daemon writes a file in less. */
enum { PATIENCE = 30 /* seconds */ };
/* Commands that wait for their answers: what is on the way in either direction
 * has to fit into the sockets' buffers, or both sides would wait. */
enum { WINDOW = 64 };
/* A FLUSH is answered by one line. */
enum { MAX_LINES = 1000 };

struct flushed {
  char *path;
  UT_hash_handle hh;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int to = -1;
static FILE *from; /* of the same socket; NULL: no connection */
static bool is_local, is_reported;
static struct flushed *flushed;

/* A socket that connects, sends and receives within PATIENCE; -1: errno. */
static int patient_socket(int family) {
  const struct timeval patience = {.tv_sec = PATIENCE};
  int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  return fd;
}

static int connect_unix(const char *path) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof(a.sun_path))
    return -ENAMETOOLONG;
  strcpy(a.sun_path, path);
  int fd = patient_socket(AF_UNIX);
  if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
    return fd < 0 ? -errno : fd;
  int r = -errno;
  close(fd);
  return r;
}

static int connect_any(const struct addrinfo *all) {
  int r = -ECONNREFUSED;
  for (const struct addrinfo *a = all; a; a = a->ai_next) {
    int fd = patient_socket(a->ai_family);
    if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0)
      return fd;
    /* Linux ends a connect that took too long with EINPROGRESS. */
    r = errno == EINPROGRESS ? -ETIMEDOUT : -errno;
    if (fd >= 0)
      close(fd);
  }
  return r;
}

/* "HOST", "HOST:PORT", "[IPv6]:PORT" or an IPv6 address alone. */
static int connect_host(const char *address) {
  vr_auto_free char *host = strdup(*address == '[' ? address + 1 : address);
  if (!host)
    return -ENOMEM;
  const char *port = PORT;
  char *end = *address == '[' ? strchr(host, ']') : strchr(host, ':');
  bool is_v6 = *address != '[' && end && strchr(end + 1, ':');
  if (end && !is_v6) {
    char *colon = *end == ':' ? end : end[1] == ':' ? end + 1 : NULL;
    *end = '\0';
    port = colon ? colon + 1 : PORT;
  }
  const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
  struct addrinfo *all;
  if (getaddrinfo(host, port, &hints, &all) != 0)
    return -EHOSTUNREACH;
  int fd = connect_any(all);
  freeaddrinfo(all);
  return fd;
}

static void hang_up(void) {
  if (from)
    fclose(from);
  from = NULL;
  to = -1;
}

static int open_stream(int fd) {
  from = fdopen(fd, "r");
  if (!from)
    close(fd);
  to = from ? fd : -1;
  return from ? 0 : -ENOMEM;
}

int vr_rrdcached_connect(const char *address, struct vr_error *ret_error) {
  vr_rrdcached_close();
  is_local = *address == '/' || strncmp(address, "unix:", 5) == 0;
  int r = !is_local         ? connect_host(address)
          : *address == '/' ? connect_unix(address)
                            : connect_unix(address + 5);
  if (r >= 0)
    r = open_stream(r);
  return r < 0 ? vr_error_set(ret_error, -ECONNREFUSED,
                              "rrdcached at %.200s: %s", address, strerror(-r))
               : 0;
}

void vr_rrdcached_close(void) {
  struct flushed *f, *next;
  hang_up();
  is_reported = false;
  HASH_ITER(hh, flushed, f, next) {
    HASH_DEL(flushed, f);
    free(f->path);
    free(f);
  }
}

/* Notes that PATH is flushed now; false where it was, or there is no memory. */
static bool is_first(const char *path) {
  struct flushed *f;
  HASH_FIND_STR(flushed, path, f);
  if (f || !(f = calloc(1, sizeof(*f))))
    return false;
  f->path = strdup(path);
  if (f->path)
    HASH_ADD_KEYPTR(hh, flushed, f->path, strlen(f->path), f);
  else
    free(f);
  return f->path != NULL;
}

static void complain(const char *path, const char *why) {
  if (!is_reported)
    vr_log_warning(
        "%s: not flushed by the rrdcached: %s; its last rows, and those of "
        "other files, may be missing",
        path, why);
  is_reported = true;
}

/* Only a daemon on this machine knows our names of directories. */
static void ask(const char *path, FILE *f) {
  char resolved[PATH_MAX];
  const char *name = is_local ? realpath(path, resolved) : path;
  fputs("FLUSH ", f);
  for (const char *p = name && !strchr(name, '\n') ? name : path; *p; p++) {
    if (*p == ' ' || *p == '\\')
      fputc('\\', f);
    fputc(*p, f);
  }
  fputc('\n', f);
}

/* A line without its end; what does not fit is read and dropped, so that the
 * next line is the next line. */
static int read_line(char *line, int size) {
  if (!fgets(line, size, from))
    return -EPIPE;
  bool is_whole = strchr(line, '\n');
  line[strcspn(line, "\n")] = '\0';
  for (int c = 0; !is_whole; is_whole = c == '\n')
    if ((c = fgetc(from)) == EOF)
      return -EPIPE;
  return 0;
}

/* "STATUS TEXT": below 0 it is an error, above it that many lines follow. */
static int read_answer(const char *path) {
  char line[1024], *text;
  int r = read_line(line, sizeof(line));
  if (r < 0)
    return r;
  long status = strtol(line, &text, 10);
  if (text == line || status > MAX_LINES)
    return -EPROTO;
  if (status < 0)
    complain(path, *text == ' ' ? text + 1 : text);
  for (; status > 0 && r == 0; status--)
    r = read_line(line, sizeof(line));
  return r;
}

/* Commands for the N files PATHS, sent. */
static int ask_all(const char *const *paths, size_t n) {
  vr_auto_free char *text = NULL;
  size_t size = 0;
  FILE *f = open_memstream(&text, &size);
  if (!f)
    return -ENOMEM;
  for (size_t i = 0; i < n; i++)
    ask(paths[i], f);
  if (fclose(f) != 0)
    return -ENOMEM;
  for (size_t at = 0; at < size;) {
    ssize_t sent = send(to, text + at, size - at, MSG_NOSIGNAL);
    if (sent <= 0)
      return -EPIPE;
    at += (size_t)sent;
  }
  return 0;
}

/* At most WINDOW files. */
static void flush_some(const char *const *paths, size_t n) {
  int r = ask_all(paths, n);
  size_t i = 0;
  while (r == 0 && i < n)
    r = read_answer(paths[i++]);
  if (r == 0)
    return;
  complain(paths[i > 0 ? i - 1 : 0],
           r == -EPROTO ? "it does not speak as a rrdcached does"
                        : "it has ended the connection");
  hang_up();
}

/* Is the file to be asked for? A line break would end the command, and what
 * follows it in the name would be another one. */
static bool is_to_ask(const char *path) {
  if (strchr(path, '\n')) {
    complain(path, "its name has a line break");
    return false;
  }
  return is_first(path);
}

void vr_rrdcached_flush(const char *const *paths, size_t n) {
  const char *some[WINDOW];
  size_t k = 0;
  pthread_mutex_lock(&lock);
  for (size_t i = 0; from && i < n; i++) {
    if (is_to_ask(paths[i]))
      some[k++] = paths[i];
    if (k == WINDOW || (k > 0 && i + 1 == n)) {
      flush_some(some, k);
      k = 0;
    }
  }
  pthread_mutex_unlock(&lock);
}
