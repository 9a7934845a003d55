#include "model/decoder.hpp"

#include <llvm/ADT/ArrayRef.h>
#include <llvm/MC/MCInstrDesc.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <mutex>

#include "model/error.hpp"
#include "model/llvm_target.hpp"
#include "model/operands.hpp"

namespace svetune::model {

LlvmTarget::LlvmTarget() : triple("aarch64-unknown-linux-gnu") {
  static std::once_flag once;  // LLVM's list of targets is not for several threads
  std::call_once(once, [] {
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64Disassembler();
    LLVMInitializeAArch64AsmParser();
  });
  std::string error;
  target = llvm::TargetRegistry::lookupTarget(triple.str(), error);
  if (target == nullptr) throw ModelError("LLVM has no AArch64 target (" + error + "): install libllvm19");
  registers.reset(target->createMCRegInfo(triple.str()));
  assembly.reset(target->createMCAsmInfo(*registers, triple.str(), options));
  instructions.reset(target->createMCInstrInfo());
  subtarget.reset(target->createMCSubtargetInfo(
      triple.str(), "", "+all,+sve"));  // the parser asks for sve by name before it takes b.first
}

namespace {

// LLVM's name of one register: "X3", "W3", "LR", "Z5_HI" (kRegs), "NZCV".
Reg named_register(std::string_view name) {
  if (name == "FP") return 29;
  if (name == "LR") return 30;
  if (name == "SP" || name == "WSP") return kSp;
  if (name == "NZCV") return kNzcv;
  if (name == "FFR") return kFfr;
  std::string lower;
  for (const char c : name) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  return parse_register(lower);
}

// A tab after the mnemonic and one before it become single spaces.
std::string tidy_text(std::string_view raw) {
  std::string out;
  for (const char c : raw) {
    const char d = c == '\t' ? ' ' : c;
    if (d == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += d;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::uint64_t hex_operand(const std::string& text) {
  const std::size_t at = text.rfind("0x");
  return at == std::string::npos ? 0 : std::stoull(text.substr(at), nullptr, 16);
}

}  // namespace

class Decoder::Impl {
 public:
  Impl()
      : context_(target_.triple, target_.assembly.get(), target_.registers.get(), target_.subtarget.get()),
        disassembler_(target_.target->createMCDisassembler(*target_.subtarget, context_)),
        printer_(target_.target->createMCInstPrinter(target_.triple, 0, *target_.assembly, *target_.instructions,
                                                     *target_.registers)) {
    printer_->setPrintBranchImmAsAddress(true);
    const unsigned count = target_.registers->getNumRegs();
    flat_.resize(count);
    for (unsigned r = 1; r < count; ++r) {
      for (const llvm::MCPhysReg sub : target_.registers->subregs_inclusive(static_cast<llvm::MCPhysReg>(r))) {
        const Reg reg = named_register(target_.registers->getName(sub));
        if (reg != kRegs && std::find(flat_[r].begin(), flat_[r].end(), reg) == flat_[r].end()) flat_[r].push_back(reg);
      }
    }
  }

  Instruction decode(std::uint32_t word, std::uint64_t pc, unsigned vector_bits) const {
    Instruction out;
    out.pc = pc;
    out.word = word;
    const std::array<std::uint8_t, 4> bytes{static_cast<std::uint8_t>(word), static_cast<std::uint8_t>(word >> 8),
                                            static_cast<std::uint8_t>(word >> 16),
                                            static_cast<std::uint8_t>(word >> 24)};
    llvm::MCInst inst;
    std::uint64_t size = 0;
    if (disassembler_->getInstruction(inst, size, bytes, pc, llvm::nulls()) != llvm::MCDisassembler::Success) {
      std::array<char, 20> text{};
      std::snprintf(text.data(), text.size(), ".inst 0x%08x", word);
      out.text = text.data();
      out.shape = ".inst";
      out.kind = Kind::system;
      return out;
    }
    std::string raw;
    llvm::raw_string_ostream stream(raw);
    printer_->printInst(&inst, pc, "", *target_.subtarget, stream);
    out.text = tidy_text(raw);
    out.shape = shape_of(out.text);
    out.kind = kind_of(out.text);
    add_registers(out, inst);
    add_memory_facts(out, vector_bits);
    add_control_facts(out, inst);
    return out;
  }

  const LlvmTarget& target() const { return target_; }

 private:
  void add(std::vector<Reg>& list, unsigned llvm_register) const {
    for (const Reg r : flat_[llvm_register]) {
      if (std::find(list.begin(), list.end(), r) == list.end()) list.push_back(r);
    }
  }

  // Tied operands (accumulators, merging destinations, written-back bases) are listed by LLVM both as defs and as uses.
  void add_registers(Instruction& out, const llvm::MCInst& inst) const {
    const llvm::MCInstrDesc& desc = target_.instructions->get(inst.getOpcode());
    for (unsigned i = 0; i < inst.getNumOperands(); ++i) {
      if (!inst.getOperand(i).isReg()) continue;
      add(i < desc.getNumDefs() ? out.defs : out.uses, inst.getOperand(i).getReg());
      if (const auto& last = flat_[inst.getOperand(i).getReg()]; !last.empty()) out.last_operand = last.front();
    }
    // LLVM gives every MRS the flags of its one form that sets them.
    const bool sets_flags = !out.text.starts_with("mrs ") || out.text.find("RNDR") != std::string::npos;
    for (const llvm::MCPhysReg r : desc.implicit_defs()) {
      if (sets_flags || flat_[r] != std::vector<Reg>{kNzcv}) add(out.defs, r);
    }
    if (out.text.ends_with(", NZCV")) out.uses.push_back(kNzcv);
    // The half that "fmov v0.d[1], x0" leaves alone is an input; LLVM does not say so.
    if (out.text.starts_with("fmov v") && out.text.find("[1],") != std::string::npos)
      out.uses.push_back(out.defs.front());
    const bool transfers = out.kind == Kind::call;  // LLVM says that a call reads SP; the core does not
    for (const llvm::MCPhysReg r : desc.implicit_uses()) {
      if (!transfers) add(out.uses, r);
    }
  }

  void add_control_facts(Instruction& out, const llvm::MCInst& inst) const {
    const llvm::MCInstrDesc& desc = target_.instructions->get(inst.getOpcode());
    if (out.kind == Kind::load && out.address_uses.empty()) out.target = hex_operand(out.text);  // PC-relative
    if (out.kind != Kind::branch && out.kind != Kind::call) return;
    out.conditional = out.kind == Kind::branch && desc.isConditionalBranch();
    if (!desc.isIndirectBranch() && out.text.find("0x") != std::string::npos) out.target = hex_operand(out.text);
  }

  LlvmTarget target_;
  mutable llvm::MCContext context_;
  std::unique_ptr<llvm::MCDisassembler> disassembler_;
  std::unique_ptr<llvm::MCInstPrinter> printer_;
  std::vector<std::vector<Reg>> flat_;  // by LLVM's number: the flat registers inside
};

Decoder::Decoder(unsigned vector_bits) : vector_bits_(vector_bits), impl_(std::make_unique<Impl>()) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

Instruction Decoder::decode(std::uint32_t word, std::uint64_t pc) const {
  return impl_->decode(word, pc, vector_bits_);
}

std::vector<Instruction> Decoder::parse_assembly(std::string_view text, const std::string& name) const {
  std::vector<Instruction> out;
  for (const AssembledWord& w : assemble(impl_->target(), text, name)) out.push_back(decode(w.word, w.pc));
  if (out.empty()) throw InputError(name + ": no instructions; give the body of a loop as assembly text");
  return out;
}

}  // namespace svetune::model
