#include "model/program.hpp"

#include "model/error.hpp"
#include "model/text.hpp"

namespace svetune::model {

Program::Program(std::vector<LoadedImage> images, unsigned vector_bits)
    : images_(std::move(images)), decoder_(vector_bits) {
  for (const LoadedImage& image : images_) {
    for (const AddressRange& range : image.image->code()) {
      parts_.push_back({{range.begin + image.bias, range.end + image.bias}, &image, {}});
      parts_.back().index.resize((range.end - range.begin) / 4 + 1);
    }
  }
}

Program::Part* Program::part_at(std::uint64_t pc) {
  for (Part& part : parts_) {
    if (part.range.contains(pc)) return &part;
  }
  return nullptr;
}

bool Program::has_code(std::uint64_t pc) const {
  return image_at(pc) != nullptr;
}

const LoadedImage* Program::image_at(std::uint64_t pc) const {
  for (const Part& part : parts_) {
    if (part.range.contains(pc)) return part.image;
  }
  return nullptr;
}

std::uint32_t Program::index_at(std::uint64_t pc) {
  Part* part = part_at(pc);
  const auto word = part == nullptr ? std::nullopt : part->image->image->word(pc - part->image->bias);
  if (!word || pc % 4 != 0)
    throw TraceError("the trace enters " + hex(pc) + ", where the program's files have no code");
  std::uint32_t& known = part->index[(pc - part->range.begin) / 4];
  if (known == 0) {
    ProgramEntry entry;
    entry.instruction = decoder_.decode(*word, pc);
    entry.integer = integer_operation(entry.instruction, vector_bits());
    entry.address = address_form(entry.instruction, vector_bits());
    entries_.push_back(std::move(entry));
    known = static_cast<std::uint32_t>(entries_.size());
  }
  return known - 1;
}

std::string Program::name_of(std::uint64_t pc) const {
  const LoadedImage* image = image_at(pc);
  const Symbol* symbol = image == nullptr ? nullptr : image->image->containing(pc - image->bias);
  if (symbol == nullptr) return hex(pc);
  std::string name = symbol->name;
  if (const std::uint64_t offset = pc - image->bias - symbol->address; offset != 0) name += "+" + hex(offset);
  if (image != &images_.front()) name += " in " + image->image->path();
  return name;
}

}  // namespace svetune::model
