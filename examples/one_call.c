/* One call in C11: the configuration of a shape from the generated header, the kernel from the installed library, and a
 * check against double precision. Usage: one_call [M NC D] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <svetune/kernels.h>

#include "svetune_config.h"

static float* numbers(size_t count, unsigned seed) {
  float* x = malloc(count * sizeof *x);
  size_t i = 0;
  if (x == NULL) exit(2);
  for (i = 0; i < count; ++i) {
    seed = seed * 1664525u + 1013904223u;
    x[i] = (float)(seed >> 8) / 16777216.0f * 2.0f - 1.0f;
  }
  return x;
}

/* The largest |O - exact| / (|O_in| + sum |P V|). */
static double error_of(const svetune_problem* problem, const svetune_args* a, const float* before) {
  double worst = 0;
  int64_t i = 0, j = 0, k = 0;
  for (i = 0; i < problem->m; ++i) {
    for (j = 0; j < problem->d; ++j) {
      double exact = before[i * a->ldo + j], size = fabs(exact), error = 0;
      for (k = 0; k < problem->nc; ++k) {
        const double term =
            exp2((double)a->s[i * a->lds + k] * (double)a->scale - (double)a->max[i]) * (double)a->v[k * a->ldv + j];
        exact += term;
        size += fabs(term);
      }
      error = fabs((double)a->o[i * a->ldo + j] - exact) / size;
      if (!(error <= worst)) worst = error;
    }
  }
  return worst;
}

int main(int argc, char** argv) {
  svetune_problem problem = {SVETUNE_EXP2_GEMM, SVETUNE_ACCURACY_FULL, 4, 64, 128};
  svetune_config config;
  svetune_choice choice;
  svetune_args args = {0};
  svetune_status status;
  float *s, *max, *v, *o, *before;
  double error = 0, bound = 0;
  int64_t i = 0;
  if (argc == 4) problem.m = atol(argv[1]), problem.nc = atol(argv[2]), problem.d = atol(argv[3]);

  choice = svetune_configure(&problem, &config);
  if (choice.rule == SVETUNE_RULE_NONE) {
    fprintf(stderr, "the header has nothing for vectors of %u bits\n", svetune_vector_bits());
    return 2;
  }
  s = numbers((size_t)(problem.m * problem.nc), 1);
  max = numbers((size_t)problem.m, 2);
  v = numbers((size_t)(problem.nc * problem.d), 3);
  o = numbers((size_t)(problem.m * problem.d), 4);
  before = numbers((size_t)(problem.m * problem.d), 4);
  args.s = s, args.lds = (ptrdiff_t)problem.nc, args.max = max, args.scale = 1.5f;
  for (i = 0; i < problem.m; ++i) max[i] = 1.5f; /* not below any S * scale */
  args.v = v, args.ldv = (ptrdiff_t)problem.d, args.o = o, args.ldo = (ptrdiff_t)problem.d;
  args.workspace_bytes = svetune_workspace_bytes(&problem, &config);
  args.workspace = aligned_alloc(64, (args.workspace_bytes + 64) / 64 * 64);

  status = svetune_run(&problem, &config, &args);
  if (status != SVETUNE_OK) {
    fprintf(stderr, "%s\n", svetune_status_text(status));
    return 1;
  }
  error = error_of(&problem, &args, before);
  bound = (4 + sqrt((double)problem.nc)) / 16777216.0;
  printf("%u bits, rule %d, strategy %d, tile %dx%dv, error %.2e of %.2e\n", svetune_vector_bits(), (int)choice.rule,
         (int)config.strategy, (int)config.mr, (int)config.nr, error, bound);
  free(s), free(max), free(v), free(o), free(before), free(args.workspace);
  return error <= bound ? 0 : 1;
}
