// Instruction words and assembly text to Instructions, by LLVM's MC layer with every AArch64 extension switched on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/instruction.hpp"

namespace svetune::model {

// Not for use by two threads at once (LLVM's context is shared by its calls); one decoder a thread is fine.
class Decoder {
 public:
  explicit Decoder(unsigned vector_bits = 512);  // Instruction::bytes depends on it
  ~Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;

  unsigned vector_bits() const { return vector_bits_; }

  // A word that is no instruction gives text ".inst 0x00000000", shape ".inst", kind system.
  Instruction decode(std::uint32_t word, std::uint64_t pc = 0) const;

  // Assembly as llvm-mca takes it: labels, comments, directives; where "LLVM-MCA-BEGIN" and "LLVM-MCA-END" stand in
  // comments, only the instructions between them. The n-th instruction of the text gets pc 4n. Direct branches to
  // labels of the text have their targets, others target 0. Throws InputError "name:line: what" on a syntax error or
  // where nothing is left.
  std::vector<Instruction> parse_assembly(std::string_view text, const std::string& name = "assembly") const;

 private:
  class Impl;
  unsigned vector_bits_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace svetune::model
