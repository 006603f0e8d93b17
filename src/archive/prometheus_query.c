/* SPDX-License-Identifier: MIT */
#include "archive/prometheus_query.h"

#include "basic/cleanup.h"
#include "basic/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Statuses of HTTP; 422: "unprocessable", Prometheus' word for what its limits
 * refuse. */
enum {
  OK = 200,
  BAD_REQUEST = 400,
  UNAUTHORIZED = 401,
  FORBIDDEN = 403,
  NOT_FOUND = 404,
  TOO_LARGE = 413,
  UNPROCESSABLE = 422,
  UNAVAILABLE = 503
};

/* TEXT as RFC 3986 wants it within a query. */
static void put_encoded(FILE *f, const char *text) {
  for (const unsigned char *c = (const unsigned char *)text; *c; c++)
    if ((*c < 128 && isalnum(*c)) || strchr("-._~", *c))
      fputc(*c, f);
    else
      fprintf(f, "%%%02X", *c);
}

/* The question as it stands in the address; NULL: out of memory. */
static char *encode(const char *path,
                    const struct vr_prometheus_parameter *parameters) {
  char *text = NULL;
  size_t size;
  FILE *f = open_memstream(&text, &size);
  if (!f)
    return NULL;
  fprintf(f, "api/v1/%s", path);
  for (const struct vr_prometheus_parameter *p = parameters; p->name; p++) {
    fputc(p == parameters ? '?' : '&', f);
    put_encoded(f, p->name);
    fputc('=', f);
    put_encoded(f, p->value);
  }
  if (fclose(f) == 0)
    return text;
  free(text);
  return NULL;
}

/* What a status calls for. IS_ITS_OWN: Prometheus itself says what is wrong. */
static const char *advice_of(long status, bool is_its_own) {
  if (status == UNAUTHORIZED || status == FORBIDDEN)
    return "; give a token that may query it: --token-file FILE";
  if (status == NOT_FOUND || (status >= 300 && status < BAD_REQUEST))
    return "; give the address below which the API of Prometheus is, such as "
           "http://localhost:9090";
  if (status == UNAVAILABLE && !is_its_own)
    return "; it is not ready, or away behind a proxy: try again later";
  return "";
}

/* An answer that is none. TEXT is what Prometheus says of it, or NULL. */
static int refused(const char *name, long status, const char *text,
                   struct vr_error *ret_error) {
  char said[256] = "";
  if (text)
    vr_text_printable(text, said, sizeof(said));
  /* 503 is both: a query that took too long, and a server that is not there. */
  bool is_too_much = status == TOO_LARGE || status == UNPROCESSABLE ||
                     (status == UNAVAILABLE && text);
  int code = is_too_much                                     ? -E2BIG
             : status == UNAUTHORIZED || status == FORBIDDEN ? -EACCES
                                                             : -EINVAL;
  return vr_error_set(ret_error, code, "%.200s: HTTP status %ld%s%s%s", name,
                      status, *said ? ": " : "", said,
                      advice_of(status, text != NULL));
}

/* The data within the envelope ROOT. */
static int open_envelope(const char *name, json_t *root, long status,
                         json_t **ret_data, struct vr_error *ret_error) {
  const char *said = json_string_value(json_object_get(root, "error"));
  json_t *data = json_object_get(root, "data");
  const char *outcome = json_string_value(json_object_get(root, "status"));
  if (status != OK)
    return refused(name, status, said, ret_error);
  if (!data || !outcome || strcmp(outcome, "success") != 0)
    return vr_error_set(ret_error, -EINVAL,
                        "%.200s: answers JSON, but not that of Prometheus",
                        name);
  *ret_data = json_incref(data);
  return 0;
}

static int take_answer(const char *name, const struct vr_prometheus_answer *a,
                       json_t **ret_data, struct vr_error *ret_error) {
  json_error_t at;
  json_auto_t *root = json_loadb(a->body, a->length, 0, &at);
  if (!root && a->status == OK)
    return vr_error_set(
        ret_error, -EINVAL,
        "%.200s: what it answers is not JSON, or not all of it (at byte %d of "
        "%zu)",
        name, at.position, a->length);
  return open_envelope(name, root, a->status, ret_data, ret_error);
}

int vr_prometheus_query(struct vr_prometheus_query *q, const char *path,
                        const struct vr_prometheus_parameter *parameters,
                        json_t **ret_data, struct vr_error *ret_error) {
  const char *name = vr_prometheus_transport_name(q->transport);
  struct vr_prometheus_answer answer = {0};
  if (q->unanswered >= VR_PROMETHEUS_PATIENCE)
    return vr_error_set(ret_error, -EIO,
                        "%.200s: did not answer %u questions; no more is asked",
                        name, q->unanswered);
  vr_auto_free char *text = encode(path, parameters);
  if (!text)
    return vr_error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
  int r = vr_prometheus_transport_get(q->transport, text, &answer, ret_error);
  q->unanswered = r == -EIO ? q->unanswered + 1 : 0;
  if (r < 0)
    return r == -EFBIG ? -E2BIG : r;
  r = take_answer(name, &answer, ret_data, ret_error);
  free(answer.body);
  return r;
}
