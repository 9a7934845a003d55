#include "profile/code_closure.hpp"

#include <algorithm>
#include <cstdio>

namespace svetune::profile {

FoundSymbol find_symbol(const std::vector<model::LoadedImage>& images, std::string_view name) {
  for (const model::LoadedImage& image : images) {
    if (const model::Symbol* symbol = image.image->find(name)) return {&image, symbol};
  }
  return {};
}

bool CodeClosure::has(std::uint64_t address) const {
  const auto after = ranges_.upper_bound(address);
  return after != ranges_.begin() && std::prev(after)->second > address;
}

void CodeClosure::add(model::AddressRange range) {
  auto at = ranges_.upper_bound(range.begin);
  if (at != ranges_.begin() && std::prev(at)->second >= range.begin) --at;
  while (at != ranges_.end() && at->first <= range.end) {
    range.begin = std::min(range.begin, at->first);
    range.end = std::max(range.end, at->second);
    at = ranges_.erase(at);
  }
  ranges_[range.begin] = range.end;
}

bool CodeClosure::add_image(std::uint64_t address) {
  const model::LoadedImage* const image = program_.image_at(address);
  if (image == nullptr) return false;
  bool added = false;
  for (model::AddressRange range : image->image->code()) {
    range.begin += image->bias;
    range.end += image->bias;
    const auto at = ranges_.upper_bound(range.begin);
    if (at != ranges_.begin() && std::prev(at)->second >= range.end) continue;
    add(range);
    added = true;
  }
  return added;
}

void CodeClosure::add_function(model::AddressRange range) {
  add(range);
  pending_.push_back(range);
  while (!pending_.empty()) {
    const model::AddressRange next = pending_.back();
    pending_.pop_back();
    scan(next);
  }
}

model::AddressRange CodeClosure::function_at(std::uint64_t address) const {
  const model::LoadedImage* const image = program_.image_at(address);
  if (image == nullptr) return {address, address};
  const model::Symbol* const symbol = image->image->containing(address - image->bias);
  if (symbol != nullptr && symbol->size != 0 && address - image->bias < symbol->address + symbol->size)
    return {symbol->address + image->bias, symbol->address + symbol->size + image->bias};
  std::uint64_t begin = address, end = address + 4;
  for (const model::AddressRange& range : image->image->code()) {
    if (range.contains(address - image->bias)) end = range.end + image->bias;
  }
  // Assembly without sizes: from its label to the next one.
  const bool label = symbol != nullptr && symbol->size == 0;
  if (label) begin = symbol->address + image->bias;
  const auto& functions = image->image->functions();
  const auto after = std::upper_bound(functions.begin(), functions.end(), address - image->bias,
                                      [](std::uint64_t a, const model::Symbol& s) { return a < s.address; });
  if (after != functions.end()) end = std::min(end, after->address + image->bias);
  return {begin, end};
}

void CodeClosure::scan(model::AddressRange range) {
  for (std::uint64_t pc = range.begin; pc + 4 <= range.end; pc += 4) {
    if (!program_.has_code(pc)) return;
    const model::Instruction& i = program_.entry(program_.index_at(pc)).instruction;
    if (i.kind == model::Kind::branch || i.kind == model::Kind::call) {
      if (i.target != 0)
        reach(i.target);
      else if (i.kind == model::Kind::call)
        add_image(pc);  // through a pointer
    }
  }
}

void CodeClosure::reach(std::uint64_t target) {
  if (has(target) || program_.image_at(target) == nullptr) return;
  if (reach_by_plt(target)) return;
  const model::AddressRange range = function_at(target);
  add(range);
  pending_.push_back(range);
}

// adrp x16, page; ldr x17, [x16, #offset]; add x16, ...; br x17 - with bti c in front where the image has it.
bool CodeClosure::reach_by_plt(std::uint64_t stub) {
  const model::LoadedImage* const image = program_.image_at(stub);
  std::uint64_t page = 0, slot = 0;
  for (std::uint64_t pc = stub; pc < stub + 24 && program_.has_code(pc); pc += 4) {
    const model::ProgramEntry& entry = program_.entry(program_.index_at(pc));
    const std::string& text = entry.instruction.text;
    if (text.starts_with("adrp x16,")) page = entry.integer.immediate;
    if (text.starts_with("ldr x17, [x16")) slot = page + static_cast<std::uint64_t>(entry.address.offset);
    if (text != "br x17") continue;
    if (page == 0 || slot == 0) return false;
    add({stub, pc + 4});
    const auto named = image->image->plt_slots().find(slot - image->bias);
    const FoundSymbol found =
        named == image->image->plt_slots().end() ? FoundSymbol{} : find_symbol(program_.images(), named->second);
    if (found.symbol == nullptr) {
      add_image(stub);  // an IFUNC of a static program
    } else if (found.symbol->chosen_at_run_time) {
      add_image(found.symbol->address + found.image->bias);
    } else {
      reach(found.symbol->address + found.image->bias);
    }
    return true;
  }
  return false;
}

std::string CodeClosure::filter() const {
  std::string out;
  for (const auto& [begin, end] : ranges_) {
    char text[64];
    std::snprintf(text, sizeof text, "%s0x%llx+0x%llx", out.empty() ? "" : ",", static_cast<unsigned long long>(begin),
                  static_cast<unsigned long long>(end - begin));
    out += text;
  }
  return out;
}

}  // namespace svetune::profile
