// LLVM's AArch64 target with every extension. Internal: included only where LLVM is called.
#pragma once

#include <llvm/MC/MCAsmInfo.h>
#include <llvm/MC/MCContext.h>
#include <llvm/MC/MCDisassembler/MCDisassembler.h>
#include <llvm/MC/MCInst.h>
#include <llvm/MC/MCInstPrinter.h>
#include <llvm/MC/MCInstrInfo.h>
#include <llvm/MC/MCRegisterInfo.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/MCTargetOptions.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/TargetParser/Triple.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace svetune::model {

struct LlvmTarget {
  LlvmTarget();  // throws ModelError if the LLVM at hand has no AArch64

  llvm::Triple triple;
  llvm::MCTargetOptions options;
  const llvm::Target* target = nullptr;
  std::unique_ptr<llvm::MCRegisterInfo> registers;
  std::unique_ptr<llvm::MCAsmInfo> assembly;
  std::unique_ptr<llvm::MCInstrInfo> instructions;
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget;
};

// A word of assembly text, before it is decoded.
struct AssembledWord {
  std::uint32_t word = 0;
  std::uint64_t pc = 0;  // 4 times its number in the text
};

// Assembles with labels resolved (first instruction at address 0). Throws InputError with name and line.
std::vector<AssembledWord> assemble(const LlvmTarget& target, std::string_view text, const std::string& name);

}  // namespace svetune::model
