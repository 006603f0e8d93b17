/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "topology/template.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* How many ways there are to place graph A on graph B, edge on edge. */
static unsigned long placements(const struct vr_template *a,
                                const struct vr_template *b, unsigned depth,
                                uint64_t used, unsigned *at,
                                unsigned long enough) {
  unsigned long count = 0;
  if (depth == a->n)
    return 1;
  for (unsigned v = 0; v < b->n && count < enough; v++) {
    bool fits = !(used >> v & 1) && a->degree[depth] == b->degree[v];
    for (unsigned i = 0; fits && i < depth; i++)
      fits = (a->adjacent[depth] >> i & 1) == (b->adjacent[v] >> at[i] & 1);
    if (!fits)
      continue;
    at[depth] = v;
    count += placements(a, b, depth + 1, used | UINT64_C(1) << v, at, enough);
  }
  return count;
}

static bool is_same_graph(const struct vr_template *a,
                          const struct vr_template *b) {
  unsigned at[VR_TOPOLOGY_MEMBERS];
  return a->n == b->n && a->n_edges == b->n_edges &&
         placements(a, b, 0, 0, at, 1) > 0;
}

/* Every graph that a name can stand for. */
static unsigned all_of(unsigned n, struct vr_template *list) {
  unsigned k = 0;
  k += vr_template_all_to_all(n, &list[k]);
  k += vr_template_star(n, &list[k]);
  k += vr_template_ring(n, &list[k]);
  k += vr_template_bus(n, &list[k]);
  k += vr_template_tree(VR_TREE_BINARY, n, &list[k]);
  k += vr_template_tree(VR_TREE_BINOMIAL, n, &list[k]);
  k += vr_template_hypercube(n, &list[k]);
  for (unsigned side = 2; side * side <= n; side++) {
    k += vr_template_mesh(n, side, &list[k]);
    k += vr_template_torus(n, side, &list[k]);
  }
  for (unsigned side = 2; 2 * side <= n; side++)
    k += vr_template_bipartite(n, side, &list[k]);
  return k;
}

enum { LARGEST = 16, MOST = 40 };
static struct vr_template list[MOST];

static void counts_its_labellings(void **state) {
  (void)state;
  /* Beyond 9 members some have too many symmetries to count one by one. */
  for (unsigned n = 2; n <= 16; n++) {
    unsigned k = all_of(n, list);
    for (unsigned i = 0; i < k; i++) {
      unsigned at[VR_TOPOLOGY_MEMBERS];
      double symmetries = lgamma(n + 1.0) - list[i].labellings;
      if (symmetries > log(50000))
        continue;
      unsigned long counted = placements(&list[i], &list[i], 0, 0, at, 100000);
      assert_true(fabs(log((double)counted) - symmetries) < 1e-9);
    }
  }
}

/* Edges as textbooks have them. */
static void has_as_many_edges_as_it_should(void **state) {
  (void)state;
  struct vr_template t;
  assert_true(vr_template_all_to_all(7, &t));
  assert_int_equal(t.n_edges, 21);
  assert_true(vr_template_star(7, &t));
  assert_int_equal(t.n_edges, 6);
  assert_true(vr_template_ring(7, &t));
  assert_int_equal(t.n_edges, 7);
  assert_true(vr_template_bus(7, &t));
  assert_int_equal(t.n_edges, 6);
  assert_true(vr_template_mesh(12, 3, &t)); /* 3 rows of 3, 4 columns of 2 */
  assert_int_equal(t.n_edges, 17);
  assert_true(vr_template_torus(12, 3, &t));
  assert_int_equal(t.n_edges, 24);
  assert_true(vr_template_hypercube(32, &t));
  assert_int_equal(t.n_edges, 80);
  assert_true(vr_template_bipartite(7, 3, &t));
  assert_int_equal(t.n_edges, 12);
  assert_true(vr_template_tree(VR_TREE_BINARY, 15, &t));
  assert_int_equal(t.n_edges, 14);
  assert_true(vr_template_tree(VR_TREE_BINOMIAL, 16, &t));
  assert_int_equal(t.n_edges, 15);
  assert_int_equal(t.degree[0], 4);
}

static void refuses_what_cannot_be(void **state) {
  (void)state;
  struct vr_template t;
  assert_false(vr_template_mesh(7, 2, &t));
  assert_false(vr_template_mesh(7, 1, &t));
  assert_false(vr_template_torus(7, 7, &t));
  assert_false(vr_template_hypercube(12, &t));
  assert_false(vr_template_tree(VR_TREE_BINOMIAL, 12, &t));
  assert_false(vr_template_bipartite(5, 5, &t));
  assert_false(vr_template_all_to_all(VR_TOPOLOGY_MEMBERS + 1, &t));
}

static void lists_every_graph_once(void **state) {
  (void)state;
  for (unsigned n = 2; n <= 36; n++) {
    unsigned k = vr_template_list(n, list);
    assert_in_range(k, 0, VR_TEMPLATES);
    struct vr_template other;
    for (unsigned i = 0; i < k; i++) {
      for (unsigned j = 0; j < i; j++)
        assert_false(is_same_graph(&list[i], &list[j]));
      if (vr_template_star(n, &other))
        assert_false(is_same_graph(&list[i], &other));
      if (vr_template_all_to_all(n, &other))
        assert_false(is_same_graph(&list[i], &other));
    }
  }
}

/* "torus 2x4" for a template, as vr_topology_same() writes it. */
static void write_name(const struct vr_template *t, char *ret, size_t size) {
  const char *name = vr_topology_name(t->kind);
  unsigned dimension = 0;
  while (1u << dimension < t->n)
    dimension++;
  if (t->kind == VR_TOPOLOGY_MESH || t->kind == VR_TOPOLOGY_TORUS)
    snprintf(ret, size, "%s %ux%u", name, t->side, t->n / t->side);
  else if (t->kind == VR_TOPOLOGY_BIPARTITE)
    snprintf(ret, size, "%s %u,%u", name, t->side, t->n - t->side);
  else if (t->kind == VR_TOPOLOGY_HYPERCUBE)
    snprintf(ret, size, "%s %u", name, dimension);
  else if (t->kind == VR_TOPOLOGY_TREE)
    snprintf(ret, size, "%s", name);
  else
    snprintf(ret, size, "%s of %u", name, t->n);
}

/* What is one graph under two names is listed, and nothing else is. */
static void knows_which_names_mean_one_graph(void **state) {
  (void)state;
  for (unsigned n = 3; n <= LARGEST; n++) {
    unsigned k = all_of(n, list);
    for (unsigned i = 0; i < k; i++)
      for (unsigned j = 0; j < k; j++) {
        char others[128], name[64];
        if (i == j || list[i].kind == list[j].kind)
          continue;
        vr_topology_same(list[i].kind, n, list[i].side, others, sizeof(others));
        write_name(&list[j], name, sizeof(name));
        bool listed = strstr(others, name) != NULL;
        bool same = is_same_graph(&list[i], &list[j]);
        if (listed && list[j].kind != VR_TOPOLOGY_TREE)
          assert_true(same);
        /* The one that comes first of two names is the one that is used. */
        if (same && *others)
          assert_true(listed);
      }
  }
}

static void some_equalities_by_name(void **state) {
  (void)state;
  char others[128];
  vr_topology_same(VR_TOPOLOGY_RING, 4, 0, others, sizeof(others));
  assert_non_null(strstr(others, "hypercube 2"));
  assert_non_null(strstr(others, "torus 2x2"));
  assert_non_null(strstr(others, "bipartite 2,2"));
  vr_topology_same(VR_TOPOLOGY_STAR, 3, 0, others, sizeof(others));
  assert_non_null(strstr(others, "bus of 3"));
  vr_topology_same(VR_TOPOLOGY_RING, 5, 0, others, sizeof(others));
  assert_string_equal(others, "");
  vr_topology_same(VR_TOPOLOGY_STAR, 9, 0, others, sizeof(others));
  assert_string_equal(others, "tree, bipartite 1,8");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counts_its_labellings),
      cmocka_unit_test(has_as_many_edges_as_it_should),
      cmocka_unit_test(refuses_what_cannot_be),
      cmocka_unit_test(lists_every_graph_once),
      cmocka_unit_test(knows_which_names_mean_one_graph),
      cmocka_unit_test(some_equalities_by_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
