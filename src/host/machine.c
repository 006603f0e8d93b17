/* SPDX-License-Identifier: MIT */
#include "host/machine.h"

int vr_machine_init(struct vr_machine *m) {
  *m = (struct vr_machine){0};
  m->stat_file = m->load_file = VR_PROCFILE_CLOSED;
  m->vmstat_file = m->meminfo_file = VR_PROCFILE_CLOSED;
  return vr_diskstats_new(&m->disks);
}

void vr_machine_free(struct vr_machine *m, struct vr_tree *t) {
  vr_procfile_close(&m->stat_file, &t->budget);
  vr_procfile_close(&m->load_file, &t->budget);
  vr_procfile_close(&m->vmstat_file, &t->budget);
  vr_procfile_close(&m->meminfo_file, &t->budget);
  vr_diskstats_free(m->disks, &t->budget);
}

/* A file that the kernel prints in one piece. */
static bool read_text(struct vr_tree *t, struct vr_procfile *f,
                      const char *name) {
  return vr_procfile_read_piece(f, &t->budget, t->procfd, name, &t->text) > 0;
}

/* For each piece of vmstat the kernel sums up all of its counters. What is
 * wanted stands in the first. */
static bool read_faults(struct vr_machine *m, struct vr_tree *t,
                        struct vr_faults *ret) {
  struct vr_procfile *f = &m->vmstat_file;
  if (!read_text(t, f, "vmstat"))
    return false;
  if (vr_proc_vmstat_parse(t->text.data, ret) == 0)
    return true;
  return vr_procfile_read_all(f, &t->budget, t->procfd, "vmstat", &t->text) >
             0 &&
         vr_proc_vmstat_parse(t->text.data, ret) == 0;
}

pid_t vr_machine_read_load(struct vr_machine *m, struct vr_tree *t,
                           struct vr_host_sample *s) {
  s->have_load = read_text(t, &m->load_file, "loadavg") &&
                 vr_proc_loadavg_parse(t->text.data, &s->load) == 0;
  return s->have_load ? s->load.last_pid : 0;
}

void vr_machine_read(struct vr_machine *m, struct vr_tree *t,
                     struct vr_host_sample *s) {
  s->have_stat = read_text(t, &m->stat_file, "stat") &&
                 vr_hoststat_parse(t->text.data, &s->stat) == 0;
  s->have_faults = read_faults(m, t, &s->faults);
  s->have_memory = read_text(t, &m->meminfo_file, "meminfo") &&
                   vr_proc_meminfo_parse(t->text.data, &s->memory) == 0;
  s->have_disks = vr_diskstats_read(m->disks, &t->budget, t->procfd, t->sysfd,
                                    &t->text, &s->disks) == 0;
}
