/* SPDX-License-Identifier: MIT
 *
 * The reader on made-up threads of guests: their sums, and what the kernel
 * does for them.
 */
#include "../unit.h"

#include "guests.h"

#include <stdio.h>
#include <unistd.h>

#define S 1000000000ULL

static void sums_threads_by_group(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "guest=web,debug-threads=on", 5);
  struct vr_host *h = machine_reader(state, 100);
  guest_run(t, 100, 5, 2);
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_non_null(s);
  assert_true(s->have_threads);
  /* Two rounds: vCPUs ran 2 + 3 seconds a round, the main thread 1. */
  assert_int_equal(s->vcpu.sched.run_ns, 10 * S);
  assert_int_equal(s->vcpu.sched.wait_ns, 5 * S);
  assert_int_equal(s->vcpu.sched.timeslices, 40);
  assert_int_equal(s->vcpu.switches.voluntary, 28);
  assert_int_equal(s->vcpu.switches.involuntary, 12);
  assert_int_equal(s->vcpu.minflt, 1000);
  assert_int_equal(s->vcpu.majflt, 100);
  assert_int_equal(s->emulator.sched.run_ns, 2 * S);
  assert_int_equal(s->emulator.switches.voluntary, 14);
  assert_int_equal(s->emulator.minflt, 200);
  assert_int_equal(s->resident, 1000 * sysconf(_SC_PAGESIZE));
  assert_int_equal(s->io.write_bytes, 8192);
  assert_int_equal(s->vcpus, 2);
  assert_int_equal(s->memory, 256 << 20);
  assert_int_equal(s->accelerator, VR_ACCEL_TCG);
}

/* The sums hold what a thread did that has ended, and a new one adds to them.
 */
static void never_goes_back_when_a_worker_ends(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  guest_run(t, 100, 5, 1);
  tree_write(t, "100/task/150/comm", "worker\n");
  tree_write(t, "100/task/150/schedstat", "400 200 3\n");
  struct vr_host *h = machine_reader(state, 100);
  vr_host_read(h);
  assert_int_equal(guest_named(h, "web")->emulator.sched.run_ns, S + 400);
  tree_remove(t, "100/task/150");
  vr_host_read(h);
  tree_write(t, "100/task/151/comm", "worker\n");
  tree_write(t, "100/task/151/schedstat", "50 20 3\n");
  /* Nothing says that there is another thread, but the number of threads. */
  tree_write(t, "100/stat",
             "100 (q) S 1 1 1 0 -1 0 600 0 60 0 1 1 0 0 20 0 4 0 5 0 0 0 0 0 0 "
             "0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n");
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_int_equal(s->emulator.sched.run_ns, S + 450);
}

#define KTHREAD 0x208040 /* flags of a thread of the kernel */

static void worker_start(const struct tree *t, int pid, const char *name,
                         int flags, int start, const char *sched) {
  char path[64];
  snprintf(path, sizeof(path), "%d/stat", pid);
  tree_write(t, path,
             "%d (%s) S 2 0 0 0 -1 %d 0 0 0 0 1 1 0 0 20 0 1 0 %d 0 0 0 0 0 0 "
             "0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n",
             pid, name, flags, start);
  snprintf(path, sizeof(path), "%d/cmdline", pid);
  tree_args(t, path, "");
  guest_owner(t, pid, 0, 0, 2);
  snprintf(path, sizeof(path), "%d/schedstat", pid);
  tree_write(t, path, "%s\n", sched);
}

/* Before Linux 6.4; one is called after another thread of the guest. */
static void adds_up_vhost_workers_of_the_kernel(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  guest_start(t, 300, "db", 6);
  /* No file of a worker is kept open: one descriptor is for the guests. */
  struct vr_host *h = machine_reader(state, 1);
  vr_host_read(h);
  worker_start(t, 150, "vhost-100", KTHREAD, 7, "4000 300 9");
  worker_start(t, 151, "vhost-101", KTHREAD, 8, "500 20 9");
  worker_start(t, 152, "vhost-1000", KTHREAD, 8, "7777777 7777 9");
  worker_start(t, 153, "vhost-", KTHREAD, 8, "7777777 7777 9");
  /* Older than the guest: its number was another's. */
  worker_start(t, 154, "vhost-300", KTHREAD, 5, "7777777 7777 9");
  /* Anybody may call his process that. */
  worker_start(t, 155, "vhost-100", 0x400000, 8, "7777777 7777 9");
  /* Looked at before it has got its name. */
  worker_start(t, 156, "kthreadd", KTHREAD, 8, "60 6 9");
  vr_host_read(h);
  worker_start(t, 156, "vhost-100", KTHREAD, 8, "60 6 9");
  vr_host_read(h);
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_true(s->have_vhost);
  assert_int_equal(s->vhost.run_ns, 4560);
  assert_int_equal(s->vhost.wait_ns, 326);
  assert_false(guest_named(h, "db")->have_vhost);
  worker_start(t, 150, "vhost-100", KTHREAD, 7, "4100 310 9");
  tree_remove(t, "151");
  vr_host_read(h);
  assert_int_equal(s->vhost.run_ns, 4660);
  assert_int_equal(s->vhost.wait_ns, 336);
  /* The same number, but another worker's; then one whose guest has gone. */
  worker_start(t, 150, "vhost-100", KTHREAD, 70, "30 1 1");
  for (int i = 0; i < 3; i++)
    vr_host_read(h);
  assert_int_equal(guest_named(h, "web")->vhost.run_ns, 4690);
  tree_remove(t, "100");
  for (int i = 0; i < 3; i++)
    vr_host_read(h);
  assert_null(guest_named(h, "web"));
  assert_false(guest_named(h, "db")->have_vhost);
}

/* Since Linux 6.4 they are threads of the guest's process, but not its own. */
static void finds_vhost_workers_among_threads(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  guest_run(t, 100, 5, 1);
  tree_write(t, "100/task/150/comm", "vhost-100\n");
  tree_write(t, "100/task/150/schedstat", "4000 300 9\n");
  tree_write(t, "100/task/151/comm", "vhost-web\n");
  tree_write(t, "100/task/151/schedstat", "10 0 9\n");
  struct vr_host *h = machine_reader(state, 100);
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_true(s->have_vhost);
  assert_int_equal(s->vhost.run_ns, 4000);
  assert_int_equal(s->vhost.wait_ns, 300);
  assert_int_equal(s->emulator.sched.run_ns, S + 10);
  tree_write(t, "100/task/150/schedstat", "4500 310 9\n");
  vr_host_read(h);
  assert_int_equal(s->vhost.run_ns, 4500);
  assert_int_equal(s->emulator.sched.run_ns, S + 10);
}

static bool kvm_is(const struct vr_vmproc_sample *s, enum vr_kvm_stat which,
                   uint64_t value) {
  return s->have_kvm && s->kvm.have[which] && s->kvm.value[which] == value;
}

/* Names and form are those of the kernel's documentation (virt/kvm/api.rst,
 * KVM_GET_STATS_FD) and of a directory seen on Linux 6.18, whose files could
 * not be read there. */
static void reads_what_kvm_counts_in_debugfs(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  guest_start(t, 200, "tcg", 6);
  tree_link(t, "100/fd/9", "anon_inode:kvm-vm");
  tree_write(t, "kernel/debug/kvm/exits", "999\n"); /* the machine's */
  tree_write(t, "kernel/debug/kvm/1000-9/exits", "888\n");
  tree_write(t, "kernel/debug/kvm/200-9/exits", "777\n");
  tree_write(t, "kernel/debug/kvm/100-9/exits", "5000\n");
  tree_write(t, "kernel/debug/kvm/100-9/halt_wait_ns", "1673237151\n");
  tree_write(t, "kernel/debug/kvm/100-9/guest_mode", "0\n");
  struct vr_host *h = machine_reader(state, 100);
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_int_equal(s->accelerator, VR_ACCEL_KVM);
  assert_true(kvm_is(s, VR_KVM_exits, 5000));
  assert_true(kvm_is(s, VR_KVM_halt_wait_ns, 1673237151));
  assert_false(s->kvm.have[VR_KVM_io_exits]);
  assert_false(guest_named(h, "tcg")->have_kvm);
  tree_write(t, "kernel/debug/kvm/100-9/exits", "5001\n");
  vr_host_read(h);
  assert_true(kvm_is(s, VR_KVM_exits, 5001));
  int fds = vr_host_fds(h);
  tree_remove(t, "200");
  tree_write(t, "100/stat", "100 (q) Z");
  vr_host_read(h);
  assert_true(vr_host_fds(h) < fds - 2);
}

static uint64_t run_after_going_back(int fd_budget) {
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  guest_run(&t, 100, 5, 4);
  struct vr_host *h = reader_new(&t, fd_budget);
  vr_host_read(h);
  assert_int_equal(guest_named(h, "web")->vcpu.sched.run_ns, 20 * S);
  guest_run(&t, 100, 5, 1);
  vr_host_read(h);
  uint64_t back = guest_named(h, "web")->vcpu.sched.run_ns;
  guest_run(&t, 100, 5, 2);
  vr_host_read(h);
  assert_int_equal(guest_named(h, "web")->vcpu.sched.run_ns, back + 5 * S);
  vr_host_free(h);
  tree_free(&t);
  return back;
}

/* A file that is opened anew may be another thread's, which began at zero; one
 * that was kept open cannot: the counter itself is wrong. */
static void takes_a_counter_that_goes_back(void **state) {
  (void)state;
  assert_int_equal(run_after_going_back(1), 25 * S);
  assert_int_equal(run_after_going_back(100), 20 * S);
}

/* Without CONFIG_SCHED_INFO a kernel prints three zeros. */
static void does_without_times_of_threads(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  struct vr_host *h = machine_reader(state, 100);
  for (int i = 1; i < 4; i++) {
    guest_run(t, 100, 5, i);
    for (int tid = 100; tid < 103; tid++) {
      char path[64];
      snprintf(path, sizeof(path), "100/task/%d/schedstat", tid);
      tree_write(t, path, "0 0 0\n");
    }
    vr_host_read(h);
    const struct vr_vmproc_sample *s = guest_named(h, "web");
    assert_false(s->vcpu.have_sched);
    assert_true(s->vcpu.have_switches);
    assert_int_equal(s->vcpu.switches.voluntary, 14 * i);
    assert_int_equal(s->vcpu.minflt, 500 * i);
  }
}

/* How much longer its first vCPU was put aside, when it has waited NS in all
 * and has given its CPU away so often. */
static uint64_t put_aside(const struct tree *t, struct vr_host *h, int ns,
                          int voluntary, int involuntary) {
  static int slices;
  uint64_t before = guest_named(h, "web")->vcpu.preempted_ns;
  tree_write(t, "100/task/101/schedstat", "0 %d %d\n", ns, 1000 + ++slices);
  tree_write(t, "100/task/101/status",
             "Name:\tx\nvoluntary_ctxt_switches:\t%d\n"
             "nonvoluntary_ctxt_switches:\t%d\n",
             voluntary, involuntary);
  vr_host_read(h);
  return guest_named(h, "web")->vcpu.preempted_ns - before;
}

/* Of each wait the part that follows from what came since the one before. */
static void distinguishes_preempted_from_woken(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  struct vr_host *h = machine_reader(state, 100);
  vr_host_read(h);
  put_aside(t, h, 1000, 40, 10);
  assert_int_equal(put_aside(t, h, 1100, 43, 11), 25);
  assert_int_equal(put_aside(t, h, 1200, 53, 11), 0);
  assert_int_equal(put_aside(t, h, 1300, 53, 21), 100);
  /* It went on waiting: the scheduler has not been asked in between. */
  assert_int_equal(put_aside(t, h, 1340, 53, 21), 40);
  /* Switches without a wait belong to the wait that comes. */
  assert_int_equal(put_aside(t, h, 1340, 58, 21), 0);
  assert_int_equal(put_aside(t, h, 1400, 58, 26), 30);
}

static uint64_t run_and_read(const struct tree *t, struct vr_host *h,
                             const char *sched) {
  tree_write(t, "100/task/101/schedstat", "%s\n", sched);
  vr_host_read(h);
  return guest_named(h, "web")->vcpu.sched.run_ns;
}

/* At 2^64 a counter begins anew: from 2^64 - 10 to 5 it went on by 15. */
static void takes_a_counter_past_its_largest_value(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  guest_start(t, 200, "db", 6);
  guest_run(t, 200, 6, 1);
  struct vr_host *h = machine_reader(state, 100);
  vr_host_read(h);
  run_and_read(t, h, "9223372036854775000 0 1");
  uint64_t high = run_and_read(t, h, "18446744073709551606 0 2");
  assert_int_equal(run_and_read(t, h, "5 0 3") - high, 15);
  assert_int_equal(run_and_read(t, h, "105 0 4") - high, 115);
  /* And then back, in the same file: it goes on from there. */
  assert_int_equal(run_and_read(t, h, "7 0 1") - high, 115);
  assert_int_equal(run_and_read(t, h, "9 0 2") - high, 117);
  tree_write(t, "100/io",
             "syscr: 1\nsyscw: 1\nread_bytes: 18446744073709551615\n"
             "write_bytes: 5\n");
  vr_host_read(h);
  assert_true(guest_named(h, "web")->io.read_bytes == UINT64_MAX);
  assert_int_equal(guest_named(h, "db")->vcpu.sched.run_ns, 5 * S);
  assert_int_equal(log_count(), 0);
}

static void waits_for_threads_to_get_names(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  guest_run(t, 100, 5, 3);
  tree_write(t, "100/task/101/comm", "qemu-system-x86\n");
  tree_write(t, "100/task/102/comm", "qemu-system-x86\n");
  struct vr_host *h = machine_reader(state, 100);
  vr_host_read(h);
  /* Absent rather than wrong. */
  assert_false(guest_named(h, "web")->have_threads);
  tree_write(t, "100/task/101/comm", "CPU 0/KVM\n");
  tree_write(t, "100/task/102/comm", "CPU 1/KVM\n");
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_true(s->have_threads);
  assert_int_equal(s->vcpu.sched.run_ns, 15 * S);
  assert_int_equal(s->emulator.sched.run_ns, 3 * S);
  assert_int_equal(s->emulator.switches.voluntary, 21);
  assert_int_equal(s->accelerator, VR_ACCEL_KVM);
}

/* KVM without thread names: the kernel counts the time that a thread was in a
 * guest (field 43 of stat), and only vCPU threads have some. */
static void finds_vcpus_of_kvm_by_guest_time(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  guest_run(t, 100, 5, 1);
  tree_args(t, "100/cmdline", "qemu-system-x86_64\n-name\nweb\n-enable-kvm\n");
  tree_write(t, "100/task/101/comm", "qemu-system-x86\n");
  tree_write(t, "100/task/102/comm", "qemu-system-x86\n");
  tree_write(t, "100/task/101/stat",
             "101 (q) S 1 1 1 0 -1 0 200 0 20 0 1 1 0 0 20 0 3 0 5 0 0 0 0 0 0 "
             "0 0 0 0 0 0 0 0 0 17 0 0 0 0 77 0\n");
  struct vr_host *h = machine_reader(state, 100);
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_int_equal(s->accelerator, VR_ACCEL_KVM);
  assert_true(s->have_threads);
  assert_int_equal(s->vcpu.sched.run_ns, 2 * S);
  assert_int_equal(s->emulator.sched.run_ns, 4 * S);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      on_a_machine(sums_threads_by_group),
      on_a_machine(never_goes_back_when_a_worker_ends),
      on_a_machine(adds_up_vhost_workers_of_the_kernel),
      on_a_machine(finds_vhost_workers_among_threads),
      on_a_machine(reads_what_kvm_counts_in_debugfs),
      cmocka_unit_test(takes_a_counter_that_goes_back),
      on_a_machine(does_without_times_of_threads),
      on_a_machine(distinguishes_preempted_from_woken),
      on_a_machine(takes_a_counter_past_its_largest_value),
      on_a_machine(waits_for_threads_to_get_names),
      on_a_machine(finds_vcpus_of_kvm_by_guest_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
