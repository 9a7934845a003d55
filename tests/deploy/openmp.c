/* A batch spread by OpenMP gives the bits of the same batch run part after part; threads share nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <svetune/spread.h>

enum { HEADS = 9, M = 3, NC = 40, D = 50 };

static float s[HEADS * M * NC], max[HEADS * M], v[NC * D], o[2][HEADS * M * D];

int main(void) {
  const svetune_problem problem = {SVETUNE_EXP2_GEMM, SVETUNE_ACCURACY_FULL, M, NC, D};
  svetune_config config;
  svetune_args args;
  svetune_batch batch;
  const int parts = 4;
  int i = 0, way = 0;
  memset(&config, 0, sizeof config);
  memset(&args, 0, sizeof args);
  memset(&batch, 0, sizeof batch);
  config.strategy = SVETUNE_SEPARATE, config.exp2 = SVETUNE_EXP2_FEXPA, config.exp2_unroll = 2;
  config.mr = 3, config.nr = 2, config.k_unroll = 2, config.order = SVETUNE_ORDER_ROWS;
  for (i = 0; i < HEADS * M * NC; ++i) s[i] = (float)(i % 17) / -16.0f;
  for (i = 0; i < NC * D; ++i) v[i] = (float)(i % 23) / 22.0f;
  args.s = s, args.lds = NC, args.max = max, args.scale = 1, args.v = v, args.ldv = D, args.ldo = D;
  args.workspace_bytes = svetune_batch_workspace_bytes(&problem, &config, parts);
  args.workspace = malloc(args.workspace_bytes);
  batch.count = HEADS, batch.s = M * NC, batch.max = M, batch.o = M * D; /* V is shared */
  for (way = 0; way < 2; ++way) {
    svetune_status status;
    args.o = o[way];
    status = svetune_run_batch(&problem, &config, &args, &batch, parts, way == 0 ? NULL : svetune_spread_openmp, NULL);
    if (status != SVETUNE_OK) {
      printf("%s\n", svetune_status_text(status));
      return 1;
    }
  }
  free(args.workspace);
  if (o[0][0] == 0 || o[0][HEADS * M * D - 1] == 0 || memcmp(o[0], o[1], sizeof o[0]) != 0) {
    printf("OpenMP: the results differ\n");
    return 1;
  }
  printf("OpenMP: the same bits\n");
  return 0;
}
