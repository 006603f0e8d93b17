/* SPDX-License-Identifier: MIT
 *
 * Files of an archive that could not be read: each is named once, whoever asks
 * for it and on whichever rank, the first few when they are met with, and all
 * are counted at the end.
 */
#ifndef VR_TRAIN_DATA_UNREADABLE_H
#define VR_TRAIN_DATA_UNREADABLE_H

/* Forgets what was noted before, and listens to other ranks. */
void vr_unreadable_begin(void);

/* MESSAGE names the file PATH and says why. From any thread. */
void vr_unreadable_note(const char *path, const char *message);

/* Where there were more than were named: how many, by reasons, and a file of
 * each reason. */
void vr_unreadable_sum_up(void);

#endif
