/* SPDX-License-Identifier: MIT
 *
 * vmrecon-top on a terminal: the one file that knows ncurses.
 */
#ifndef VR_TOOLS_VMRECON_TOP_SCREEN_H
#define VR_TOOLS_VMRECON_TOP_SCREEN_H

#include "top/top_line.h"

#include <stdbool.h>
#include <stddef.h>

/* Can the terminal move its cursor? */
bool vr_tools_screen_is_possible(void);

/* Takes the terminal over. False: it cannot be used. */
bool vr_tools_screen_begin(void);

/* Gives it back as it was. */
void vr_tools_screen_end(void);

void vr_tools_screen_size(size_t *ret_width, size_t *ret_height);
void vr_tools_screen_draw(const struct vr_top_page *page);

/* The next key that was pressed, as top_keys.h has them; false: none waits.
 * *ret_resized: the size has changed, and there is no key. */
bool vr_tools_screen_key(int *ret_key, bool *ret_resized);

#endif
