/* SPDX-License-Identifier: MIT */
#include "train/share/ranks.h"

#include "train/share/launcher.h"
#include "vmrecon-config.h"

#include <stdio.h>

#ifdef HAVE_MPI

#include "train/share/transport.h"

#include <errno.h>
#include <mpi.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What ranks send to the first: a round is wanted; news; a round's result; no
 * thread here runs a round any more. And what it sends: the round. */
enum { TAG_WANT = 1, TAG_NEWS, TAG_DONE, TAG_END, TAG_ROUND };

/* How often the first rank looks for messages, in nanoseconds: its processor is
 * for its own rounds. */
enum { LOOK = 500000 };

/* Messages consist of numbers of 8 bytes, so that one may be longer than the
 * 2 GB that an int counts. */
enum { UNIT = 8 };

/* All calls of MPI, of which there is one at a time. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct vr_transport ranks;
static bool is_begun;

struct news {
  long kind, n;
  char text[1000];
};

/* One loop as a rank runs it. */
struct run {
  const struct vr_share_loop *loop;
  bool *is_here; /* which rounds were run by this rank, or have arrived */
  pthread_mutex_t lock;
  size_t next;      /* the first rank's: which round is the next */
  unsigned running; /* the first rank's threads */
  struct vr_share_failure failure;
};

/* There is no way to go on without one of the ranks. */
static void give_up(const char *what, int code) {
  fprintf(stderr, "vmrecon-train: rank %u of %u: %s: %s; nothing is written\n",
          ranks.rank, ranks.ranks, what, strerror(-code));
  MPI_Abort(MPI_COMM_WORLD, 3);
}

static int units(size_t bytes) {
  size_t n = (bytes + UNIT - 1) / UNIT;
  if (n > INT32_MAX)
    give_up("a result of more than 16 GB", -EFBIG);
  return (int)n;
}

/* P, and zeros up to the end of a unit. */
static void pad(struct vr_pack *p) {
  unsigned char zeros[UNIT] = {0};
  vr_pack_bytes(p, zeros, (UNIT - p->size % UNIT) % UNIT);
  if (p->error < 0)
    give_up("sending a result", p->error);
}

/* The result of round I, both ways. */
static void pack_round(struct run *x, size_t *i, struct vr_pack *p) {
  struct vr_share_failure f = {.round = *i};
  if (!p->reading) {
    pthread_mutex_lock(&x->lock);
    if (x->failure.code < 0 && x->failure.round == *i)
      f = x->failure;
    pthread_mutex_unlock(&x->lock);
  }
  vr_pack_bytes(p, &f.round, sizeof(f.round));
  vr_pack_bytes(p, &f.code, sizeof(f.code));
  if (f.code < 0)
    vr_pack_bytes(p, &f.error, sizeof(f.error));
  if (p->error == 0 && f.code == 0 && f.round < x->loop->n)
    x->loop->pack(x->loop->user, f.round, p);
  *i = f.round;
  if (!p->reading || f.code == 0)
    return;
  pthread_mutex_lock(&x->lock);
  vr_transport_note(&x->failure, f.round, f.code, &f.error);
  pthread_mutex_unlock(&x->lock);
}

static void run_round(struct run *x, size_t i) {
  struct vr_error error = {""};
  vr_transport_begin_round();
  int r = x->loop->run(x->loop->user, i, &error);
  vr_transport_end_round();
  pthread_mutex_lock(&x->lock);
  x->is_here[i] = true;
  if (r < 0)
    vr_transport_note(&x->failure, i, r, &error);
  pthread_mutex_unlock(&x->lock);
}

/* --- ranks behind the first --- */

static size_t ask_for_round(void) {
  uint64_t round = 0;
  pthread_mutex_lock(&lock);
  MPI_Send(NULL, 0, MPI_BYTE, 0, TAG_WANT, MPI_COMM_WORLD);
  MPI_Recv(&round, 1, MPI_UINT64_T, 0, TAG_ROUND, MPI_COMM_WORLD,
           MPI_STATUS_IGNORE);
  pthread_mutex_unlock(&lock);
  return (size_t)round;
}

static void send_result(struct run *x, size_t i) {
  struct vr_pack p = {0};
  pack_round(x, &i, &p);
  pad(&p);
  pthread_mutex_lock(&lock);
  MPI_Send(p.bytes, units(p.size), MPI_UINT64_T, 0, TAG_DONE, MPI_COMM_WORLD);
  pthread_mutex_unlock(&lock);
  vr_pack_clear(&p);
}

static void *help(void *user) {
  struct run *x = user;
  for (size_t i; (i = ask_for_round()) < x->loop->n;) {
    run_round(x, i);
    send_result(x, i);
  }
  return NULL;
}

static void help_with(struct run *x, unsigned jobs) {
  pthread_t threads[VR_SHARE_MAX_JOBS];
  unsigned n = jobs > 1 ? vr_transport_start(jobs - 1, help, x, threads) : 0;
  help(x);
  while (n > 0)
    pthread_join(threads[--n], NULL);
  MPI_Send(NULL, 0, MPI_BYTE, 0, TAG_END, MPI_COMM_WORLD);
}

static void tell(enum vr_share_kind kind, long n, const char *text) {
  struct news news = {.kind = kind, .n = n};
  snprintf(news.text, sizeof(news.text), "%s", text);
  pthread_mutex_lock(&lock);
  MPI_Send(&news, sizeof(news), MPI_BYTE, 0, TAG_NEWS, MPI_COMM_WORLD);
  pthread_mutex_unlock(&lock);
}

/* --- the first rank --- */

static size_t draw(struct run *x) {
  pthread_mutex_lock(&x->lock);
  size_t i = x->next < x->loop->n ? x->next++ : x->loop->n;
  pthread_mutex_unlock(&x->lock);
  return i;
}

static void *run_own(void *user) {
  struct run *x = user;
  for (size_t i; (i = draw(x)) < x->loop->n;)
    run_round(x, i);
  pthread_mutex_lock(&x->lock);
  x->running--;
  pthread_mutex_unlock(&x->lock);
  return NULL;
}

static void take_result(struct run *x, const MPI_Status *status) {
  int n = 0;
  size_t i = 0;
  struct vr_pack p = {.reading = true};
  MPI_Get_count(status, MPI_UINT64_T, &n);
  if (vr_pack_reserve(&p, (size_t)n * UNIT + 1) < 0)
    give_up("taking a result", -ENOMEM);
  p.size = (size_t)n * UNIT;
  MPI_Recv(p.bytes, n, MPI_UINT64_T, status->MPI_SOURCE, TAG_DONE,
           MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  pack_round(x, &i, &p);
  if (p.error < 0 || i >= x->loop->n)
    give_up("taking a result", p.error < 0 ? p.error : -EBADMSG);
  x->is_here[i] = true;
  vr_pack_clear(&p);
}

static void take_news(int source) {
  struct news news;
  MPI_Recv(&news, sizeof(news), MPI_BYTE, source, TAG_NEWS, MPI_COMM_WORLD,
           MPI_STATUS_IGNORE);
  vr_transport_heard((enum vr_share_kind)news.kind, news.n, news.text);
}

/* Takes one message; true if it was a rank's last. */
static bool serve(struct run *x, const MPI_Status *status) {
  int from = status->MPI_SOURCE;
  if (status->MPI_TAG == TAG_DONE)
    take_result(x, status);
  else if (status->MPI_TAG == TAG_NEWS)
    take_news(from);
  else
    MPI_Recv(NULL, 0, MPI_BYTE, from, status->MPI_TAG, MPI_COMM_WORLD,
             MPI_STATUS_IGNORE);
  if (status->MPI_TAG == TAG_WANT) {
    uint64_t round = draw(x);
    MPI_Send(&round, 1, MPI_UINT64_T, from, TAG_ROUND, MPI_COMM_WORLD);
  }
  return status->MPI_TAG == TAG_END;
}

static bool is_running(struct run *x) {
  pthread_mutex_lock(&x->lock);
  bool running = x->running > 0;
  pthread_mutex_unlock(&x->lock);
  return running;
}

/* Deals out, while threads of this rank run rounds, too. */
static void deal_out(struct run *x, unsigned jobs) {
  pthread_t threads[VR_SHARE_MAX_JOBS];
  const struct timespec look = {.tv_nsec = LOOK};
  x->running = jobs;
  unsigned n = vr_transport_start(jobs, run_own, x, threads);
  pthread_mutex_lock(&x->lock);
  x->running -= jobs - n;
  pthread_mutex_unlock(&x->lock);
  for (unsigned others = ranks.ranks - 1; others > 0 || is_running(x);) {
    MPI_Status status;
    int is_there = 0;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &is_there, &status);
    if (is_there)
      others -= serve(x, &status);
    else
      nanosleep(&look, NULL);
  }
  while (n > 0)
    pthread_join(threads[--n], NULL);
}

/* --- all --- */

/* Round I from the first rank to all. */
static void give_round(struct run *x, size_t i) {
  struct vr_pack p = {.reading = ranks.rank > 0};
  if (!p.reading) {
    pack_round(x, &i, &p);
    pad(&p);
  }
  uint64_t size = p.size;
  MPI_Bcast(&size, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD);
  if (p.reading && vr_pack_reserve(&p, size + 1) < 0)
    give_up("taking a result", -ENOMEM);
  p.size = size;
  MPI_Bcast(p.bytes, units(size), MPI_UINT64_T, 0, MPI_COMM_WORLD);
  size_t round = i;
  if (p.reading && !x->is_here[i])
    pack_round(x, &round, &p);
  if (p.error < 0 || round != i)
    give_up("taking a result", p.error < 0 ? p.error : -EBADMSG);
  vr_pack_clear(&p);
}

/* Which round failed first, from the first rank to all. */
static void give_failure(struct run *x) {
  MPI_Bcast(&x->failure, sizeof(x->failure), MPI_BYTE, 0, MPI_COMM_WORLD);
}

static int run_loop(const struct vr_share_loop *l, unsigned jobs,
                    struct vr_error *ret_error) {
  struct run x = {.loop = l,
                  .is_here = calloc(l->n + 1, sizeof(*x.is_here)),
                  .lock = PTHREAD_MUTEX_INITIALIZER};
  if (!x.is_here)
    give_up("dealing out", -ENOMEM);
  if (ranks.rank == 0)
    deal_out(&x, jobs);
  else
    help_with(&x, jobs);
  give_failure(&x);
  for (size_t i = 0; l->to_all && x.failure.code == 0 && i < l->n; i++)
    give_round(&x, i);
  free(x.is_here);
  if (x.failure.code < 0)
    *ret_error = x.failure.error;
  return x.failure.code;
}

static int agree(int value) {
  MPI_Bcast(&value, 1, MPI_INT, 0, MPI_COMM_WORLD);
  return value;
}

static int worst(int value) {
  int all = value;
  MPI_Allreduce(&value, &all, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  return all;
}

/* A number for the program that this rank runs: FNV-1a over its file. */
static uint64_t program_number(void) {
  unsigned char some[4096];
  uint64_t number = 14695981039346656037u;
  FILE *f = fopen("/proc/self/exe", "re");
  if (!f)
    give_up("/proc/self/exe", -errno);
  for (size_t n; (n = fread(some, 1, sizeof(some), f)) > 0;)
    for (size_t i = 0; i < n; i++)
      number = (number ^ some[i]) * 1099511628211u;
  fclose(f);
  return number;
}

/* Ranks send each other structures as they are in memory, which another build
 * may lay out in another way. */
static void check_programs(void) {
  uint64_t number = program_number(), first = number;
  MPI_Bcast(&first, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD);
  if (worst(number != first) && number != first)
    give_up("another build of vmrecon-train than rank 0 runs (install the same "
            "on each machine)",
            -EINVAL);
  MPI_Barrier(MPI_COMM_WORLD);
}

static bool join(int *argc, char ***argv) {
  int level, rank, size;
  MPI_Init_thread(argc, argv, MPI_THREAD_SERIALIZED, &level);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  ranks = (struct vr_transport){.run = run_loop,
                                .agree = agree,
                                .worst = worst,
                                .tell = tell,
                                .rank = (unsigned)rank,
                                .ranks = (unsigned)size};
  is_begun = true;
  if (level < MPI_THREAD_SERIALIZED)
    give_up("this MPI was built without threads", -ENOTSUP);
  if (rank > 0 && !freopen("/dev/null", "w", stdout))
    give_up("/dev/null", -errno);
  check_programs();
  vr_transport_use(&ranks);
  atexit(vr_ranks_end);
  return true;
}

void vr_ranks_end(void) {
  if (is_begun)
    MPI_Finalize();
  is_begun = false;
}

#else

void vr_ranks_end(void) {}

static bool join(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  fputs("vmrecon-train: started by mpirun, but built without MPI: each process "
        "would do all of the work; configure with --with-mpi, or use --jobs\n",
        stderr);
  return false;
}

#endif

bool vr_ranks_begin(int *argc, char ***argv) {
  return vr_launcher_ranks() < 2 || join(argc, argv);
}
