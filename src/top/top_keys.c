/* SPDX-License-Identifier: MIT */
#include "top_keys.h"

#include <stdio.h>
#include <string.h>

static const double DELAY_MIN = 0.5, DELAY_MAX = 600;

/* A byte that no UTF-8 character begins with. */
static bool is_continuation(char byte) { return (byte & 0xc0) == 0x80; }

static void erase_last(char *text) {
  size_t n = strlen(text);
  while (n > 0 && is_continuation(text[n - 1]))
    n--;
  text[n > 0 ? n - 1 : 0] = '\0';
}

static void type(struct vr_top_view *v, int key) {
  size_t n = strlen(v->typed);
  if (key == VR_TOP_KEY_ENTER) {
    snprintf(v->filter, sizeof(v->filter), "%s", v->typed);
    v->typing = false;
  } else if (key == VR_TOP_KEY_ESCAPE) {
    v->filter[0] = '\0';
    v->typing = false;
  } else if (key == VR_TOP_KEY_BACKSPACE) {
    erase_last(v->typed);
  } else if (key >= ' ' && key <= 255 && key != 127 &&
             n + 1 < sizeof(v->typed)) {
    v->typed[n] = (char)key;
    v->typed[n + 1] = '\0';
  }
}

static void sort_by(struct vr_top_view *v, enum vr_top_column c) {
  v->sort = c;
  v->reverse = false;
}

static bool many_hosts(const struct vr_top_view *v) {
  for (size_t i = 1; i < v->n; i++)
    if (strcmp(v->order[i]->host, v->order[0]->host) != 0)
      return true;
  return false;
}

/* The next column of this screen to the left (STEP -1) or right. */
static void sort_beside(struct vr_top_view *v, int step) {
  for (int c = (int)v->sort + step; c >= 0 && c < VR_TOP_COLUMNS; c += step)
    if (vr_top_column_shown((enum vr_top_column)c, v->width, many_hosts(v))) {
      sort_by(v, (enum vr_top_column)c);
      return;
    }
}

static bool sort_key(struct vr_top_view *v, int key) {
  for (int c = 0; c < VR_TOP_COLUMNS; c++)
    if (key != 0 && vr_top_column_info((enum vr_top_column)c)->key == key) {
      sort_by(v, (enum vr_top_column)c);
      return true;
    }
  return false;
}

static bool move_key(struct vr_top_view *v, int key) {
  size_t at = v->selected, page = vr_top_view_rows(v);
  switch (key) {
  case VR_TOP_KEY_UP:
  case 'k':
    at = at > 0 ? at - 1 : 0;
    break;
  case VR_TOP_KEY_DOWN:
  case 'j':
    at++;
    break;
  case VR_TOP_KEY_PAGE_UP:
    at = at > page ? at - page : 0;
    break;
  case VR_TOP_KEY_PAGE_DOWN:
    at += page;
    break;
  case VR_TOP_KEY_HOME:
    at = 0;
    break;
  case VR_TOP_KEY_END:
    at = v->n;
    break;
  default:
    return false;
  }
  vr_top_view_select(v, at);
  return true;
}

static void escape(struct vr_top_view *v) {
  if (v->mode != VR_TOP_TABLE)
    v->mode = VR_TOP_TABLE;
  else
    v->filter[0] = '\0';
}

static void change_delay(struct vr_top_view *v, double factor) {
  double delay = v->delay * factor;
  v->delay = delay < DELAY_MIN   ? DELAY_MIN
             : delay > DELAY_MAX ? DELAY_MAX
                                 : delay;
}

static bool mode_key(struct vr_top_view *v, int key) {
  if (key == VR_TOP_KEY_ENTER)
    v->mode = v->mode == VR_TOP_TABLE ? VR_TOP_DETAIL : VR_TOP_TABLE;
  else if (key == VR_TOP_KEY_ESCAPE)
    escape(v);
  else if (key == 'h' || key == '?')
    v->mode = v->mode == VR_TOP_HELP ? VR_TOP_TABLE : VR_TOP_HELP;
  else
    return false;
  return true;
}

bool vr_top_key(struct vr_top_view *v, int key) {
  if (v->typing) {
    type(v, key);
    return false;
  }
  if (move_key(v, key) || mode_key(v, key) || sort_key(v, key))
    return false;
  if (key == 'q' || key == 'Q')
    v->quit = true;
  else if (key == 'r')
    v->reverse = !v->reverse;
  else if (key == '<' || key == '>')
    sort_beside(v, key == '<' ? -1 : 1);
  else if (key == '/') {
    v->typing = true;
    snprintf(v->typed, sizeof(v->typed), "%s", v->filter);
  } else if (key == 'p')
    v->paused = !v->paused;
  else if (key == '+' || key == '-')
    change_delay(v, key == '+' ? 2 : 0.5);
  return key == ' ';
}
