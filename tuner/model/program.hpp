// The static instructions of the images of a process, decoded as they are first executed.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "model/address_form.hpp"
#include "model/decoder.hpp"
#include "model/elf_image.hpp"
#include "model/integer_unit.hpp"

namespace svetune::model {

struct ProgramEntry {
  Instruction instruction;  // pc and target as the process has them (bias added)
  IntegerOperation integer;
  AddressForm address;
};

// Indices and references stay valid as more is decoded. One thread at a time.
class Program {
 public:
  Program(std::vector<LoadedImage> images, unsigned vector_bits);

  unsigned vector_bits() const { return decoder_.vector_bits(); }
  const std::vector<LoadedImage>& images() const { return images_; }

  // Throws TraceError if no image has code at `pc`.
  std::uint32_t index_at(std::uint64_t pc);
  bool has_code(std::uint64_t pc) const;
  const ProgramEntry& entry(std::uint32_t index) const { return entries_[index]; }
  std::size_t size() const { return entries_.size(); }

  // "gemm+0x40", with the library's name where it is not the first image; "0x1234" where no symbol is near.
  std::string name_of(std::uint64_t pc) const;
  // The image that has code at `pc`, or nullptr.
  const LoadedImage* image_at(std::uint64_t pc) const;

 private:
  struct Part {
    AddressRange range;
    const LoadedImage* image;
    std::vector<std::uint32_t> index;  // by word: 1 + index, 0 where not yet decoded
  };
  Part* part_at(std::uint64_t pc);

  std::vector<LoadedImage> images_;
  Decoder decoder_;
  std::vector<Part> parts_;
  std::deque<ProgramEntry> entries_;
};

}  // namespace svetune::model
