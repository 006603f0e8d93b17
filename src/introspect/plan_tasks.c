/* SPDX-License-Identifier: MIT
 *
 * How many of the guest's processes are kernel threads with nothing to do
 * (state I). No variable of the kernel has their number, and collectd's
 * processes plugin does not count them, so the list of all processes is
 * followed, from one to the next: too dear for every reading, and the number
 * changes rarely.
 */
#include "introspect/plan_tasks.h"

#include <errno.h>
#include <sys/uio.h>

/* Bits of task_struct's state, the same in all kernels from 4.4 on: asleep and
 * not to be woken by signals, and not part of the load. */
#define TASK_IDLE 0x402u

#define NEAR 32768     /* bytes, in which a task_struct is whole */
#define MAX_TASKS 4096 /* of a guest that has more, it is not known */

/* Where the list node of a task is: the next node, and the task's state. */
struct walk {
  const struct vr_kernel *k;
  uint64_t state; /* from the list node on, modulo 2^64 */
};

/* Both in one reading of the page table if they are near each other. */
static bool are_there(const struct vr_gmem *m, uint64_t a, size_t a_length,
                      uint64_t b, size_t b_length) {
  uint64_t begin = a < b ? a : b;
  uint64_t end = a + a_length > b + b_length ? a + a_length : b + b_length;
  if (end - begin < NEAR && vr_gmem_is_there(m, begin, end - begin))
    return true;
  return vr_gmem_is_there(m, a, a_length) && vr_gmem_is_there(m, b, b_length);
}

static int step(const struct walk *w, uint64_t node, uint64_t *ret_next,
                uint32_t *ret_state) {
  const struct vr_kernel *k = w->k;
  uint64_t next_at, state_at, next_address, state_address;
  int r = vr_kernel_translate(k, node, &next_at);
  if (r == 0)
    r = vr_kernel_translate(k, node + w->state, &state_at);
  if (r == 0)
    r = vr_gmem_address(&k->m, next_at, sizeof(*ret_next), &next_address);
  if (r == 0)
    r = vr_gmem_address(&k->m, state_at, sizeof(*ret_state), &state_address);
  if (r == 0 && !are_there(&k->m, next_at, sizeof(*ret_next), state_at,
                           sizeof(*ret_state)))
    r = -ENOENT;
  if (r < 0)
    return r;
  struct iovec local[2] = {{ret_next, sizeof(*ret_next)},
                           {ret_state, sizeof(*ret_state)}};
  struct iovec remote[2] = {
      {(void *)(uintptr_t)next_address, sizeof(*ret_next)},
      {(void *)(uintptr_t)state_address, sizeof(*ret_state)}};
  return vr_gmem_read_vectors(&k->m, local, remote, 2);
}

int vr_plan_count_idle(const struct vr_kernel *k) {
  int32_t tasks = vr_kernel_member(k, VR_MEM_task_struct_tasks);
  int32_t state = vr_kernel_member(k, VR_MEM_task_struct___state);
  uint64_t at, node;
  uint32_t bits;
  int idle = 0;
  if (state < 0) /* its name until 5.13 */
    state = vr_kernel_member(k, VR_MEM_task_struct_state);
  if (tasks < 0 || state < 0 || vr_kernel_image(k, VR_SYM_init_task, &at) < 0)
    return -ENOENT;
  const struct walk w = {k, (uint64_t)((int64_t)state - tasks)};
  /* The list begins and ends with the first CPU's idle loop, no process. */
  uint64_t head = at + k->delta + (uint32_t)tasks;
  int r = step(&w, head, &node, &bits);
  for (int n = 0; r == 0 && node != head; n++) {
    if (n == MAX_TASKS)
      return -ENOENT;
    r = step(&w, node, &node, &bits);
    if (r == 0 && (bits & TASK_IDLE) == TASK_IDLE)
      idle++;
  }
  return r < 0 ? r : idle;
}
