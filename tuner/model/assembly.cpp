// Assembly text to words: LLVM's parser with a streamer that keeps the instructions and resolves branches to labels.
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/MC/MCCodeEmitter.h>
#include <llvm/MC/MCExpr.h>
#include <llvm/MC/MCFixup.h>
#include <llvm/MC/MCObjectFileInfo.h>
#include <llvm/MC/MCParser/MCAsmParser.h>
#include <llvm/MC/MCParser/MCTargetAsmParser.h>
#include <llvm/MC/MCStreamer.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/SourceMgr.h>

#include <cstring>
#include <optional>

#include "model/error.hpp"
#include "model/llvm_target.hpp"

namespace svetune::model {
namespace {

struct Pending {
  llvm::MCInst inst;
  unsigned line;
};

// Keeps instructions in order and the place of each label; all sections are one.
class CollectingStreamer : public llvm::MCStreamer {
 public:
  CollectingStreamer(llvm::MCContext& context, llvm::SourceMgr& sources) : MCStreamer(context), sources_(sources) {}

  void emitInstruction(const llvm::MCInst& inst, const llvm::MCSubtargetInfo&) override {
    const llvm::SMLoc at = inst.getLoc().isValid() ? inst.getLoc() : getStartTokLoc();
    pending.push_back({inst, at.isValid() ? sources_.FindLineNumber(at) : 0});
  }
  void emitLabel(llvm::MCSymbol* symbol, llvm::SMLoc at) override {
    MCStreamer::emitLabel(symbol, at);
    labels[symbol] = pending.size() * 4;
  }
  bool emitSymbolAttribute(llvm::MCSymbol*, llvm::MCSymbolAttr) override { return true; }
  void emitCommonSymbol(llvm::MCSymbol*, std::uint64_t, llvm::Align) override {}
  void emitZerofill(llvm::MCSection*, llvm::MCSymbol*, std::uint64_t, llvm::Align, llvm::SMLoc) override {}

  std::vector<Pending> pending;
  llvm::DenseMap<const llvm::MCSymbol*, std::uint64_t> labels;

 private:
  llvm::SourceMgr& sources_;
};

struct Diagnostic {
  unsigned line = 0;
  std::string text;
};

void keep_first_error(const llvm::SMDiagnostic& d, void* context) {
  auto& first = *static_cast<Diagnostic*>(context);
  if (d.getKind() != llvm::SourceMgr::DK_Error || !first.text.empty()) return;
  first.line = static_cast<unsigned>(std::max(0, d.getLineNo()));
  first.text = d.getMessage().str();
}

// Lines that count: all, or those between the markers of llvm-mca.
std::vector<bool> measured_lines(std::string_view text) {
  std::vector<bool> measured{false};
  bool inside = text.find("LLVM-MCA-BEGIN") == std::string_view::npos;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    if (line.find("LLVM-MCA-BEGIN") != std::string_view::npos) inside = true;
    if (line.find("LLVM-MCA-END") != std::string_view::npos) inside = false;
    measured.push_back(inside);
    begin = end + 1;
  }
  return measured;
}

// Where `expression` (a label, or a label plus a constant) lies; nothing if it is not in the text.
std::optional<std::int64_t> place_of(const llvm::MCExpr& expression, const CollectingStreamer& streamer) {
  if (const auto* constant = llvm::dyn_cast<llvm::MCConstantExpr>(&expression)) return constant->getValue();
  if (const auto* symbol = llvm::dyn_cast<llvm::MCSymbolRefExpr>(&expression)) {
    const auto at = streamer.labels.find(&symbol->getSymbol());
    if (at == streamer.labels.end()) return std::nullopt;
    return static_cast<std::int64_t>(at->second);
  }
  const auto* binary = llvm::dyn_cast<llvm::MCBinaryExpr>(&expression);
  if (binary == nullptr) return std::nullopt;
  const auto left = place_of(*binary->getLHS(), streamer), right = place_of(*binary->getRHS(), streamer);
  if (!left || !right) return std::nullopt;
  return binary->getOpcode() == llvm::MCBinaryExpr::Sub ? *left - *right : *left + *right;
}

// A branch to a known label gets its displacement; every other symbolic operand is encoded as zero by the emitter.
void resolve_branch(llvm::MCInst& inst, std::uint64_t pc, const llvm::MCInstrInfo& info,
                    const CollectingStreamer& streamer) {
  const llvm::MCInstrDesc& desc = info.get(inst.getOpcode());
  if (!desc.isBranch() && !desc.isCall()) return;
  for (llvm::MCOperand& operand : inst) {
    if (!operand.isExpr()) continue;
    if (const auto at = place_of(*operand.getExpr(), streamer)) {
      operand = llvm::MCOperand::createImm((*at - static_cast<std::int64_t>(pc)) / 4);
    }
  }
}

std::vector<AssembledWord> encode(CollectingStreamer& streamer, const LlvmTarget& target, llvm::MCContext& context,
                                  const std::vector<bool>& measured) {
  const std::unique_ptr<llvm::MCCodeEmitter> emitter(target.target->createMCCodeEmitter(*target.instructions, context));
  std::vector<AssembledWord> out;
  std::uint64_t pc = 0;
  for (Pending& p : streamer.pending) {
    resolve_branch(p.inst, pc, *target.instructions, streamer);
    llvm::SmallVector<char, 16> bytes;
    llvm::SmallVector<llvm::MCFixup, 2> fixups;
    emitter->encodeInstruction(p.inst, bytes, fixups, *target.subtarget);
    // Some forms (TLS call sequences) emit no bytes of their own.
    if (bytes.size() >= 4 && p.line < measured.size() && measured[p.line]) {
      AssembledWord word{0, pc};
      std::memcpy(&word.word, bytes.data(), 4);
      out.push_back(word);
    }
    pc += 4;
  }
  return out;
}

}  // namespace

std::vector<AssembledWord> assemble(const LlvmTarget& target, std::string_view text, const std::string& name) {
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBufferCopy(llvm::StringRef(text.data(), text.size()), name),
                             llvm::SMLoc());
  Diagnostic first;
  sources.setDiagHandler(keep_first_error, &first);
  llvm::MCContext context(target.triple, target.assembly.get(), target.registers.get(), target.subtarget.get(),
                          &sources);
  const std::unique_ptr<llvm::MCObjectFileInfo> objects(target.target->createMCObjectFileInfo(context, false));
  context.setObjectFileInfo(objects.get());

  CollectingStreamer streamer(context, sources);
  target.target->createNullTargetStreamer(streamer);  // owned by the streamer
  const std::unique_ptr<llvm::MCAsmParser> parser(
      llvm::createMCAsmParser(sources, context, streamer, *target.assembly));
  const std::unique_ptr<llvm::MCTargetAsmParser> instructions(
      target.target->createMCAsmParser(*target.subtarget, *parser, *target.instructions, target.options));
  parser->setTargetParser(*instructions);
  if (parser->Run(false) || !first.text.empty()) {
    throw InputError(name + ":" + std::to_string(first.line) + ": " +
                     (first.text.empty() ? "cannot be assembled" : first.text));
  }
  return encode(streamer, target, context, measured_lines(text));
}

}  // namespace svetune::model
