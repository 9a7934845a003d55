#include "micro/study.hpp"
#include "micro/tables.hpp"

namespace svetune {
namespace {

template <unsigned kVectorBits>
const MicroKernels kTable = {
    kVectorBits,
    kVectorBits / 32,
    Tables<kVectorBits>::exp2,
    Tables<kVectorBits>::gemm,
    Tables<kVectorBits>::fused,
    Tables<kVectorBits>::softmax,
    Tables<kVectorBits>::pack,
    kVectorBits == 512 ? &kStudyKernels : nullptr,
    &kPanelTable,
    {svetune_chain_exp2, svetune_chain_call, svetune_chain_call_four, svetune_chain_panels, svetune_chain_end},
    Tables<kVectorBits>::interleaved};

}  // namespace

const MicroKernels* micro_kernels(unsigned vector_bits) {
  switch (vector_bits) {
    case 128:
      return &kTable<128>;
    case 256:
      return &kTable<256>;
    case 512:
      return &kTable<512>;
    default:
      return nullptr;
  }
}

}  // namespace svetune
