/* SPDX-License-Identifier: MIT
 *
 * What the kernel says of the whole machine while something is played.
 */
#ifndef VR_TOOLS_VMRECON_PLAY_MACHINE_H
#define VR_TOOLS_VMRECON_PLAY_MACHINE_H

/* Its load average over one minute, and the CPU time in seconds that all
 * programs have used since it began; NAN where not known. */
double vr_tools_machine_load(void);
double vr_tools_machine_cpu(void);

#endif
