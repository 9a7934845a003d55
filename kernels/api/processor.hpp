// The processor's vector length.
#pragma once

#include <cstdint>

namespace svetune {

// SVE vector length of this processor in bits; 0 without SVE. One load and one instruction.
unsigned processor_vector_bits();
// MIDR_EL1, read once: the system emulates the instruction. 0 where it does not.
std::uint64_t processor_midr();

}  // namespace svetune
