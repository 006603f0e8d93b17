/* SPDX-License-Identifier: MIT
 *
 * What keys do to the view.
 */
#ifndef VR_TOP_TOP_KEYS_H
#define VR_TOP_TOP_KEYS_H

#include "top_view.h"

/* Keys that are no characters. */
enum vr_top_key {
  VR_TOP_KEY_UP = 0x110000, /* behind all characters */
  VR_TOP_KEY_DOWN,
  VR_TOP_KEY_PAGE_UP,
  VR_TOP_KEY_PAGE_DOWN,
  VR_TOP_KEY_HOME,
  VR_TOP_KEY_END,
  VR_TOP_KEY_ENTER,
  VR_TOP_KEY_ESCAPE,
  VR_TOP_KEY_BACKSPACE,
};

/* KEY is a character or one of these. The order is to be made anew after it.
 * Returns true where a refresh is wanted at once. */
bool vr_top_key(struct vr_top_view *v, int key);

#endif
