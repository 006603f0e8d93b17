/* SPDX-License-Identifier: MIT
 *
 * Feeds damaged files to everything that reads files of others: tables (read
 * alone, and fitted), model files, csv-plugin files, RRD files. A file may be
 * refused or read; what counts is that nothing crashes, hangs or, in a
 * sanitizer build, reads what is not its own. RRD files are the binary ones:
 * dumps are XML, which only "rrdtool restore" reads.
 *
 *   fuzz-inputs ROUNDS [SEED [KIND]]
 *
 * The same ROUNDS and SEED do the same. On a crash the damaged file, where the
 * reader takes a file by its name, is left in the directory below /tmp as
 * fuzz-KIND.
 */
#include "archive/archive.h"
#include "archive/columns.h"
#include "basic/file.h"
#include "basic/log.h"
#include "model/model.h"
#include "train/report/table_report.h"
#include "train/table/table_fit.h"

#include <math.h>
#include <rrd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_SIZE = 1 << 16 };

/* librrd loses a few bytes when it refuses a file; that is not ours to mend. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:rrd_open\n"; }

/* Marsaglia's xorshift: the same numbers everywhere. */
static unsigned long long state = 88172645463325252ULL;

static unsigned long draw(unsigned long below) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return below ? (unsigned long)(state % below) : 0;
}

struct text {
  size_t length;
  char bytes[MAX_SIZE];
};

static const char *const tokens[] = {"nan",
                                     "-1",
                                     "1e999",
                                     "0",
                                     ",",
                                     "\n",
                                     "\"",
                                     "{",
                                     "}",
                                     "[",
                                     "]",
                                     "null",
                                     "true",
                                     "inf",
                                     "-inf",
                                     "1e-320",
                                     "\x01",
                                     "\xff",
                                     "%{host}",
                                     ":value",
                                     "/",
                                     "4294967296",
                                     "-9223372036854775808",
                                     "#",
                                     " ",
                                     "\t"};

static void insert(struct text *t, size_t at, const char *bytes, size_t n) {
  if (t->length + n > MAX_SIZE)
    return;
  memmove(t->bytes + at + n, t->bytes + at, t->length - at);
  memcpy(t->bytes + at, bytes, n);
  t->length += n;
}

static void erase(struct text *t, size_t at, size_t n) {
  if (at + n > t->length)
    n = t->length - at;
  memmove(t->bytes + at, t->bytes + at + n, t->length - at - n);
  t->length -= n;
}

/* One change: a bit, a byte, a word, a piece lost, doubled, or cut off. */
static void damage(struct text *t) {
  size_t at = draw(t->length + 1);
  const char *token = tokens[draw(sizeof(tokens) / sizeof(tokens[0]))];
  char piece[64];
  switch (draw(7)) {
  case 0:
    if (at < t->length)
      t->bytes[at] ^= (char)(1 << draw(8));
    break;
  case 1:
    if (at < t->length)
      t->bytes[at] = (char)draw(256);
    break;
  case 2:
    insert(t, at, token, strlen(token));
    break;
  case 3:
    erase(t, at, 1 + draw(32));
    break;
  case 4: {
    size_t n = 1 + draw(sizeof(piece));
    if (at + n > t->length)
      break;
    memcpy(piece, t->bytes + at, n);
    insert(t, draw(t->length + 1), piece, n);
    break;
  }
  case 5:
    if (draw(8) == 0)
      t->length = at;
    break;
  default:
    erase(t, at, strlen(token));
    insert(t, at > t->length ? t->length : at, token, strlen(token));
  }
}

/* --- the readers --- */

static void read_table(const struct text *t) {
  struct vr_error error;
  struct vr_table table;
  FILE *f = fmemopen((void *)t->bytes, t->length ? t->length : 1, "r");
  if (f && vr_columns_read_file(f, "fuzz", &table, &error) == 0)
    vr_columns_clear(&table);
  if (f)
    fclose(f);
}

static void put_file(const struct text *t, const char *path) {
  FILE *f = fopen(path, "w");
  if (!f || fwrite(t->bytes, 1, t->length, f) != t->length || fclose(f) != 0) {
    perror(path);
    exit(99);
  }
}

static struct vr_samples some_samples(void) {
  struct vr_samples s = {0};
  if (draw(2) == 0)
    s.from = 1 + draw(80), s.to = draw(4) ? s.from + draw(80) : SIZE_MAX;
  return s;
}

static struct vr_range some_range(unsigned min) {
  return (struct vr_range){min, min + (unsigned)draw(4)};
}

/* Fits the table in one of all ways there are, and reports it. */
static void fit_table(const struct text *t) {
  const struct vr_table_options o = {.file = "fuzz-fit",
                                     .output = "y",
                                     .inputs = {"u", "v"},
                                     .n_inputs = 1 + draw(2),
                                     .detrend = draw(2) == 0,
                                     .estimate = some_samples(),
                                     .validate = some_samples(),
                                     .search_na = some_range(0),
                                     .search_nb = some_range(1),
                                     .search_nk = some_range(0)};
  const struct vr_given_orders orders = {.given = draw(2) == 0,
                                         .na = (unsigned)draw(8),
                                         .nb = {1 + (unsigned)draw(6)},
                                         .nk = {(unsigned)draw(6)},
                                         .n_nb = 1,
                                         .n_nk = 1};
  struct vr_error error;
  struct vr_table_fit fit;
  put_file(t, o.file);
  if (vr_table_fit(&o, &orders, &fit, &error) < 0)
    return;
  FILE *nowhere = fopen("/dev/null", "w");
  json_t *json = vr_report_table_json(&fit);
  if (!nowhere || !json)
    abort();
  vr_report_table(&fit, nowhere);
  fclose(nowhere);
  json_decref(json);
  vr_table_fit_clear(&fit);
}

static void read_model(const struct text *t) {
  struct vr_error error;
  struct vr_model_set set;
  if (vr_model_file_parse("fuzz", t->bytes, t->length, &set, &error) == 0)
    vr_model_set_clear(&set);
}

static void read_series(const struct text *t, const char *path,
                        enum vr_archive_kind kind) {
  char *paths[] = {(char *)path};
  const struct vr_archive_file file = {.host = (char *)"h",
                                       .plugin = (char *)"p",
                                       .type = (char *)"t",
                                       .kind = kind,
                                       .n_paths = 1,
                                       .paths = paths};
  const struct vr_timeline grid = {1700000001, 1, 50};
  struct vr_error error;
  struct vr_extent extent;
  struct vr_history h;
  put_file(t, path);
  vr_archive_extent(&file, -INFINITY, &extent, &error);
  if (vr_archive_fetch(&file, &grid, &h, &error) == 0)
    vr_history_clear(&h);
}

static void read_csv(const struct text *t) {
  read_series(t, "fuzz-csv", VR_ARCHIVE_CSV);
}
static void read_rrd(const struct text *t) {
  read_series(t, "fuzz-rrd", VR_ARCHIVE_RRD);
}

/* --- what is damaged --- */

static void table_seed(struct text *t) {
  FILE *f = fmemopen(t->bytes, MAX_SIZE, "w");
  fputs("time,u,\"v\",y\n# remark\n", f);
  for (int i = 0; i < 40; i++)
    fprintf(f, "%d,%g,%g,%s\n", i, sin(i), cos(i), i % 7 ? "1.5" : "nan");
  t->length = (size_t)ftell(f);
  fclose(f);
}

/* Two inputs, which may be nearly one, and an output that follows them: every
 * time another one, with cells that a number can be but a measurement is not.
 */
static void fit_seed(struct text *t) {
  static const char *const wild[] = {"nan",    "0",      "1e300", "-1e300",
                                     "1e-300", "5e-324", "1e154", "-7"};
  FILE *f = fmemopen(t->bytes, MAX_SIZE, "w");
  double y = 0, before = 0, apart = pow(10, -(double)draw(18));
  unsigned long rows = 1 + draw(150), one_in = 1 + draw(1000);
  fputs("u v y\n", f);
  for (unsigned long i = 0; i < rows; i++) {
    double u = sin((double)(i * i)), v = u + apart * cos(0.3 * (double)i);
    double next = 1.2 * y - 0.5 * before + u, row[] = {u, v, next};
    before = y;
    y = next;
    for (int c = 0; c < 3; c++)
      if (draw(one_in) == 0)
        fprintf(f, "%s ", wild[draw(sizeof(wild) / sizeof(wild[0]))]);
      else
        fprintf(f, "%.17g ", row[c]);
    fputc('\n', f);
  }
  t->length = (size_t)ftell(f);
  fclose(f);
}

static void csv_seed(struct text *t) {
  FILE *f = fmemopen(t->bytes, MAX_SIZE, "w");
  fputs("epoch,rx,tx\n", f);
  for (int i = 0; i < 40; i++)
    fprintf(f, "%d.%03d,%d,%d\n", 1700000000 + i, i, 100 * i, 5 * i);
  t->length = (size_t)ftell(f);
  fclose(f);
}

static void model_seed(struct text *t) {
  static const char model[] =
      "{\"format\": \"vmrecon-model\", \"version\": 1, \"generic\": false,\n"
      " \"generator\": \"fuzz\", \"models\": [{\"counter\": \"load\",\n"
      "  \"provenance\": \"inferred\", \"guest\": \"web\",\n"
      "  \"accelerator\": \"tcg\", \"structure\": \"arx\", \"step\": 1.0,\n"
      "  \"inputs\": [{\"signals\":\n"
      "   [\"%{host}/vmrecon-%{guest}/derive-vcpu_run:value\"],\n"
      "   \"scale\": 1e-9, \"per\": \"vcpu\", \"offset\": 0.5,\n"
      "   \"range\": [0, null], \"delay\": 1, \"b\": [0.1, 0.2]}],\n"
      "  \"a\": [1.0, -0.9, 0.1], \"output\": {\"offset\": 0.3,\n"
      "   \"per\": \"one\", \"min\": 0},\n"
      "  \"fit\": {\"free_run\": 50.0, \"one_step\": 80, \"rows\": 100,\n"
      "   \"begin\": 1, \"end\": 2},\n"
      "  \"baseline\": {\"mean\": 0.3, \"mean_fit\": -1, \"gain\": "
      "{\"input\":\n"
      "   {\"signals\": [\"%{host}/vmrecon-%{guest}/memory-rss:value\"],\n"
      "    \"scale\": 1, \"per\": \"one\", \"offset\": 0}, \"gain\": 2,\n"
      "    \"constant\": 1, \"fit\": 3}}}]}\n";
  t->length = sizeof(model) - 1;
  memcpy(t->bytes, model, t->length);
}

static void rrd_seed(struct text *t) {
  const char *create[] = {"DS:rx:DERIVE:2:U:U", "DS:tx:GAUGE:2:U:U",
                          "RRA:AVERAGE:0.5:1:60", "RRA:MAX:0.5:1:60",
                          "RRA:AVERAGE:0.5:10:30"};
  if (rrd_create_r("fuzz-rrd", 1, 1700000000, 5, create) != 0) {
    fprintf(stderr, "rrd_create: %s\n", rrd_get_error());
    exit(99);
  }
  for (int i = 1; i <= 50; i++) {
    char update[64];
    const char *updates[] = {update};
    snprintf(update, sizeof(update), "%d:%d:%d", 1700000000 + i, 10 * i, i);
    rrd_update_r("fuzz-rrd", NULL, 1, updates);
  }
  char *bytes;
  if (vr_file_read("fuzz-rrd", MAX_SIZE, &bytes, &t->length) < 0)
    exit(99);
  memcpy(t->bytes, bytes, t->length);
  free(bytes);
}

static const struct kind {
  const char *name;
  void (*seed)(struct text *t);
  void (*read)(const struct text *t);
  bool varies; /* every seed is another; some are good as they are */
} kinds[] = {{"table", table_seed, read_table, false},
             {"fit", fit_seed, fit_table, true},
             {"model", model_seed, read_model, false},
             {"csv", csv_seed, read_csv, false},
             {"rrd", rrd_seed, read_rrd, false}};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void silent(int priority, const char *message) {
  (void)priority;
  (void)message;
}

static void run(const struct kind *k, unsigned long rounds) {
  static struct text seed, t;
  k->seed(&seed);
  for (unsigned long i = 0; i < rounds; i++) {
    if (k->varies)
      k->seed(&seed);
    t.length = seed.length;
    memcpy(t.bytes, seed.bytes, seed.length);
    for (unsigned long n = k->varies ? draw(2) : 1 + draw(6); n > 0; n--)
      damage(&t);
    k->read(&t);
  }
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s ROUNDS [SEED [KIND]]\n", argv[0]);
    return 2;
  }
  char directory[] = "/tmp/fuzz-inputs-XXXXXX";
  if (!mkdtemp(directory) || chdir(directory) < 0)
    return 99;
  unsigned long rounds = strtoul(argv[1], NULL, 10);
  vr_log_set(silent);
  if (argc > 2)
    state ^= strtoul(argv[2], NULL, 10) * 0x9E3779B97F4A7C15ULL;
  printf("1..%d\n", argc > 3 ? 1 : KINDS);
  for (int i = 0, n = 0; i < KINDS; i++) {
    if (argc > 3 && strcmp(argv[3], kinds[i].name) != 0)
      continue;
    run(&kinds[i], rounds);
    printf("ok %d - %lu damaged files: %s\n", ++n, rounds, kinds[i].name);
    fflush(stdout);
  }
  unlink("fuzz-fit");
  unlink("fuzz-csv");
  unlink("fuzz-rrd");
  return chdir("/") < 0 || rmdir(directory) < 0 ? 99 : 0;
}
