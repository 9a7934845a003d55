// Executes assembly text: its integer instructions and branches, so that each memory access has its true address.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "model/address_form.hpp"
#include "model/decoder.hpp"
#include "model/integer_unit.hpp"

namespace svetune::model {

// Starts at the first instruction with x0-x30 as given; a RET without a call ends a run, as does running off the end.
// The runs follow each other, each a region. Registers start anew in every run.
class AssemblyProgram : public TraceSource {
 public:
  AssemblyProgram(std::string_view text, unsigned vector_bits, std::uint64_t runs = 1);

  std::map<unsigned, std::uint64_t> registers;    // at the start of each run
  std::map<std::uint64_t, std::uint64_t> memory;  // what loads of x registers find; else 0

  const Instruction& instruction(std::uint32_t index) const override { return code_[index]; }
  bool next(Executed& out) override;

 private:
  struct Step {
    IntegerOperation operation;
    AddressForm address;
  };
  void begin();
  bool branch_taken(const Instruction& i) const;
  std::uint64_t address(const AddressForm& form) const;
  void execute_memory(const Instruction& i, const AddressForm& form, std::uint64_t at);

  std::vector<Instruction> code_;
  std::vector<Step> steps_;
  unsigned vector_bits_;
  std::uint64_t runs_, run_ = 0, pc_ = 0, depth_ = 0;
  bool starts_ = true;
  IntegerState state_;
};

}  // namespace svetune::model
