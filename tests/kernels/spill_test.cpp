// No micro-kernel moves a vector to or from the stack inside a loop: the disassembly of every instantiated one is read.
//
// Two signs of it. The unpredicated LDR and STR of a Z register are what compilers fill and spill with, and nothing
// else here uses them. Any other load or store of a vector is one if its base is SP or computed from SP. Broadcasts
// (LD1RW) of a row's constants are neither.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "micro/micro_kernels.hpp"

namespace svetune {
namespace {

struct Line {
  unsigned long address;
  std::string text;
};
struct Function {
  std::string name;
  std::vector<Line> lines;
};

// What llvm-objdump -d prints.
std::vector<Function> parse(std::istream& disassembly) {
  static const std::regex kHeader(R"([0-9a-f]+ <(.*)>:\s*)");
  static const std::regex kInstruction(R"(\s*([0-9a-f]+):\s+(.*?)\s*)");
  std::vector<Function> functions;
  std::smatch match;
  for (std::string line; std::getline(disassembly, line);) {
    if (std::regex_match(line, match, kHeader)) {
      functions.push_back({match[1], {}});
    } else if (!functions.empty() && std::regex_match(line, match, kInstruction)) {
      functions.back().lines.push_back({std::stoul(match[1].str(), nullptr, 16), match[2]});
    }
  }
  return functions;
}

// Registers that hold an address in the stack, as far as the order of the text shows it.
class StackPointers {
 public:
  bool has(const std::string& name) const { return names_.contains(name); }
  void follow(const std::string& text) {
    static const std::regex kCopy(R"((?:mov|add|sub|and|addvl|addpl)\s+(x\d+|sp), (x\d+|sp)\b.*)");
    static const std::regex kWrite(R"((?!st|cmp|cmn|tst|cb|tb|b)\w+\s+[xw](\d+)(?:, [xw](\d+), \[)?.*)");
    std::smatch match;
    if (std::regex_match(text, match, kCopy)) {
      if (has(match[2])) {
        names_.insert(match[1]);
      } else {
        names_.erase(match[1]);
      }
    } else if (std::regex_match(text, match, kWrite)) {
      names_.erase("x" + match[1].str());
      if (match[2].matched) names_.erase("x" + match[2].str());
    }
  }

 private:
  std::set<std::string> names_{"sp"};
};

// The code between a backward branch and its target is a loop.
std::vector<std::string> spills_in_loops(const Function& function) {
  static const std::regex kBranch(R"((?:b|b\.\w+|cbn?z|tbn?z)\s+(?:.*,\s*)?0x([0-9a-f]+).*)");
  static const std::regex kFill(R"((?:ldr|str)\s+z\d+, .*)");
  static const std::regex kAccess(
      R"((?:ldr|str|ldur|stur|ldp|stp|ldnt1\w|stnt1\w|(?:ld|st)[1-4]\w)\s+\{?\s*[zq]\d+.*\[(\w+).*)");
  std::smatch match;
  std::vector<std::pair<unsigned long, unsigned long>> loops;
  for (const Line& line : function.lines) {
    if (!std::regex_match(line.text, match, kBranch)) continue;
    const auto target = std::stoul(match[1].str(), nullptr, 16);
    if (target <= line.address) loops.emplace_back(target, line.address);
  }
  std::vector<std::string> spills;
  StackPointers pointers;
  for (const Line& line : function.lines) {
    const bool in_loop = std::ranges::any_of(
        loops, [&](const auto& loop) { return loop.first <= line.address && line.address <= loop.second; });
    const bool to_stack = std::regex_match(line.text, match, kAccess) && pointers.has(match[1]);
    if (in_loop && (to_stack || std::regex_match(line.text, kFill))) spills.push_back(line.text);
    pointers.follow(line.text);
  }
  return spills;
}

const std::vector<Function>& micro_kernels_built() {
  static const std::vector<Function> functions = [] {
    auto* const pipe = popen(OBJDUMP " -d -C --no-show-raw-insn --mattr=+sve " MICRO_LIBRARY, "r");
    std::stringstream text;
    std::array<char, 1 << 16> buffer{};
    for (std::size_t got = 0; pipe != nullptr && (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
      text.write(buffer.data(), static_cast<std::streamsize>(got));
    if (pipe == nullptr || pclose(pipe) != 0) throw std::runtime_error(OBJDUMP " failed");
    return parse(text);
  }();
  return functions;
}

Function of_text(const std::string& body) {
  std::istringstream in("0000 <f>:\n" + body);
  return parse(in).at(0);
}

TEST(SpillDetector, SeesTheStackInLoopsAlone) {
  using testing::ElementsAre;
  const std::string loop = "  c: cmp x1, x2\n  10: b.ne 0x8 <f+0x8>\n";
  EXPECT_THAT(spills_in_loops(of_text("  8: str z3, [x9, #0x2, mul vl]\n" + loop)),
              ElementsAre("str z3, [x9, #0x2, mul vl]"));
  EXPECT_THAT(spills_in_loops(of_text("  4: add x9, sp, #0x40\n  8: st1w { z3.s }, p0, [x9]\n" + loop)),
              ElementsAre("st1w { z3.s }, p0, [x9]"));
  EXPECT_THAT(spills_in_loops(of_text("  8: ldp q0, q1, [sp, #0x20]\n" + loop)),
              ElementsAre("ldp q0, q1, [sp, #0x20]"));
  for (const std::string good :
       {"  4: str z3, [sp]\n  8: fadd z0.s, z0.s, z1.s\n",                           // before the loop
        "  4: mov x9, sp\n  6: ldr x9, [x0]\n  8: ld1w { z3.s }, p0/z, [x9]\n",      // no longer the stack
        "  4: mov x9, sp\n  6: ldp x8, x9, [x0]\n  8: ld1w { z3.s }, p0/z, [x9]\n",  //
        "  8: ld1rw { z3.s }, p0/z, [sp, #0x4]\n"})                                  // a constant of a row
    EXPECT_THAT(spills_in_loops(of_text(good + loop)), testing::IsEmpty()) << good;
}

TEST(MicroKernels, KeepVectorsInRegistersInTheirLoops) {
  for (const Function& function : micro_kernels_built()) {
    // A published source as the compiler takes it, for comparison; no candidate. docs/core-model.md names its spills.
    if (function.name.find("fused_4x4(svetune::StudyFused const&)") != std::string::npos) continue;
    EXPECT_THAT(spills_in_loops(function), testing::IsEmpty()) << function.name;
  }
}

// That the text above is all of them: every entry of the tables, once a vector length.
TEST(MicroKernels, AreAllLookedAt) {
  std::map<std::string, int> seen;
  for (const Function& function : micro_kernels_built()) {
    static const std::regex kTemplate(
        R"(.*::(gemm_tile|fused_tile|exp2_row|pack_v)<(?:\(.*Method\)(\d), )?([^>]*)>\(.*)");
    std::smatch match;
    if (std::regex_match(function.name, match, kTemplate)) {
      ++seen[match[1].str() + (match[2].matched ? " method " + match[2].str() : "") + ": " + match[3].str()];
    } else if (function.name.starts_with("svetune_panel_") || function.name.starts_with("svetune_interleaved_")) {
      ++seen[function.name];
    }
  }
  std::map<std::string, int> expected;
  for (int mr = 1; mr <= kMaxTileRows; ++mr) {
    for (int nr = 1; nr <= kMaxTileVectors; ++nr) {
      const std::string tile = std::to_string(mr) + ", " + std::to_string(nr);
      for (const char* unroll : {", 1", ", 2", ", 4"}) {
        if (gemm_tile_fits(mr, nr)) expected["gemm_tile: " + tile + unroll] = 3;
      }
      for (const char* method : {"0", "1", "3", "4"}) {  // the square is no faster here than the default
        if (fused_tile_fits(mr, nr)) expected["fused_tile method " + std::string(method) + ": " + tile] = 3;
      }
      for (int most = 1; most <= kMaxPanelSets && mr <= kMaxPanelRows; ++most) {
        const std::string name = "svetune_panel_" + std::to_string(mr) + "x" + std::to_string(nr) + "_s" +
                                 std::to_string(panel_sets(mr, nr, most));
        std::vector<std::string> orders;
        if (panel_fits(mr, nr, 1)) orders = {"_u8", "_u16"};
        if (panel_has_columns(mr, nr, panel_sets(mr, nr, most))) orders.insert(orders.end(), {"_u8_c", "_u16_c"});
        for (const std::string& order : orders) {
          expected[name + order] = 1;
          if (mr == 4) expected[name + order + "_behind_exp2"] = 1;
        }
        if (panel_has_zigzag(mr, nr, panel_sets(mr, nr, most), 16)) expected[name + "_u16_z"] = 1;
      }
      for (int parts = 1; parts <= kMaxInterleavedParts; ++parts) {
        const std::string name = "svetune_interleaved_" + std::to_string(mr) + "x" + std::to_string(nr) + "_p" +
                                 std::to_string(parts) + "_u";
        for (const char* lanes : {"4", "8", "16"}) {
          if (interleaved_fits(mr, nr, parts)) expected[name + lanes] = 1;
        }
      }
    }
  }
  for (int vectors = 1; vectors <= kMaxPanelVectors; ++vectors)
    expected["pack_v: " + std::to_string(vectors) + "ul"] = 3;
  for (std::size_t method = 0; method < kExp2Methods; ++method) {
    for (const char* row : {"1, ", "2, ", "4, ", "8, "}) {
      for (const char* sum : {"false", "true"})
        expected["exp2_row method " + std::to_string(method) + ": " + row + sum] = 3;
    }
  }
  EXPECT_THAT(seen, testing::ContainerEq(expected));
}

}  // namespace
}  // namespace svetune
