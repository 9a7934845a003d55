// Which code a function may run: what has to be traced with it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/program.hpp"

namespace svetune::profile {

class CodeClosure {
 public:
  explicit CodeClosure(model::Program& program) : program_(program) {}

  // A function and everything that it reaches by direct calls and branches and through PLT entries. Where it calls
  // through a pointer, all code of its image joins; where through a PLT entry whose function the loader chooses
  // (IFUNC), all code of that library.
  void add_function(model::AddressRange range);
  // All code of the image at `address`. False if there is none, or it is in already.
  bool add_image(std::uint64_t address);
  // A single place.
  void add_place(std::uint64_t address) { add({address, address + 4}); }

  // "0x1000+0x20,0x2000+0x40": for the emulator's -dfilter.
  std::string filter() const;

  // The extent of the function at `address` of the process: its symbol's, or up to the next symbol.
  model::AddressRange function_at(std::uint64_t address) const;

 private:
  void add(model::AddressRange range);
  bool has(std::uint64_t address) const;
  void scan(model::AddressRange range);
  void reach(std::uint64_t target);
  bool reach_by_plt(std::uint64_t stub);

  model::Program& program_;
  std::map<std::uint64_t, std::uint64_t> ranges_;  // begin to end, apart from each other
  std::vector<model::AddressRange> pending_;
};

// The function that a dynamic symbol names in the first image that has it; nullptr: none.
struct FoundSymbol {
  const model::LoadedImage* image = nullptr;
  const model::Symbol* symbol = nullptr;
};
FoundSymbol find_symbol(const std::vector<model::LoadedImage>& images, std::string_view name);

}  // namespace svetune::profile
