/* Spreads a batch of svetune/kernels.h over the threads of OpenMP, in C11 or C++17. */
#ifndef SVETUNE_SPREAD_H
#define SVETUNE_SPREAD_H

#include "svetune/kernels.h"

#ifdef _OPENMP
/* A svetune_spread; `context` is not used. Nested regions follow the rules of OpenMP. */
static inline void svetune_spread_openmp(void* context, int parts, svetune_part part, void* data) {
  int i = 0;
  (void)context;
#pragma omp parallel for schedule(static, 1)
  for (i = 0; i < parts; ++i) part(data, i);
}
#endif

#endif
