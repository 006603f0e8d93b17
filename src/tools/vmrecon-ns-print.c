/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-ns-print.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 14, NAME_WIDTH = 12, TIME_WIDTH = 18, MAX_SOURCES = 3 };

/* --- the table: the trainable counters, and steal --- */

static bool is_column(int c) {
  return vr_counter_info((enum vr_counter)c)->trainable || c == VR_STEAL;
}

/* "#" stands in the first column of the headings. */
static void print_heading(const struct vr_tools_ns_format *format, bool units,
                          FILE *f) {
  fputc('#', f);
  if (format->name)
    fprintf(f, "%-*s", NAME_WIDTH - 1, units ? "" : "name");
  if (format->timestamp)
    fprintf(f, "%*s", TIME_WIDTH, units ? "s" : "time");
  for (int c = 0; c < VR_COUNTERS; c++) {
    const struct vr_counter_info *info = vr_counter_info((enum vr_counter)c);
    if (is_column(c))
      fprintf(f, " %*s", WIDTH, units ? info->unit : info->name);
  }
  fputc('\n', f);
}

void vr_tools_ns_print_head(const struct vr_tools_ns_format *format, FILE *f) {
  if (format->putval)
    return;
  print_heading(format, false, f);
  print_heading(format, true, f);
}

static void print_row(const struct vr_tools_ns_format *format,
                      const struct vr_tools_ns_sample *s,
                      const double value[VR_COUNTERS], FILE *f) {
  if (format->name)
    fprintf(f, "%-*s", NAME_WIDTH, format->name);
  else
    fputc(' ', f);
  if (format->timestamp)
    fprintf(f, "%*.6f", TIME_WIDTH, s->time);
  for (int c = 0; c < VR_COUNTERS; c++)
    if (is_column(c) && isnan(value[c]))
      fprintf(f, " %*s", WIDTH, "-");
    else if (is_column(c))
      fprintf(f, " %*.8g", WIDTH, value[c]);
  fputc('\n', f);
}

/* --- collectd's protocol --- */

static void print_putval(const struct vr_tools_ns_format *format,
                         const struct vr_tools_ns_sample *s, const char *plugin,
                         const char *plugin_instance, const char *type,
                         const char *type_instance, FILE *f) {
  fprintf(f, "PUTVAL \"%s/%s%s%s/%s%s%s\" interval=%.3f %.6f", format->name,
          plugin, *plugin_instance ? "-" : "", plugin_instance, type,
          *type_instance ? "-" : "", type_instance, format->period, s->time);
}

/* The counter that fills data source N of the value list that A begins. */
static int source(const struct vr_counter_info *a, size_t n) {
  for (int c = 0; c < VR_COUNTERS; c++) {
    const struct vr_counter_info *b = vr_counter_info((enum vr_counter)c);
    if (b->native_plugin && b->data_source_index == n &&
        strcmp(a->native_plugin, b->native_plugin) == 0 &&
        strcmp(a->native_instance, b->native_instance) == 0 &&
        strcmp(a->type, b->type) == 0 &&
        strcmp(a->type_instance, b->type_instance) == 0)
      return c;
  }
  return VR_COUNTERS;
}

/* What grows is sent as it is: collectd makes the rate. */
static void print_list(const struct vr_tools_ns_format *format,
                       const struct vr_tools_ns_sample *s, int first,
                       const double value[VR_COUNTERS],
                       const double total[VR_COUNTERS], FILE *f) {
  const struct vr_counter_info *info = vr_counter_info((enum vr_counter)first);
  const double *of = info->is_rate ? total : value;
  int with[MAX_SOURCES];
  size_t n = 0;
  for (int c; n < MAX_SOURCES && (c = source(info, n)) != VR_COUNTERS; n++) {
    if (isnan(of[c]))
      return;
    with[n] = c;
  }
  print_putval(format, s, info->native_plugin, info->native_instance,
               info->type, info->type_instance, f);
  for (size_t i = 0; i < n; i++)
    fprintf(f, info->is_rate ? ":%.0f" : ":%.8g", of[with[i]]);
  fputc('\n', f);
}

static void print_tasks(const struct vr_tools_ns_format *format,
                        const struct vr_tools_ns_sample *s, FILE *f) {
  static const char *const names[] = {
#define NAME(letter, name) #name,
      VR_TOOLS_TASK_STATES(NAME)
#undef NAME
  };
  for (int i = 0; s->have_tasks && i < VR_TOOLS_TASK_COUNT; i++) {
    print_putval(format, s, "processes", "", "ps_state", names[i], f);
    fprintf(f, ":%llu\n", (unsigned long long)s->tasks[i]);
  }
}

/* The kernel's ticks, as collectd's plugin cpu sends them without
 * ValuesPercentage: of them whoever reads makes percentages of any span. */
static void print_ticks(const struct vr_tools_ns_format *format,
                        const struct vr_tools_ns_sample *s, FILE *f) {
  static const char *const names[VR_CPU_STATES] = {
      [VR_CPU_USER] = "user",       [VR_CPU_NICE] = "nice",
      [VR_CPU_SYSTEM] = "system",   [VR_CPU_IDLE] = "idle",
      [VR_CPU_WAIT] = "wait",       [VR_CPU_INTERRUPT] = "interrupt",
      [VR_CPU_SOFTIRQ] = "softirq", [VR_CPU_STEAL] = "steal",
  };
  for (int i = 0; s->machine.have_stat && i < VR_CPU_STATES; i++) {
    print_putval(format, s, "cpu", "", "cpu", names[i], f);
    fprintf(f, ":%llu\n", (unsigned long long)s->machine.stat.cpu[i]);
  }
}

/* collectd's plugin processes sends the parts of that counter. */
static void print_lists(const struct vr_tools_ns_format *format,
                        const struct vr_tools_ns_sample *s,
                        const double value[VR_COUNTERS],
                        const double total[VR_COUNTERS], FILE *f) {
  for (int c = 0; c < VR_COUNTERS; c++)
    if (c != VR_PROCESSES && is_column(c) &&
        vr_counter_info((enum vr_counter)c)->data_source_index == 0)
      print_list(format, s, c, value, total, f);
  print_tasks(format, s, f);
  print_ticks(format, s, f);
}

void vr_tools_ns_print(const struct vr_tools_ns_format *format,
                       const struct vr_tools_ns_sample *s,
                       const double value[VR_COUNTERS],
                       const double total[VR_COUNTERS], FILE *f) {
  if (format->putval)
    print_lists(format, s, value, total, f);
  else
    print_row(format, s, value, f);
}
