/* SPDX-License-Identifier: MIT */
/* The C library's socket headers come before the kernel's. */
#include <sys/socket.h>

#include "host/proc/execs.h"

#include "basic/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
  MESSAGE = NLMSG_SPACE(sizeof(struct cn_msg) + sizeof(struct proc_event)),
  BATCH = 32,
  /* An event takes about 800 bytes of the kernel's memory. */
  ROOM = 2 * 1024 * 1024,
  ACK = 0x766d7263, /* marks the kernel's answer to our request */
  BODY = NLMSG_HDRLEN + sizeof(struct cn_msg),
  EVENT_WHAT = BODY + offsetof(struct proc_event, what),
};

struct vr_execs {
  int fd;
  struct mmsghdr headers[BATCH];
  struct iovec pieces[BATCH];
  struct sockaddr_nl senders[BATCH];
  char messages[BATCH][MESSAGE] __attribute__((aligned(NLMSG_ALIGNTO)));
};

/* The kernel reports every fork and exit too: they are not even queued. */
static int leave_out_the_rest(int fd) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, EVENT_WHAT),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
  };
  /* A filter loads words in network order, the event has the machine's. */
  code[1].k = htonl(PROC_EVENT_EXEC);
  code[2].k = htonl(PROC_EVENT_NONE);
  const struct sock_fprog filter = {sizeof(code) / sizeof(code[0]), code};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) <
                 0
             ? -errno
             : 0;
}

static int request(int fd, enum proc_cn_mcast_op op) {
  char buffer[NLMSG_SPACE(sizeof(struct cn_msg) + sizeof(op))]
      __attribute__((aligned(NLMSG_ALIGNTO))) = {0};
  struct nlmsghdr *header = (struct nlmsghdr *)buffer;
  struct cn_msg *m = NLMSG_DATA(header);
  header->nlmsg_len = NLMSG_LENGTH(sizeof(*m) + sizeof(op));
  header->nlmsg_type = NLMSG_DONE;
  m->id.idx = CN_IDX_PROC;
  m->id.val = CN_VAL_PROC;
  m->ack = ACK;
  m->len = sizeof(op);
  memcpy(m->data, &op, sizeof(op));
  return send(fd, buffer, header->nlmsg_len, 0) < 0 ? -errno : 0;
}

/* The event in the I-th message of LENGTH bytes, if it is one of the kernel's.
 */
static const struct cn_msg *message_at(const struct vr_execs *e, int i,
                                       struct proc_event *ret) {
  const struct nlmsghdr *header = (const struct nlmsghdr *)e->messages[i];
  const struct cn_msg *m = NLMSG_DATA(header);
  size_t length = e->headers[i].msg_len;
  if (e->senders[i].nl_pid != 0 || length < BODY || m->len > length - BODY ||
      m->id.idx != CN_IDX_PROC || m->id.val != CN_VAL_PROC)
    return NULL;
  /* Older kernels have shorter events. */
  memset(ret, 0, sizeof(*ret));
  memcpy(ret, m->data, m->len < sizeof(*ret) ? m->len : sizeof(*ret));
  return m;
}

/* Returns how many messages have come, 0 for none, or a negative errno. */
static int receive(struct vr_execs *e) {
  int n;
  for (int i = 0; i < BATCH; i++)
    e->headers[i].msg_hdr.msg_namelen = sizeof(e->senders[i]);
  do
    n = recvmmsg(e->fd, e->headers, BATCH, MSG_DONTWAIT, NULL);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return errno == EAGAIN ? 0 : -errno;
  return n;
}

/* The kernel handles a request before send() returns: its answer is there, or
 * will never be. */
static bool is_answered(struct vr_execs *e) {
  int n;
  while ((n = receive(e)) > 0) {
    for (int i = 0; i < n; i++) {
      struct proc_event event;
      const struct cn_msg *m = message_at(e, i, &event);
      if (m && event.what == PROC_EVENT_NONE && m->ack == ACK + 1)
        return event.event_data.ack.err == 0;
    }
  }
  return false;
}

static int listen_to(struct vr_execs *e, int room) {
  const struct sockaddr_nl address = {.nl_family = AF_NETLINK,
                                      .nl_groups = CN_IDX_PROC};
  if (room == 0)
    room = ROOM;
  if (setsockopt(e->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0)
    return -errno;
  int r = leave_out_the_rest(e->fd);
  if (r < 0)
    return r;
  if (bind(e->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
    return -errno;
  r = request(e->fd, PROC_CN_MCAST_LISTEN);
  if (r < 0)
    return r;
  return is_answered(e) ? 0 : -EOPNOTSUPP;
}

int vr_execs_new(int room, struct vr_execs **ret) {
  vr_auto_free struct vr_execs *e = calloc(1, sizeof(*e));
  if (!e)
    return -ENOMEM;
  for (int i = 0; i < BATCH; i++) {
    e->pieces[i] = (struct iovec){e->messages[i], MESSAGE};
    e->headers[i].msg_hdr = (struct msghdr){
        .msg_name = &e->senders[i], .msg_iov = &e->pieces[i], .msg_iovlen = 1};
  }
  e->fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                 NETLINK_CONNECTOR);
  if (e->fd < 0)
    return -errno;
  int r = listen_to(e, room);
  if (r < 0) {
    close(e->fd);
    return r;
  }
  *ret = vr_steal(&e);
  return 0;
}

void vr_execs_free(struct vr_execs *e) {
  if (!e)
    return;
  /* Older kernels count listeners and do not notice that one has gone. */
  request(e->fd, PROC_CN_MCAST_IGNORE);
  close(e->fd);
  free(e);
}

int vr_execs_take(struct vr_execs *e, vr_execs_fn fn, void *ctx) {
  bool lost = false;
  for (;;) {
    int n = receive(e);
    if (n == -ENOBUFS) { /* reported once; what is queued is still there */
      lost = true;
      continue;
    }
    if (n < 0)
      return n;
    for (int i = 0; i < n; i++) {
      struct proc_event event;
      if (message_at(e, i, &event) && event.what == PROC_EVENT_EXEC)
        fn(ctx, event.event_data.exec.process_tgid);
    }
    if (n < BATCH)
      return lost ? -ENOBUFS : 0;
  }
}
