// What each translation unit of a vector length contributes to that length's table.
#pragma once

#include "micro/micro_kernels.hpp"

namespace svetune {

using Exp2Table = decltype(MicroKernels::exp2);
using GemmTable = decltype(MicroKernels::gemm);
using FusedTable = decltype(MicroKernels::fused);

template <unsigned kVectorBits>
struct Tables {
  static const Exp2Table exp2;
  static const GemmTable gemm;
  static const FusedTable fused;
  static const SoftmaxKernels softmax;
  static const PackTable pack;
  static const InterleavedKernels interleaved;
};

// Defined with the kernels, in a translation unit that is compiled for that length.
template <>
const Exp2Table Tables<128>::exp2;
template <>
const Exp2Table Tables<256>::exp2;
template <>
const Exp2Table Tables<512>::exp2;
template <>
const GemmTable Tables<128>::gemm;
template <>
const GemmTable Tables<256>::gemm;
template <>
const GemmTable Tables<512>::gemm;
template <>
const FusedTable Tables<128>::fused;
template <>
const FusedTable Tables<256>::fused;
template <>
const FusedTable Tables<512>::fused;
template <>
const SoftmaxKernels Tables<128>::softmax;
template <>
const SoftmaxKernels Tables<256>::softmax;
template <>
const SoftmaxKernels Tables<512>::softmax;
template <>
const PackTable Tables<128>::pack;
template <>
const PackTable Tables<256>::pack;
template <>
const PackTable Tables<512>::pack;
template <>
const InterleavedKernels Tables<128>::interleaved;
template <>
const InterleavedKernels Tables<256>::interleaved;
template <>
const InterleavedKernels Tables<512>::interleaved;

}  // namespace svetune
