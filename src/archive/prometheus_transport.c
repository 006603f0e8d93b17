/* SPDX-License-Identifier: MIT */
#include "archive/prometheus_transport.h"

#include "basic/cleanup.h"
#include "basic/file.h"
#include "basic/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "vmrecon-config.h"

#ifdef HAVE_CURL
#include <curl/curl.h>

/* Seconds until a connection stands, and until an answer is complete. */
enum { CONNECT_SECONDS = 10, ANSWER_SECONDS = 60 };

#define MAX_ANSWER (32UL << 20)
#define MAX_TOKEN (64UL << 10)

struct vr_prometheus_transport {
  CURL *curl;
  struct curl_slist *headers;
  char *base, *name; /* the address as given, and without a password */
  char why[CURL_ERROR_SIZE];
};

void vr_prometheus_transport_free(struct vr_prometheus_transport *t) {
  if (!t)
    return;
  curl_easy_cleanup(t->curl);
  curl_slist_free_all(t->headers);
  free(t->base);
  free(t->name);
  free(t);
}

const char *
vr_prometheus_transport_name(const struct vr_prometheus_transport *t) {
  return t->name;
}

/* URL without a slash at its end, and without user and password. */
static int take_url(struct vr_prometheus_transport *t, const char *url) {
  size_t n = strlen(url), scheme = strstr(url, "://") - url + 3;
  while (n > scheme && url[n - 1] == '/')
    n--;
  t->base = strndup(url, n);
  if (!t->base)
    return -ENOMEM;
  const char *host = t->base + scheme;
  size_t authority = strcspn(host, "/");
  for (size_t i = 0; i < authority; i++)
    if (host[i] == '@') {
      host += i + 1;
      authority -= i + 1;
      i = (size_t)-1;
    }
  return asprintf(&t->name, "%.*s%s", (int)scheme, url, host) < 0
             ? (t->name = NULL, -ENOMEM)
             : 0;
}

static int take_token(struct vr_prometheus_transport *t, const char *path,
                      struct vr_error *ret_error) {
  vr_auto_free char *text = NULL, *line = NULL;
  int r = vr_file_read_text(path, MAX_TOKEN, &text, ret_error);
  if (r < 0)
    return r;
  text[strcspn(text, "\r\n")] = '\0';
  if (!*text || vr_text_has_control(text) || strchr(text, ' '))
    return vr_error_set(ret_error, -EINVAL,
                        "%.400s: its first line is to be a bearer token", path);
  if (asprintf(&line, "Authorization: Bearer %s", text) < 0)
    line = NULL;
  t->headers = line ? curl_slist_append(NULL, line) : NULL;
  return t->headers ? 0
                    : vr_error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
}

static bool set_options(struct vr_prometheus_transport *t,
                        const char *ca_file) {
  CURL *c = t->curl;
#if LIBCURL_VERSION_NUM >= 0x075500
  bool ok =
      curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
#else
  bool ok = curl_easy_setopt(c, CURLOPT_PROTOCOLS,
                             CURLPROTO_HTTP | CURLPROTO_HTTPS) == CURLE_OK;
#endif
  ok = ok && curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
       curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
       curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS) ==
           CURLE_OK &&
       curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)ANSWER_SECONDS) == CURLE_OK &&
       curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->why) == CURLE_OK &&
       curl_easy_setopt(c, CURLOPT_USERAGENT,
                        "vmrecon-train/" PACKAGE_VERSION) == CURLE_OK &&
       curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->headers) == CURLE_OK;
  curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, ""); /* where there is zlib */
  return ok &&
         (!ca_file || curl_easy_setopt(c, CURLOPT_CAINFO, ca_file) == CURLE_OK);
}

int vr_prometheus_transport_new(const char *url, const char *token_file,
                                const char *ca_file,
                                struct vr_prometheus_transport **ret,
                                struct vr_error *ret_error) {
  struct vr_prometheus_transport *t = calloc(1, sizeof(*t));
  int r = t && take_url(t, url) == 0 ? 0 : -ENOMEM;
  if (r == 0 && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
    t->curl = curl_easy_init();
  if (r < 0 || !t->curl)
    r = vr_error_set(ret_error, -ENOMEM, "libcurl: %s", strerror(ENOMEM));
  else if (token_file)
    r = take_token(t, token_file, ret_error);
  if (r == 0 && !set_options(t, ca_file))
    r = vr_error_set(ret_error, -EINVAL,
                     "libcurl on this machine lacks what is needed");
  if (r < 0)
    vr_prometheus_transport_free(t);
  else
    *ret = t;
  return r;
}

struct body {
  char *text;
  size_t length, capacity;
  bool is_too_long;
};

/* libcurl's receiver of N bytes; what it does not return is an error. */
static size_t take_bytes(char *bytes, size_t size, size_t n, void *user) {
  struct body *b = user;
  n *= size;
  if (n > MAX_ANSWER - b->length) {
    b->is_too_long = true;
    return 0;
  }
  if (b->length + n + 1 > b->capacity) {
    size_t more = 2 * (b->length + n + 1);
    char *text = realloc(b->text, more);
    if (!text)
      return 0;
    b->text = text;
    b->capacity = more;
  }
  memcpy(b->text + b->length, bytes, n);
  b->length += n;
  b->text[b->length] = '\0';
  return n;
}

int vr_prometheus_transport_get(struct vr_prometheus_transport *t,
                                const char *path_and_query,
                                struct vr_prometheus_answer *ret_answer,
                                struct vr_error *ret_error) {
  vr_auto_free char *url = NULL;
  struct body b = {.text = calloc(1, 1), .capacity = 1};
  if (!b.text || asprintf(&url, "%s/%s", t->base, path_and_query) < 0) {
    url = NULL;
    free(b.text);
    return vr_error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
  }
  t->why[0] = '\0';
  curl_easy_setopt(t->curl, CURLOPT_URL, url);
  curl_easy_setopt(t->curl, CURLOPT_WRITEFUNCTION, take_bytes);
  curl_easy_setopt(t->curl, CURLOPT_WRITEDATA, &b);
  CURLcode code = curl_easy_perform(t->curl);
  struct vr_prometheus_answer a = {.body = b.text, .length = b.length};
  if (code == CURLE_OK && curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE,
                                            &a.status) == CURLE_OK) {
    *ret_answer = a;
    return 0;
  }
  free(b.text);
  if (b.is_too_long)
    return vr_error_set(ret_error, -EFBIG,
                        "%.200s: an answer of more than %lu MiB", t->name,
                        MAX_ANSWER >> 20);
  return vr_error_set(ret_error, -EIO, "%.200s: %.300s", t->name,
                      *t->why ? t->why : curl_easy_strerror(code));
}

#else

struct vr_prometheus_transport {
  int unused;
};

int vr_prometheus_transport_new(const char *url, const char *token_file,
                                const char *ca_file,
                                struct vr_prometheus_transport **ret,
                                struct vr_error *ret_error) {
  (void)token_file;
  (void)ca_file;
  (void)ret;
  return vr_error_set(
      ret_error, -ENOSYS,
      "%.200s: this program was built without libcurl, so it cannot ask "
      "Prometheus; build it where libcurl's headers are installed",
      url);
}

void vr_prometheus_transport_free(struct vr_prometheus_transport *t) {
  (void)t;
}

const char *
vr_prometheus_transport_name(const struct vr_prometheus_transport *t) {
  (void)t;
  return "";
}

int vr_prometheus_transport_get(struct vr_prometheus_transport *t,
                                const char *path_and_query,
                                struct vr_prometheus_answer *ret_answer,
                                struct vr_error *ret_error) {
  (void)t;
  (void)path_and_query;
  (void)ret_answer;
  return vr_error_set(ret_error, -ENOSYS, "%s", strerror(ENOSYS));
}

#endif
