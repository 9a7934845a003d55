// The processor's vector length.
#pragma once

namespace svetune {

// SVE vector length of this processor in bits; 0 without SVE. One load and one instruction.
unsigned processor_vector_bits();

}  // namespace svetune
