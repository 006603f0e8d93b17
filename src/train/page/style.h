/* SPDX-License-Identifier: MIT
 *
 * How pages look: light and dark, on a desk, a phone and paper.
 */
#ifndef VR_TRAIN_PAGE_STYLE_H
#define VR_TRAIN_PAGE_STYLE_H

extern const char vr_style_sheet[];

/* The colours of figures, by what they stand for. In scripts for gnuplot they
 * are rgb(n,n,n); embedding turns them into the classes sN (stroke) and fN
 * (fill), to which the style sheet gives colours that a colour-blind reader
 * tells one from the other (M. Okabe, K. Ito, Color Universal Design). */
enum vr_style_colour {
  VR_STYLE_INK = 1,   /* axes, texts */
  VR_STYLE_GRID = 2,  /* behind all */
  VR_STYLE_BAND = 3,  /* interval, confidence band */
  VR_STYLE_MODEL = 4, /* what the model gives in free run */
  VR_STYLE_STEP = 5,  /* one step ahead; the second of two */
  VR_STYLE_TRUTH = 6, /* measured */
  VR_STYLE_RANGE = 7, /* from the least to the greatest measured */
  VR_STYLE_THIRD = 8,
  VR_STYLE_FOURTH = 9,
};

#endif
