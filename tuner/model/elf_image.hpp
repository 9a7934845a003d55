// An aarch64 ELF file: its code, its symbols, what it needs to be loaded.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace svetune::model {

struct AddressRange {
  std::uint64_t begin = 0, end = 0;
  bool contains(std::uint64_t address) const { return address >= begin && address < end; }
};

struct Symbol {
  std::string name;
  std::uint64_t address = 0, size = 0;
  bool chosen_at_run_time = false;  // STT_GNU_IFUNC: the address is that of the function that chooses
};

class ElfImage {
 public:
  // Throws InputError if the file cannot be read or is no 64-bit little-endian aarch64 program or library.
  static std::shared_ptr<const ElfImage> read(const std::string& path);

  const std::string& path() const { return path_; }
  bool position_independent() const { return position_independent_; }
  const std::string& interpreter() const { return interpreter_; }  // of a dynamic program; else empty
  std::uint64_t first_address() const { return first_address_; }   // of the lowest loaded byte, at bias 0

  std::uint64_t entry() const { return entry_; }  // first instruction, at bias 0

  // Addresses are those of the file; a loader may add a bias.
  std::optional<std::uint32_t> word(std::uint64_t address) const;  // of executable segments
  const Symbol* find(std::string_view name) const;
  const Symbol* containing(std::uint64_t address) const;  // the function (or label) at or before the address
  const std::vector<Symbol>& functions() const { return functions_; }  // by address
  std::vector<AddressRange> code() const;                              // executable segments
  // Addresses of PLT entries' targets: slot in the GOT -> name of the function.
  const std::map<std::uint64_t, std::string>& plt_slots() const { return plt_slots_; }

 private:
  ElfImage() = default;
  struct Segment {
    std::uint64_t address = 0;
    std::vector<std::uint8_t> bytes;
  };
  struct Reader;

  std::string path_, interpreter_;
  bool position_independent_ = false;
  std::uint64_t first_address_ = 0, entry_ = 0;
  std::vector<Segment> segments_;
  std::vector<Symbol> functions_;
  std::map<std::string, Symbol, std::less<>> by_name_;
  std::map<std::uint64_t, std::string> plt_slots_;
};

// An image where a process has it.
struct LoadedImage {
  std::shared_ptr<const ElfImage> image;
  std::uint64_t bias = 0;
};

}  // namespace svetune::model
