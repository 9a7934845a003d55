/* svetune kernels: the second half of attention on Arm SVE.
 *
 *   P = exp2(S * scale - max)      S, P: m x nc, fp32, row major
 *   O = O + P * V                  V: nc x d,  O: m x d
 *
 * or all of it, O = softmax(S * scale) * V, with a scale that holds the factor log2(e).
 *
 * C11 and C++17. Every function is thread-safe, allocates nothing and throws nothing. */
#ifndef SVETUNE_KERNELS_H
#define SVETUNE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* The version of this interface is part of every symbol: programs and libraries of several versions can be linked
 * together, and one that does not fit is not found. */
#define SVETUNE_KERNELS_ABI 1
#define svetune_vector_bits svetune_v1_vector_bits
#define svetune_midr svetune_v1_midr
#define svetune_workspace_bytes svetune_v1_workspace_bytes
#define svetune_run svetune_v1_run
#define svetune_prepare svetune_v1_prepare
#define svetune_call svetune_v1_call
#define svetune_batch_workspace_bytes svetune_v1_batch_workspace_bytes
#define svetune_run_batch svetune_v1_run_batch
#define svetune_status_text svetune_v1_status_text

#if defined(__GNUC__)
#define SVETUNE_API __attribute__((visibility("default")))
#else
#define SVETUNE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum svetune_status {
  SVETUNE_OK = 0,
  SVETUNE_NULL_POINTER = 1,      /* a pointer that the call needs is null */
  SVETUNE_BAD_SHAPE = 2,         /* m, nc or d below 1, or above 2^31 - 1 */
  SVETUNE_BAD_STRIDE = 3,        /* a leading dimension smaller than its row */
  SVETUNE_BAD_CONFIGURATION = 4, /* no such strategy or micro-kernel in this library */
  SVETUNE_SMALL_WORKSPACE = 5,   /* fewer bytes than svetune_workspace_bytes() says */
  SVETUNE_NO_VECTOR_LENGTH = 6,  /* the processor has no SVE, or a vector length without kernels */
  SVETUNE_BAD_BATCH = 7          /* count or parts below 1, or the outputs of a batch share one place */
} svetune_status;

/* How exact exp2 must be: the relative error of P that the caller accepts on top of rounding. */
typedef enum svetune_accuracy {
  SVETUNE_ACCURACY_FULL = 0,   /* about 1 ULP */
  SVETUNE_ACCURACY_HIGH = 1,   /* 2^-21 */
  SVETUNE_ACCURACY_MEDIUM = 2, /* 2^-14 */
  SVETUNE_ACCURACY_LOW = 3     /* 2^-6: FEXPA alone, and the study's fourteen instructions */
} svetune_accuracy;            /* svetune_run refuses a configuration whose exp2 is coarser than the problem asks for */

typedef enum svetune_operation {
  SVETUNE_EXP2_GEMM = 0,      /* P = exp2(S*scale - max); O += P*V */
  SVETUNE_EXP2_GEMM_SUMS = 1, /* the same, and row_sum[i] += sum_k P[i][k]: the denominator of softmax */
  /* O[i] = sum_k 2^(S[i][k]*scale) V[k] / sum_k 2^(S[i][k]*scale), maxima found on the way. O is written, not read; max
   * and row_sum are not used. S*scale is at most 2^30, and what is below -2^30 is masked (-inf, -1e30). Rows that are
   * masked whole give zeros, NaN and +inf a row of NaN. Weights below 2^-126 of the largest are 0. */
  SVETUNE_SOFTMAX_GEMM = 2
} svetune_operation;

/* The numbers are stored in databases and generated headers: never renumber. */
typedef enum svetune_strategy {
  SVETUNE_SEPARATE = 1,
  SVETUNE_TWO_PASS = 2,
  SVETUNE_FUSED = 3,
  SVETUNE_K_BLOCKED = 4,
  SVETUNE_GEMM = 5,
  SVETUNE_STUDY = 6,      /* the published study's kernels, for comparison */
  SVETUNE_STUDY_GEMM = 7, /* its GEMM tile alone */
  SVETUNE_PANELS = 10,
  SVETUNE_INTERLEAVED = 11
} svetune_strategy;

typedef enum svetune_exp2 {
  SVETUNE_EXP2_NONE = 0,
  SVETUNE_EXP2_FEXPA = 1,   /* seven operations, about 1 ULP */
  SVETUNE_EXP2_STUDY = 2,   /* the study's fourteen instructions, 1.1 % */
  SVETUNE_EXP2_SQUARE = 3,  /* a square: 3.6e-7 */
  SVETUNE_EXP2_DEGREE1 = 4, /* a straight line: 7.6e-6 */
  SVETUNE_EXP2_TABLE = 5    /* FEXPA alone: 1.1 %; 0.54 % where max is a multiple of 1/64 */
} svetune_exp2;

typedef enum svetune_order {
  SVETUNE_ORDER_NONE = 0,
  SVETUNE_ORDER_ROWS = 1,   /* outer loop over row blocks, inner over column tiles */
  SVETUNE_ORDER_COLUMNS = 2 /* outer loop over column tiles, inner over row blocks */
} svetune_order;

/* What SVETUNE_STUDY runs. */
typedef enum svetune_approach {
  SVETUNE_APPROACH_NONE = 0,
  SVETUNE_APPROACH_SEPARATE = 1, /* exp2 of all rows, then GEMM tiles */
  SVETUNE_APPROACH_FUSED = 2,    /* exp2 and GEMM a K-block at a time, P stored */
  SVETUNE_APPROACH_TWO_PASS = 3  /* the first tile fused, the others with the stored P */
} svetune_approach;

/* How the columns of O are cut into tiles of at most nr vectors. */
typedef enum svetune_columns {
  SVETUNE_COLUMNS_NONE = 0,
  SVETUNE_COLUMNS_WIDE = 1, /* tiles of nr, then one narrower */
  SVETUNE_COLUMNS_EVEN = 2, /* as few tiles, of nearly equal width */
  SVETUNE_COLUMNS_TALL = 3  /* as wide; the narrower one has more rows than mr */
} svetune_columns;

/* In which order the FMAs of a panel go. */
typedef enum svetune_fma_order {
  SVETUNE_FMA_ORDER_NONE = 0,
  SVETUNE_FMA_ORDER_ROWS = 1,    /* row by row: V's vectors stay in registers, P's may share some in turn */
  SVETUNE_FMA_ORDER_COLUMNS = 2, /* column by column: the other way round; where a tile has registers for it */
  SVETUNE_FMA_ORDER_ZIGZAG = 3   /* row by row, and row blocks over k upwards and downwards in turn; six rows at most,
                                    k_unroll=16, prefetch=0, blocks of nc a multiple of 16, and at least 32 */
} svetune_fma_order;

typedef struct svetune_problem {
  int32_t operation; /* svetune_operation */
  int32_t accuracy;  /* svetune_accuracy */
  int64_t m, nc, d;  /* each 1 .. 2^31 - 1 */
} svetune_problem;

/* One configuration: a strategy and its axes; an axis that the strategy does not use is 0. */
typedef struct svetune_config {
  int32_t strategy;    /* svetune_strategy */
  int32_t exp2;        /* svetune_exp2 */
  int32_t exp2_unroll; /* vectors in flight: 1, 2, 4, 8; SVETUNE_PANELS: 16, rows and vectors as one stream;
                          SVETUNE_INTERLEAVED: tiles of a row block that it is spread over, 1 or 2 */
  int32_t mr, nr;      /* register tile: rows x vectors */
  int32_t k_unroll;    /* 1, 2, 4; SVETUNE_PANELS: 8, 16 */
  int32_t k_block;     /* elements of nc; 0: all of nc */
  int32_t order;       /* svetune_order */
  int32_t approach;    /* svetune_approach */
  int32_t columns;     /* svetune_columns */
  int32_t k_split;     /* sets of accumulators that small tiles may split K over: 1, 2, 3 */
  int32_t v_pack;      /* 1: V of a block of nc is packed into the workspace, tile by tile; 0: read where it is */
  int32_t prefetch;    /* V is fetched six rows ahead, and so many rounds of k_unroll rows: 0 .. 16 */
  int32_t fma_order;   /* svetune_fma_order */
} svetune_config;

/* Operands; leading dimensions in elements; nothing needs an alignment beyond that of a float. */
typedef struct svetune_args {
  const float* s;   /* m x nc; unused by SVETUNE_GEMM */
  ptrdiff_t lds;    /* >= nc */
  const float* max; /* m values, any float; unused by SVETUNE_GEMM and SVETUNE_SOFTMAX_GEMM */
  float scale;
  const float* p;  /* m x nc, read by SVETUNE_GEMM only, else may be null */
  ptrdiff_t ldp;   /* >= nc where p is used */
  const float* v;  /* nc x d */
  ptrdiff_t ldv;   /* >= d */
  float* o;        /* m x d, read (but by SVETUNE_SOFTMAX_GEMM) and written; overlaps no other operand */
  ptrdiff_t ldo;   /* >= d */
  void* workspace; /* at least svetune_workspace_bytes(), aligned to 64 bytes is fastest */
  size_t workspace_bytes;
  float* row_sum; /* m values, read and written by SVETUNE_EXP2_GEMM_SUMS only, else may be null */
} svetune_args;

/* Vector length of this processor in bits, or 0 where it has no SVE. */
SVETUNE_API unsigned svetune_vector_bits(void);

/* MIDR_EL1 of this processor, or 0 where the system does not show it. */
SVETUNE_API uint64_t svetune_midr(void);

/* Bytes of workspace that a call with this problem and configuration needs; 0 is possible. */
SVETUNE_API size_t svetune_workspace_bytes(const svetune_problem* problem, const svetune_config* config);

/* The problem's operation by one configuration. On any status but SVETUNE_OK nothing has been read or written. */
SVETUNE_API svetune_status svetune_run(const svetune_problem* problem, const svetune_config* config,
                                       const svetune_args* args);

/* A problem and a configuration, checked and looked up once for many calls. Opaque; may be copied; needs no release;
 * serves any number of threads. Valid in the process, and at the vector length, that prepared it. */
typedef struct svetune_plan {
  uint64_t opaque[232];
} svetune_plan;

/* On any status but SVETUNE_OK the plan is one that svetune_call() refuses. */
SVETUNE_API svetune_status svetune_prepare(const svetune_problem* problem, const svetune_config* config,
                                           svetune_plan* plan);

/* As svetune_run() with the plan's problem and configuration, without looking them up again: for short calls. */
SVETUNE_API svetune_status svetune_call(const svetune_plan* plan, const svetune_args* args);

/* A batch: the same problem and configuration for many heads or row blocks. Operand x of call i starts x elements * i
 * after that of call 0; 0 is a shared operand, which o cannot be. */
typedef struct svetune_batch {
  int64_t count; /* calls; 1 or more */
  ptrdiff_t s, max, p, v, o;
  ptrdiff_t row_sum; /* where the operation writes sums; cannot be shared either */
} svetune_batch;

/* How a batch is spread: calls part(data, i) once for every i from 0 to parts - 1, on any threads, and returns when all
 * have returned. svetune/spread.h has one for OpenMP, svetune/spread.hpp one for std::thread. */
typedef void (*svetune_part)(void* data, int part);
typedef void (*svetune_spread)(void* context, int parts, svetune_part part, void* data);

/* Bytes of workspace of a batch in so many parts: each has its own. SIZE_MAX where no memory can hold it. */
SVETUNE_API size_t svetune_batch_workspace_bytes(const svetune_problem* problem, const svetune_config* config,
                                                 int parts);

/* Runs a batch in `parts` parts of nearly equal length: args is call 0, its workspace is that of the whole batch. Null
 * `spread`: one part after the other on this thread. On any status but SVETUNE_OK nothing has been read or written. */
SVETUNE_API svetune_status svetune_run_batch(const svetune_problem* problem, const svetune_config* config,
                                             const svetune_args* args, const svetune_batch* batch, int parts,
                                             svetune_spread spread, void* context);

/* A sentence in English; never null. */
SVETUNE_API const char* svetune_status_text(svetune_status status);

#ifdef __cplusplus
}
#endif
#endif
