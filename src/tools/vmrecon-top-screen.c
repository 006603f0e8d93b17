/* SPDX-License-Identifier: MIT */
#include "vmrecon-top-screen.h"

#include "top/top_keys.h"

#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <term.h>
#undef lines /* words that term.h takes */
#undef columns
#include <unistd.h>

enum { PAIR_NOTICE = 1, PAIR_ALARM, PAIR_HEAD };

static SCREEN *screen;
static bool coloured;

bool vr_tools_screen_is_possible(void) {
  int error;
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
      setupterm(NULL, STDOUT_FILENO, &error) != OK)
    return false;
  return cursor_address != NULL && clear_screen != NULL;
}

/* https://no-color.org: set, and not empty. */
static bool wants_colour(void) {
  const char *no = getenv("NO_COLOR");
  return !(no && *no) && has_colors();
}

static void begin_colours(void) {
  coloured = wants_colour() && start_color() == OK;
  if (!coloured)
    return;
  use_default_colors();
  init_pair(PAIR_NOTICE, COLOR_YELLOW, -1);
  init_pair(PAIR_ALARM, COLOR_RED, -1);
}

bool vr_tools_screen_begin(void) {
  screen = newterm(NULL, stdout, stdin);
  if (!screen)
    return false;
  set_term(screen);
  cbreak();
  noecho();
  nonl();
  keypad(stdscr, TRUE);
  nodelay(stdscr, TRUE);
  set_escdelay(25);
  curs_set(0);
  begin_colours();
  return true;
}

void vr_tools_screen_end(void) {
  if (!screen)
    return;
  endwin();
  delscreen(screen);
  screen = NULL;
}

void vr_tools_screen_size(size_t *ret_width, size_t *ret_height) {
  int height, width;
  getmaxyx(stdscr, height, width);
  *ret_width = (size_t)width;
  *ret_height = (size_t)height;
}

/* Without colour an alarm is underlined: it must not be lost. */
static attr_t attribute_of(enum vr_top_look look) {
  switch (look) {
  case VR_TOP_STRONG:
    return A_BOLD;
  case VR_TOP_FAINT:
    return A_DIM;
  case VR_TOP_HEAD:
  case VR_TOP_SELECTED:
    return A_REVERSE;
  case VR_TOP_SORTED:
    return A_REVERSE | A_BOLD | A_UNDERLINE;
  case VR_TOP_NOTICE:
    return coloured ? (attr_t)COLOR_PAIR(PAIR_NOTICE) : A_BOLD;
  case VR_TOP_ALARM:
    return A_BOLD | (coloured ? (attr_t)COLOR_PAIR(PAIR_ALARM) : A_UNDERLINE);
  default:
    return A_NORMAL;
  }
}

static void draw_line(int y, const struct vr_top_line *l) {
  move(y, 0);
  for (size_t i = 0; i < l->n_spans; i++) {
    const struct vr_top_span *s = &l->spans[i];
    attrset(attribute_of(s->look));
    addnstr(l->text + s->begin, (int)(s->end - s->begin));
  }
}

void vr_tools_screen_draw(const struct vr_top_page *page) {
  erase();
  for (size_t i = 0; i < page->n; i++)
    draw_line((int)i, &page->lines[i]);
  attrset(A_NORMAL);
  refresh();
}

static int key_of(int key) {
  static const struct {
    int curses, ours;
  } keys[] = {
      {KEY_UP, VR_TOP_KEY_UP},
      {KEY_DOWN, VR_TOP_KEY_DOWN},
      {KEY_PPAGE, VR_TOP_KEY_PAGE_UP},
      {KEY_NPAGE, VR_TOP_KEY_PAGE_DOWN},
      {KEY_HOME, VR_TOP_KEY_HOME},
      {KEY_END, VR_TOP_KEY_END},
      {KEY_ENTER, VR_TOP_KEY_ENTER},
      {'\r', VR_TOP_KEY_ENTER},
      {'\n', VR_TOP_KEY_ENTER},
      {27, VR_TOP_KEY_ESCAPE},
      {KEY_BACKSPACE, VR_TOP_KEY_BACKSPACE},
      {127, VR_TOP_KEY_BACKSPACE},
      {'\b', VR_TOP_KEY_BACKSPACE},
  };
  for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
    if (keys[i].curses == key)
      return keys[i].ours;
  return key > 255 ? 0 : key;
}

bool vr_tools_screen_key(int *ret_key, bool *ret_resized) {
  int key = getch();
  *ret_resized = key == KEY_RESIZE;
  if (key == ERR)
    return false;
  *ret_key = *ret_resized ? 0 : key_of(key);
  return true;
}
