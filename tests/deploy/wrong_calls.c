/* Every wrong call returns its status, with a text, and touches nothing. Usage: wrong_calls VECTOR_BITS (0: no kernels)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <svetune/kernels.h>

enum { M = 3, MOST = 4, NC = 20, D = 18, LD = 24, SIZE = 4096 };

static float s[MOST * LD], max[MOST], v[NC * LD], o[MOST * LD], o_before[MOST * LD];
static unsigned char workspace[SIZE], workspace_before[SIZE];
static int failures = 0;

static svetune_problem problem(void) {
  const svetune_problem p = {SVETUNE_EXP2_GEMM, SVETUNE_ACCURACY_FULL, M, NC, D};
  return p;
}

static svetune_config config(void) {
  svetune_config c;
  memset(&c, 0, sizeof c);
  c.strategy = SVETUNE_SEPARATE, c.exp2 = SVETUNE_EXP2_FEXPA, c.exp2_unroll = 4;
  c.mr = 3, c.nr = 2, c.k_unroll = 1, c.order = SVETUNE_ORDER_ROWS;
  return c;
}

static svetune_args args(void) {
  svetune_args a;
  memset(&a, 0, sizeof a);
  a.s = s, a.lds = LD, a.max = max, a.scale = 1, a.v = v, a.ldv = LD, a.o = o, a.ldo = LD;
  a.workspace = workspace, a.workspace_bytes = SIZE;
  return a;
}

static void judge(const char* what, svetune_status status, svetune_status expected) {
  const int untouched =
      memcmp(o, o_before, sizeof o) == 0 && memcmp(workspace, workspace_before, sizeof workspace) == 0;
  const char* text = svetune_status_text(status);
  if (status == expected && untouched && text != NULL && strlen(text) > 10) return;
  printf("%s: status %d (%s), expected %d, %s\n", what, (int)status, text, (int)expected,
         untouched ? "untouched" : "touched");
  ++failures;
}

/* A call with one thing wrong. */
#define CALL(what, expected, ...)                   \
  do {                                              \
    svetune_problem p = problem();                  \
    svetune_config c = config();                    \
    svetune_args a = args();                        \
    __VA_ARGS__;                                    \
    judge(what, svetune_run(&p, &c, &a), expected); \
  } while (0)

#define BATCH(what, expected, ...)                                               \
  do {                                                                           \
    svetune_problem p = problem();                                               \
    svetune_config c = config();                                                 \
    svetune_args a = args();                                                     \
    svetune_batch b = {2, 0, 0, 0, 0, M * LD, M};                                \
    int parts = 1;                                                               \
    a.workspace_bytes = SIZE;                                                    \
    __VA_ARGS__;                                                                 \
    judge(what, svetune_run_batch(&p, &c, &a, &b, parts, NULL, NULL), expected); \
  } while (0)

/* A call whose operands the generated code looks at, with one thing wrong. */
#define CHAIN(what, expected, ...)                            \
  do {                                                        \
    svetune_args a = args();                                  \
    a.workspace_bytes = needed;                               \
    __VA_ARGS__;                                              \
    judge("chain: " what, svetune_call(&plan, &a), expected); \
  } while (0)

/* By CALL or CHAIN; `needed`: bytes of workspace. */
#define WRONG_OPERANDS(WITH)                                                                       \
  do {                                                                                             \
    WITH("no s", SVETUNE_NULL_POINTER, a.s = NULL);                                                \
    WITH("no max", SVETUNE_NULL_POINTER, a.max = NULL);                                            \
    WITH("no v", SVETUNE_NULL_POINTER, a.v = NULL);                                                \
    WITH("no o", SVETUNE_NULL_POINTER, a.o = NULL);                                                \
    WITH("no workspace", SVETUNE_NULL_POINTER, a.workspace = NULL);                                \
    WITH("workspace one byte too small", SVETUNE_SMALL_WORKSPACE, a.workspace_bytes = needed - 1); \
    WITH("lds below nc", SVETUNE_BAD_STRIDE, a.lds = NC - 1);                                      \
    WITH("ldv below d", SVETUNE_BAD_STRIDE, a.ldv = D - 1);                                        \
    WITH("ldo below d", SVETUNE_BAD_STRIDE, a.ldo = D - 1);                                        \
  } while (0)

static void wrong_calls_of_a_chain(int64_t rows) {
  svetune_problem p = problem();
  svetune_config c = config();
  p.m = rows;
  c.strategy = SVETUNE_PANELS, c.exp2_unroll = 16, c.nr = 2, c.k_unroll = 8, c.order = 0;
  c.columns = SVETUNE_COLUMNS_WIDE, c.k_split = 1, c.fma_order = SVETUNE_FMA_ORDER_ROWS;
  const size_t needed = svetune_workspace_bytes(&p, &c);
  svetune_plan plan;
  judge("chain prepared", svetune_prepare(&p, &c, &plan), SVETUNE_OK);
  WRONG_OPERANDS(CHAIN);
  CHAIN("negative stride", SVETUNE_BAD_STRIDE, a.lds = -LD);
  /* Right calls: the least workspace, and one of no known size. */
  svetune_args right = args();
  float results[2][MOST * LD];
  for (int i = 0; i < 2; ++i) {
    right.workspace_bytes = i == 0 ? needed : SIZE_MAX;
    if (svetune_call(&plan, &right) != SVETUNE_OK) ++failures;
    memcpy(results[i], o, sizeof o);
    memcpy(o, o_before, sizeof o);
    memcpy(workspace, workspace_before, sizeof workspace);
  }
  if (memcmp(results[0], results[1], sizeof o) != 0 || memcmp(results[0], o_before, sizeof o) == 0) ++failures;
}

static void wrong_calls(void) {
  svetune_problem p = problem();
  svetune_config c = config();
  svetune_args a = args();
  const size_t needed = svetune_workspace_bytes(&p, &c);
  judge("no problem", svetune_run(NULL, &c, &a), SVETUNE_NULL_POINTER);
  judge("no configuration", svetune_run(&p, NULL, &a), SVETUNE_NULL_POINTER);
  judge("no arguments", svetune_run(&p, &c, NULL), SVETUNE_NULL_POINTER);
  svetune_plan plan;
  memset(&plan, 0, sizeof plan);
  judge("not prepared", svetune_call(&plan, &a), SVETUNE_BAD_CONFIGURATION);
  judge("no plan to prepare", svetune_prepare(&p, &c, NULL), SVETUNE_NULL_POINTER);
  judge("no plan", svetune_call(NULL, &a), SVETUNE_NULL_POINTER);
  judge("prepared", svetune_prepare(&p, &c, &plan), SVETUNE_OK);
  judge("no arguments of a plan", svetune_call(&plan, NULL), SVETUNE_NULL_POINTER);
  c.strategy = -1;
  judge("strategy to prepare", svetune_prepare(&p, &c, &plan), SVETUNE_BAD_CONFIGURATION);
  judge("refused", svetune_call(&plan, &a), SVETUNE_BAD_CONFIGURATION);
  c = config();
  WRONG_OPERANDS(CALL);
  CALL("negative stride", SVETUNE_BAD_STRIDE, a.ldo = -LD);
  CALL("m of 0", SVETUNE_BAD_SHAPE, p.m = 0);
  CALL("negative nc", SVETUNE_BAD_SHAPE, p.nc = -1);
  CALL("d of 2^31", SVETUNE_BAD_SHAPE, p.d = INT64_C(2147483648));
  CALL("unknown operation", SVETUNE_BAD_CONFIGURATION, p.operation = 99);
  CALL("unknown accuracy", SVETUNE_BAD_CONFIGURATION, p.accuracy = 4);
  CALL("unknown strategy", SVETUNE_BAD_CONFIGURATION, c.strategy = 99);
  CALL("unknown exp2", SVETUNE_BAD_CONFIGURATION, c.exp2 = 99);
  CALL("coarse exp2", SVETUNE_BAD_CONFIGURATION, c.exp2 = SVETUNE_EXP2_STUDY);
  CALL("a tile that no registers hold", SVETUNE_BAD_CONFIGURATION, c.mr = 12, c.nr = 6);
  CALL("mr of 0", SVETUNE_BAD_CONFIGURATION, c.mr = 0);
  CALL("negative nr", SVETUNE_BAD_CONFIGURATION, c.nr = -1);
  CALL("unroll of 3", SVETUNE_BAD_CONFIGURATION, c.k_unroll = 3);
  CALL("no order", SVETUNE_BAD_CONFIGURATION, c.order = 0);
  BATCH("batch: none", SVETUNE_BAD_BATCH, b.count = 0);
  BATCH("batch: no parts", SVETUNE_BAD_BATCH, parts = 0);
  BATCH("batch: outputs in one place", SVETUNE_BAD_BATCH, b.o = 0);
  BATCH("batch: sums in one place", SVETUNE_BAD_BATCH,
        (p.operation = SVETUNE_EXP2_GEMM_SUMS, a.row_sum = o, b.row_sum = 0));
  CALL("softmax by a strategy without it", SVETUNE_BAD_CONFIGURATION, p.operation = SVETUNE_SOFTMAX_GEMM);
  CALL("no such operation", SVETUNE_BAD_CONFIGURATION, p.operation = 3);
  CALL("no place for sums", SVETUNE_NULL_POINTER, p.operation = SVETUNE_EXP2_GEMM_SUMS);
  BATCH("batch: workspace of one part for two", SVETUNE_SMALL_WORKSPACE,
        (parts = 2, a.workspace_bytes = svetune_batch_workspace_bytes(&p, &c, 1)));
  BATCH("batch: no v", SVETUNE_NULL_POINTER, a.v = NULL);
  BATCH("batch: ldo below d", SVETUNE_BAD_STRIDE, a.ldo = D - 1);
  judge("batch: no batch", svetune_run_batch(&p, &c, &a, NULL, 1, NULL, NULL), SVETUNE_NULL_POINTER);
  for (int64_t rows = M; rows <= MOST; ++rows) wrong_calls_of_a_chain(rows);
  if (svetune_workspace_bytes(NULL, &c) != 0 || svetune_workspace_bytes(&p, NULL) != 0) ++failures;
}

int main(int argc, char** argv) {
  const unsigned bits = argc == 2 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
  size_t i = 0;
  for (i = 0; i < sizeof s / sizeof *s; ++i) s[i] = 0.25f;
  for (i = 0; i < sizeof v / sizeof *v; ++i) v[i] = 0.5f;
  for (i = 0; i < sizeof o / sizeof *o; ++i) o[i] = o_before[i] = 7;
  memset(workspace, 0x5a, sizeof workspace);
  memcpy(workspace_before, workspace, sizeof workspace);
  if (bits == 0) {
    CALL("a vector length without kernels", SVETUNE_NO_VECTOR_LENGTH, (void)p);
    BATCH("batch: a vector length without kernels", SVETUNE_NO_VECTOR_LENGTH, b.count = 1);
  } else {
    if (svetune_vector_bits() != bits) ++failures;
    wrong_calls();
    {
      svetune_problem p = problem();
      svetune_config c = config();
      svetune_args a = args();
      if (svetune_run(&p, &c, &a) != SVETUNE_OK || memcmp(o, o_before, sizeof o) == 0)
        ++failures; /* and the right call works */
    }
  }
  printf("%d failures at %u bits\n", failures, svetune_vector_bits());
  return failures == 0 ? 0 : 1;
}
