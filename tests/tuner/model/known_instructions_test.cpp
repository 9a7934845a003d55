// Every instruction of the C and C++ libraries has a class in every machine file.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>
#include <unordered_set>

#include "model/core_model.hpp"
#include "model/decoder.hpp"
#include "model/elf_image.hpp"
#include "model/error.hpp"
#include "model/machine.hpp"

namespace svetune::model {
namespace {

// Memory tagging: in the libraries behind a check, and in neither A64FX nor Neoverse V1.
bool tags_memory(const std::string& shape) {
  const std::string name = shape.substr(0, shape.find(' '));
  return std::set<std::string>{"gmi", "irg", "ldg", "stg", "st2g", "stzg", "stz2g", "stgp", "addg", "subg"}.count(
             name) != 0;
}

// One instruction of each shape in the functions of the libraries; data between functions is left out.
std::map<std::string, Instruction> shapes() {
  std::map<std::string, Instruction> out;
  std::unordered_set<std::uint32_t> seen;
  const Decoder decoder(512);
  for (const char* name : {"libc.so.6", "libm.so.6", "libstdc++.so.6", "libgomp.so.1"}) {
    for (const std::string folder : {"/usr/aarch64-linux-gnu/lib/", "/lib/aarch64-linux-gnu/", "/lib64/"}) {
      if (!std::filesystem::exists(folder + name)) continue;
      const auto image = ElfImage::read(folder + name);
      for (const Symbol& function : image->functions()) {
        for (std::uint64_t pc = function.address; pc < function.address + function.size; pc += 4) {
          const auto word = image->word(pc);
          if (!word || !seen.insert(*word).second) continue;
          Instruction i = decoder.decode(*word, pc);
          if (i.shape != ".inst" && i.shape != "udf #" && !tags_memory(i.shape)) out.emplace(i.shape, std::move(i));
        }
      }
      break;
    }
  }
  return out;
}

TEST(KnownInstructions, OfTheSystemsLibraries) {
  const std::map<std::string, Instruction> all = shapes();
  ASSERT_GT(all.size(), 400U) << "the aarch64 C library is not where it is looked for";
  for (const std::string& name : known_machines()) {
    const auto machine = load_machine(name);
    std::string unknown;
    for (const auto& [shape, instruction] : all) {
      try {
        machine->class_of(instruction);
      } catch (const ModelError&) {
        unknown += instruction.text + "   [" + shape + "]\n";
      }
    }
    EXPECT_EQ(unknown, "") << "unknown to " << name;
  }
}

}  // namespace
}  // namespace svetune::model
