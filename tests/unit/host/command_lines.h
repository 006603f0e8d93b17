/* SPDX-License-Identifier: MIT
 *
 * Command lines as tests write them.
 */
#ifndef VR_TESTS_COMMAND_LINES_H
#define VR_TESTS_COMMAND_LINES_H

#include "host/vmm/vm.h"

/* What the command line LINE, whose arguments are separated by "|", shows of
 * its guest; the program's file is EXE ("": not known). 0, or -ESRCH where it
 * is no VMM's, or what its parser returns. */
int command_line_parse(const char *exe, const char *line, struct vr_vm *ret);

/* The same of a process whose folder of /proc is open as DIRFD (-1: none). */
int command_line_parse_in(int dirfd, const char *exe, const char *line,
                          struct vr_vm *ret);

#endif
